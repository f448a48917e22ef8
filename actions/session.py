"""Leaving a draft, and what to do when a message was not understood."""

from rasa_sdk.events import EventType

from actions import buttons
from actions.base import DeskAction, Turn
from actions.draft import cleared

OVER = frozenset(["refunded", "replacement_sent", "rejected", "withdrawn", "closed"])
"""Case states in which there is nothing left to withdraw."""


class DropDraft(DeskAction):
    """The buyer stops a request that was not sent yet."""

    def name(self) -> str:
        return "action_drop_draft"

    async def act(self, turn: Turn) -> list[EventType]:
        turn.say("utter_refund_left", buttons.person(turn.language))
        return cleared(turn.tracker.slots)


class CancelRefund(DeskAction):
    """The buyer wants to withdraw a case: a person does it, for it cannot be undone."""

    def name(self) -> str:
        return "action_cancel_refund"

    async def act(self, turn: Turn) -> list[EventType]:
        cases = (await turn.call(turn.desk.cases))["items"]
        if all(case["state"] in OVER for case in cases):
            turn.say("utter_nothing_to_cancel")
        else:
            turn.say("utter_person_cancels")
            await turn.hand_over("other_matter")
        return []


class DefaultFallback(DeskAction):
    """Not understood: the first time offer choices, the second time in a row a person."""

    def name(self) -> str:
        return "action_default_fallback"

    async def act(self, turn: Turn) -> list[EventType]:
        if _was_lost_before(turn):
            await turn.hand_over("not_understood")
        else:
            language = turn.language
            turn.say(
                "utter_not_understood",
                buttons.plain("refund", language, "request_refund"),
                buttons.plain("status", language, "check_refund_status"),
                buttons.person(language),
            )
        return []


def _was_lost_before(turn: Turn) -> bool:
    """Whether this action also answered the message before this one."""
    users = 0
    for event in reversed(turn.tracker.events):
        users += event["event"] == "user"
        if users == 2:
            return False
        if users == 1 and event["event"] == "action" and event["name"] == "action_default_fallback":
            return True
    return False
