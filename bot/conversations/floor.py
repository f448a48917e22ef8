"""Who may speak: one row, compared and set. A bot's late answer never follows a person's takeover.

Every change raises the conversation's `version`; whoever decided on an older one loses.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from anyio import to_thread
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations import texts, transcript
from bot.errors import BadInput, Conflict, NotAllowed, NotFound, RefundDeskError, StaleVersion
from bot.storage.engine import Database, emit
from bot.storage.tables import Agent, Audit, Conversation, Message
from bot.words import Author, Language, Mode

log = structlog.get_logger(__name__)

MAX_AGENT_TEXT = 5_000


@dataclass(frozen=True, slots=True)
class Queued:
    """Where a handoff left the conversation."""

    mode: Mode
    waiting_before: int


class Floor:
    """Claims, releases, handovers. All methods but `hand_back` are synchronous: call them from a worker thread."""

    def __init__(self, database: Database, reset_dialogue: Callable[[str], Awaitable[None]]) -> None:
        self._database = database
        self._reset_dialogue = reset_dialogue

    def claim(self, conversation_id: str, agent_id: int, *, version: int | None = None) -> Conversation:
        """Agent takes the conversation, unless another has it. Of two who claim at once one gets Conflict."""
        with self._database.write() as session:
            conversation = transcript.get_conversation(session, conversation_id, lock=True)
            agent = _active_agent(session, agent_id)
            if conversation.mode == Mode.HUMAN:
                if conversation.agent_id == agent_id:
                    return conversation
                raise Conflict("another agent has this conversation", agent_id=conversation.agent_id)
            _check_version(conversation, version)
            move(session, conversation, Mode.HUMAN, actor=f"agent:{agent_id}", action="claim", agent=agent)
            _say(session, conversation, texts.agent_joined(agent.name or agent.username, _language(conversation)))
            return conversation

    def release(self, conversation_id: str, agent_id: int) -> Conversation:
        """The agent who has the conversation puts it back into the queue."""
        with self._database.write() as session:
            conversation = _held(session, conversation_id, agent_id)
            move(session, conversation, Mode.QUEUED, actor=f"agent:{agent_id}", action="release")
            _say(session, conversation, texts.RELEASED[_language(conversation)])
            return conversation

    async def hand_back(self, conversation_id: str, agent_id: int) -> Conversation:
        """The agent gives the conversation back to the bot, which starts without a half-finished form."""
        # First, while the bot still may not speak: no turn can meet the old form.
        await to_thread.run_sync(self._check_held, conversation_id, agent_id)
        try:
            await self._reset_dialogue(conversation_id)
        except RefundDeskError as error:
            log.warning("dialogue_not_reset", conversation=conversation_id, error=error.detail)
        return await to_thread.run_sync(self._hand_back, conversation_id, agent_id)

    def _check_held(self, conversation_id: str, agent_id: int) -> None:
        with self._database.read() as session:
            _held(session, conversation_id, agent_id)

    def _hand_back(self, conversation_id: str, agent_id: int) -> Conversation:
        with self._database.write() as session:
            conversation = _held(session, conversation_id, agent_id)
            move(session, conversation, Mode.BOT, actor=f"agent:{agent_id}", action="hand_back")
            _say(session, conversation, texts.HANDED_BACK[_language(conversation)])
            return conversation

    def close(self, conversation_id: str, agent_id: int) -> Conversation:
        """End it. Whoever holds it may, and anybody while nobody does; the buyer's next message opens it again."""
        with self._database.write() as session:
            conversation = transcript.get_conversation(session, conversation_id, lock=True)
            _active_agent(session, agent_id)
            if conversation.mode == Mode.CLOSED:
                return conversation
            if conversation.mode == Mode.HUMAN and conversation.agent_id != agent_id:
                raise Conflict("another agent has this conversation", agent_id=conversation.agent_id)
            move(session, conversation, Mode.CLOSED, actor=f"agent:{agent_id}", action="close")
            _say(session, conversation, texts.CLOSED[_language(conversation)])
            return conversation

    def handoff(self, conversation_id: str, reason: str, *, turn_id: str = "", actor: str = "bot") -> Queued:
        """Put the conversation into the queue for a person; does nothing to one that is there already."""
        with self._database.write() as session:
            conversation = transcript.get_conversation(session, conversation_id, lock=True)
            if conversation.mode == Mode.BOT:
                queue(session, conversation, reason, turn_id=turn_id, actor=actor)
            return Queued(Mode(conversation.mode), waiting_before(session, conversation))

    def say(self, conversation_id: str, agent_id: int, text: str, *, client_key: str = "") -> Message:
        """What an agent writes to the buyer; only the one who holds the conversation may.

        The same non-empty `client_key` again returns the first line and adds none.
        """
        if not text.strip():
            raise BadInput("an empty message", field="text")
        if len(text) > MAX_AGENT_TEXT:
            raise BadInput(f"text is longer than {MAX_AGENT_TEXT} characters", field="text")
        with self._database.write() as session:
            conversation = _held(session, conversation_id, agent_id)
            if client_key and (earlier := _agent_line(session, conversation_id, client_key)):
                return earlier
            return transcript.add(
                session, conversation, author=Author.AGENT, text=text, agent_id=agent_id, client_key=client_key
            )


def queue(session: Session, conversation: Conversation, reason: str, *, turn_id: str = "", actor: str = "bot") -> None:
    """Bot to queue inside the caller's transaction; `turn_id` is the turn whose last words may still be said."""
    move(session, conversation, Mode.QUEUED, actor=actor, action="handoff", reason=reason)
    conversation.handoff_reason = reason
    conversation.handoff_turn = turn_id


def move(
    session: Session,
    conversation: Conversation,
    mode: Mode,
    *,
    actor: str,
    action: str,
    agent: Agent | None = None,
    reason: str = "",
) -> None:
    """Change the mode of a locked conversation: version, audit row, event."""
    now = datetime.now(UTC)
    before = conversation.mode
    conversation.mode = mode
    conversation.version += 1
    conversation.agent_id = agent.id if agent else None
    conversation.queued_at = now if mode is Mode.QUEUED else None
    conversation.handoff_turn = ""
    conversation.updated_at = now
    detail = {"from": before, "to": str(mode), "version": conversation.version}
    if reason:
        detail["reason"] = reason
    session.add(Audit(at=now, actor=actor, action=action, subject=f"conversation:{conversation.id}", detail=detail))
    event: dict[str, Any] = {"type": "mode", "mode": str(mode), "version": conversation.version}
    if agent:
        event |= {"agent_name": agent.name or agent.username, "agent_id": agent.id}
    if reason:
        event["reason"] = reason
    emit(session, conversation.id, event)


def waiting_before(session: Session, conversation: Conversation) -> int:
    """How many queued conversations have waited longer; 0 for one that is not queued."""
    if conversation.mode != Mode.QUEUED or conversation.queued_at is None:
        return 0
    session.flush()
    query = select(func.count()).where(
        Conversation.mode == Mode.QUEUED,
        Conversation.queued_at < conversation.queued_at,
        Conversation.id != conversation.id,
    )
    return session.scalar(query) or 0


def _held(session: Session, conversation_id: str, agent_id: int) -> Conversation:
    conversation = transcript.get_conversation(session, conversation_id, lock=True)
    if conversation.mode != Mode.HUMAN or conversation.agent_id != agent_id:
        raise Conflict("the agent does not have this conversation", mode=conversation.mode)
    return conversation


def _active_agent(session: Session, agent_id: int) -> Agent:
    agent = session.get(Agent, agent_id)
    if agent is None:
        raise NotFound("no such agent")
    if not agent.is_active:
        raise NotAllowed("the agent is not active")
    return agent


def _check_version(conversation: Conversation, version: int | None) -> None:
    if version is not None and conversation.version != version:
        raise StaleVersion("the conversation has changed", version=conversation.version)


def _agent_line(session: Session, conversation_id: str, client_key: str) -> Message | None:
    return session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id,
            Message.author == Author.AGENT,
            Message.client_key == client_key,
        )
    )


def _say(session: Session, conversation: Conversation, text: str) -> None:
    transcript.add(session, conversation, author=Author.SYSTEM, text=text)


def _language(conversation: Conversation) -> Language:
    return Language(conversation.language)
