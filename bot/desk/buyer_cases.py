"""What a buyer does to a case that is open: adds pictures, withdraws it, sends the goods back.

Each may be repeated: the second time changes nothing. A case the conversation may not see is not found.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.cases.machine import ActorKind
from bot.cases.model import Case
from bot.conversations import transcript
from bot.desk.cases import publish
from bot.errors import NotFound
from bot.storage.cases import SqlCases, cases_seen_by, unbound_evidence
from bot.storage.engine import Database
from bot.storage.tables import Audit
from bot.words import CaseState

_WITHDRAWN_WHY = "the buyer withdrew it in the chat"


@dataclass(frozen=True, slots=True)
class Bound:
    """The case the pictures belong to now, and how many joined it; no case: none is open."""

    case: Case | None
    count: int


class BuyerCases:
    """Blocking: call from a worker thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bind_evidence(self, conversation_id: str, case_id: str | None = None) -> Bound:
        """Put what was given in this conversation and belongs to no case beside `case_id`, or the newest open case."""
        with self._database.write() as session:
            conversation = transcript.get_conversation(session, conversation_id, lock=True)
            seen = cases_seen_by(session, conversation)
            fits = [case for case in seen if case.is_open and case_id in (None, case.id)]
            if not fits:
                return Bound(None, 0)
            loose = unbound_evidence(session, conversation_id)
            for piece in loose:
                piece.case_id = fits[0].id
            if loose:
                _audit(session, "evidence_bound", fits[0].id, evidence=[piece.id for piece in loose])
                session.flush()
                publish(session, fits[0])
            return Bound(SqlCases(session).get(fits[0].id), len(loose))

    def withdraw(self, conversation_id: str, case_id: str) -> Case:
        """The buyer takes the case back. Raises NotFound; IllegalTransition once money or goods are on their way."""
        with self._database.write() as session:
            case = _seen(session, conversation_id, case_id)
            if case.state is CaseState.WITHDRAWN:
                return case
            return _move(session, case, CaseState.WITHDRAWN, "case_withdrawn", _WITHDRAWN_WHY)

    def send_back(self, conversation_id: str, case_id: str, tracking_number: str) -> Case:
        """The goods are on their way to the shop. Raises NotFound; IllegalTransition if no return is awaited."""
        with self._database.write() as session:
            case = _seen(session, conversation_id, case_id)
            if case.state is CaseState.RETURN_IN_TRANSIT and case.events[-1].why == tracking_number:
                return case
            return _move(session, case, CaseState.RETURN_IN_TRANSIT, "return_sent", tracking_number)


def _seen(session: Session, conversation_id: str, case_id: str) -> Case:
    conversation = transcript.get_conversation(session, conversation_id, lock=True)
    if case_id not in {case.id for case in cases_seen_by(session, conversation)}:
        raise NotFound("no such case")
    return SqlCases(session).get(case_id, lock=True)


def _move(session: Session, case: Case, to: CaseState, action: str, why: str) -> Case:
    moved = case.moved(to, actor=ActorKind.BUYER, at=datetime.now(UTC), why=why)
    SqlCases(session).save(moved)
    _audit(session, action, case.id)
    publish(session, moved)
    return moved


def _audit(session: Session, action: str, case_id: str, **detail: object) -> None:
    now = datetime.now(UTC)
    session.add(Audit(at=now, actor="buyer", action=action, subject=f"case:{case_id}", detail=detail))
