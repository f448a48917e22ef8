"""Reaching a person: one clear request is enough, and the person sees everything."""

from rasa_sdk.events import EventType, FollowupAction

from actions.base import DeskAction, Turn
from actions.draft import FORM, cleared

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
    """A parcel number goes to a person, who books the return; an order number alone begins a request."""

    def name(self) -> str:
        return "action_take_tracking"

    async def act(self, turn: Turn) -> list[EventType]:
        if turn.entity("tracking_number") is None and turn.entity("order_number") is not None:
            return [FollowupAction(FORM)]
        await turn.hand_over("other_matter")
        return []
