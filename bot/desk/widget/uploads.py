"""Files from the widget: taken in, and given back to their own conversation only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi import Request
from fastapi.responses import FileResponse, JSONResponse
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from bot.channels.uploads import check_upload
from bot.channels.widget import widget_message
from bot.conversations import transcript
from bot.conversations.language import as_language
from bot.desk.auth import get_desk
from bot.desk.problems import problem
from bot.desk.widget.access import Visitor, file_url, may_see, visitor
from bot.errors import BadInput, NotFound, RefundDeskError
from bot.storage.tables import Conversation, Evidence
from bot.words import Language

_FORM_OVERHEAD = 64_000
"""Bytes that the other fields and the multipart borders may take beside the file."""

_INLINE = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/avif", "video/")
"""What a browser may show in its own tab; everything else is downloaded."""

_TOO_BIG = {
    Language.ZH_HANS: "文件超过 {mb} MB，请压缩后再发。",
    Language.ZH_HANT: "檔案超過 {mb} MB，請壓縮後再傳。",
    Language.EN: "This file is over {mb} MB. Please make it smaller and send it again.",
}
_NOT_TAKEN = {
    Language.ZH_HANS: "这个文件打不开或类型不支持，请换一张图片、视频、PDF 或纯文本文件。",
    Language.ZH_HANT: "這個檔案打不開或類型不支援，請換一張照片、影片、PDF 或純文字檔。",
    Language.EN: "We cannot open this file. Please send another picture, video, PDF or plain text file.",
}


@dataclass(frozen=True, slots=True)
class _Form:
    who: Visitor
    client_id: str
    text: str
    language: str
    filename: str
    content_type: str
    data: bytes


async def take_upload(request: Request) -> JSONResponse:
    """Store the file and accept one message with it; the same client_id again gives the same answer."""
    desk = get_desk(request)
    language = Language(desk.settings.default_language)
    limit = desk.settings.upload_max_bytes
    length = request.headers.get("content-length")
    if length is None:  # browsers always say; without it there would be no end to what is written to disk
        return problem(411, "length_required", title=BadInput.texts[language], detail="Content-Length is missing")
    if int(length) > limit + _FORM_OVERHEAD:
        return _too_large(language, limit)
    try:
        form = await _read_form(request, limit)
        language = as_language(form.language, language)
        if len(form.data) > limit:
            return _too_large(language, limit)
    except RefundDeskError as error:
        return problem(error.status, error.code, title=error.message(language), detail=error.detail)
    try:
        # Pillow opens the picture: not on the event loop.
        upload = await to_thread.run_sync(
            lambda: check_upload(
                filename=form.filename, content_type=form.content_type, data=form.data, max_bytes=limit
            )
        )
    except BadInput as error:
        return problem(415, error.code, title=_NOT_TAKEN[language], detail=error.detail)
    try:
        message = widget_message(
            sender=form.who.sender,
            client_id=form.client_id,
            shop=desk.settings.shop,
            text=form.text,
            attachments=(upload,),
            identity=form.who.identity,
            language_hint=form.language or None,
        )
    except BadInput as error:
        return problem(error.status, error.code, title=error.message(language), detail=error.detail)
    accepted = await desk.inbox.accept(message)

    def attachment() -> dict[str, Any]:
        with desk.database.read() as session:
            line = transcript.lines(session, accepted.conversation_id, after=accepted.seq - 1, limit=1)[0]
            stored: dict[str, Any] = dict(line.attachments[0])
        return stored | {"url": file_url(stored["id"], form.who, accepted.conversation_id, desk.settings)}

    return JSONResponse({"attachment": await to_thread.run_sync(attachment), "seq": accepted.seq}, status_code=201)


def _too_large(language: Language, limit: int) -> JSONResponse:
    title = _TOO_BIG[language].format(mb=f"{limit / 1_000_000:g}")
    return problem(413, "too_large", title=title, detail=f"the file is larger than {limit} bytes")


async def _read_form(request: Request, limit: int) -> _Form:
    """Raises BadInput when a field is missing, NotAuthenticated for a bad identity."""
    try:
        async with request.form(max_files=1, max_fields=8) as fields:
            file = fields.get("file")
            if not isinstance(file, UploadFile):
                raise BadInput("file is missing", field="file")
            text = {
                name: str(fields.get(name) or "") for name in ("sender", "client_id", "text", "identity", "language")
            }
            return _Form(
                who=visitor(text["sender"], text["identity"] or None, get_desk(request).settings),
                client_id=text["client_id"],
                text=text["text"],
                language=text["language"],
                filename=file.filename or "",
                content_type=file.content_type or "",
                # One byte more than allowed tells too big from just right.
                data=await file.read(limit + 1),
            )
    except HTTPException as error:  # Starlette's own word for a form that is no form
        raise BadInput(str(error.detail)) from None


def find_file(request: Request, evidence_id: str, sender: str, file_pass: str) -> tuple[Evidence, Path]:
    """The file for its own conversation. Raises NotFound for everybody else's too: existence never leaks."""
    desk = get_desk(request)
    with desk.database.read() as session:
        evidence = session.get(Evidence, evidence_id)
        conversation = session.get(Conversation, evidence.conversation_id) if evidence else None
    if evidence is None or conversation is None or not may_see(conversation, sender, file_pass, desk.settings):
        raise NotFound("no such file")
    return evidence, desk.files.path(evidence.sha256)


def file_response(evidence: Evidence, path: Path) -> FileResponse:
    """A buyer's file as inert data: never sniffed, never run, never kept by a shared cache."""
    shows = evidence.content_type.startswith(_INLINE)
    return FileResponse(
        path,
        media_type=evidence.content_type,
        filename=evidence.filename,
        content_disposition_type="inline" if shows else "attachment",
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; img-src 'self'; media-src 'self'; sandbox",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "private, max-age=86400",
        },
    )
