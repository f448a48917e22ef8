"""Refund cases: opened on a fresh decision, settled by rule or by an agent, paid once.

Money leaves in three steps, each on disk before the next: the case is `refunding` with its key; the back end pays
once per key; the case says what became of it. A lost answer is `refund_unknown` and settled by asking.
"""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from anyio import to_thread
from sqlalchemy.orm import Session

from bot.backends.base import RefundResult, RefundStatus, ShopBackend
from bot.cases.machine import ActorKind
from bot.cases.model import Case, opened
from bot.cases.money import check_refund
from bot.conversations import transcript
from bot.desk.case_texts import news_text
from bot.desk.claims import CaseExists, ClaimRequest, Claims, Decided, check_unclaimed
from bot.desk.proof import OrderAccess
from bot.errors import BadInput, Conflict, NotFound, RefundDeskError, ServiceError
from bot.policy.rules import Packs
from bot.storage import orders as order_rows
from bot.storage.cases import SqlCases, unbound_evidence
from bot.storage.engine import Database, emit
from bot.storage.tables import Audit
from bot.words import Author, CaseState, Language, Resolution, Verdict

log = structlog.get_logger(__name__)

_SETTLE_EVERY_S = 60.0
_SETTLE_OLDER_THAN = timedelta(seconds=30)
"""A payout may take this long before somebody else asks what became of it."""

_MAX_WHY = 1000
_PAYS_AT_ONCE = frozenset({Resolution.REFUND_ONLY, Resolution.PARTIAL_REFUND, Resolution.PRICE_ADJUSTMENT})
_RUNS_BY_RULE = frozenset({Resolution.REFUND_ONLY, Resolution.RETURN_AND_REFUND})


class NotDecidable(Conflict):
    """The rules do not allow it, or need to know more; `decision` says which."""

    code = "not_decidable"


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """The case; `is_new` is False when the same key had opened it before."""

    case: Case
    is_new: bool


class Cases:
    """Everything that changes a case. Blocking but for `settle_forever`: call from a worker thread."""

    def __init__(self, database: Database, backend: ShopBackend, orders: OrderAccess, packs: Packs) -> None:
        self._database = database
        self._backend = backend
        self._packs = packs
        self.claims = Claims(database, orders, packs)

    def open(self, conversation_id: str, request: ClaimRequest, key: str) -> OpenedCase:
        """Decide again on the order as it is now, and open the case; once per `key` and conversation."""
        key = f"{conversation_id}:{key}"
        if earlier := self._by_key(key):
            return OpenedCase(earlier, False)
        made = None
        while made is None:
            try:
                decided = self.claims.decide(conversation_id, request)
            except CaseExists:
                # The same request may have been made twice at once: then the first one's case is the answer.
                if earlier := self._by_key(key):
                    return OpenedCase(earlier, False)
                raise
            if decided.decision.verdict in (Verdict.DENY, Verdict.NEED_INFO):
                raise NotDecidable("the rules do not open a case", decision=decided.decision.model_dump(mode="json"))
            made = self._insert(decided, key)
        if made.is_new and made.case.state is CaseState.REFUNDING:
            # The dialogue itself says how it went: no second line in the chat.
            return OpenedCase(self._pay(made.case, tell=False), True)
        return made

    def _by_key(self, key: str) -> Case | None:
        with self._database.read() as session:
            return SqlCases(session).by_key(key)

    def _insert(self, decided: Decided, key: str) -> OpenedCase | None:
        """None: another case has just taken pieces of the same line, so the shares must be counted again."""
        with self._database.write() as session:
            cases = SqlCases(session)
            conversation = transcript.get_conversation(session, decided.conversation.id, lock=True)
            row = order_rows.find_order(session, decided.order.shop, decided.order.number, lock=True)
            if earlier := cases.by_key(key):
                return OpenedCase(earlier, False)
            if check_unclaimed(session, decided.order, decided.claim.items, self._packs) != decided.claim.items:
                return None
            now = datetime.now(UTC)
            case = opened(
                decided.order,
                decided.claim,
                decided.decision,
                idempotency_key=key,
                at=now,
                conversation_id=conversation.id,
                evidence=tuple(file.id for file in unbound_evidence(session, conversation.id)),
                order_version=row.version if row else 0,
            )
            if _runs_on(case):
                rules = ", ".join(case.rule_ids)
                case = case.moved(CaseState.APPROVED, actor=ActorKind.RULE, at=now, why=rules)
                case = _proceed(case, ActorKind.RULE, now)
            else:
                case = case.moved(CaseState.UNDER_REVIEW, actor=ActorKind.SYSTEM, at=now)
            case = cases.add(case)
            publish(session, case)
            return OpenedCase(case, True)

    # --- an agent decides ----------------------------------------------------------------------

    def approve(
        self,
        case_id: str,
        agent_id: int,
        why: str,
        *,
        version: int | None = None,
        amount: int | None = None,
        resolution: Resolution | None = None,
    ) -> Case:
        """An agent says yes. `amount` (minor units) and `resolution` replace what the rules proposed, and are
        needed where they proposed nothing. Refunds are paid at once; a return waits for the goods."""
        why, actor = _checked(why), f"agent:{agent_id}"
        changes = {"amount": amount, "resolution": resolution}
        changed = {name: value for name, value in changes.items() if value is not None}
        with self._database.write() as session:
            case = SqlCases(session).get(case_id, lock=True, version=version).model_copy(update=changed)
            now = datetime.now(UTC)
            case = case.moved(CaseState.APPROVED, actor=actor, at=now, why=why)
            self._check_amount(session, case)
            case = _proceed(case, actor, now)
            self._save(session, case, "case_approved", actor, amount=case.amount, resolution=case.resolution)
        return self._pay(case, tell=True) if case.state is CaseState.REFUNDING else case

    def reject(self, case_id: str, agent_id: int, why: str, *, version: int | None = None) -> Case:
        """An agent says no; `why` is told to the buyer."""
        why, actor = _checked(why), f"agent:{agent_id}"
        with self._database.write() as session:
            case = SqlCases(session).get(case_id, lock=True, version=version)
            case = case.moved(CaseState.REJECTED, actor=actor, at=datetime.now(UTC), why=why)
            self._save(session, case, "case_rejected", actor, told=why)
            return case

    def pay_return(self, case_id: str, agent_id: int, why: str, *, version: int | None = None) -> Case:
        """The goods are back and in order: the agent lets the refund of a return go."""
        why, actor = _checked(why), f"agent:{agent_id}"
        with self._database.write() as session:
            case = SqlCases(session).get(case_id, lock=True, version=version)
            now = datetime.now(UTC)
            if case.state is not CaseState.INSPECTING:
                case = case.moved(CaseState.INSPECTING, actor=actor, at=now)
            self._check_amount(session, case)
            case = _start_payout(case, actor, now, why)
            self._save(session, case, "return_accepted", actor, amount=case.amount)
        return self._pay(case, tell=True)

    def _check_amount(self, session: Session, case: Case) -> None:
        """Raises unless the case's money may go; nothing else can be written before the transaction ends."""
        if case.resolution not in _PAYS_AT_ONCE | {Resolution.RETURN_AND_REFUND}:
            return
        order_rows.find_order(session, case.shop, case.order_number, lock=True)
        order = self._backend.get_order(case.shop, case.order_number)
        if order is None:
            raise NotFound("the order is not there any more")
        check_refund(order, case.amount)

    def _save(self, session: Session, case: Case, action: str, actor: str, told: str = "", **detail: object) -> None:
        SqlCases(session).save(case)
        now = datetime.now(UTC)
        session.add(Audit(at=now, actor=actor, action=action, subject=f"case:{case.id}", detail=detail))
        publish(session, case)
        # The end of a payout is told when it is known, a moment later.
        if case.state is not CaseState.REFUNDING:
            self._tell(session, case, told)

    def _tell(self, session: Session, case: Case, why: str = "") -> None:
        if case.conversation_id is None:
            return
        conversation = transcript.get_conversation(session, case.conversation_id, lock=True)
        said = news_text(case, self._packs, Language(conversation.language), why=why)
        transcript.add(session, conversation, author=Author.SYSTEM, text=said)

    # --- money ---------------------------------------------------------------------------------

    def _pay(self, case: Case, *, tell: bool) -> Case:
        """Pay a `refunding` case, once per key, and note what became of it."""
        try:
            result = self._backend.refund(case.refund_key, case.shop, case.order_number, case.amount, case.currency)
        except ServiceError as error:
            log.warning("refund_unknown", case=case.id, error=error.detail)
            result = RefundResult(
                RefundStatus.UNKNOWN, case.refund_key, case.order_number, case.amount, case.currency, error.detail
            )
        return self._note_result(case.id, result, tell=tell)

    def _note_result(self, case_id: str, result: RefundResult, *, tell: bool) -> Case:
        to = {
            RefundStatus.PAID: CaseState.REFUNDED,
            RefundStatus.UNKNOWN: CaseState.REFUND_UNKNOWN,
            RefundStatus.REFUSED: CaseState.UNDER_REVIEW,
        }[result.status]
        with self._database.write() as session:
            cases = SqlCases(session)
            case = cases.get(case_id, lock=True)
            is_settled = case.state not in (CaseState.REFUNDING, CaseState.REFUND_UNKNOWN)
            if is_settled or case.refund_key != result.key or case.state is to:
                return case
            case = case.moved(to, actor=ActorKind.SYSTEM, at=datetime.now(UTC), why=result.why)
            cases.save(case)
            publish(session, case)
            if tell:
                self._tell(session, case)
            return case

    def settle(self, *, now: datetime | None = None) -> int:
        """Ask what became of payouts whose answer was lost; returns how many are paid now."""
        before = (now or datetime.now(UTC)) - _SETTLE_OLDER_THAN
        with self._database.read() as session:
            cases = SqlCases(session)
            lost = [*cases.find(state=CaseState.REFUNDING), *cases.find(state=CaseState.REFUND_UNKNOWN)]
        return sum(self._settle_one(case) for case in lost if case.updated_at < before)

    def _settle_one(self, case: Case) -> bool:
        try:
            result = self._backend.find_refund(case.refund_key)
        except RefundDeskError as error:
            log.warning("refund_still_unknown", case=case.id, error=error.detail)
            return False
        if result is not None:
            return self._note_result(case.id, result, tell=True).state is CaseState.REFUNDED
        if not self._backend.capabilities.find_is_final:
            return False
        # Certainly not paid: the same payout is sent again under the same key.
        if case.state is CaseState.REFUND_UNKNOWN:
            with self._database.write() as session:
                cases = SqlCases(session)
                case = cases.get(case.id, lock=True, version=case.version)
                case = case.moved(CaseState.REFUNDING, actor=ActorKind.SYSTEM, at=datetime.now(UTC))
                cases.save(case)
                publish(session, case)
        return self._pay(case, tell=True).state is CaseState.REFUNDED

    async def settle_forever(self) -> None:
        """Settle lost payouts at the start and every minute after; runs until cancelled."""
        while True:
            try:
                await to_thread.run_sync(self.settle)
            except Exception:
                log.exception("settle_failed")
            await asyncio.sleep(_SETTLE_EVERY_S)


def _runs_on(case: Case) -> bool:
    """Settled by rule: small and clear enough, and a settlement the desk can carry out alone."""
    decision = case.decision
    return (
        decision.verdict is Verdict.ALLOW
        and decision.automatic
        and case.amount > 0
        and case.resolution in _RUNS_BY_RULE
    )


def _proceed(case: Case, actor: str, now: datetime) -> Case:
    """What follows from an approval: the money goes, the goods come back first, or a person sends something."""
    if case.resolution is Resolution.RETURN_AND_REFUND:
        return case.moved(CaseState.AWAITING_RETURN, actor=actor, at=now)
    return _start_payout(case, actor, now) if case.resolution in _PAYS_AT_ONCE else case


def _start_payout(case: Case, actor: str, now: datetime, why: str = "") -> Case:
    # A new key only for a new decision to pay: the back end pays once per key.
    keyed = case.model_copy(update={"refund_key": f"{case.id}-{secrets.token_hex(8)}"})
    return keyed.moved(CaseState.REFUNDING, actor=actor, at=now, why=why)


def publish(session: Session, case: Case) -> None:
    """Tell whoever looks at the conversation that its case has changed."""
    if case.conversation_id is not None:
        event = {"type": "case", "case_id": case.id, "state": str(case.state), "version": case.version}
        emit(session, case.conversation_id, event)


def _checked(why: str) -> str:
    why = why.strip()
    if not why:
        raise BadInput("a reason is needed", field="why")
    if len(why) > _MAX_WHY:
        raise BadInput(f"the reason is longer than {_MAX_WHY} characters", field="why")
    return why
