"""Cases in the database: `bot.cases.repository.CaseRepository` on one session, and what else is asked of them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from bot.cases.model import Case, CaseEvent
from bot.errors import Conflict, NotFound, StaleVersion
from bot.policy.model import Claim, Decision
from bot.storage.orders import number_key
from bot.storage.tables import CaseEvent as EventRow
from bot.storage.tables import CaseRow, Conversation, Evidence
from bot.words import CaseState, FreightPayer, Market, Path, Reason, Resolution

_TOOK_NOTHING = (CaseState.REJECTED, CaseState.WITHDRAWN)
"""States of a case that took nothing: the same goods may be claimed again."""

MAX_LISTED = 200


class SqlCases:
    """Cases on one session; the caller's transaction decides when it counts.

    `order_number` is kept as it is compared (`number_key`), so that every spelling finds the same cases.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, case: Case) -> Case:
        """Keep a new case and bind its evidence. A case with the same idempotency key is returned in its place."""
        if known := self.by_key(case.idempotency_key):
            return known
        case = case.model_copy(update={"order_number": number_key(case.order_number)})
        self._session.add(CaseRow(id=case.id, **_columns(case)))
        self._session.flush()
        self._session.add_all(_event_row(case.id, event) for event in case.events)
        if case.evidence:
            for row in self._session.scalars(select(Evidence).where(Evidence.id.in_(case.evidence))):
                row.case_id = case.id
        return case

    def get(self, case_id: str, *, lock: bool = False, version: int | None = None) -> Case:
        """Raises NotFound; StaleVersion when it is not the version the caller has seen."""
        row = self._session.get(CaseRow, case_id, with_for_update=lock or None)
        if row is None:
            raise NotFound("no such case")
        if version is not None and row.version != version:
            raise StaleVersion("the case has changed", version=row.version)
        return self._cases([row])[0]

    def save(self, case: Case) -> None:
        """Replace the version before `case`'s own; the log only grows."""
        row = self._session.get(CaseRow, case.id, with_for_update=True)
        if row is None:
            raise NotFound("no such case")
        kept = self._count_events(case.id)
        if row.version >= case.version:
            raise StaleVersion("the case has changed", version=row.version)
        if case.version - row.version != len(case.events) - kept:
            raise Conflict("the log of a case only grows, one line per version")
        for name, value in _columns(case).items():
            setattr(row, name, value)
        self._session.add_all(_event_row(case.id, event) for event in case.events[kept:])
        self._session.flush()

    def find(
        self, *, order_number: str | None = None, buyer_id: str | None = None, state: CaseState | None = None
    ) -> tuple[Case, ...]:
        """The cases that fit all that is given, newest first, at most 200."""
        fits: list[ColumnElement[bool]] = []
        if order_number is not None:
            fits.append(CaseRow.order_number == number_key(order_number))
        if buyer_id is not None:
            fits.append(CaseRow.buyer_id == buyer_id)
        if state is not None:
            fits.append(CaseRow.state == state)
        return self._select(fits)

    def by_key(self, idempotency_key: str) -> Case | None:
        """The case that was opened with this key."""
        row = self._session.scalar(select(CaseRow).where(CaseRow.idempotency_key == idempotency_key))
        return self._cases([row])[0] if row else None

    def that_took(self, shop: str, order_number: str) -> tuple[Case, ...]:
        """Cases of an order that took goods or still may."""
        return self._select(
            [
                CaseRow.shop == shop,
                CaseRow.order_number == number_key(order_number),
                CaseRow.state.not_in(_TOOK_NOTHING),
            ]
        )

    def of_conversation(
        self, conversation_id: str, *, shop: str, buyer_id: str | None, order_numbers: Iterable[str]
    ) -> tuple[Case, ...]:
        """What a conversation may see: its own, its verified buyer's, those of orders proved in it; newest first."""
        mine = [CaseRow.conversation_id == conversation_id]
        if buyer_id is not None:
            mine.append(CaseRow.buyer_id == buyer_id)
        if numbers := list(order_numbers):
            mine.append(CaseRow.order_number.in_(numbers))
        return self._select([CaseRow.shop == shop, or_(*mine)])

    def _select(self, fits: Sequence[ColumnElement[bool]]) -> tuple[Case, ...]:
        query = select(CaseRow).where(*fits).order_by(CaseRow.created_at.desc(), CaseRow.id).limit(MAX_LISTED)
        return self._cases(list(self._session.scalars(query)))

    def _count_events(self, case_id: str) -> int:
        query = select(func.count()).where(EventRow.case_id == case_id)
        return self._session.scalar(query) or 0

    def _cases(self, rows: Sequence[CaseRow]) -> tuple[Case, ...]:
        if not rows:
            return ()
        ids = [row.id for row in rows]
        events: dict[str, list[CaseEvent]] = {case_id: [] for case_id in ids}
        for event in self._session.scalars(select(EventRow).where(EventRow.case_id.in_(ids)).order_by(EventRow.id)):
            events[event.case_id].append(_event(event))
        files: dict[str, list[str]] = {case_id: [] for case_id in ids}
        query = select(Evidence.case_id, Evidence.id).where(Evidence.case_id.in_(ids))
        for case_id, evidence_id in self._session.execute(query.order_by(Evidence.created_at, Evidence.id)):
            files[case_id or ""].append(evidence_id)
        return tuple(_case(row, events[row.id], files[row.id]) for row in rows)


def cases_seen_by(session: Session, conversation: Conversation) -> tuple[Case, ...]:
    """The cases a conversation may see, newest first."""
    return SqlCases(session).of_conversation(
        conversation.id,
        shop=conversation.shop,
        buyer_id=conversation.buyer_id,
        order_numbers=conversation.proved_orders,
    )


def unbound_evidence(session: Session, conversation_id: str) -> list[Evidence]:
    """What the buyer has given in this conversation that belongs to no case yet."""
    query = select(Evidence).where(Evidence.conversation_id == conversation_id, Evidence.case_id.is_(None))
    return list(session.scalars(query.order_by(Evidence.created_at, Evidence.id)))


def _columns(case: Case) -> dict[str, object]:
    columns: dict[str, object] = {
        name: getattr(case, name)
        for name in (
            "idempotency_key", "conversation_id", "shop", "order_number", "buyer_id", "state", "reason", "path",
            "resolution", "market", "amount", "currency", "freight_payer", "order_version", "refund_key", "version",
            "created_at", "updated_at",
        )
    }  # fmt: skip
    return columns | {"claim": case.claim.model_dump(mode="json"), "decision": case.decision.model_dump(mode="json")}


def _event_row(case_id: str, event: CaseEvent) -> EventRow:
    return EventRow(
        case_id=case_id,
        at=event.at,
        actor=event.actor,
        from_state=event.from_state or "",
        to_state=event.to_state,
        why=event.why,
    )


def _event(row: EventRow) -> CaseEvent:
    return CaseEvent(
        at=row.at,
        actor=row.actor,
        from_state=CaseState(row.from_state) if row.from_state else None,
        to_state=CaseState(row.to_state),
        why=row.why,
    )


def _case(row: CaseRow, events: list[CaseEvent], evidence: list[str]) -> Case:
    return Case(
        id=row.id,
        idempotency_key=row.idempotency_key,
        conversation_id=row.conversation_id,
        shop=row.shop,
        order_number=row.order_number,
        buyer_id=row.buyer_id,
        state=CaseState(row.state),
        reason=Reason(row.reason),
        path=Path(row.path),
        resolution=Resolution(row.resolution),
        market=Market(row.market),
        amount=row.amount,
        currency=row.currency,
        freight_payer=FreightPayer(row.freight_payer),
        claim=Claim.model_validate(row.claim),
        decision=Decision.model_validate(row.decision),
        order_version=row.order_version,
        refund_key=row.refund_key,
        evidence=tuple(evidence),
        events=tuple(events),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
