"""What the console's pages show, read in one go."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session

from bot.conversations import transcript
from bot.policy.model import Claim, Decision
from bot.storage.tables import Agent, CaseEvent, CaseRow, Conversation, Evidence, Message
from bot.words import Mode

_MOST = {Mode.QUEUED: 200, Mode.HUMAN: 200, Mode.BOT: 50, Mode.CLOSED: 30}
"""Rows of each group; who waits and who is served is never cut short in practice."""


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in the list, with its last line and who has it."""

    conversation: Conversation
    last: Message | None
    agent_name: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its log, oldest entry first, and its decision."""

    row: CaseRow
    claim: Claim
    decision: Decision
    events: list[CaseEvent]
    evidence: list[Evidence]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything about one conversation but its order, which is the back end's."""

    conversation: Conversation
    agent_name: str
    lines: list[dict[str, Any]]
    cases: list[CaseView]
    evidence: list[Evidence]
    agents: dict[int, str] = field(default_factory=dict)


def list_groups(session: Session) -> dict[Mode, list[Row]]:
    """Who waits (longest first), who is with a person, with the bot, and what is over (latest first)."""
    groups: dict[Mode, list[Row]] = {}
    for mode, most in _MOST.items():
        order = Conversation.queued_at if mode is Mode.QUEUED else Conversation.updated_at.desc()
        query = (
            select(Conversation, Message, Agent)
            .outerjoin(Message, and_(Message.conversation_id == Conversation.id, Message.seq == Conversation.last_seq))
            .outerjoin(Agent, Agent.id == Conversation.agent_id)
            .where(Conversation.mode == mode)
            .order_by(order, Conversation.id)
            .limit(most)
        )
        groups[mode] = [
            Row(conversation, message, _name(agent)) for conversation, message, agent in session.execute(query)
        ]
    return groups


def conversation_page(session: Session, conversation_id: str) -> Page:
    """Raises NotFound."""
    conversation = transcript.get_conversation(session, conversation_id)
    agents = {agent.id: _name(agent) for agent in session.scalars(select(Agent))}
    return Page(
        conversation=conversation,
        agent_name=agents.get(conversation.agent_id or 0, ""),
        lines=lines_after(session, conversation_id, 0),
        cases=_cases(session, conversation),
        evidence=list(
            session.scalars(
                select(Evidence)
                .where(Evidence.conversation_id == conversation_id)
                .order_by(Evidence.created_at, Evidence.id)
            )
        ),
        agents=agents,
    )


def lines_after(session: Session, conversation_id: str, after: int) -> list[dict[str, Any]]:
    """Transcript lines as the buyer sees them, with the agent's name and the time as such."""
    found = transcript.lines(session, conversation_id, after=after)
    names = {agent.id: _name(agent) for agent in session.scalars(select(Agent))}
    return [
        transcript.frame(line) | {"at": line.created_at, "agent_name": names.get(line.agent_id or 0, "")}
        for line in found
    ]


def find_case(session: Session, conversation_id: str, case_id: str) -> CaseRow | None:
    """The case if it may be decided from this conversation: its own, or its buyer's, or of a proved order."""
    conversation = transcript.get_conversation(session, conversation_id)
    return next((row for row in _case_rows(session, conversation) if row.id == case_id), None)


def evidence_of(session: Session, conversation_id: str, evidence_id: str) -> Evidence | None:
    """A file of this conversation."""
    evidence = session.get(Evidence, evidence_id)
    return evidence if evidence is not None and evidence.conversation_id == conversation_id else None


def _case_rows(session: Session, conversation: Conversation) -> list[CaseRow]:
    mine = [CaseRow.conversation_id == conversation.id]
    if conversation.buyer_id is not None:
        mine.append(and_(CaseRow.shop == conversation.shop, CaseRow.buyer_id == conversation.buyer_id))
    query = (
        select(CaseRow)
        .where(mine[0] if len(mine) == 1 else mine[0] | mine[1])
        .order_by(case((CaseRow.conversation_id == conversation.id, 0), else_=1), CaseRow.created_at.desc())
        .limit(20)
    )
    return list(session.scalars(query))


def _cases(session: Session, conversation: Conversation) -> list[CaseView]:
    rows = _case_rows(session, conversation)
    ids = [row.id for row in rows]
    events: dict[str, list[CaseEvent]] = {case_id: [] for case_id in ids}
    for event in session.scalars(select(CaseEvent).where(CaseEvent.case_id.in_(ids)).order_by(CaseEvent.id)):
        events[event.case_id].append(event)
    evidence: dict[str, list[Evidence]] = {case_id: [] for case_id in ids}
    for piece in session.scalars(select(Evidence).where(Evidence.case_id.in_(ids)).order_by(Evidence.created_at)):
        evidence[piece.case_id or ""].append(piece)
    return [
        CaseView(
            row,
            Claim.model_validate(row.claim),
            Decision.model_validate(row.decision),
            events[row.id],
            evidence[row.id],
        )
        for row in rows
    ]


def _name(agent: Agent | None) -> str:
    return (agent.name or agent.username) if agent else ""


def waited_seconds(since: datetime | None, now: datetime) -> int:
    """Whole seconds since `since`, never below 0."""
    return max(0, int((now - since).total_seconds())) if since else 0
