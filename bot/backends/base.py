"""What RefundDesk needs of a shop back end. One module per back end; each declares what it can do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.orders import Order


class RefundStatus(StrEnum):
    PAID = "paid"
    REFUSED = "refused"
    """The back end said no; the money has not moved."""
    UNKNOWN = "unknown"
    """No answer: the money may have moved. Settled by `find_refund`, never by paying again blindly."""


@dataclass(frozen=True, slots=True)
class RefundResult:
    """What became of one payout; `amount` in minor units."""

    status: RefundStatus
    key: str
    order_number: str
    amount: int
    currency: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a back end can do; what it cannot do is a person's work."""

    pays_refunds: bool
    lists_buyer_orders: bool
    find_is_final: bool
    """`find_refund` answering None proves that nothing was paid, so the same key may be sent again."""


@runtime_checkable
class ShopBackend(Protocol):
    """A shop's orders and its way to pay back. Methods block: call from a worker thread."""

    name: str
    capabilities: Capabilities

    def get_order(self, shop: str, number: str) -> Order | None:
        """The order as it is now, with what was refunded; None if the shop has none of this number."""

    def orders_of(self, shop: str, buyer_id: str, limit: int) -> list[Order]:
        """The buyer's orders, newest first."""

    def refund(self, key: str, shop: str, order_number: str, amount: int, currency: str) -> RefundResult:
        """Pay `amount` back, once per `key`: the same key again returns the first result."""

    def find_refund(self, key: str) -> RefundResult | None:
        """The payout made with `key`, or None if there is none."""
