"""The dates of a decision. Each is the last moment, with what it means for the buyer."""

from datetime import timedelta

from bot.policy import phrases
from bot.policy.model import Deadline, ResolutionOption
from bot.policy.rules import Shop
from bot.policy.situation import Situation
from bot.policy.windows import Period, end_of_day, local_day
from bot.words import Resolution, Verdict


def deadlines_for(
    situation: Situation,
    shop: Shop,
    verdict: Verdict,
    options: tuple[ResolutionOption, ...],
    running: Period | None,
    *,
    automatic: bool,
    proven: bool,
) -> tuple[Deadline, ...]:
    """What runs from now on. `running` is the window of the rule behind the best option, if it has one.

    `proven`: no evidence has to be looked at first, so the day of payment can be promised.
    """
    if verdict not in (Verdict.ALLOW, Verdict.HUMAN):
        return ()
    zone, now = situation.zone, situation.now
    today = local_day(now, zone)
    best = options[0].resolution if options else None
    found: list[Deadline] = []

    def add(kind: str, at_day: int, consequence: phrases.Text) -> None:
        found.append(
            Deadline(kind=kind, at=end_of_day(today + timedelta(days=at_day), zone), zone=zone, consequence=consequence)
        )

    if running and running.is_open(now):
        returns = best is Resolution.RETURN_AND_REFUND
        text = phrases.WINDOW_RETURN if returns else phrases.WINDOW
        consequence = phrases.fill(text, days=shop.refund_days)
        found.append(Deadline(kind="return_window_ends", at=running.ends_at, zone=zone, consequence=consequence))
    if automatic and best is Resolution.RETURN_AND_REFUND:
        add("send_back_by", shop.send_back_days, phrases.fill(phrases.SEND_BACK, days=shop.refund_days))
    if verdict is Verdict.ALLOW and best is Resolution.REFUND_ONLY and proven:
        add("refund_by", shop.refund_days, phrases.REFUND_BY)
    if not automatic:
        at = now + timedelta(hours=shop.review_hours)
        found.append(Deadline(kind="review_by", at=at, zone=zone, consequence=phrases.REVIEW_BY))
    return tuple(found)
