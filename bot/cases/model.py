"""A refund case and its log. Frozen: a change makes a new one, with one more event and the next version."""

import secrets
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.cases.machine import OVER, ActorKind, check_transition
from bot.orders import Order, Time
from bot.policy.model import Claim, Decision
from bot.words import CaseState, FreightPayer, Market, Path, Reason, Resolution

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O, U: a case number survives being read out on the phone."""
CASE_ID_PATTERN = rf"^RD-[{_CROCKFORD}]{{8}}$"


def new_case_id() -> str:
    """A random case number, RD- and eight characters (40 bits: it cannot be guessed by counting)."""
    return "RD-" + "".join(secrets.choice(_CROCKFORD) for _ in range(8))


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CaseEvent(_Frozen):
    """One line of a case's log: who, when, from, to, why. The first has no `from_state`."""

    at: Time
    actor: str
    from_state: CaseState | None
    to_state: CaseState
    why: str = ""


class Case(_Frozen):
    id: str = Field(pattern=CASE_ID_PATTERN)
    idempotency_key: str = Field(min_length=1)
    conversation_id: str | None = None
    shop: str
    order_number: str
    buyer_id: str
    state: CaseState
    reason: Reason
    path: Path
    resolution: Resolution
    market: Market
    amount: int = Field(ge=0)
    """What would be paid back, minor units of `currency`; 0 where goods are sent or a person sets it."""
    currency: str
    freight_payer: FreightPayer
    claim: Claim
    decision: Decision
    order_version: int = 1
    refund_key: str = ""
    evidence: tuple[str, ...] = ()
    events: tuple[CaseEvent, ...] = Field(min_length=1)
    version: int = Field(default=1, ge=1)
    created_at: Time
    updated_at: Time

    @model_validator(mode="after")
    def _log_tells_the_state(self) -> Self:
        if self.events[-1].to_state is not self.state:
            raise ValueError("the last event is not the case's state")
        return self

    @property
    def rule_ids(self) -> tuple[str, ...]:
        return self.decision.rule_ids

    @property
    def is_open(self) -> bool:
        """Somebody still waits for something."""
        return self.state not in OVER

    def moved(self, to: CaseState, *, actor: ActorKind | str, at: datetime, why: str = "") -> "Case":
        """The case in state `to`, one event and one version later. Raises IllegalTransition."""
        check_transition(self.state, to, actor)
        event = CaseEvent(at=at, actor=str(actor), from_state=self.state, to_state=to, why=why)
        changes = {"state": to, "events": (*self.events, event), "version": self.version + 1, "updated_at": event.at}
        return self.model_copy(update=changes)


def opened(
    order: Order,
    claim: Claim,
    decision: Decision,
    *,
    idempotency_key: str,
    at: datetime,
    conversation_id: str | None = None,
    evidence: tuple[str, ...] = (),
    order_version: int = 1,
) -> Case:
    """A new case in `submitted`: the decision's best option, or the wish where only a person can say."""
    best = decision.best
    return Case(
        id=new_case_id(),
        idempotency_key=idempotency_key,
        conversation_id=conversation_id,
        shop=order.shop,
        order_number=order.number,
        buyer_id=order.buyer.id,
        state=CaseState.SUBMITTED,
        reason=decision.reason,
        path=decision.path,
        resolution=best.resolution if best else claim.wish or Resolution.RETURN_AND_REFUND,
        market=decision.market,
        amount=best.total if best else 0,
        currency=decision.currency,
        freight_payer=best.freight_payer if best else FreightPayer.NONE,
        claim=claim,
        decision=decision,
        order_version=order_version,
        evidence=evidence,
        events=(CaseEvent(at=at, actor=ActorKind.BOT, from_state=None, to_state=CaseState.SUBMITTED),),
        created_at=at,
        updated_at=at,
    )
