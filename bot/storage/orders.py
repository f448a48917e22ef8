"""Imported orders. The column `number` holds the number as it is compared; the data holds it as it was written."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.orders import Order
from bot.storage.tables import OrderRow


def number_key(number: str) -> str:
    """`number` as it is compared: no case, no spaces, no '#', full-width characters as plain ones; dashes count."""
    plain = unicodedata.normalize("NFKC", number)
    return "".join(c for c in plain if not c.isspace() and c != "#" and unicodedata.category(c) != "Cf").upper()


def find_order(session: Session, shop: str, number: str, *, lock: bool = False) -> OrderRow | None:
    """The row of an order; `lock` keeps other writers out until the transaction ends."""
    query = select(OrderRow).where(OrderRow.shop == shop, OrderRow.number == number_key(number))
    return session.scalar(query.with_for_update() if lock else query)


def orders_of(session: Session, shop: str, buyer_id: str) -> list[OrderRow]:
    """Every order of a buyer."""
    query = select(OrderRow).where(OrderRow.shop == shop, OrderRow.buyer_id == buyer_id)
    return list(session.scalars(query))


def save_order(session: Session, order: Order) -> OrderRow:
    """Insert the order or replace its data; a changed order gets a higher version."""
    data: dict[str, Any] = order.model_dump(mode="json")
    row = find_order(session, order.shop, order.number, lock=True)
    if row is None:
        row = OrderRow(
            shop=order.shop,
            number=number_key(order.number),
            buyer_id=order.buyer.id,
            data=data,
            version=1,
            updated_at=datetime.now(UTC),
        )
        session.add(row)
        session.flush()
    elif row.data != data:
        row.data, row.buyer_id = data, order.buyer.id
        row.version += 1
        row.updated_at = datetime.now(UTC)
    return row


def as_order(row: OrderRow) -> Order:
    """The order as it was imported."""
    return Order.model_validate(row.data)
