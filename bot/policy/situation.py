"""What is known about one claim at one moment, and whether a rule's conditions hold in it."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.orders import Item, Order, OrderStatus
from bot.policy.amounts import Piece
from bot.policy.model import Claim
from bot.policy.rules import Calendar, RulePack, Stage, When, Window
from bot.policy.windows import Period, add_months, local_day, period
from bot.words import Path


@dataclass(frozen=True)
class Match:
    """Whether conditions hold, by which fact, and for which items."""

    met: bool
    fact: str
    skus: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Situation:
    order: Order
    claim: Claim
    now: datetime
    stage: Stage
    path: Path
    pieces: tuple[Piece, ...]
    """What is claimed, and how many of each."""
    pack: RulePack
    told: date | None = None
    """Since when buyers are told of their right to return; None: they are not."""

    @property
    def zone(self) -> str:
        return self.pack.zone

    @property
    def calendar(self) -> Calendar:
        return self.pack.calendar

    def start_of(self, window: Window) -> datetime | None:
        """When a window began; None: not yet, or nobody recorded it."""
        return self.order.shipped_at if window.start is Stage.SHIPPED else self.order.delivered_at

    def period(self, window: Window) -> Period | None:
        start = self.start_of(window)
        if start is None:
            return None
        return period(start, window, now=self.now, zone=self.zone, calendar=self.calendar, told=self.told)

    def match(self, when: When) -> Match:
        """Whether all of `when` holds. The fact is the first that fails, else all that were asked."""
        facts: list[str] = []
        for holds, fact in self._general(when):
            if not holds:
                return Match(met=False, fact=fact)
            facts.append(fact)
        if not (when.flags or when.categories or when.confirmed is not None):
            return Match(True, "; ".join(facts) or f"reason {self.claim.reason}", self._all)
        items = [piece.item for piece in self.pieces]
        skus = {item.sku: self._item_fact(item, when) for item in items if self._item_holds(item, when)}
        if not skus:
            return Match(False, "; ".join(self._item_fact(item, when) for item in items))
        return Match(True, "; ".join([*facts, *skus.values()]), frozenset(skus))

    @property
    def _all(self) -> frozenset[str]:
        return frozenset(piece.item.sku for piece in self.pieces)

    def _general(self, when: When) -> list[tuple[bool, str]]:
        claim, order = self.claim, self.order
        asked: list[tuple[bool, str]] = []
        if when.reasons:
            asked.append((claim.reason in when.reasons, f"reason {claim.reason}"))
        if when.wishes:
            asked.append((claim.wish in when.wishes, f"wish {claim.wish or 'none'}"))
        if when.stages:
            asked.append((self.stage in when.stages, f"goods {self.stage}"))
        if when.statuses:
            asked.append((order.status in when.statuses, f"order {order.status}"))
        for name in ("intact", "received"):
            wanted, told = getattr(when, name), getattr(claim.facts, name)
            if wanted is not None:
                asked.append((told is wanted, f"{name}: {_said(told)}"))
        if when.within_months is not None:
            asked.append(self._months(when.within_months))
        if when.settled is not None:
            settled = order.paid_total > 0 and order.refundable == 0
            asked.append((settled is when.settled, f"refunded {order.refunded_total} of {order.paid_total}"))
        if when.paid is not None:
            paid = order.paid_total > 0 and order.status is not OrderStatus.UNPAID
            asked.append((paid is when.paid, f"order {order.status}, paid {order.paid_total}"))
        return asked

    def _months(self, months: int) -> tuple[bool, str]:
        start = self.order.delivered_at
        if start is None:
            return False, "receipt not on record"
        first = local_day(start, self.zone)
        last = add_months(first, months)
        return local_day(self.now, self.zone) <= last, f"received {first}, {months} months end {last}"

    def _item_holds(self, item: Item, when: When) -> bool:
        return (
            (not when.flags or bool(set(when.flags) & set(item.flags)))
            and (not when.categories or item.category in when.categories)
            and (when.confirmed is None or (item.no_return_confirmed is True) is when.confirmed)
        )

    def _item_fact(self, item: Item, when: When) -> str:
        parts = []
        if when.flags:
            parts.append(", ".join(item.flags) or "no flags")
        if when.categories:
            parts.append(f"category {item.category}")
        if when.confirmed is not None:
            parts.append(f"confirmed at purchase: {_said(item.no_return_confirmed)}")
        return f"{item.sku}: {'; '.join(parts)}"


def _said(fact: bool | None) -> str:
    return {True: "yes", False: "no", None: "no record"}[fact]
