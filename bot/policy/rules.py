"""Rule packs: the law of a market and the promises of a shop, as data.

One file per market plus `shop.yml`. A rule says for which paths it speaks, under which conditions it is
met, and what follows; the engine knows no market by name. What is not verified against a source is
marked so and can never refuse a buyer anything (`effective`).
"""

from datetime import date
from enum import StrEnum
from string import Formatter
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.errors import PolicyError
from bot.orders import GoodsFlag, OrderStatus
from bot.words import EvidenceKind, FreightPayer, Language, Market, Path, Reason, Resolution

PLACEHOLDERS = frozenset({"window_end", "received", "days", "items"})
"""What a sentence of a rule may mention; all of it comes from the order and the clock."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _in_three_languages(text: dict[Language, str]) -> dict[Language, str]:
    if missing := [language.value for language in Language if not text.get(language, "").strip()]:
        raise ValueError(f"no text in {', '.join(missing)}")
    return text


def _known_placeholders(text: dict[Language, str]) -> dict[Language, str]:
    named = [{name for _, name, _, _ in Formatter().parse(text[language]) if name is not None} for language in Language]
    if unknown := set().union(*named) - PLACEHOLDERS:
        raise ValueError(f"unknown placeholder {', '.join(sorted(unknown))}")
    if any(names != named[0] for names in named):
        raise ValueError("the languages do not mention the same things")
    return text


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone") from None
    return name


Text = Annotated[dict[Language, str], AfterValidator(_in_three_languages)]
Sentence = Annotated[Text, AfterValidator(_known_placeholders)]
Zone = Annotated[str, AfterValidator(_known_zone)]


class Stage(StrEnum):
    """How far the goods have come."""

    UNSHIPPED = "unshipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"


class Effect(StrEnum):
    """What follows when a rule is met.

    allow: these resolutions are open. deny: the window is over. exclude: these goods have no return
    without a reason. inspect: whoever receives the goods decides, so a person. human: a person decides.
    settled: nothing is left to pay back. note: said and cited, decides nothing.
    """

    ALLOW = "allow"
    DENY = "deny"
    EXCLUDE = "exclude"
    INSPECT = "inspect"
    HUMAN = "human"
    SETTLED = "settled"
    NOTE = "note"


class When(_Frozen):
    """Conditions, all of which must hold. An empty condition holds always."""

    reasons: tuple[Reason, ...] = ()
    wishes: tuple[Resolution, ...] = ()
    stages: tuple[Stage, ...] = ()
    statuses: tuple[OrderStatus, ...] = ()
    flags: tuple[GoodsFlag, ...] = ()
    """Any of them, on an item that is claimed."""
    categories: tuple[str, ...] = ()
    confirmed: bool | None = None
    """Whether a confirmation at purchase, or a notice, is on record for that item."""
    intact: bool | None = None
    received: bool | None = None
    """What the buyer says, not the record."""
    within_months: int | None = Field(default=None, ge=1)
    """Months since receipt."""
    settled: bool | None = None
    """Everything that was paid has been paid back."""
    paid: bool | None = None
    """Anything was paid at all."""


class Window(_Frozen):
    """A period in calendar days of the market's zone; the day it starts from is not counted."""

    days: int = Field(ge=1)
    start: Stage = Stage.DELIVERED
    """`delivered`: the day of receipt. `shipped`: the day of dispatch."""
    roll: bool = False
    """The last day moves over the holidays of the pack's calendar."""
    uninformed_months: int | None = None
    """If the buyer was not told of the right, the days run from when they were, for at most this long."""
    uninformed_rule: str = ""


class Outcome(_Frozen):
    effect: Effect
    resolutions: tuple[Resolution, ...] = ()
    freight: FreightPayer = FreightPayer.NONE
    outward_freight: bool = False
    """The fee paid for sending the goods out is paid back too, if the whole order goes back."""
    say: Sentence | None = None
    """For the buyer, where the reason for the outcome has to be told."""


class Rule(_Frozen):
    """One rule: with `window`, `within` and `after` follow the clock; without, `then`."""

    id: str = Field(pattern=r"^[A-Z]{2,4}(\.[A-Za-z0-9_-]+)+$")
    paths: tuple[Path, ...] = Field(min_length=1)
    markets: tuple[Market, ...] = ()
    """Only in shop.yml; empty: every market."""
    when: When = When()
    window: Window | None = None
    within: Outcome | None = None
    after: Outcome | None = None
    then: Outcome | None = None
    beside: tuple[str, ...] = ()
    """Only for a `note`: the rules it explains; it is met if one of them decided. Empty: it stands alone."""
    citation: Text
    source: str = Field(min_length=1)
    effective_from: date
    effective_to: date | None = None
    verified: bool = True

    @model_validator(mode="after")
    def _shape(self) -> Self:
        if (self.window is None) is not (self.within is None and self.after is None):
            raise ValueError("`window` goes with `within` or `after`, and they with it")
        if (self.then is None) == (self.window is None):
            raise ValueError("a rule has either `then` or a `window`")
        for outcome in self.outcomes:
            refuses = outcome.effect in (Effect.DENY, Effect.EXCLUDE, Effect.SETTLED, Effect.HUMAN, Effect.INSPECT)
            if refuses and outcome.say is None:
                raise ValueError(f"`{outcome.effect}` needs `say`: the buyer is told why")
            if outcome.effect is Effect.ALLOW and not outcome.resolutions:
                raise ValueError("`allow` needs `resolutions`")
        return self

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in (self.within, self.after, self.then) if outcome is not None)

    def in_force(self, day: date) -> bool:
        """Whether the rule held on `day` (both ends included)."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


class Holiday(_Frozen):
    """Days off in a row, both ends included."""

    first: date
    last: date
    verified: bool = True
    """False: expected, not announced. It may lengthen a window all the same; it never shortens one."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("a holiday ends before it begins")
        return self


class Calendar(_Frozen):
    """Days on which a period does not end, and the rule that says so.

    A last day that is a holiday, or one of `weekly_rest` (Monday is 0), gives way to the next working day.
    """

    rule: str = ""
    citation: Text | None = None
    source: str = ""
    holidays: tuple[Holiday, ...] = ()
    weekly_rest: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _cited(self) -> Self:
        if (self.holidays or self.weekly_rest) and not (self.rule and self.citation):
            raise ValueError("a calendar needs the rule and the citation it follows")
        return self

    def holiday(self, day: date) -> Holiday | None:
        """The holiday `day` belongs to."""
        return next((holiday for holiday in self.holidays if holiday.first <= day <= holiday.last), None)


class RefundClock(_Frozen):
    """How long a seller has to pay back, in days from receiving the goods (or from agreeing)."""

    rule: str
    days: int = Field(ge=1)


class EvidenceRule(_Frozen):
    reasons: tuple[Reason, ...]
    kind: EvidenceKind
    required: bool = False
    hint: Text


class IntactList(_Frozen):
    """The one question asked about the state of the goods, by what they are."""

    categories: tuple[str, ...] = ()
    flags: tuple[GoodsFlag, ...] = ()
    question: Text
    answer_yes: Text
    answer_no: Text


class RulePack(_Frozen):
    """The rules of one market, statute first, then what the shop promises on top.

    The files call them `provisions`: a file below data/ with a key `rules` is Rasa's.
    """

    market: Market
    zone: Zone
    calendar: Calendar = Calendar()
    refund_clock: RefundClock | None = None
    rules: tuple[Rule, ...] = Field((), alias="provisions")
    promises: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _named_rules_exist(self) -> Self:
        ids = {rule.id for rule in self.rules}
        for rule in self.rules:
            if rule.window and rule.window.uninformed_months and rule.window.uninformed_rule not in ids:
                raise ValueError(f"{rule.id}: `uninformed_rule` is not a rule of this file")
        return self


class Shop(_Frozen):
    """What a shop promises and how it works; it may only add to the law."""

    auto_limits: dict[str, int]
    """Largest amount settled by rule, minor units by currency; no entry: nothing is."""
    review_flags: tuple[GoodsFlag, ...] = ()
    """Goods a person always looks at, whatever the amount."""
    require_human: tuple[Market, ...] = ()
    """Markets in which a person confirms every payment."""
    review_hours: int = Field(ge=1)
    send_back_days: int = Field(ge=1)
    refund_days: int = Field(ge=1)
    """Days to pay back where no statute names a shorter time."""
    return_addresses: dict[Market, str]
    """Where goods go back to: a true address with a contact, as the law of each market wants it."""
    notice_since: dict[Market, date] = {}
    """Since when buyers of a market are told of their right to return; no entry: not told."""
    evidence: tuple[EvidenceRule, ...] = ()
    intact_lists: tuple[IntactList, ...] = ()
    rules: tuple[Rule, ...] = Field((), alias="provisions")

    @model_validator(mode="after")
    def _no_untold(self) -> Self:
        for rule in self.rules:
            if rule.window and rule.window.uninformed_months is not None:
                raise ValueError(f"{rule.id}: only a statute lengthens a window for want of a notice")
        return self


class Packs(_Frozen):
    packs: dict[Market, RulePack]
    shop: Shop

    def for_market(self, market: Market) -> RulePack:
        """The pack of a market. Raises PolicyError if there is none."""
        try:
            return self.packs[market]
        except KeyError:
            raise PolicyError(f"no rule pack for market {market.value}") from None
