"""What a shop may not promise away."""

from collections.abc import Iterator

from bot.policy.rules import Effect, Packs, Rule, RulePack
from bot.words import FreightPayer

_TAKES = (Effect.DENY, Effect.EXCLUDE)


def check_shop(packs: Packs) -> list[str]:
    """One sentence for each shop rule that takes away a right the law of a market gives.

    A shop may add windows, resolutions and freight, and send claims to a person; it may not shorten,
    exclude, or charge what the statute gives free. Each sentence begins with the rule's id.
    """
    wrong = [sentence for pack in packs.packs.values() for rule in pack.promises for sentence in _taken(rule, pack)]
    for pack in packs.packs.values():
        if not packs.shop.return_addresses.get(pack.market, "").strip():
            wrong.append(f"return_addresses: none for {pack.market.value}, where buyers may send goods back")
        clock = pack.refund_clock
        if clock and packs.shop.refund_days > clock.days:
            wrong.append(
                f"refund_days: {packs.shop.refund_days} days are longer than the {clock.days} of "
                f"{clock.rule} ({pack.market.value})"
            )
    return wrong


def _taken(rule: Rule, pack: RulePack) -> Iterator[str]:
    for law in pack.rules:
        if not law.verified or not set(law.paths) & set(rule.paths):
            continue
        if not any(outcome.effect is Effect.ALLOW for outcome in law.outcomes):
            continue
        yield from _against(rule, law, pack)


def _against(rule: Rule, law: Rule, pack: RulePack) -> Iterator[str]:
    where = f"{law.id} ({pack.market.value})"
    for outcome in rule.outcomes:
        if outcome.effect is Effect.EXCLUDE or (rule.then is outcome and outcome.effect in _TAKES):
            yield f"{rule.id}: takes away what {where} gives"
    if rule.after and rule.after.effect in _TAKES and rule.window and law.window:
        if law.after is None or law.after.effect not in _TAKES:
            yield f"{rule.id}: ends a right that {where} does not end"
        elif rule.window.days < law.window.days:
            yield f"{rule.id}: {rule.window.days} days are fewer than the {law.window.days} of {where}"
    free = any(outcome.freight is FreightPayer.SELLER for outcome in law.outcomes)
    given = {resolution for outcome in law.outcomes for resolution in outcome.resolutions}
    for outcome in rule.outcomes:
        if free and outcome.freight is FreightPayer.BUYER and given & set(outcome.resolutions):
            yield f"{rule.id}: charges freight that {where} puts on the seller"
