"""The refund form: hear the buyer, let the desk decide, ask the one thing that is missing, open the case."""

from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet

from actions.base import DeskAction, Turn, stop_form
from actions.draft import FORM, Draft, cleared
from actions.flow import END, Flow
from actions.hearing import hear, interrupts
from bot.errors import Conflict


class ValidateRefundForm(DeskAction):
    """Runs at every step of the form. It also asks: question and decision come from one call of the desk."""

    keeps_pictures = False

    def name(self) -> str:
        return f"validate_{FORM}"

    async def act(self, turn: Turn) -> list[EventType]:
        draft = Draft.of(turn.tracker.slots)
        if _only_adds_pictures(turn, draft) and await turn.keep_pictures():
            return stop_form(turn)
        if _resumes(turn):
            asked = await Flow(turn, draft).resume()
        else:
            heard = hear(turn, draft)
            if interrupts(turn, heard):
                return [ActionExecutionRejected(FORM)]
            asked = await Flow(turn, draft, heard).advance()
        turn.tell_state({"language": turn.language, **draft.state})
        if asked == END:
            return [*cleared(turn.tracker.slots), *stop_form(turn)]
        # `misses` is always set: a form that sets nothing counts as interrupted.
        others = [event for event in draft.changes(turn.tracker.slots) if event["name"] != "misses"]
        return [*others, SlotSet("misses", draft.misses), SlotSet("requested_slot", asked)]


class SubmitRefundForm(DeskAction):
    """After the buyer's yes: the desk decides again, opens the case and says what happens next."""

    keeps_pictures = False

    def name(self) -> str:
        return "action_submit_refund_form"

    async def act(self, turn: Turn) -> list[EventType]:
        draft = Draft.of(turn.tracker.slots)
        if draft.confirm is not True or draft.claim_key is None:
            return []
        try:
            opened = await turn.call(turn.desk.open_case, draft.claim, draft.claim_key)
        except Conflict as error:
            await self._tell_conflict(turn, draft, error)
        else:
            turn.say_texts(opened["texts"])
            if draft.person_wanted:
                await turn.hand_over(draft.person_wanted)
        return cleared(turn.tracker.slots, order_too=True)

    async def _tell_conflict(self, turn: Turn, draft: Draft, error: Conflict) -> None:
        """Something changed between the buyer's yes and the desk's second look."""
        if error.fields.get("code") == "case_exists":
            await turn.tell_case(error)
        elif error.fields.get("code") == "not_decidable":
            turn.say_texts((await turn.call(turn.desk.decide, draft.claim))["texts"])
        else:
            raise error


def _only_adds_pictures(turn: Turn, draft: Draft) -> bool:
    """ "Here is the photo" to no open question, with neither order nor reason, is no new request."""
    starts = turn.tracker.slots.get("requested_slot") is None and draft.claim_of is None
    return starts and turn.intent == "inform" and turn.entity("order_number") is None and not turn.message.get("reason")


def _resumes(turn: Turn) -> bool:
    """The form comes back after a rule answered something else: then there is nothing to hear.

    Rasa's own flag is lost in the copy of the tracker that a form sends, so the events are read.
    """
    for event in reversed(turn.tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action_execution_rejected":
            return True
    return False
