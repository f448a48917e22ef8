"""What every channel turns its platform's messages into, and what it must be able to do."""

import hashlib
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from bot.channels.identity import Identity
from bot.errors import BadInput
from bot.words import EvidenceKind

MAX_TEXT = 10_000
"""Longest text of one message, in characters; far above what any platform lets a buyer type."""

MAX_ATTACHMENTS = 9
"""Files in one message; what WeChat lets a buyer choose at once."""

_MAX_SENDER = 128
_MAX_KEY = 192


@dataclass(frozen=True, slots=True)
class Upload:
    """A file whose content was checked; `content_type` is what the bytes are, not what somebody said."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)
    kind: EvidenceKind

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of a buyer. `message_key` is unique within the channel: the same key twice is the same message."""

    channel: str
    sender: str
    message_key: str
    shop: str
    text: str = ""
    button: str | None = None
    attachments: tuple[Upload, ...] = ()
    identity: Identity | None = None
    language_hint: str | None = None
    client_id: str = ""
    """The sender's own name for the message; given back to it so that it can tell which line was its own."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.sender) <= _MAX_SENDER:
            raise BadInput(f"sender must have 1 to {_MAX_SENDER} characters")
        if len(self.text) > MAX_TEXT:
            raise BadInput(f"text is longer than {MAX_TEXT} characters")
        if len(self.attachments) > MAX_ATTACHMENTS:
            raise BadInput(f"more than {MAX_ATTACHMENTS} attachments in one message")
        if not (self.text.strip() or self.button or self.attachments):
            raise BadInput("a message needs text, a button or an attachment")


@dataclass(frozen=True, slots=True)
class OutboundButton:
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One line to deliver. `key` is the idempotency key: a platform that takes one gets it."""

    key: str
    sender: str
    text: str
    buttons: tuple[OutboundButton, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform takes in one message."""

    text: int = MAX_TEXT
    buttons: int = 20


@runtime_checkable
class Channel(Protocol):
    """A platform that is sent to. Channels that are read from (rest, widget) need none: see PULL_CHANNELS."""

    name: str
    limits: Limits
    deduplicates: bool
    """The platform drops a second message with the same key: after a crash it is safe to send again."""

    async def send(self, message: OutboundMessage) -> None:
        """Deliver. Raises ServiceError (tried again later) or BackendRefused (shown to the agent, not repeated)."""


REST = "rest"
WIDGET = "widget"
PULL_CHANNELS = frozenset({REST, WIDGET})
"""Channels whose clients fetch: the answer to a request, or a socket with a cursor."""

CHAT_CHANNELS_WITHOUT_BURST = frozenset({REST})
"""Where a message is complete when it arrives: no waiting for the rest of a burst."""


def message_key(sender: str, key: str) -> str:
    """A key that is unique within the channel, made of one that is unique to the sender."""
    whole = f"{sender}:{key}"
    return whole if len(whole) <= _MAX_KEY else hashlib.sha256(whole.encode()).hexdigest()


def clean_text(text: str) -> str:
    """`text` as every database can keep it: no NUL, no half characters; nothing else is changed."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
