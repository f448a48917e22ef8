"""The back end that needs no shop: imported orders, and payouts written to a table.

For trying RefundDesk, and for shops that pay by hand from the list of refunds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.backends.base import Capabilities, RefundResult, RefundStatus
from bot.backends.order_files import parse_csv, parse_json
from bot.errors import BadRow
from bot.orders import Order
from bot.storage import orders
from bot.storage.engine import Database
from bot.storage.tables import OrderRow, Refund


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import took; `bad` says line and reason of everything else."""

    taken: int
    bad: tuple[BadRow, ...]


class EmbeddedBackend:
    """Orders and refunds in the desk's own database."""

    name = "embedded"
    capabilities = Capabilities(pays_refunds=True, lists_buyer_orders=True, find_is_final=True)

    def __init__(self, database: Database) -> None:
        self._database = database

    def get_order(self, shop: str, number: str) -> Order | None:
        with self._database.read() as session:
            row = orders.find_order(session, shop, number)
            return _current(session, row) if row else None

    def orders_of(self, shop: str, buyer_id: str, limit: int) -> list[Order]:
        with self._database.read() as session:
            found = [_current(session, row) for row in orders.orders_of(session, shop, buyer_id)]
        return sorted(found, key=lambda order: order.placed_at, reverse=True)[:limit]

    def refund(self, key: str, shop: str, order_number: str, amount: int, currency: str) -> RefundResult:
        """Write the payout. What was paid back before is counted in the same transaction that writes the row."""
        with self._database.write() as session:
            row = orders.find_order(session, shop, order_number, lock=True)
            if earlier := _find(session, key):
                if (earlier.amount, earlier.currency, earlier.order_number) != (
                    amount,
                    currency,
                    orders.number_key(order_number),
                ):
                    return _refused(key, order_number, amount, currency, "this key has paid something else")
                return _result(earlier)
            if row is None:
                return _refused(key, order_number, amount, currency, "no such order")
            order = _current(session, row)
            if currency != order.currency:
                return _refused(key, order_number, amount, currency, "not the currency of the order")
            if not 0 < amount <= order.refundable:
                return _refused(key, order_number, amount, currency, "more than what is left of what was paid")
            refund = Refund(
                key=key, shop=shop, order_number=row.number, amount=amount, currency=currency, at=datetime.now(UTC)
            )
            session.add(refund)
            session.flush()
            return _result(refund)

    def find_refund(self, key: str) -> RefundResult | None:
        with self._database.read() as session:
            found = _find(session, key)
            return _result(found) if found else None

    def import_orders(self, rows: Iterable[tuple[int, Order]]) -> Imported:
        """Keep every good row, in one transaction; a number that comes twice is bad the second time.

        An order that would end below what was already paid back is refused: the money has left.
        """
        taken, bad = 0, []
        seen: set[tuple[str, str]] = set()
        with self._database.write() as session:
            for line, order in rows:
                key = (order.shop, orders.number_key(order.number))
                if len(key[1]) < 3:
                    bad.append(BadRow("number: nothing is left of it without spaces and #", line=line))
                elif key in seen:
                    bad.append(BadRow(f"number: {order.number} is in this file twice", line=line))
                elif order.refunded_total + _paid_back(session, *key) > order.paid_total:
                    bad.append(BadRow("paid_total: less than what was already paid back", line=line))
                else:
                    seen.add(key)
                    orders.save_order(session, order)
                    taken += 1
        return Imported(taken, tuple(bad))

    def import_text(self, text: str, *, is_csv: bool, shop: str) -> Imported:
        """Orders of a whole file; its bad rows in the order they stand there. BadInput: not such a file at all."""
        parse = parse_csv if is_csv else parse_json
        parsed = parse(text, now=datetime.now(UTC), shop=shop)
        imported = self.import_orders(parsed.good)
        return Imported(imported.taken, tuple(sorted([*parsed.bad, *imported.bad], key=lambda row: row.line)))


def _current(session: Session, row: OrderRow) -> Order:
    order = orders.as_order(row)
    paid_back = _paid_back(session, row.shop, row.number)
    return order.model_copy(update={"refunded_total": order.refunded_total + paid_back}) if paid_back else order


def _paid_back(session: Session, shop: str, number: str) -> int:
    query = select(func.coalesce(func.sum(Refund.amount), 0)).where(Refund.shop == shop, Refund.order_number == number)
    return int(session.scalar(query) or 0)


def _find(session: Session, key: str) -> Refund | None:
    return session.scalar(select(Refund).where(Refund.key == key))


def _result(refund: Refund) -> RefundResult:
    return RefundResult(RefundStatus.PAID, refund.key, refund.order_number, refund.amount, refund.currency)


def _refused(key: str, order_number: str, amount: int, currency: str, why: str) -> RefundResult:
    return RefundResult(RefundStatus.REFUSED, key, order_number, amount, currency, why)
