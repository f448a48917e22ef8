"""The way out: lines are sent by their channel with retries, or fetched by whoever asks."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from anyio import to_thread
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.channels.base import Channel, OutboundButton, OutboundMessage
from bot.conversations import transcript
from bot.errors import NotFound, RefundDeskError
from bot.storage.engine import Database, emit
from bot.storage.tables import Conversation, Inbox, Message, Outbox
from bot.words import Author, Mode

log = structlog.get_logger(__name__)

MAX_TRIES = 8
"""With the pauses below: about four hours of a platform's trouble."""

_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 3600.0
_IN_FLIGHT = "in flight"
_BATCH = 50
_POLL_S = 1.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """Lines for a client that asks, with the mode they were read in."""

    conversation_id: str
    mode: Mode
    messages: tuple[Message, ...]


class PullBox:
    """The outbox of channels whose clients fetch. Blocking: call from a worker thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self, conversation_id: str, inbox_id: int | None = None) -> Fetched:
        """Every line that was not delivered yet; from now on they count as sent.

        With `inbox_id` none after that message's own answer: what follows belongs to whoever asked next.
        """
        with self._database.write(durable=False) as session:
            # Locks the lines themselves: two who ask at once never get the same one.
            query = (
                select(Message, Outbox.id)
                .join(Outbox, Outbox.message_id == Message.id)
                .where(Outbox.conversation_id == conversation_id, Outbox.status == "pending")
                .order_by(Message.seq)
                .with_for_update(of=Outbox)
            )
            if inbox_id is not None and (last := _last_of_answer(session, inbox_id)) is not None:
                query = query.where(Message.seq <= last)
            found = session.execute(query).all()
            sent = {"status": "sent", "sent_at": datetime.now(UTC), "tries": Outbox.tries + 1}
            session.execute(
                update(Outbox).where(Outbox.id.in_([row_id for _, row_id in found])).values(sent),
                execution_options={"synchronize_session": False},
            )
            mode = _mode(session, conversation_id)
            return Fetched(conversation_id, mode, tuple(message for message, _ in found))

    def peek(self, conversation_id: str) -> Fetched:
        """Only the mode: the lines are for somebody else who asks at the same time."""
        with self._database.read() as session:
            return Fetched(conversation_id, _mode(session, conversation_id), ())

    def is_done(self, inbox_id: int) -> bool:
        """Whether the message's turn is over."""
        with self._database.read() as session:
            return session.scalar(select(Inbox.status).where(Inbox.id == inbox_id)) == "done"

    def replay(self, conversation_id: str, inbox_id: int) -> Fetched:
        """The answer that was given to this very message before; nothing is marked."""
        with self._database.read() as session:
            conversation = transcript.get_conversation(session, conversation_id)
            return Fetched(conversation_id, Mode(conversation.mode), _answer_to(session, inbox_id))

    def fetch(self, *, channel: str, sender: str, after: int | None) -> Fetched | None:
        """Lines of desk, bot and agents after `after`, or what is undelivered; None: nobody knows this sender."""
        with self._database.read() as session:
            query = select(Conversation).where(Conversation.channel == channel, Conversation.sender == sender)
            conversation = session.scalar(query)
        if conversation is None:
            return None
        if after is None:
            return self.collect(conversation.id)
        with self._database.write() as session:
            conversation = transcript.get_conversation(session, conversation.id, lock=True)
            messages = [
                line for line in transcript.lines(session, conversation.id, after=after) if line.author != Author.BUYER
            ]
            _mark_sent(session, [message.id for message in messages])
            return Fetched(conversation.id, Mode(conversation.mode), tuple(messages))


def _mode(session: Session, conversation_id: str) -> Mode:
    mode = session.scalar(select(Conversation.mode).where(Conversation.id == conversation_id))
    if mode is None:
        raise NotFound("no such conversation")
    return Mode(mode)


def _last_of_answer(session: Session, inbox_id: int) -> int | None:
    """The last line of the answer to a message; None if it got none."""
    row = session.get_one(Inbox, inbox_id)
    query = select(func.max(Message.seq)).where(
        Message.conversation_id == row.conversation_id,
        Message.seq > row.payload["seq"],
        Message.turn_id == row.turn_id,
    )
    return session.scalar(query) if row.turn_id else None


def _answer_to(session: Session, inbox_id: int) -> tuple[Message, ...]:
    row = session.get(Inbox, inbox_id)
    if row is None or not row.turn_id:
        return ()
    last = session.scalar(select(Inbox.id).where(Inbox.turn_id == row.turn_id).order_by(Inbox.id.desc()).limit(1))
    if last != row.id:
        return ()
    query = select(Message).where(Message.conversation_id == row.conversation_id, Message.turn_id == row.turn_id)
    said = tuple(session.scalars(query.order_by(Message.seq)))
    first = session.scalar(select(func.min(Inbox.id)).where(Inbox.conversation_id == row.conversation_id))
    if first == row.id:
        # The very first answer began with the greeting.
        greeting = select(Message).where(Message.conversation_id == row.conversation_id, Message.seq == 1)
        said = (*session.scalars(greeting), *said)
    return said


def _mark_sent(session: Session, message_ids: Iterable[int]) -> None:
    session.execute(
        update(Outbox)
        .where(Outbox.message_id.in_(list(message_ids)), Outbox.status == "pending")
        .values(status="sent", sent_at=datetime.now(UTC))
    )


class Dispatcher:
    """Sends the lines of push channels, oldest first, one conversation's lines never out of order."""

    def __init__(self, database: Database, channels: Mapping[str, Channel]) -> None:
        self._database = database
        self._channels = dict(channels)

    async def run(self) -> None:
        """Send until cancelled; returns at once when there is no push channel."""
        if not self._channels:
            return
        await to_thread.run_sync(self.settle_in_flight)
        while True:
            if not await self.dispatch():
                await asyncio.sleep(_POLL_S)

    async def dispatch(self, now: datetime | None = None) -> int:
        """Try everything that is due once; returns how many lines were tried."""
        due = await to_thread.run_sync(self._due, now or datetime.now(UTC))
        blocked: set[str] = set()
        for row_id, conversation_id in due:
            if conversation_id not in blocked and not await self._send(row_id):
                # The next line of this conversation waits behind this one.
                blocked.add(conversation_id)
        return len(due)

    def settle_in_flight(self) -> None:
        """After a crash: a line that was being sent is not sent again, unless its platform drops doubles."""
        with self._database.write() as session:
            for row in session.scalars(select(Outbox).where(Outbox.error == _IN_FLIGHT)):
                channel = self._channels.get(row.channel)
                if channel is not None and channel.deduplicates:
                    row.error = ""
                else:
                    _failed(session, row, "it is not known whether this was sent")

    def _due(self, now: datetime) -> list[tuple[int, str]]:
        with self._database.read() as session:
            waiting = select(Outbox.conversation_id).where(Outbox.status == "pending", Outbox.next_try_at > now)
            query = (
                select(Outbox.id, Outbox.conversation_id)
                .where(
                    Outbox.status == "pending",
                    Outbox.next_try_at <= now,
                    Outbox.channel.in_(self._channels),
                    Outbox.conversation_id.not_in(waiting),
                )
                .order_by(Outbox.id)
                .limit(_BATCH)
            )
            return [(row_id, conversation_id) for row_id, conversation_id in session.execute(query)]

    async def _send(self, row_id: int) -> bool:
        prepared = await to_thread.run_sync(self._prepare, row_id)
        if prepared is None:
            return False
        channel, message = prepared
        try:
            await channel.send(message)
        except RefundDeskError as error:
            return await to_thread.run_sync(self._note_failure, row_id, error)
        await to_thread.run_sync(self._note_sent, row_id)
        return True

    def _prepare(self, row_id: int) -> tuple[Channel, OutboundMessage] | None:
        with self._database.write() as session:
            row = session.get(Outbox, row_id, with_for_update=True)
            if row is None or row.status != "pending":
                return None
            row.tries += 1
            row.error = _IN_FLIGHT
            message = session.get_one(Message, row.message_id)
            conversation = transcript.get_conversation(session, row.conversation_id)
            channel = self._channels[row.channel]
            buttons = [OutboundButton(b["id"], b["title"]) for b in message.buttons]
            return channel, OutboundMessage(
                key=row.idempotency_key,
                sender=conversation.sender,
                text=message.text[: channel.limits.text],
                buttons=tuple(buttons[: channel.limits.buttons]),
            )

    def _note_sent(self, row_id: int) -> None:
        with self._database.write() as session:
            row = session.get_one(Outbox, row_id)
            row.status, row.error, row.sent_at = "sent", "", datetime.now(UTC)

    def _note_failure(self, row_id: int, error: RefundDeskError) -> bool:
        """False: the line will be tried again, what follows it must wait."""
        with self._database.write() as session:
            row = session.get_one(Outbox, row_id)
            if not error.retryable or row.tries >= MAX_TRIES:
                _failed(session, row, error.detail)
                return True
            pause = min(_FIRST_PAUSE_S * 4 ** (row.tries - 1), _LONGEST_PAUSE_S)
            row.next_try_at = datetime.now(UTC) + timedelta(seconds=pause)
            row.error = error.detail[:256]
            return False


def _failed(session: Session, row: Outbox, why: str) -> None:
    row.status, row.error = "failed", why[:256]
    log.warning("line_not_sent", conversation=row.conversation_id, error=why)
    emit(session, row.conversation_id, {"type": "send_failed", "message_id": row.message_id, "why": why[:256]})
