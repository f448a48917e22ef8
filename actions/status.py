"""Where things stand: the buyer's cases, and the order itself."""

from typing import Any

from rasa_sdk.events import EventType

from actions import buttons
from actions.base import DeskAction, Turn


class TellStatus(DeskAction):
    """What the desk says about each case; a guest may prove an order in the same message."""

    def name(self) -> str:
        return "action_tell_status"

    async def act(self, turn: Turn) -> list[EventType]:
        found = await look_up(turn)
        answer = await turn.call(turn.desk.cases)
        if answer["items"]:
            turn.say_texts(answer["texts"])
        elif found is not None and found["status"] != "found":
            turn.say("utter_prove_for_status")
        elif turn.in_form:
            turn.say("utter_no_case_yet")
        else:
            turn.say("utter_no_case_yet", buttons.plain("refund", turn.language, "request_refund"))
        return []


class TrackOrder(DeskAction):
    """How far the order is; where the parcel is stands with the carrier."""

    def name(self) -> str:
        return "action_track_order"

    async def act(self, turn: Turn) -> list[EventType]:
        found = await look_up(turn)
        if found is None or found["status"] != "found":
            turn.say("utter_track_unknown", buttons.person(turn.language))
        else:
            order = found["order"]
            turn.say(_SAID[order["status"]], buttons.person(turn.language), number=order["number"])
        return []


_SAID = {
    "unpaid": "utter_track_unpaid",
    "paid": "utter_track_paid",
    "shipped": "utter_track_shipped",
    "delivered": "utter_track_delivered",
    "completed": "utter_track_delivered",
    "cancelled": "utter_track_closed",
    "refunded": "utter_track_closed",
}
"""Response by order status."""


async def look_up(turn: Turn) -> dict[str, Any] | None:
    """The order this message, or the talk so far, is about; None if no order is known.

    A second fact is only used if this very message says it: tries are few and belong to the buyer.
    """
    number = turn.entity("order_number") or turn.tracker.slots.get("order_number")
    if number is None:
        return None
    return await turn.call(turn.desk.look_up_order, str(number), turn.entity("phone_tail"))
