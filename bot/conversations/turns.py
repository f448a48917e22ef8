"""One turn of the bot in two transactions: take what waits, and say the answer if the floor is still the bot's."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversations import floor, texts, transcript
from bot.conversations.neutral import neutralise
from bot.conversations.rasa import BotLine
from bot.storage.engine import Database
from bot.storage.tables import Conversation, Inbox
from bot.words import Author, Language, Mode

log = structlog.get_logger(__name__)

FILES_ONLY = "/submit_evidence"
"""Trusted payload of a turn that has files and no words."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What the bot is to answer. `version` is the floor it was taken on."""

    conversation_id: str
    turn_id: str
    version: int
    text: str
    metadata: dict[str, Any]
    rows: tuple[int, ...]
    is_recovered: bool
    """Left `running` by a crash: Rasa may have answered it already."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The next step of a conversation: a turn for the bot, or rows that needed none (a person has the floor)."""

    turn: Turn | None
    done: tuple[int, ...]
    is_more: bool
    """Rows were left for the turn after this one."""


class Turns:
    """The database half of a turn; blocking, call from a worker thread. One caller per conversation at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self) -> list[tuple[str, str]]:
        """Conversations (id, channel) with rows that nobody has finished; asked at start."""
        with self._database.read() as session:
            query = (
                select(Inbox.conversation_id, Inbox.channel).where(Inbox.status.in_(("received", "running"))).distinct()
            )
            return [(conversation_id, channel) for conversation_id, channel in session.execute(query)]

    def take(self, conversation_id: str) -> Taken | None:
        """The next turn; None when nothing waits. What waits together becomes one turn."""
        with self._database.write(durable=False) as session:
            conversation = transcript.get_conversation(session, conversation_id, lock=True)
            query = (
                select(Inbox)
                .where(Inbox.conversation_id == conversation_id, Inbox.status.in_(("received", "running")))
                .order_by(Inbox.id)
            )
            rows = list(session.scalars(query))
            if not rows:
                return None
            if running := [row for row in rows if row.status == "running"]:
                return self._recover(conversation, running)
            if conversation.mode != Mode.BOT:
                return _finished(rows, is_more=False)
            batch = _together(rows)
            if batch[0].payload["button"] and not batch[0].payload["payload"]:
                said = texts.UNKNOWN_BUTTON[Language(conversation.language)]
                batch[0].turn_id = secrets.token_hex(12)
                transcript.add(session, conversation, author=Author.BOT, text=said, turn_id=batch[0].turn_id)
                return _finished(batch, is_more=len(batch) < len(rows))
            turn_id = secrets.token_hex(12)
            for row in batch:
                row.status, row.turn_id = "running", turn_id
            return Taken(_turn(conversation, batch, is_recovered=False), (), len(batch) < len(rows))

    def _recover(self, conversation: Conversation, running: list[Inbox]) -> Taken:
        batch = [row for row in running if row.turn_id == running[0].turn_id]
        if conversation.mode != Mode.BOT and conversation.handoff_turn != batch[0].turn_id:
            return _finished(batch, is_more=True)
        return Taken(_turn(conversation, batch, is_recovered=True), (), is_more=True)

    def finish(self, turn: Turn, lines: Sequence[BotLine]) -> bool:
        """Say `lines` and close the turn, in one transaction. False: the floor has moved, nothing was said.

        The last words of the very turn that handed over are still said; no lines and no handover is a failure.
        """
        with self._database.write() as session:
            conversation = transcript.get_conversation(session, turn.conversation_id, lock=True)
            _close(session, turn)
            handed_over = conversation.mode == Mode.QUEUED and conversation.handoff_turn == turn.turn_id
            may_speak = handed_over or _has_floor(conversation, turn)
            if not may_speak:
                log.info("answer_dropped", conversation=turn.conversation_id, mode=conversation.mode)
                return False
            if not lines and not handed_over:
                _give_up(session, conversation, turn)
                return False
            for line in lines or (_queue_line(session, conversation),):
                transcript.add(
                    session,
                    conversation,
                    author=Author.BOT,
                    text=line.text,
                    buttons=line.buttons,
                    turn_id=turn.turn_id,
                )
            return True

    def fail(self, turn: Turn) -> None:
        """The bot has failed: say so and put the conversation into the queue, in one transaction."""
        with self._database.write() as session:
            conversation = transcript.get_conversation(session, turn.conversation_id, lock=True)
            _close(session, turn)
            if _has_floor(conversation, turn):
                _give_up(session, conversation, turn)
            elif conversation.mode == Mode.QUEUED and conversation.handoff_turn == turn.turn_id:
                line = _queue_line(session, conversation)
                transcript.add(session, conversation, author=Author.BOT, text=line.text, turn_id=turn.turn_id)


def _has_floor(conversation: Conversation, turn: Turn) -> bool:
    return conversation.mode == Mode.BOT and conversation.version == turn.version


def _together(rows: list[Inbox]) -> list[Inbox]:
    """The first rows that make one turn: a pressed button stands alone, words and files before one are merged."""
    if rows[0].payload["button"]:
        return rows[:1]
    batch = []
    for row in rows:
        if row.payload["button"]:
            break
        batch.append(row)
    return batch


def _turn(conversation: Conversation, batch: list[Inbox], *, is_recovered: bool) -> Turn:
    attachments = [evidence for row in batch for evidence in row.payload["attachments"]]
    words = [neutralise(row.payload["text"]) for row in batch if row.payload["text"].strip()]
    if pressed := batch[0].payload["payload"]:
        text = pressed
    elif attachments and not words:
        text = FILES_ONLY
    else:
        text = neutralise("\n".join(words))
    return Turn(
        conversation_id=conversation.id,
        turn_id=batch[0].turn_id,
        version=conversation.version,
        text=text,
        metadata={
            "turn_id": batch[0].turn_id,
            "language": conversation.language,
            "channel": conversation.channel,
            "shop": conversation.shop,
            "attachments": attachments,
            "verified": conversation.buyer_id is not None,
        },
        rows=tuple(row.id for row in batch),
        is_recovered=is_recovered,
    )


def _finished(rows: list[Inbox], *, is_more: bool) -> Taken:
    now = datetime.now(UTC)
    for row in rows:
        row.status, row.done_at = "done", now
    return Taken(None, tuple(row.id for row in rows), is_more)


def _close(session: Session, turn: Turn) -> None:
    session.execute(update(Inbox).where(Inbox.id.in_(turn.rows)).values(status="done", done_at=datetime.now(UTC)))


def _give_up(session: Session, conversation: Conversation, turn: Turn) -> None:
    floor.queue(session, conversation, "bot_failed", turn_id=turn.turn_id, actor="system")
    said = texts.BOT_FAILED[Language(conversation.language)]
    transcript.add(session, conversation, author=Author.BOT, text=said, turn_id=turn.turn_id)


def _queue_line(session: Session, conversation: Conversation) -> BotLine:
    said = texts.queued(floor.waiting_before(session, conversation))
    return BotLine(said[Language(conversation.language)])
