"""Orders for tests."""

from datetime import UTC, datetime
from typing import Any

from bot.orders import Order

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def order_data(
    number: str, *, paid: int = 29_900, quantity: int = 1, buyer: str = "u-ann", **more: Any
) -> dict[str, Any]:
    return {
        "number": number,
        "shop": "demo",
        "market": "cn",
        "currency": "CNY",
        "buyer": {"id": buyer, "name": "Ann", "phone": "13800138001", "email": "ann@example.com"},
        "placed_at": "-6d",
        "paid_at": "-6d",
        "shipped_at": "-5d",
        "delivered_at": "-2d",
        "status": "delivered",
        "items": [
            {
                "sku": "EAR-01",
                "title": "耳机",
                "category": "electronics",
                "quantity": quantity,
                "unit_price": paid // quantity,
                "paid": paid,
            }
        ],
        "paid_total": paid,
    } | more


def order(number: str, *, now: datetime = NOW, **more: Any) -> Order:
    return Order.model_validate(order_data(number, **more), context={"now": now})
