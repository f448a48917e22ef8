"""Orders and claims for the tests of the rules, with one fixed now."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.orders import GoodsFlag, Item, Order, OrderStatus
from bot.policy.engine import decide
from bot.policy.model import Claim, ClaimItem, Decision, GoodsFacts
from bot.policy.packs import Packs, load_packs
from bot.words import EvidenceKind, Market, Reason, Resolution

POLICIES = Path(__file__).resolve().parents[2] / "data" / "policies"
PACKS = load_packs(POLICIES)

NOW = datetime(2026, 9, 12, 4, tzinfo=UTC)
"""Saturday noon in Beijing and Taipei, midnight in New York, 06:00 in Berlin; no holiday near."""

CURRENCY = {
    Market.CN: "CNY",
    Market.TW: "TWD",
    Market.HK: "HKD",
    Market.EU: "EUR",
    Market.UK: "GBP",
    Market.US: "USD",
}


def item(sku: str = "TEE", *, paid: int = 9900, quantity: int = 1, **fields: Any) -> Item:
    values = {"sku": sku, "title": sku.title(), "category": "clothes", "unit_price": paid // quantity} | fields
    return Item(quantity=quantity, paid=paid, **values)


def order(
    market: Market | str = Market.CN,
    *,
    received: datetime | None = None,
    days: int | None = None,
    shipped: bool = True,
    items: tuple[Item, ...] = (item(),),
    shipping_fee: int = 1000,
    refunded_total: int = 0,
    **fields: Any,
) -> Order:
    """An order received `days` before NOW, or at `received`; neither: not delivered yet."""
    if days is not None:
        received = NOW - timedelta(days=days)
    placed = (received or NOW) - timedelta(days=4)
    status = OrderStatus.DELIVERED if received else OrderStatus.SHIPPED if shipped else OrderStatus.PAID
    values: dict[str, Any] = {
        "number": "RD20260001",
        "market": Market(market),
        "currency": CURRENCY[Market(market)],
        "buyer": {"id": "b-1", "phone": "13800138000"},
        "placed_at": placed,
        "paid_at": placed,
        "shipped_at": placed + timedelta(days=1) if shipped or received else None,
        "delivered_at": received,
        "status": status,
        "items": items,
        "shipping_fee": shipping_fee,
        "paid_total": sum(one.paid for one in items) + shipping_fee,
        "refunded_total": refunded_total,
    }
    return Order(**values | fields)


def claim(
    reason: Reason | str = Reason.NO_LONGER_WANTED,
    *,
    items: dict[str, int] | None = None,
    evidence: tuple[EvidenceKind, ...] = (),
    wish: Resolution | None = None,
    **facts: bool | None,
) -> Claim:
    return Claim(
        reason=Reason(reason),
        items=tuple(ClaimItem(sku=sku, quantity=count) for sku, count in (items or {}).items()),
        facts=GoodsFacts(**facts),
        evidence=evidence,
        wish=wish,
    )


def ask(the_order: Order, the_claim: Claim, *, now: datetime = NOW, packs: Packs = PACKS) -> Decision:
    return decide(the_order, the_claim, now=now, packs=packs)


def flagged(*flags: GoodsFlag, confirmed: bool | None = None, category: str = "other") -> tuple[Item, ...]:
    return (item("MUG", flags=flags, no_return_confirmed=confirmed, category=category),)
