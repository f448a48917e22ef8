"""Leaving a draft or a case, small talk, and what to do when a message was not understood."""

from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions import buttons
from actions.base import DeskAction, Turn
from actions.draft import cleared
from actions.hearing import is_negated
from bot.errors import Conflict

OVER = frozenset(["refunded", "replacement_sent", "rejected", "withdrawn", "closed"])
"""Case states in which there is nothing left to withdraw."""


CANCEL = "action_cancel_refund"
SHOWN = 5
"""Cases offered as buttons, newest first."""


class DropDraft(DeskAction):
    """The buyer stops a request that was not sent yet."""

    keeps_pictures = False

    def name(self) -> str:
        return "action_drop_draft"

    async def act(self, turn: Turn) -> list[EventType]:
        turn.say("utter_refund_left", buttons.person(turn.language))
        return cleared(turn.tracker.slots)


class CancelRefund(DeskAction):
    """The buyer wants to withdraw a case: it cannot be undone, so they are asked once."""

    def name(self) -> str:
        return CANCEL

    async def act(self, turn: Turn) -> list[EventType]:
        sure = turn.entity("withdraw_case") or (_asked_about(turn) if not is_negated(turn) else None)
        if sure is not None:
            return await withdraw(turn, str(sure))
        open_cases = [case for case in (await turn.call(turn.desk.cases))["items"] if case["state"] not in OVER]
        if not open_cases:
            turn.say("utter_nothing_to_cancel")
            return [SlotSet("to_withdraw", None)]
        return _ask_first(turn, open_cases)


class SmallTalk(DeskAction):
    """Short answers outside the form; a yes or a no to the question on withdrawing is taken for what it is."""

    def name(self) -> str:
        return "action_small_talk"

    async def act(self, turn: Turn) -> list[EventType]:
        asked_about = _asked_about(turn)
        if asked_about and turn.intent == "affirm":
            return await withdraw(turn, asked_about)
        if turn.intent == "affirm" and turn.tracker.slots.get("to_withdraw") and _begins_history(turn):
            return await CancelRefund().act(turn)
        turn.say("utter_not_withdrawn" if asked_about and turn.intent == "deny" else _SMALL_TALK[turn.intent])
        return [SlotSet("to_withdraw", None)] if asked_about else []


_SMALL_TALK = {
    "greet": "utter_greet",
    "thank": "utter_thank",
    "goodbye": "utter_goodbye",
    "out_of_scope": "utter_out_of_scope",
    "affirm": "utter_what_now",
    "deny": "utter_what_now",
}


async def withdraw(turn: Turn, case_id: str) -> list[EventType]:
    """Take the case back; where money or goods are on their way already, a person sees what can be done."""
    try:
        turn.say_texts((await turn.call(turn.desk.withdraw, case_id))["texts"])
    except Conflict:
        turn.say("utter_person_cancels")
        await turn.hand_over("other_matter")
    return [SlotSet("to_withdraw", None)]


def _asked_about(turn: Turn) -> str | None:
    """The one case the buyer was asked about a moment ago; a yes to anything older withdraws nothing."""
    known: str | None = turn.tracker.slots.get("to_withdraw")
    return known if turn.answered_before(CANCEL) else None


def _begins_history(turn: Turn) -> bool:
    """The tracker store has cut the talk right before this message: what was asked last is asked once more."""
    return len([event for event in turn.tracker.events if event["event"] == "user"]) <= 1


def _ask_first(turn: Turn, cases: list[dict[str, Any]]) -> list[EventType]:
    keep = buttons.plain("keep_case", turn.language, "deny")
    if len(cases) > 1:
        choices = [buttons.case(case["id"], "cancel_refund", withdraw_case=case["id"]) for case in cases[:SHOWN]]
        turn.say("utter_withdraw_which", *choices, keep)
        return [SlotSet("to_withdraw", None)]
    only = cases[0]
    sure = buttons.plain("withdraw_yes", turn.language, "cancel_refund", withdraw_case=only["id"])
    turn.say("utter_withdraw_sure", sure, keep, number=only["id"], order_number=only["order_number"])
    return [SlotSet("to_withdraw", only["id"])]


class DefaultFallback(DeskAction):
    """Not understood: the first time offer choices, the second time in a row a person."""

    def name(self) -> str:
        return "action_default_fallback"

    async def act(self, turn: Turn) -> list[EventType]:
        if turn.answered_before(self.name()):
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
