"""The ways a claim may be settled, with their amounts, ranked by the buyer's interest."""

from collections.abc import Sequence

from bot.orders import GoodsFlag
from bot.policy.amounts import Piece, refund_lines, total_of
from bot.policy.findings import Finding
from bot.policy.model import ResolutionOption
from bot.policy.situation import Situation
from bot.words import FreightPayer, Resolution

_RANK = (
    Resolution.REFUND_ONLY,
    Resolution.RETURN_AND_REFUND,
    Resolution.PARTIAL_REFUND,
    Resolution.PRICE_ADJUSTMENT,
    Resolution.EXCHANGE,
    Resolution.RESHIP,
    Resolution.REPAIR,
)
"""Cash that is owed comes first: an exchange is offered beside it, never instead."""
PAYS_BACK = (Resolution.REFUND_ONLY, Resolution.RETURN_AND_REFUND)
"""Resolutions whose amount follows from the order; a partial refund or a difference in price is agreed."""
_NOTHING_SENT = (Resolution.REFUND_ONLY, Resolution.PARTIAL_REFUND, Resolution.PRICE_ADJUSTMENT)
_BURDEN = {FreightPayer.NONE: 0, FreightPayer.SELLER: 1, FreightPayer.BUYER: 2}


def options_of(
    situation: Situation, found: Sequence[Finding], eligible: tuple[Piece, ...]
) -> tuple[ResolutionOption, ...]:
    """What the rules in `found` open for the `eligible` items.

    One option per resolution, the most favourable freight of all rules that open it; the buyer's wish first.
    """
    best: dict[Resolution, ResolutionOption] = {}
    # Digital content has nothing to send back: its return is a refund.
    nothing_to_send = all(GoodsFlag.DIGITAL_CONTENT in piece.item.flags for piece in eligible)
    for finding in found:
        for opened in finding.outcome.resolutions:
            returns = opened is Resolution.RETURN_AND_REFUND
            resolution = Resolution.REFUND_ONLY if returns and nothing_to_send else opened
            option = _option(situation, finding, resolution, eligible)
            held = best.get(resolution)
            if held is None or _favour(option) > _favour(held):
                best[resolution] = option
    wish = situation.claim.wish
    return tuple(sorted(best.values(), key=lambda option: (option.resolution != wish, _RANK.index(option.resolution))))


def _favour(option: ResolutionOption) -> tuple[int, int]:
    return option.total, -_BURDEN[option.freight_payer]


def _option(
    situation: Situation, finding: Finding, resolution: Resolution, eligible: tuple[Piece, ...]
) -> ResolutionOption:
    lines = (
        refund_lines(situation.order, eligible, outward_freight=finding.outcome.outward_freight)
        if resolution in PAYS_BACK
        else ()
    )
    return ResolutionOption(
        resolution=resolution,
        lines=lines,
        total=total_of(lines),
        freight_payer=FreightPayer.NONE if resolution in _NOTHING_SENT else finding.outcome.freight,
        rule_id=finding.rule.id,
    )
