"""What is paid back, to the cent. Integer minor units, floor, never above what is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.orders import Item, Order
from bot.policy.model import AmountLine

FREIGHT_LABEL = "freight_out"
REFUNDED_LABEL = "already_refunded"


def allocate(paid: int, quantity: int, taken_before: int, take: int) -> int:
    """The share of `paid` that belongs to the next `take` of `quantity` pieces.

    Cumulative floor: shares taken one after the other add up to `paid` exactly, the last piece carries
    the remainder. Raises ValueError for more pieces than there are.
    """
    if take < 0 or taken_before < 0 or quantity < 1 or taken_before + take > quantity:
        raise ValueError(f"cannot take {take} after {taken_before} of {quantity}")
    return paid * (taken_before + take) // quantity - paid * taken_before // quantity


@dataclass(frozen=True)
class Piece:
    """So many of one line of an order, after `taken_before` of the same line."""

    item: Item
    quantity: int
    taken_before: int = 0


def refund_lines(order: Order, pieces: Sequence[Piece], *, outward_freight: bool) -> tuple[AmountLine, ...]:
    """The lines for sending `pieces` back.

    Outward freight joins in only if the whole order goes back. What was refunded before is taken off
    when the whole order is claimed; for a part, only as far as the order has less left than the part.
    """
    lines = [
        AmountLine(
            kind="item",
            label=piece.item.title,
            amount=allocate(piece.item.paid, piece.item.quantity, piece.taken_before, piece.quantity),
            sku=piece.item.sku,
            quantity=piece.quantity,
        )
        for piece in pieces
    ]
    whole = is_whole(order, pieces)
    if whole and outward_freight and order.shipping_fee:
        lines.append(AmountLine(kind="freight_out", label=FREIGHT_LABEL, amount=order.shipping_fee))
    wanted = sum(line.amount for line in lines)
    before = order.refunded_total if whole else 0
    total = max(0, min(wanted - before, order.refundable))
    if total != wanted:
        lines.append(AmountLine(kind="already_refunded", label=REFUNDED_LABEL, amount=total - wanted))
    return tuple(lines)


def is_whole(order: Order, pieces: Sequence[Piece]) -> bool:
    """Whether `pieces` are everything that was bought."""
    taken = {piece.item.sku: piece.quantity for piece in pieces}
    return all(taken.get(item.sku) == item.quantity for item in order.items)


def total_of(lines: Sequence[AmountLine]) -> int:
    return sum(line.amount for line in lines)
