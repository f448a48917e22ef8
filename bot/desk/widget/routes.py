"""The widget's addresses: script, socket, uploads, files, and the demo shop."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Query, Request, WebSocket
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.templating import Jinja2Templates

from bot.channels.identity import Identity, sign
from bot.conversations.language import as_language
from bot.desk.auth import get_desk
from bot.desk.widget import demo, socket, uploads
from bot.desk.widget.access import is_allowed_origin
from bot.desk.widget.assets import STATIC, widget_script
from bot.desk.widget.demo_words import LANGUAGE_NAMES, WORDS
from bot.errors import NotAllowed, NotFound
from bot.words import Language

router = APIRouter(tags=["widget"])
_templates = Jinja2Templates(Path(__file__).parent / "templates")

_SCRIPT_SECONDS = 300
"""How long a browser may use the script unasked; after that it asks with the ETag."""

_DEMO_CSP = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


@router.get("/widget.js", include_in_schema=False)
def script(request: Request) -> Response:
    """The whole widget in one file."""
    built = widget_script(get_desk(request).settings.upload_max_bytes)
    headers = {
        "ETag": built.etag,
        "Cache-Control": f"public, max-age={_SCRIPT_SECONDS}",
        "Vary": "Accept-Encoding",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == built.etag:
        return Response(status_code=304, headers=headers)
    body = built.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = built.zipped
    return Response(body, headers=headers, media_type="text/javascript; charset=utf-8")


@router.websocket("/widget/ws")
async def widget_socket(
    websocket: WebSocket,
    sender: str = "",
    cursor: int = 0,
    identity: str | None = None,
    language: str | None = None,
) -> None:
    """The chat: every line after `cursor` first, then live."""
    await socket.serve(websocket, sender=sender, cursor=cursor, identity=identity, language=language)


def _allowed_origin(request: Request) -> str | None:
    if not is_allowed_origin(request, get_desk(request).settings):
        raise NotAllowed("this origin may not use the widget")
    return request.headers.get("origin")


@router.options("/widget/uploads", include_in_schema=False)
def uploads_preflight(origin: str | None = Depends(_allowed_origin)) -> Response:
    """Browsers ask first, because the widget watches the progress of an upload."""
    headers = {"Access-Control-Allow-Methods": "POST", "Access-Control-Max-Age": "600"}
    return Response(status_code=204, headers=headers | _cors(origin))


@router.post("/widget/uploads", status_code=201)
async def upload(request: Request, origin: str | None = Depends(_allowed_origin)) -> Response:
    """Multipart: file, sender, client_id, and perhaps text, identity, language. One message with one file."""
    response = await uploads.take_upload(request)
    response.headers.update(_cors(origin))
    return response


def _cors(origin: str | None) -> dict[str, str]:
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin else {}


@router.get("/widget/files/{evidence_id}")
def file(
    request: Request, evidence_id: str, sender: str = "", file_pass: str = Query("", alias="pass")
) -> FileResponse:
    """A file of this very conversation; everybody else hears that there is none."""
    evidence, path = uploads.find_file(request, evidence_id, sender, file_pass)
    return uploads.file_response(evidence, path)


def _demo_is_on(request: Request) -> None:
    if not get_desk(request).settings.demo:
        raise NotFound("the demo shop is switched off")


@router.get("/demo", include_in_schema=False, dependencies=[Depends(_demo_is_on)])
def demo_page(request: Request, buyer: str | None = None, lang: str | None = None) -> HTMLResponse:
    """A small shop with the widget in it, as one of the demo buyers or as a guest."""
    desk = get_desk(request)
    asked = lang or request.headers.get("accept-language", "").split(",")[0]
    language = as_language(asked, Language(desk.settings.default_language))
    with desk.database.read() as session:
        shop = demo.demo_shop(session, desk.settings.shop, buyer, language)
    who = shop.buyer
    context: dict[str, Any] = {
        "t": WORDS[language],
        "language": language.value,
        "languages": LANGUAGE_NAMES,
        "shop": desk.settings.shop,
        "buyers": shop.buyers,
        "chosen": who.id if who else demo.GUEST,
        "buyer_name": who.name if who else "",
        "cards": [demo.card(order, language, for_guest=who is None) for order in shop.orders],
        "identity": sign(Identity(who.id, who.name), desk.settings.identity_secret) if who else "",
    }
    headers = {"Content-Security-Policy": _DEMO_CSP, "Cache-Control": "no-store"}
    return _templates.TemplateResponse(request, "demo.html", context, headers=headers)


@router.get("/demo/{name}", include_in_schema=False, dependencies=[Depends(_demo_is_on)])
def demo_file(name: str) -> FileResponse:
    """The demo page's style sheet and script."""
    if name not in ("demo.css", "demo.js"):
        raise NotFound("no such file")
    return FileResponse(STATIC / name, headers={"Cache-Control": "no-cache"})
