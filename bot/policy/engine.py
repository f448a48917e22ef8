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
from bot.policy.amounts import refund_lines, total_of
from bot.policy.deadlines import deadlines_for
from bot.policy.evidence import evidence_for
from bot.policy.formats import day_text, time_text
from bot.policy.model import Claim, Decision, Need, ResolutionOption, RuleTrace
from bot.policy.paths import road, stage_of
from bot.policy.rules import Effect, Outcome, Packs, Rule, Shop, Stage
from bot.policy.situation import Situation
from bot.policy.windows import Period, local_day
from bot.words import FreightPayer, Language, Path, Resolution, Verdict

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
_PAYS_ALL = (Resolution.REFUND_ONLY, Resolution.RETURN_AND_REFUND)
_FREE = {FreightPayer.NONE: 0, FreightPayer.SELLER: 1, FreightPayer.BUYER: 2}


@dataclass(frozen=True)
class Finding:
    """A rule that was met, with what follows from it."""

    rule: Rule
    outcome: Outcome
    skus: frozenset[str]
    period: Period | None = None
    disputed: bool = False


@dataclass(frozen=True)
class _Findings:
    met: tuple[Finding, ...]
    trace: tuple[RuleTrace, ...]

    def of(self, *effects: Effect, verified: bool | None = None) -> list[Finding]:
        return [
            found
            for found in self.met
            if found.outcome.effect in effects and (verified is None or found.rule.verified is verified)
        ]


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
    if way.ask and not findings.of(Effect.SETTLED):
        return _finish(situation, packs.shop, findings, Verdict.NEED_INFO, needs=(phrases.NEEDS[way.ask],))
    return _judge(situation, packs.shop, findings)


def claimed(order: Order, claim: Claim) -> tuple[tuple[Item, int], ...]:
    """The claimed items in the order's own order; no items: all of them. Raises BadInput if there are fewer."""
    wanted: dict[str, int] = {}
    for part in claim.items:
        wanted[part.sku] = wanted.get(part.sku, 0) + part.quantity
    if not wanted:
        return tuple((item, item.quantity) for item in order.items)
    items = {item.sku: item for item in order.items}
    for sku, quantity in wanted.items():
        if sku not in items:
            raise BadInput(f"order {order.number} has no item {sku}")
        if quantity > items[sku].quantity:
            raise BadInput(f"order {order.number} has only {items[sku].quantity} of {sku}")
    return tuple((item, wanted[item.sku]) for item in order.items if item.sku in wanted)


def consider(situation: Situation) -> _Findings:
    """Every rule of the path that was in force when the order was placed, met or not."""
    ordered = local_day(situation.order.placed_at, situation.zone)
    met: list[Finding] = []
    trace: list[RuleTrace] = []
    rules = (*situation.pack.rules, *situation.pack.promises)
    # A rule that only explains how another one's clock ran is named beside that one.
    beside = {rule.window.uninformed_rule for rule in rules if rule.window}
    for rule in rules:
        if situation.path not in rule.paths or not rule.in_force(ordered) or rule.id in beside:
            continue
        finding, line = _apply(rule, situation)
        trace.append(line)
        if finding:
            met.append(finding)
            trace.extend(_clock_rules(finding, situation))
    return _Findings(tuple(met), tuple(trace))


def _apply(rule: Rule, situation: Situation) -> tuple[Finding | None, RuleTrace]:
    match = situation.match(rule.when)
    if not match.met:
        return None, _line(rule, False, "none", match.fact)
    if rule.window is None:
        outcome = rule.then
        period, fact, disputed = None, match.fact, False
    else:
        period = situation.period(rule.window)
        # A window that has not begun, or whose beginning nobody recorded, cannot have ended.
        is_open = period is None or period.is_open(situation.now)
        outcome = rule.within if is_open else rule.after
        disputed = period is not None and period.is_disputed(situation.now)
        fact = f"{match.fact}; {_clock(rule, period)}"
    if outcome is None:
        return None, _line(rule, False, "none", fact)
    effect = outcome.effect.value
    doubtful = not rule.verified and outcome.effect is not Effect.NOTE
    if doubtful or (disputed and outcome.effect is Effect.DENY):
        effect = Effect.HUMAN.value
    elif outcome.effect is Effect.SETTLED:
        effect = Effect.DENY.value
    return Finding(rule, outcome, match.skus, period, disputed), _line(rule, True, effect, fact)


def _clock(rule: Rule, period: Period | None) -> str:
    verb = "sent" if rule.window and rule.window.start is Stage.SHIPPED else "received"
    if period is None:
        return f"{verb}: not on record, the window has not started"
    return f"{verb} {period.start}, day {period.day} of {period.days}, last day {period.last_day}"


def _clock_rules(finding: Finding, situation: Situation) -> list[RuleTrace]:
    """The rules that moved a window's end, said beside the rule whose window it is."""
    period, calendar, window = finding.period, situation.calendar, finding.rule.window
    if period is None or window is None:
        return []
    lines: list[RuleTrace] = []
    if period.restarted and window.uninformed_rule:
        fact = f"told on {period.restarted}, after receipt on {period.start}: last day {period.last_day}"
        lines.append(_named(window.uninformed_rule, situation, fact))
    if calendar.citation and period.rolled_from:
        verified = all(holiday.verified for holiday in calendar.holidays if holiday.day >= period.rolled_from)
        fact = f"{period.rolled_from} is a holiday: last day {period.last_day}, the more favourable end"
        lines.append(_calendar_line(situation, fact, verified))
    elif calendar.citation and finding.disputed and finding.outcome.effect is Effect.DENY:
        lines.append(_calendar_line(situation, f"{period.last_day} is a weekly rest day", False))
    return lines


def _named(rule_id: str, situation: Situation, fact: str) -> RuleTrace:
    rule = next(rule for rule in situation.pack.rules if rule.id == rule_id)
    return _line(rule, True, Effect.NOTE.value, fact)


def _calendar_line(situation: Situation, fact: str, verified: bool) -> RuleTrace:
    calendar = situation.calendar
    return RuleTrace(
        rule_id=calendar.rule,
        met=True,
        effect="note" if verified or calendar.holidays else "human",
        fact=fact,
        citation=calendar.citation or {},
        source=calendar.source,
        verified=verified,
    )


def _line(rule: Rule, met: bool, effect: str, fact: str) -> RuleTrace:
    return RuleTrace(
        rule_id=rule.id,
        met=met,
        effect=effect,
        fact=fact,
        citation=rule.citation,
        source=rule.source,
        verified=rule.verified,
    )


def _judge(situation: Situation, shop: Shop, findings: _Findings) -> Decision:
    """Weigh what was found. The order of these steps is the order of precedence."""
    excluded = frozenset[str]().union(*(f.skus for f in findings.of(Effect.EXCLUDE, verified=True)))
    eligible = tuple((item, n) for item, n in situation.pieces if item.sku not in excluded)
    allowing = findings.of(Effect.ALLOW, verified=True)
    people = findings.of(Effect.HUMAN)
    doubtful = findings.of(Effect.EXCLUDE, verified=False)
    options = _options(situation, [*allowing, *people], eligible)

    def finish(verdict: Verdict, found: Sequence[Finding] = (), **more: object) -> Decision:
        why = _why(situation, found) if found else {}
        return _finish(situation, shop, findings, verdict, **{"why": why, **more})  # type: ignore[arg-type]

    if settled := findings.of(Effect.SETTLED, verified=True):
        return finish(Verdict.DENY, settled)
    if people:
        return finish(Verdict.HUMAN, people[:1], options=options)
    exclusions = findings.of(Effect.EXCLUDE, verified=True)
    if not eligible:
        return finish(Verdict.DENY, exclusions[:1])
    if allowing and doubtful:
        return finish(Verdict.HUMAN, doubtful[:1], options=options)
    if allowing:
        if need := _intact_need(situation, shop, eligible):
            return finish(Verdict.NEED_INFO, needs=(need,))
        if inspect := findings.of(Effect.INSPECT):
            return finish(Verdict.HUMAN, inspect[:1], options=options)
        said = [*exclusions[:1], *(f for f in allowing if f.outcome.say)][:2]
        return finish(Verdict.ALLOW, said, options=options, allowing=tuple(allowing))
    ended = findings.of(Effect.DENY, verified=True)
    if disputed := [found for found in ended if found.disputed]:
        return finish(Verdict.HUMAN, why=_fill(situation, situation.calendar.weekly_rest_say or {}, disputed[0]))
    if ended:
        return finish(Verdict.DENY, [f for f in ended if f.outcome.say][:1])
    return finish(Verdict.HUMAN, why=phrases.NO_RULE)


def _options(
    situation: Situation, found: Sequence[Finding], eligible: tuple[tuple[Item, int], ...]
) -> tuple[ResolutionOption, ...]:
    """One option per resolution, the most favourable freight of all rules that open it; the buyer's wish first."""
    best: dict[Resolution, ResolutionOption] = {}
    for finding in found:
        for resolution in finding.outcome.resolutions:
            option = _option(situation, finding, resolution, eligible)
            held = best.get(resolution)
            if held is None or _favour(option) > _favour(held):
                best[resolution] = option
    wish = situation.claim.wish
    return tuple(sorted(best.values(), key=lambda option: (option.resolution != wish, _RANK.index(option.resolution))))


def _favour(option: ResolutionOption) -> tuple[int, int]:
    return option.total, -_FREE[option.freight_payer]


def _option(
    situation: Situation, finding: Finding, resolution: Resolution, eligible: tuple[tuple[Item, int], ...]
) -> ResolutionOption:
    lines = (
        refund_lines(situation.order, eligible, outward_freight=finding.outcome.outward_freight)
        if resolution in _PAYS_ALL
        else ()
    )
    returns = resolution not in (Resolution.REFUND_ONLY, Resolution.PRICE_ADJUSTMENT, Resolution.PARTIAL_REFUND)
    return ResolutionOption(
        resolution=resolution,
        lines=lines,
        total=total_of(lines),
        freight_payer=finding.outcome.freight if returns else FreightPayer.NONE,
        rule_id=finding.rule.id,
    )


def _intact_need(situation: Situation, shop: Shop, eligible: tuple[tuple[Item, int], ...]) -> Need | None:
    """The question about the goods' state: only for a change of mind, only for goods that have a list."""
    if situation.path is not Path.NO_REASON or situation.stage is not Stage.DELIVERED:
        return None
    if situation.claim.facts.intact is not None:
        return None
    for asked in shop.intact_lists:
        if any(set(asked.flags) & set(item.flags) or item.category in asked.categories for item, _ in eligible):
            return Need(fact="intact", question=asked.question, yes=asked.answer_yes, no=asked.answer_no)
    return None


def _why(situation: Situation, found: Sequence[Finding]) -> dict[Language, str]:
    texts = [_fill(situation, finding.outcome.say, finding) for finding in found if finding.outcome.say]
    if not texts:
        return {}
    gap = {Language.EN: " "}
    return {language: gap.get(language, "").join(text[language] for text in texts) for language in Language}


def _fill(situation: Situation, sentence: dict[Language, str], finding: Finding) -> dict[Language, str]:
    """A rule's sentence with the facts of this order in it."""
    period, zone = finding.period, situation.zone
    titles = [item.title for item, _ in situation.pieces if item.sku in finding.skus]
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


def _finish(
    situation: Situation,
    shop: Shop,
    findings: _Findings,
    verdict: Verdict,
    *,
    options: tuple[ResolutionOption, ...] = (),
    needs: tuple[Need, ...] = (),
    why: dict[Language, str] | None = None,
    allowing: tuple[Finding, ...] = (),
) -> Decision:
    asks = verdict in (Verdict.ALLOW, Verdict.HUMAN)
    evidence = evidence_for(situation.claim, situation.path, shop) if asks else ()
    wanted = any(piece.required for piece in evidence)
    automatic = verdict is Verdict.ALLOW and not wanted and _is_small_and_clear(situation, shop, options, allowing)
    best = options[0].rule_id if options else ""
    running = next((found.period for found in allowing if found.rule.id == best), None)
    return Decision(
        verdict=verdict,
        market=situation.order.market,
        currency=situation.order.currency,
        reason=situation.claim.reason,
        path=situation.path,
        trace=findings.trace,
        options=options,
        evidence=evidence,
        needs=needs,
        deadlines=deadlines_for(situation, shop, verdict, options, running, automatic=automatic),
        automatic=automatic,
        why=why or {},
        decided_at=situation.now.astimezone(UTC),
    )


def _is_small_and_clear(
    situation: Situation, shop: Shop, options: tuple[ResolutionOption, ...], allowing: tuple[Finding, ...]
) -> bool:
    """Settled by rule: a change of mind before shipping, or on intact goods within a window that runs."""
    order = situation.order
    if situation.path is not Path.NO_REASON or order.market in shop.require_human or not options:
        return False
    best = options[0]
    if best.resolution not in _PAYS_ALL or best.total > shop.auto_limits.get(order.currency, 0):
        return False
    if situation.stage is Stage.UNSHIPPED:
        return True
    running = any(finding.period is not None for finding in allowing)
    return situation.stage is Stage.DELIVERED and running and situation.claim.facts.intact is True
