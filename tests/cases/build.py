"""Cases for tests, each made the way the desk makes them."""

from datetime import datetime, timedelta

from bot.cases.machine import TRANSITIONS
from bot.cases.model import Case, opened
from bot.words import CaseState, Reason
from tests.policy.build import NOW, ask, claim, order


def new_case(reason: Reason = Reason.NO_LONGER_WANTED, *, key: str = "k-1", at: datetime = NOW, days: int = 2) -> Case:
    the_order, the_claim = order(days=days), claim(reason, intact=True)
    return opened(the_order, the_claim, ask(the_order, the_claim), idempotency_key=key, at=at)


def case_in(state: CaseState, reason: Reason = Reason.NO_LONGER_WANTED) -> Case:
    """A case brought to `state` by the shortest legal way, each step by somebody who may."""
    ways: dict[CaseState, list[CaseState]] = {CaseState.SUBMITTED: []}
    queue = [CaseState.SUBMITTED]
    for here in queue:
        for to in TRANSITIONS[here]:
            if to not in ways:
                ways[to] = [*ways[here], to]
                queue.append(to)
    case = new_case(reason)
    for number, to in enumerate(ways[state], start=1):
        actor = sorted(TRANSITIONS[case.state][to])[0]
        case = case.moved(to, actor=actor, at=NOW + timedelta(minutes=number))
    return case
