"""Who is at the other end of the widget: origin, sender, and the right to see a file."""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import HTTPConnection

from bot.channels.identity import Identity, verify
from bot.errors import BadInput
from bot.settings import Settings
from bot.storage.tables import Conversation

_GUEST_SENDER = re.compile(r"[0-9A-Za-z_-]{16,64}")
"""Random and long: whoever knows it is the guest. A buyer's sender has a colon, so no guest can claim one."""

_PASS_SECONDS = 24 * 3600
_SALT = "widget-file"


@dataclass(frozen=True, slots=True)
class Visitor:
    """The widget's user: a guest by a random id, or a buyer the shop has signed for."""

    sender: str
    identity: Identity | None


def visitor(sender: str, identity: str | None, settings: Settings) -> Visitor:
    """Raises NotAuthenticated for a bad token and BadInput for a guest id that could be guessed."""
    if identity:
        who = verify(identity, settings.identity_secret)
        return Visitor(buyer_sender(who.buyer_id), who)
    if not _GUEST_SENDER.fullmatch(sender):
        raise BadInput("sender must be 16 to 64 letters, digits, - or _", field="sender")
    return Visitor(sender, None)


def buyer_sender(buyer_id: str) -> str:
    """The sender of a verified buyer: the same on every device, unlike any guest's."""
    sender = f"id:{buyer_id}"
    return sender if len(sender) <= 120 else f"id:{hashlib.sha256(buyer_id.encode()).hexdigest()}"


def is_allowed_origin(connection: HTTPConnection, settings: Settings) -> bool:
    """The desk's own pages and `settings.allowed_origins`. No Origin header: not a browser, nothing to forge."""
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    if urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower():
        return True
    return origin.rstrip("/").lower() in {allowed.rstrip("/").lower() for allowed in settings.allowed_origins}


def file_url(evidence_id: str, who: Visitor, conversation_id: str, settings: Settings) -> str:
    """Address of a file for its own conversation. A buyer's sender is no secret, so they get a signed pass."""
    if who.identity is None:
        return f"/widget/files/{evidence_id}?sender={who.sender}"
    return f"/widget/files/{evidence_id}?pass={_signer(settings).dumps(conversation_id)}"


def may_see(conversation: Conversation, sender: str, file_pass: str, settings: Settings) -> bool:
    """Whether this guest id or this signed pass belongs to the conversation."""
    if file_pass:
        try:
            return bool(_signer(settings).loads(file_pass, max_age=_PASS_SECONDS) == conversation.id)
        except BadSignature:
            return False
    return bool(_GUEST_SENDER.fullmatch(sender)) and conversation.sender == sender


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.session_secret, salt=_SALT)
