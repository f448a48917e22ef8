"""The chat widget's frames as inbound messages. The socket itself is the desk's business."""

from bot.channels.base import WIDGET, InboundMessage, Upload, clean_text, message_key
from bot.channels.identity import Identity
from bot.errors import BadInput

_MAX_CLIENT_ID = 64


def widget_message(
    *,
    sender: str,
    client_id: str,
    shop: str,
    text: str = "",
    button: str | None = None,
    attachments: tuple[Upload, ...] = (),
    identity: Identity | None = None,
    language_hint: str | None = None,
) -> InboundMessage:
    """One message from the widget; `client_id` is the browser's own id of it, so that a resend is one message."""
    if not 1 <= len(client_id) <= _MAX_CLIENT_ID:
        raise BadInput(f"client_id must have 1 to {_MAX_CLIENT_ID} characters", field="client_id")
    return InboundMessage(
        channel=WIDGET,
        sender=clean_text(sender),
        message_key=message_key(sender, clean_text(client_id)),
        shop=shop,
        text=clean_text(text),
        button=button,
        attachments=attachments,
        identity=identity,
        language_hint=language_hint,
        client_id=clean_text(client_id),
    )
