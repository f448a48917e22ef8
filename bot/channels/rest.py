"""The REST channel: a script, or a shop's own server, speaks for a buyer. The API key is the desk's business."""

import base64
import binascii
import secrets

from pydantic import BaseModel, Field

from bot.channels.base import MAX_ATTACHMENTS, MAX_TEXT, REST, InboundMessage, clean_text, message_key
from bot.channels.identity import verify
from bot.channels.uploads import check_upload
from bot.errors import BadInput
from bot.words import Language


class RestAttachment(BaseModel):
    """A file of the buyer: a picture, a film, a PDF or plain text."""

    filename: str = Field("file", max_length=1000)
    content_type: str = Field("", max_length=200)
    data: str = Field(description="The bytes, base64.")


class RestBody(BaseModel):
    """One message: text, files, or a pressed button. Unknown fields are left alone."""

    sender: str = Field(min_length=1, max_length=128, description="The caller's own id of the buyer's conversation.")
    text: str | None = Field(None, max_length=MAX_TEXT)
    button: str | None = Field(None, max_length=64, description="Id of a button from an earlier answer.")
    attachments: list[RestAttachment] = Field([], max_length=MAX_ATTACHMENTS)
    identity: str | None = Field(None, max_length=4096, description="Token signed by the shop (HS256).")
    message_id: str | None = Field(
        None, min_length=1, max_length=128, description="The same id again returns the first answer and does nothing."
    )
    language: Language | None = Field(None, description="Hint, until the buyer has written.")


def parse_message(body: RestBody, *, identity_secret: str, shop: str, max_bytes: int) -> InboundMessage:
    """The message in `body`; raises BadInput or NotAuthenticated before anything is stored."""
    uploads = tuple(
        check_upload(
            filename=file.filename, content_type=file.content_type, data=_decode(file.data), max_bytes=max_bytes
        )
        for file in body.attachments
    )
    sender = clean_text(body.sender)
    return InboundMessage(
        channel=REST,
        sender=sender,
        message_key=message_key(sender, body.message_id or secrets.token_hex(12)),
        shop=shop,
        text=clean_text(body.text or ""),
        button=clean_text(body.button) if body.button else None,
        attachments=uploads,
        identity=verify(body.identity, identity_secret) if body.identity else None,
        language_hint=body.language,
        client_id=clean_text(body.message_id or ""),
    )


def _decode(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("an attachment is not base64", field="attachments") from None
