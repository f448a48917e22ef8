"""Reaching a person: one clear request is enough, and the person sees everything."""

import re

from rasa_sdk.events import EventType, FollowupAction

from actions import buttons
from actions.base import DeskAction, Turn
from actions.draft import FORM, cleared
from actions.session import SHOWN

_REASONS = {
    "appeal_decision": "review",
    "shop_question": "other_matter",
}
"""Handoff reason by intent; any other intent asked for a person."""


class HandOver(DeskAction):
    """Queue the conversation and say so; the rule that calls it ends a running form."""

    def name(self) -> str:
        return "action_hand_over"

    async def act(self, turn: Turn) -> list[EventType]:
        await turn.hand_over(_REASONS.get(turn.intent, "asked_for_person"))
        return cleared(turn.tracker.slots)


class TakeTracking(DeskAction):
    """The number of a parcel sent back puts its return on its way; an order number alone begins a request."""

    def name(self) -> str:
        return "action_take_tracking"

    async def act(self, turn: Turn) -> list[EventType]:
        number = turn.entity("tracking_number")
        if number is None and turn.entity("order_number") is not None:
            return [FollowupAction(FORM)]
        awaited = [c["id"] for c in (await turn.call(turn.desk.cases))["items"] if c["state"] == "awaiting_return"]
        awaited = [case for case in awaited if turn.entity("return_case") in (None, case)]
        if not awaited or (number is not None and not _is_number(number)):
            await turn.hand_over("other_matter")
        elif number is None:
            turn.say("utter_which_tracking")
        elif len(awaited) == 1:
            turn.say_texts((await turn.call(turn.desk.track_return, awaited[0], str(number)))["texts"])
        else:
            _ask_which(turn, str(number), awaited)
        return []


def _is_number(said: object) -> bool:
    """What the desk takes as a carrier's number."""
    return re.fullmatch(r"[A-Za-z0-9-]{5,64}", str(said)) is not None


def _ask_which(turn: Turn, number: str, cases: list[str]) -> None:
    entities = {"tracking_number": number}
    choices = [buttons.case(case, "provide_return_tracking", **entities, return_case=case) for case in cases[:SHOWN]]
    turn.say("utter_which_return", *choices)
