"""The order model: what it takes, what it refuses, and the demo shop."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from bot.orders import Order
from bot.settings import ROOT

NOW = datetime(2026, 9, 12, 4, 0, tzinfo=UTC)


def order(**changes: Any) -> Order:
    data: dict[str, Any] = {
        "number": "RD20260099",
        "market": "cn",
        "currency": "CNY",
        "buyer": {"id": "u", "phone": "+86 138-0013-8001"},
        "placed_at": "-8d",
        "status": "delivered",
        "items": [{"sku": "a", "title": "A", "quantity": 2, "unit_price": 500, "paid": 900}],
        "shipping_fee": 100,
        "paid_total": 1000,
    }
    return Order.model_validate(data | changes, context={"now": NOW})


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("-8d", NOW - timedelta(days=8)),
        ("-36h", NOW - timedelta(hours=36)),
        ("+2d", NOW + timedelta(days=2)),
        ("now", NOW),
        ("2026-09-04T10:00:00+08:00", datetime(2026, 9, 4, 2, 0, tzinfo=UTC)),
        (datetime(2026, 9, 4, 10, 0, tzinfo=timezone(timedelta(hours=8))), datetime(2026, 9, 4, 2, 0, tzinfo=UTC)),
    ],
)
def test_times_are_relative_or_absolute_and_become_utc(given: Any, meant: datetime) -> None:
    assert order(placed_at=given).placed_at == meant
    assert order(placed_at=given).placed_at.tzinfo == UTC


@pytest.mark.parametrize("given", ["yesterday", "-8", "2026-09-04T10:00:00", "2026-13-01T00:00:00Z", None])
def test_a_time_without_zone_or_sense_is_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        order(placed_at=given)


@pytest.mark.parametrize(
    "changes",
    [
        {"paid_total": 999},
        {"refunded_total": 1001},
        {"currency": "yuan"},
        {"market": "mars"},
        {"items": []},
        {"paid_total": 1000.5},
        {"unknown": 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_order_that_does_not_add_up_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        order(**changes)


def test_two_items_with_one_sku_are_refused() -> None:
    item = {"sku": "a", "title": "A", "quantity": 1, "unit_price": 450, "paid": 450}
    with pytest.raises(ValidationError, match="same sku"):
        order(items=[item, item])


def test_the_phone_tail_is_the_last_four_digits_or_nothing() -> None:
    assert order().buyer.phone_tail == "8001"
    assert order(buyer={"id": "u", "phone": "12"}).buyer.phone_tail == ""


def test_the_demo_shop_is_in_order_and_covers_markets_goods_and_states() -> None:
    rows = json.loads((ROOT / "data" / "demo" / "orders.json").read_text(encoding="utf-8"))
    orders = [Order.model_validate(row, context={"now": NOW}) for row in rows]

    assert len({order.number for order in orders}) == len(orders) >= 30
    assert {order.market for order in orders} == {"cn", "tw", "us"}
    assert {"clothes", "food", "fresh", "digital", "custom", "electronics", "cosmetics"} <= {
        item.category for order in orders for item in order.items
    }
    assert {"paid", "shipped", "delivered", "refunded"} == {order.status for order in orders}
    ages = {(NOW - order.delivered_at).days for order in orders if order.delivered_at}
    assert {2, 8, 20} <= ages
