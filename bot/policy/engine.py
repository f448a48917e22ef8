"""One claim on one order at one moment: what do the rules say?

Pure and total: the same inputs give the same Decision; nothing is read but the packs. A refusal needs a
verified rule that was positively met; what is missing is asked for; what no rule answers goes to a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.errors import BadInput
from bot.orders import Item, Order
from bot.policy import phrases
from bot.policy.amounts import Piece
from bot.policy.deadlines import deadlines_for
from bot.policy.evidence import evidence_for
from bot.policy.findings import Finding, Findings, consider, explaining
from bot.policy.formats import day_text, time_text
from bot.policy.model import Claim, Decision, Need, ResolutionOption
from bot.policy.options import PAYS_BACK, options_of
from bot.policy.paths import road, stage_of
from bot.policy.rules import Effect, IntactList, Packs, Shop, Stage
from bot.policy.situation import Situation
from bot.words import Language, Path, Verdict


def decide(order: Order, claim: Claim, *, now: datetime, packs: Packs) -> Decision:
    """What the rules of the order's market and the shop say to `claim`, at `now` (aware).

    `order` already shows what was refunded. Raises BadInput for a claim on goods the order does not
    have, PolicyError for a market without a pack.
    """
    pack = packs.for_market(order.market)
    stage = stage_of(order, claim)
    way = road(claim, stage)
    situation = Situation(
        order=order,
        claim=claim,
        now=now,
        stage=stage,
        path=way.path,
        pieces=claimed(order, claim),
        pack=pack,
        told=packs.shop.notice_since.get(order.market),
    )
    findings = consider(situation)
    ruling = _judge(situation, packs.shop, findings, ask=way.ask)
    return _written(situation, packs.shop, findings, ruling)


@dataclass(frozen=True)
class _Ruling:
    verdict: Verdict
    by: tuple[Finding, ...] = ()
    """The findings that decided; what they say is what the buyer is told."""
    options: tuple[ResolutionOption, ...] = ()
    needs: tuple[Need, ...] = ()
    why: dict[Language, str] | None = None
    """In place of what the findings say."""
    periods: tuple[Finding, ...] = ()
    """Findings whose windows may be running."""


def claimed(order: Order, claim: Claim) -> tuple[Piece, ...]:
    """What is claimed, in the order's own order; no items: all of it. Raises BadInput for more than there is."""
    if not claim.items:
        return tuple(Piece(item, item.quantity) for item in order.items)
    wanted = {part.sku: part for part in claim.items}
    items = {item.sku: item for item in order.items}
    if len(wanted) != len(claim.items):
        raise BadInput("the claim names an item twice")
    for sku, part in wanted.items():
        if sku not in items:
            raise BadInput(f"order {order.number} has no item {sku}")
        if part.taken_before + part.quantity > items[sku].quantity:
            raise BadInput(f"order {order.number} has only {items[sku].quantity} of {sku}")
    return tuple(
        Piece(item, wanted[item.sku].quantity, wanted[item.sku].taken_before)
        for item in order.items
        if item.sku in wanted
    )


def _judge(situation: Situation, shop: Shop, findings: Findings, *, ask: str | None) -> _Ruling:
    """Weigh what was found. The order of these steps is the order of precedence."""
    exclusions = findings.of(Effect.EXCLUDE, verified=True)
    excluded = frozenset[str]().union(*(found.skus for found in exclusions))
    eligible = tuple(piece for piece in situation.pieces if piece.item.sku not in excluded)
    allowing = findings.of(Effect.ALLOW, verified=True)
    people = findings.of(Effect.HUMAN)
    doubtful = findings.of(Effect.EXCLUDE, verified=False)
    options = options_of(situation, [*allowing, *people], eligible)

    if settled := findings.of(Effect.SETTLED, verified=True):
        return _Ruling(Verdict.DENY, settled[:1])
    if ask:
        return _Ruling(Verdict.NEED_INFO, needs=(phrases.NEEDS[ask],))
    if people:
        return _Ruling(Verdict.HUMAN, people[:1], options)
    if not eligible:
        return _Ruling(Verdict.DENY, exclusions[:1])
    if allowing:
        if doubtful:
            return _Ruling(Verdict.HUMAN, doubtful[:1], options, periods=allowing)
        if need := _intact_need(situation, shop, eligible):
            return _Ruling(Verdict.NEED_INFO, needs=(need,))
        if inspect := findings.of(Effect.INSPECT):
            return _Ruling(Verdict.HUMAN, inspect[:1], options, periods=allowing)
        best = tuple(found for found in allowing if options and found.rule.id == options[0].rule_id)
        return _Ruling(Verdict.ALLOW, (*best[:1], *exclusions[:1]), options, periods=allowing)
    ended = findings.of(Effect.DENY, verified=True)
    if ended:
        return _Ruling(Verdict.DENY, ended[:1])
    return _Ruling(Verdict.HUMAN, why=phrases.NO_RULE)


def _intact_need(situation: Situation, shop: Shop, eligible: tuple[Piece, ...]) -> Need | None:
    """The question about the goods' state: only for a change of mind, only for goods that have a list."""
    if situation.path is not Path.NO_REASON or situation.stage is not Stage.DELIVERED:
        return None
    if situation.claim.facts.intact is not None:
        return None
    for asked in shop.intact_lists:
        if any(_is_on(asked, piece.item) for piece in eligible):
            return Need(fact="intact", question=asked.question, yes=asked.answer_yes, no=asked.answer_no)
    return None


def _is_on(asked: IntactList, item: Item) -> bool:
    return bool(set(asked.flags) & set(item.flags)) or item.category in asked.categories


def _why(situation: Situation, found: Sequence[Finding]) -> dict[Language, str]:
    texts = [_fill(situation, finding.outcome.say, finding) for finding in found if finding.outcome.say]
    if not texts:
        return {}
    gap = {Language.EN: " "}
    return {language: gap.get(language, "").join(text[language] for text in texts) for language in Language}


def _fill(situation: Situation, sentence: dict[Language, str], finding: Finding) -> dict[Language, str]:
    """A rule's sentence with the facts of this order in it."""
    period, zone = finding.period, situation.zone
    titles = [piece.item.title for piece in situation.pieces if piece.item.sku in finding.skus]
    filled: dict[Language, str] = {}
    for language, text in sentence.items():
        facts = {
            "items": (", " if language is Language.EN else "、").join(titles),
            "days": period.days if period else "",
            "received": day_text(period.start, language) if period else "",
            "window_end": time_text(period.ends_at, zone, language) if period else "",
        }
        filled[language] = text.format(**facts)
    return filled


def _written(situation: Situation, shop: Shop, findings: Findings, ruling: _Ruling) -> Decision:
    """The ruling as a Decision. The trace begins with the rules that decided."""
    asks = ruling.verdict in (Verdict.ALLOW, Verdict.HUMAN)
    evidence = evidence_for(situation.claim, situation.path, shop) if asks else ()
    proven = not any(piece.required for piece in evidence)
    automatic = ruling.verdict is Verdict.ALLOW and proven and _is_small_and_clear(situation, shop, ruling)
    best = ruling.options[0].rule_id if ruling.options else ""
    running = next((found.period for found in ruling.periods if found.rule.id == best), None)
    decided = [found.rule.id for found in ruling.by]
    return Decision(
        verdict=ruling.verdict,
        market=situation.order.market,
        currency=situation.order.currency,
        reason=situation.claim.reason,
        path=situation.path,
        trace=explaining(findings, decided, situation),
        options=ruling.options,
        evidence=evidence,
        needs=ruling.needs,
        deadlines=deadlines_for(
            situation, shop, ruling.verdict, ruling.options, running, automatic=automatic, proven=proven
        ),
        automatic=automatic,
        why=ruling.why or _why(situation, ruling.by),
        decided_at=situation.now.astimezone(UTC),
    )


def _is_small_and_clear(situation: Situation, shop: Shop, ruling: _Ruling) -> bool:
    """Settled by rule: an order that was not shipped, or intact goods within a window that runs."""
    order = situation.order
    # An earlier refund does not say which goods it was for: a person makes sure it was not for these.
    if order.market in shop.require_human or not ruling.options or order.refunded_total:
        return False
    if any(set(shop.review_flags) & set(piece.item.flags) for piece in situation.pieces):
        return False
    best = ruling.options[0]
    if best.resolution not in PAYS_BACK or best.total > shop.auto_limits.get(order.currency, 0):
        return False
    if situation.stage is Stage.UNSHIPPED:
        return True
    if situation.path is not Path.NO_REASON:
        return False
    running = any(found.period is not None for found in ruling.periods)
    return situation.stage is Stage.DELIVERED and running and situation.claim.facts.intact is True
