"""What goes into a decision and what comes out. Plain, frozen, serialisable types.

Money is integer minor units; times are aware UTC and carry the zone they are to be shown in.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from bot.words import (
    EvidenceKind,
    FreightPayer,
    Language,
    Market,
    Path,
    Reason,
    Resolution,
    Verdict,
)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClaimItem(_Frozen):
    """Which part of an order the buyer is talking about."""

    sku: str
    quantity: int = Field(default=1, ge=1)
    taken_before: int = Field(default=0, ge=0)
    """How many of this line earlier cases took: the desk's count. It places the remainder of a price that
    does not divide evenly, so that parts add up to what was paid."""


class GoodsFacts(_Frozen):
    """What the buyer says about the goods. None: not asked, or not answered."""

    received: bool | None = None
    differs_from_chart: bool | None = None
    """`size_mismatch`: smaller or larger than the size chart says (seller's side) or just not right."""
    differs_from_description: bool | None = None
    """`not_as_described`: differs from what the page said, or just does not please."""
    intact: bool | None = None
    """Complete and unspoilt by the category's own list: tags on, seal unbroken, not activated."""


class Claim(_Frozen):
    """What the buyer asks for. `items` empty: the whole order."""

    reason: Reason
    items: tuple[ClaimItem, ...] = ()
    facts: GoodsFacts = GoodsFacts()
    evidence: tuple[EvidenceKind, ...] = ()
    wish: Resolution | None = None


class AmountLine(_Frozen):
    """One line of the money: `kind` is item | freight_out | already_refunded; minor units, signed."""

    kind: str
    label: str
    amount: int
    sku: str | None = None
    quantity: int | None = None


class ResolutionOption(_Frozen):
    """One way the case may be settled; options are ranked by the buyer's interest, best first."""

    resolution: Resolution
    lines: tuple[AmountLine, ...] = ()
    total: int = 0
    freight_payer: FreightPayer = FreightPayer.NONE
    rule_id: str = ""


class EvidenceWanted(_Frozen):
    kind: EvidenceKind
    required: bool
    given: bool
    hint: dict[Language, str]


class Need(_Frozen):
    """A fact that is missing: `fact` is a field of `GoodsFacts`; `question` is what to ask the buyer."""

    fact: str
    question: dict[Language, str]
    yes: dict[Language, str]
    no: dict[Language, str]


class Deadline(_Frozen):
    """`kind`: return_window_ends | send_back_by | refund_by | review_by. `at` is the last moment."""

    kind: str
    at: datetime
    zone: str
    consequence: dict[Language, str]


class RuleTrace(_Frozen):
    """One rule that was considered: whether it was met and by which fact."""

    rule_id: str
    met: bool
    effect: str
    fact: str
    citation: dict[Language, str]
    source: str = ""
    verified: bool = True


class Decision(_Frozen):
    """What the rules say about one claim on one order at one moment."""

    verdict: Verdict
    market: Market
    currency: str
    reason: Reason
    path: Path
    trace: tuple[RuleTrace, ...]
    options: tuple[ResolutionOption, ...] = ()
    evidence: tuple[EvidenceWanted, ...] = ()
    needs: tuple[Need, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    automatic: bool = False
    """Small and clear enough to be settled by rule once the buyer has said yes; else a person looks."""
    why: dict[Language, str] = {}
    """For `deny` and `human`: the sentence that says why, and what is still possible."""
    decided_at: datetime

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """The rules that were met, in the order they decided."""
        return tuple(rule.rule_id for rule in self.trace if rule.met)

    @property
    def best(self) -> ResolutionOption | None:
        return self.options[0] if self.options else None
