"""The transcript: everything said by buyer, bot, agent or desk, in one order."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.base import WIDGET
from bot.errors import NotFound
from bot.storage.engine import emit
from bot.storage.tables import Conversation, Message, Outbox
from bot.words import Author


@dataclass(frozen=True, slots=True)
class Button:
    """A choice under a line. The payload is trusted and never leaves the desk; the buyer's side knows an id."""

    title: str
    payload: str


def get_conversation(session: Session, conversation_id: str, *, lock: bool = False) -> Conversation:
    """The conversation; `lock` keeps everybody else from changing it until the transaction ends."""
    conversation = session.get(Conversation, conversation_id, with_for_update=lock or None)
    if conversation is None:
        raise NotFound("no such conversation")
    return conversation


def add(
    session: Session,
    conversation: Conversation,
    *,
    author: Author,
    text: str = "",
    buttons: Iterable[Button] = (),
    attachments: Sequence[dict[str, Any]] = (),
    agent_id: int | None = None,
    client_key: str = "",
    turn_id: str = "",
) -> Message:
    """Append one line; `conversation` must be locked by this transaction.

    A line that is not the buyer's own gets an outbox row too. The line is published after the commit.
    """
    now = datetime.now(UTC)
    conversation.last_seq += 1
    conversation.updated_at = now
    seq = conversation.last_seq
    message = Message(
        conversation_id=conversation.id,
        seq=seq,
        author=author,
        agent_id=agent_id,
        text=text,
        buttons=[
            {"id": f"{seq}.{secrets.token_urlsafe(6)}", "title": button.title, "payload": button.payload}
            for button in buttons
        ],
        attachments=list(attachments),
        client_key=client_key,
        turn_id=turn_id,
        created_at=now,
    )
    session.add(message)
    session.flush()
    if author is not Author.BUYER:
        session.add(_outbox_row(conversation, message, now))
    emit(session, conversation.id, frame(message))
    return message


def _outbox_row(conversation: Conversation, message: Message, now: datetime) -> Outbox:
    # The widget replays from its cursor: what is in the transcript reaches it. Every other channel is told.
    is_sent = conversation.channel == WIDGET
    return Outbox(
        conversation_id=conversation.id,
        message_id=message.id,
        channel=conversation.channel,
        idempotency_key=f"{conversation.id}:{message.seq}",
        status="sent" if is_sent else "pending",
        next_try_at=now,
        sent_at=now if is_sent else None,
    )


def frame(message: Message) -> dict[str, Any]:
    """The line as everybody outside sees it: no payloads, time in ISO 8601."""
    seen: dict[str, Any] = {
        "type": "message",
        "seq": message.seq,
        "author": message.author,
        "text": message.text,
        "buttons": [{"id": button["id"], "title": button["title"]} for button in message.buttons],
        "attachments": message.attachments,
        "at": message.created_at.isoformat(),
    }
    if message.client_key:
        seen["client_id"] = message.client_key
    if message.agent_id is not None:
        seen["agent_id"] = message.agent_id
    return seen


def lines(session: Session, conversation_id: str, *, after: int = 0, limit: int | None = None) -> list[Message]:
    """The lines with a `seq` greater than `after`, in order."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.seq > after)
        .order_by(Message.seq)
        .limit(limit)
    )
    return list(session.scalars(query))


def find_button(session: Session, conversation: Conversation, button_id: str) -> dict[str, Any] | None:
    """The button `button_id` of this very conversation, or None when it is unknown or no longer open.

    A yes or no belongs to its question: once the buyer has said something else, it is not taken any more.
    Everything else (start a refund, name a reason) may be pressed at any time.
    """
    seq = button_id.partition(".")[0]
    if not (seq.isascii() and seq.isdigit() and len(seq) < 10):
        return None
    message = session.scalar(select(Message).where(Message.conversation_id == conversation.id, Message.seq == int(seq)))
    found = next((b for b in message.buttons if b["id"] == button_id), None) if message else None
    if found is None or message is None:
        return None
    if found["payload"].startswith(_ANSWERS) and _has_spoken_since(session, conversation.id, message.seq):
        return None
    return dict(found)


_ANSWERS = ("/affirm", "/deny")


def _has_spoken_since(session: Session, conversation_id: str, seq: int) -> bool:
    query = select(Message.id).where(
        Message.conversation_id == conversation_id, Message.seq > seq, Message.author == Author.BUYER
    )
    return session.scalar(query.limit(1)) is not None
