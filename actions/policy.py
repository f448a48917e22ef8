"""What the rules are: the desk's decision where order and reason are known, else the market's general rule."""

from rasa_sdk.events import EventType

from actions import buttons
from actions.base import DeskAction, Turn
from actions.draft import Draft
from actions.hearing import LIKELY
from actions.status import look_up
from bot.errors import Conflict
from bot.words import Reason

_BY_MARKET = {"cn": "utter_policy_cn", "tw": "utter_policy_tw"}
"""General answers that name a market's own law; every other market's order gets a decision instead."""


class ExplainPolicy(DeskAction):
    """Answer a question about the rules without promising anything."""

    def name(self) -> str:
        return "action_explain_policy"

    async def act(self, turn: Turn) -> list[EventType]:
        found = await look_up(turn)
        order = found["order"] if found else None
        reason = _reason_of(turn)
        refund = [] if turn.in_form else [buttons.plain("refund", turn.language, "request_refund")]
        if order and reason and not turn.in_form:
            await self._decided(turn, order["number"], reason)
        elif order:
            turn.say(_BY_MARKET.get(order["market"], "utter_policy_elsewhere"), *refund)
        else:
            turn.say("utter_policy_general", *refund)
        return []

    async def _decided(self, turn: Turn, number: str, reason: str) -> None:
        claim = Draft.of(turn.tracker.slots)
        claim.order_number, claim.reason = number, reason
        try:
            answer = await turn.call(turn.desk.decide, claim.claim)
        except Conflict as error:
            await turn.tell_case(error)
            return
        turn.say_texts(answer["texts"], buttons.plain("refund", turn.language, "request_refund", reason=reason))


def _reason_of(turn: Turn) -> str | None:
    said = turn.message.get("reason") or {}
    if said.get("name") in set(Reason) and float(said.get("confidence") or 0) >= LIKELY:
        return str(said["name"])
    known: str | None = turn.tracker.slots.get("reason")
    return known
