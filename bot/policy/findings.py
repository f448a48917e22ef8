"""Every rule of a path held against one situation: which were met, and the trace that says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.policy.model import RuleTrace
from bot.policy.rules import Effect, Outcome, Rule, Stage, Text
from bot.policy.situation import Situation
from bot.policy.windows import Period, local_day


@dataclass(frozen=True)
class Finding:
    """A rule that was met, with what follows from it."""

    rule: Rule
    outcome: Outcome
    skus: frozenset[str]
    period: Period | None = None


@dataclass(frozen=True)
class Findings:
    met: tuple[Finding, ...]
    trace: tuple[RuleTrace, ...]

    def of(self, *effects: Effect, verified: bool | None = None) -> tuple[Finding, ...]:
        return tuple(
            found
            for found in self.met
            if found.outcome.effect in effects and (verified is None or found.rule.verified is verified)
        )


def consider(situation: Situation) -> Findings:
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
    return Findings(tuple(met), tuple(trace))


def _apply(rule: Rule, situation: Situation) -> tuple[Finding | None, RuleTrace]:
    match = situation.match(rule.when)
    if not match.met:
        return None, _line(rule, False, "none", match.fact)
    if rule.window is None:
        outcome = rule.then
        period, fact = None, match.fact
    else:
        period = situation.period(rule.window)
        # A window that has not begun, or whose beginning nobody recorded, cannot have ended.
        is_open = period is None or period.is_open(situation.now)
        outcome = rule.within if is_open else rule.after
        fact = f"{match.fact}; {_clock(rule, period)}"
    if outcome is None:
        return None, _line(rule, False, "none", fact)
    effect = outcome.effect.value
    if not rule.verified and outcome.effect is not Effect.NOTE:
        effect = Effect.HUMAN.value
    elif outcome.effect is Effect.SETTLED:
        effect = Effect.DENY.value
    return Finding(rule, outcome, match.skus, period), _line(rule, True, effect, fact)


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
        lines.append(_calendar_line(situation, period, period.rolled_from, calendar.citation))
    return lines


def _named(rule_id: str, situation: Situation, fact: str) -> RuleTrace:
    rule = next(rule for rule in situation.pack.rules if rule.id == rule_id)
    return _line(rule, True, Effect.NOTE.value, fact)


def _calendar_line(situation: Situation, period: Period, day: date, citation: Text) -> RuleTrace:
    calendar = situation.calendar
    holiday = calendar.holiday(day)
    return RuleTrace(
        rule_id=calendar.rule,
        met=True,
        effect=Effect.NOTE.value,
        fact=f"{day} is a day off: last day {period.last_day}, the more favourable end",
        citation=citation,
        source=calendar.source,
        verified=holiday.verified if holiday else True,
    )


def explaining(findings: Findings, decided: Sequence[str], situation: Situation) -> tuple[RuleTrace, ...]:
    """The trace with the rules that decided first; a note that explains none of them was not met."""
    rules = {rule.id: rule for rule in (*situation.pack.rules, *situation.pack.promises)}
    lines = []
    for line in findings.trace:
        beside = rules[line.rule_id].beside if line.rule_id in rules else ()
        idle = bool(beside) and not set(beside) & set(decided)
        lines.append(line.model_copy(update={"met": False, "effect": "none"}) if idle else line)
    return tuple(sorted(lines, key=lambda line: line.rule_id not in decided))


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
