"""Which legal road a reason takes, and the one question that may stand before it."""

from dataclasses import dataclass

from bot.orders import Order, OrderStatus
from bot.policy.model import Claim
from bot.policy.rules import Stage
from bot.words import Path, Reason

PATHS: dict[Reason, Path] = {
    Reason.NO_LONGER_WANTED: Path.NO_REASON,
    Reason.ORDERED_BY_MISTAKE: Path.NO_REASON,
    Reason.QUALITY_DEFECT: Path.NON_CONFORMITY,
    Reason.DAMAGED_IN_TRANSIT: Path.NON_CONFORMITY,
    Reason.WRONG_ITEM: Path.NON_CONFORMITY,
    Reason.MISSING_PARTS: Path.NON_CONFORMITY,
    Reason.NOT_AS_DESCRIBED: Path.NON_CONFORMITY,
    Reason.SIZE_MISMATCH: Path.NON_CONFORMITY,
    Reason.COUNTERFEIT: Path.SAFETY,
    Reason.EXPIRED_OR_UNSAFE: Path.SAFETY,
    Reason.NOT_RECEIVED: Path.NON_DELIVERY,
    Reason.LATE_SHIPMENT: Path.NON_DELIVERY,
    Reason.DUPLICATE_CHARGE: Path.BILLING,
    Reason.PRICE_CHANGED: Path.BILLING,
    Reason.SELLER_AGREED: Path.AGREED,
    Reason.OTHER: Path.AGREED,
}
"""`size_mismatch` and `not_as_described` stay on the seller's side until the buyer says that nothing
differs from the page."""

ASKED: dict[Reason, str] = {
    Reason.SIZE_MISMATCH: "differs_from_chart",
    Reason.NOT_AS_DESCRIBED: "differs_from_description",
}


@dataclass(frozen=True)
class Road:
    path: Path
    ask: str | None = None
    """The fact without which the path is not known."""


def stage_of(order: Order, claim: Claim) -> Stage:
    """How far the goods are. The buyer saying "I have it" counts where the record is behind."""
    arrived = order.is_delivered or order.status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED)
    if arrived or (claim.facts.received is True and order.is_shipped):
        return Stage.DELIVERED
    return Stage.SHIPPED if order.is_shipped else Stage.UNSHIPPED


def road(claim: Claim, stage: Stage) -> Road:
    """The path of a claim on goods at `stage`."""
    path = PATHS[claim.reason]
    if path is not Path.NON_CONFORMITY:
        return Road(path)
    fact = ASKED.get(claim.reason)
    if stage is not Stage.DELIVERED:
        # Nobody can have measured what has not come: what is left of it is a change of mind.
        if fact and (stage is Stage.UNSHIPPED or claim.facts.received is False):
            return Road(Path.NO_REASON)
        asks = stage is Stage.SHIPPED and claim.facts.received is None
        return Road(path, "received" if asks else None)
    if fact is None:
        return Road(path)
    differs: bool | None = getattr(claim.facts, fact)
    if differs is None:
        return Road(path, fact)
    return Road(Path.NON_CONFORMITY if differs else Path.NO_REASON)
