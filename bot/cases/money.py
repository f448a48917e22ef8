"""Money of a case: shares of a line, and the ceiling that nothing passes. Integer minor units."""

from collections.abc import Iterable

from bot.errors import BadInput, Conflict
from bot.orders import Order
from bot.policy.amounts import allocate

__all__ = ["allocate", "check_refund", "place"]


def check_refund(order: Order, amount: int) -> None:
    """Raises unless `amount` may be paid back for `order`, as it stands now.

    BadInput for nothing or less, Conflict for more than what was paid and not yet refunded.
    """
    if amount <= 0:
        raise BadInput(f"a refund is a positive amount, not {amount}")
    if amount > order.refundable:
        raise Conflict(f"order {order.number} has {order.refundable} left to refund, not {amount}")


def place(taken: Iterable[tuple[int, int]], quantity: int, take: int) -> int:
    """Where among `quantity` pieces of a line the next `take` begin: `Claim.items[].taken_before`.

    `taken` are (taken_before, quantity) of the claims that hold. The first gap that is wide enough: a withdrawn
    claim's pieces go to the next one, so that the shares of all pieces add up to what was paid. Where the free
    pieces lie apart, the next share is counted after all that was taken; it may be a minor unit off, and
    `check_refund` still holds the sum.
    """
    held = {piece for start, count in taken for piece in range(start, start + count)}
    gaps = (start for start in range(quantity - take + 1) if held.isdisjoint(range(start, start + take)))
    return next(gaps, max(0, min(len(held), quantity - take)))
