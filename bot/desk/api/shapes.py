"""What orders and cases look like from outside."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from bot.cases.model import Case
from bot.orders import Order, OrderStatus
from bot.words import CaseState, FreightPayer, Market, Path, Reason, Resolution


class PublicItem(BaseModel):
    sku: str
    title: str
    quantity: int
    paid: int
    category: str


class PublicOrder(BaseModel):
    """What the dialogue may know of an order: no name, phone or address."""

    number: str
    market: Market
    currency: str
    status: OrderStatus
    placed_at: datetime
    delivered_at: datetime | None
    paid_total: int
    items: list[PublicItem]


class CaseItem(BaseModel):
    sku: str
    quantity: int


class CaseJson(BaseModel):
    """A refund case; `amount` in minor units of `currency`."""

    id: str
    state: CaseState
    reason: Reason
    resolution: Resolution
    path: Path
    market: Market
    order_number: str
    amount: int
    currency: str
    freight_payer: FreightPayer
    items: list[CaseItem]
    rules: list[str]
    evidence: list[str]
    created_at: datetime
    updated_at: datetime
    version: int


class CaseEventJson(BaseModel):
    """One line of the case's log."""

    at: datetime
    actor: str
    from_state: str
    to_state: str
    why: str


class CaseDetail(CaseJson):
    """The case with its log and the decision it rests on."""

    events: list[CaseEventJson]
    decision: dict[str, Any]


def public_order(order: Order) -> PublicOrder:
    return PublicOrder.model_validate(order.model_dump())


def case_json(case: Case) -> CaseJson:
    return CaseJson.model_validate(_case_fields(case))


def case_detail(case: Case) -> CaseDetail:
    return CaseDetail.model_validate(
        _case_fields(case)
        | {
            "events": [event.model_dump() | {"from_state": event.from_state or ""} for event in case.events],
            "decision": case.decision.model_dump(mode="json"),
        }
    )


def _case_fields(case: Case) -> dict[str, Any]:
    own = {name: getattr(case, name) for name in CaseJson.model_fields if name not in ("items", "rules")}
    items = [item.model_dump() for item in case.claim.items]
    return own | {"items": items, "rules": list(case.rule_ids)}
