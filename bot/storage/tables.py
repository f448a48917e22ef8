"""The desk's tables. Every byte that must not be lost is in one of these.

Times are aware UTC (`UtcTime`), money is integer minor units, JSON columns hold our own pydantic models
dumped in JSON mode. Rows that record what happened (`case_events`, `audit`) are never changed.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC in Python on every engine; SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime, dict[str, Any]: JSON, list[Any]: JSON}


class Conversation(Base):
    """One buyer on one channel. `mode` and `version` are the floor: who may speak, compare-and-set."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("channel", "sender"),
        Index(None, "mode", "queued_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    sender: Mapped[str] = mapped_column(String(128))
    shop: Mapped[str] = mapped_column(String(64))
    buyer_id: Mapped[str | None] = mapped_column(String(128), index=True)
    """Set by a signed identity only: the buyer is verified."""
    buyer_name: Mapped[str] = mapped_column(String(128), default="")
    language: Mapped[str] = mapped_column(String(8))
    mode: Mapped[str] = mapped_column(String(8), default="bot")
    version: Mapped[int] = mapped_column(default=1)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    queued_at: Mapped[datetime | None]
    handoff_reason: Mapped[str] = mapped_column(String(64), default="")
    handoff_turn: Mapped[str] = mapped_column(String(32), default="")
    """The bot's turn that asked for a person: its last words may still be sent."""
    proved_orders: Mapped[list[Any]] = mapped_column(default=list)
    """Order numbers proved by a second fact in this conversation."""
    failed_proofs: Mapped[int] = mapped_column(default=0)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the bot has understood so far (order, reason with confidence, wish), for the agent's screen."""
    last_seq: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Inbox(Base):
    """What channels delivered, before anything is done with it. Unique on channel + platform key."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "message_key"),
        Index(None, "status", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    message_key: Mapped[str] = mapped_column(String(192))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    payload: Mapped[dict[str, Any]]
    """InboundMessage in JSON mode: text, button, attachments (evidence ids)."""
    status: Mapped[str] = mapped_column(String(16), default="received")
    """received -> running -> done. `running` after a crash means: ask Rasa whether the turn happened."""
    turn_id: Mapped[str] = mapped_column(String(32), default="")
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Message(Base):
    """One line of the transcript, in order (`seq` counts from 1 within a conversation)."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int]
    author: Mapped[str] = mapped_column(String(8))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    buttons: Mapped[list[Any]] = mapped_column(default=list)
    """[{"id", "title", "payload"}]; the payload never leaves the desk."""
    attachments: Mapped[list[Any]] = mapped_column(default=list)
    """[{"id", "filename", "content_type", "size"}] of evidence rows."""
    client_key: Mapped[str] = mapped_column(String(192), default="")
    turn_id: Mapped[str] = mapped_column(String(32), default="")
    created_at: Mapped[datetime]


class Outbox(Base):
    """What is to be sent, once per idempotency key."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        Index(None, "status", "next_try_at"),
        Index(None, "conversation_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    channel: Mapped[str] = mapped_column(String(32))
    idempotency_key: Mapped[str] = mapped_column(String(192))
    status: Mapped[str] = mapped_column(String(16), default="pending")
    """pending -> sent | failed"""
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    error: Mapped[str] = mapped_column(String(256), default="")
    sent_at: Mapped[datetime | None]


class OrderRow(Base):
    """An imported order; `data` is `bot.orders.Order` in JSON mode with absolute times."""

    __tablename__ = "orders"
    __table_args__ = (UniqueConstraint("shop", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(64), index=True)
    buyer_id: Mapped[str] = mapped_column(String(128), index=True)
    data: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]


class CaseRow(Base):
    """One refund case. `version` is compared and set by every change."""

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(192), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    shop: Mapped[str] = mapped_column(String(64))
    order_number: Mapped[str] = mapped_column(String(64), index=True)
    buyer_id: Mapped[str] = mapped_column(String(128), index=True)
    state: Mapped[str] = mapped_column(String(24), index=True)
    reason: Mapped[str] = mapped_column(String(32))
    path: Mapped[str] = mapped_column(String(24))
    resolution: Mapped[str] = mapped_column(String(24))
    market: Mapped[str] = mapped_column(String(4))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    freight_payer: Mapped[str] = mapped_column(String(8))
    claim: Mapped[dict[str, Any]]
    decision: Mapped[dict[str, Any]]
    order_version: Mapped[int]
    refund_key: Mapped[str] = mapped_column(String(64), default="")
    """Idempotency key given to the shop back end for the one payout of this case."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CaseEvent(Base):
    """Append-only log of a case: who, when, from, to, why."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    """bot | rule | system | agent:<id> | api"""
    from_state: Mapped[str] = mapped_column(String(24))
    to_state: Mapped[str] = mapped_column(String(24))
    why: Mapped[str] = mapped_column(Text, default="")


class Evidence(Base):
    """A file a buyer gave. The bytes lie in the data folder under their SHA-256."""

    __tablename__ = "evidence"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    filename: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime]


class Refund(Base):
    """Money that left through the embedded back end, once per key."""

    __tablename__ = "refunds"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    shop: Mapped[str] = mapped_column(String(64))
    order_number: Mapped[str] = mapped_column(String(64), index=True)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    at: Mapped[datetime]


class Agent(Base):
    """A person who may log in to the console."""

    __tablename__ = "agents"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(64), default="")
    role: Mapped[str] = mapped_column(String(16), default="agent")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Audit(Base):
    """Who did what to whom; never changed, holds no message text."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
