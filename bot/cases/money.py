"""Money of a case: shares of a line, and the ceiling that nothing passes. Integer minor units."""

from bot.errors import BadInput, Conflict
from bot.orders import Order
from bot.policy.amounts import allocate

__all__ = ["allocate", "check_refund"]


def check_refund(order: Order, amount: int) -> None:
    """Raises unless `amount` may be paid back for `order`, as it stands now.

    BadInput for nothing or less, Conflict for more than what was paid and not yet refunded.
    """
    if amount <= 0:
        raise BadInput(f"a refund is a positive amount, not {amount}")
    if amount > order.refundable:
        raise Conflict(f"order {order.number} has {order.refundable} left to refund, not {amount}")
