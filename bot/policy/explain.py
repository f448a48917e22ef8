"""What the buyer hears of a decision: every amount and date exactly as decided, and nothing else."""

from bot.orders import Order
from bot.policy import phrases
from bot.policy.formats import day_text, money_text, time_text
from bot.policy.model import AmountLine, Claim, Decision, EvidenceWanted, ResolutionOption, RuleTrace
from bot.reason_words import REASON_WORDS
from bot.words import Language, Resolution, Verdict

__all__ = ["day_text", "explain", "money_text", "time_text"]

_NAMED_AT_MOST = 3
"""Titles read back; a longer list is counted."""

_CITED_AT_MOST = 2
"""A buyer reads the rule that decided and the one beside it; the rest is in the trace."""


def explain(decision: Decision, order: Order, language: Language, claim: Claim | None = None) -> str:
    """The decision in `language`, three to seven short lines, built from the decision and the order alone.

    With the `claim` that was decided, what may become a case begins with what would be filed: the buyer hears
    what was understood before agreeing to it.
    """
    lines = {
        Verdict.ALLOW: _allow,
        Verdict.DENY: _deny,
        Verdict.HUMAN: _human,
        Verdict.NEED_INFO: _need_info,
    }[decision.verdict](decision, order, language)
    if claim is not None and decision.verdict in (Verdict.ALLOW, Verdict.HUMAN):
        lines.insert(0, _filed(decision, order, claim, language))
    return "\n".join(line for line in lines if line)


def _filed(decision: Decision, order: Order, claim: Claim, language: Language) -> str:
    """Order, goods, reason and way of settling; no settling is named where only a person can say."""
    resolution = decision.best.resolution if decision.best else claim.wish
    return _run(
        [
            phrases.FILED[language].format(number=order.number, goods=_goods(order, claim, language)),
            phrases.BECAUSE[language].format(reason=REASON_WORDS[decision.reason][language]),
            phrases.BY_WAY_OF[language].format(best=phrases.RESOLUTIONS[resolution][language]) if resolution else "",
        ],
        language,
    )


def _goods(order: Order, claim: Claim, language: Language) -> str:
    counts = {part.sku: part.quantity for part in claim.items} or {item.sku: item.quantity for item in order.items}
    titles = [_times(item.title, counts[item.sku]) for item in order.items if item.sku in counts]
    named = _list(titles[:_NAMED_AT_MOST], language)
    if len(titles) <= _NAMED_AT_MOST:
        return named
    return phrases.AND_MORE[language].format(goods=named, count=len(titles))


def _times(title: str, quantity: int | None) -> str:
    return f"{title} ×{quantity}" if quantity and quantity > 1 else title


def _allow(decision: Decision, order: Order, language: Language) -> list[str]:
    best = decision.best
    if best is None:
        return _human(decision, order, language)
    cited = _cited(decision, set(), language, first=best.rule_id)
    freight = phrases.FREIGHT.get(best.freight_payer, {}).get(language, "")
    head = phrases.ALLOWED[language].format(best=phrases.RESOLUTIONS[best.resolution][language], cited=cited)
    others = [phrases.RESOLUTIONS[option.resolution][language] for option in decision.options[1:]]
    return [
        head,
        decision.why.get(language, ""),
        _run([_amount(best, decision, language), freight], language),
        phrases.ALSO[language].format(others=_list(others, language)) if others else "",
        *_evidence(decision.evidence, language),
        *_deadlines(decision, language),
    ]


def _deny(decision: Decision, order: Order, language: Language) -> list[str]:
    cited = _cited(decision, {"deny", "exclude"}, language)
    return [decision.why.get(language, ""), phrases.DENIED[language].format(cited=cited)]


def _human(decision: Decision, order: Order, language: Language) -> list[str]:
    why = decision.why.get(language, "")
    cited = _cited(decision, {"human", "inspect"}, language)
    return [
        why or phrases.HUMAN[language],
        phrases.DENIED[language].format(cited=cited) if cited else "",
        *_evidence(decision.evidence, language),
        *_deadlines(decision, language),
    ]


def _need_info(decision: Decision, order: Order, language: Language) -> list[str]:
    return [need.question[language] for need in decision.needs]


def _amount(option: ResolutionOption, decision: Decision, language: Language) -> str:
    if not option.lines:
        return ""
    parts = [
        f"{_label(line, language)} {money_text(line.amount, decision.currency, language)}" for line in option.lines
    ]
    total = money_text(option.total, decision.currency, language)
    return phrases.TOTAL[language].format(lines=_list(parts, language, english="; "), total=total)


def _label(line: AmountLine, language: Language) -> str:
    if line.kind == "freight_out":
        return phrases.FREIGHT_OUT[language]
    if line.kind == "already_refunded":
        return phrases.ALREADY_REFUNDED[language]
    return _times(line.label, line.quantity)


def _evidence(evidence: tuple[EvidenceWanted, ...], language: Language) -> list[str]:
    texts = []
    for required, sentence in ((True, phrases.WANTED), (False, phrases.WELCOME)):
        hints = [piece.hint[language] for piece in evidence if piece.required is required and not piece.given]
        if hints:
            texts.append(sentence[language].format(wanted=_list(hints, language)))
    return texts


def _deadlines(decision: Decision, language: Language) -> list[str]:
    return [
        phrases.DEADLINES[deadline.kind][language]
        .format(at=time_text(deadline.at, deadline.zone, language), then=deadline.consequence[language])
        .strip()
        for deadline in decision.deadlines
    ]


def _cited(decision: Decision, effects: set[str], language: Language, first: str = "") -> str:
    """The citations of the rules that decided, then of those that only had to be named."""
    met = [rule for rule in decision.trace if rule.met and (rule.effect in {*effects, "note"} or rule.rule_id == first)]
    met.sort(key=lambda rule: (rule.rule_id != first, rule.effect == "note"))
    return _list(_unique(met, language)[:_CITED_AT_MOST], language, english="; ")


def _unique(rules: list[RuleTrace], language: Language) -> list[str]:
    return list(dict.fromkeys(rule.citation[language] for rule in rules if rule.citation))


def _run(sentences: list[str], language: Language) -> str:
    """Sentences one after the other; Chinese needs no space between them."""
    return (" " if language is Language.EN else "").join(sentence for sentence in sentences if sentence)


def _list(parts: list[str], language: Language, *, english: str = ", ") -> str:
    """`english` parts them where they hold commas of their own."""
    return (english if language is Language.EN else "、").join(parts)


def resolution_text(resolution: Resolution, language: Language) -> str:
    """The name of a resolution inside a sentence: 退货退款, a return for a refund."""
    return phrases.RESOLUTIONS[resolution][language]
