"""Which evidence a claim needs, and what was given."""

from bot.policy.model import Claim, EvidenceWanted
from bot.policy.rules import Shop
from bot.words import Path


def evidence_for(claim: Claim, path: Path, shop: Shop) -> tuple[EvidenceWanted, ...]:
    """The evidence of this reason. A change of mind needs none, whatever it was called at first.

    A missing piece is asked for; it never refuses a claim.
    """
    if path is Path.NO_REASON:
        return ()
    return tuple(
        EvidenceWanted(kind=rule.kind, required=rule.required, given=rule.kind in claim.evidence, hint=rule.hint)
        for rule in shop.evidence
        if claim.reason in rule.reasons
    )
