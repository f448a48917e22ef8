"""Reaching a person: one clear request is enough, and the person sees everything."""

from rasa_sdk.events import EventType

from actions.base import DeskAction, Turn
from actions.draft import cleared

_REASONS = {
    "appeal_decision": "review",
    "shop_question": "other_matter",
    "provide_return_tracking": "other_matter",
}
"""Handoff reason by intent; any other intent asked for a person."""


class HandOver(DeskAction):
    """Queue the conversation and say so; the rule that calls it ends a running form."""

    def name(self) -> str:
        return "action_hand_over"

    async def act(self, turn: Turn) -> list[EventType]:
        await turn.hand_over(_REASONS.get(turn.intent, "asked_for_person"))
        return cleared(turn.tracker.slots)
