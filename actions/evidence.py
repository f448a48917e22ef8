"""Pictures sent outside the form."""

from rasa_sdk.events import EventType, FollowupAction

from actions.base import DeskAction, Turn
from actions.draft import FORM
from actions.session import OVER


class TakeEvidence(DeskAction):
    """The desk has stored the pictures already: with an open case they are beside it, else a request begins."""

    def name(self) -> str:
        return "action_take_evidence"

    async def act(self, turn: Turn) -> list[EventType]:
        if not turn.metadata.get("attachments"):
            turn.say("utter_send_pictures")
            return []
        cases = (await turn.call(turn.desk.cases))["items"]
        if any(case["state"] not in OVER for case in cases):
            turn.say("utter_pictures_kept")
            return []
        turn.say("utter_pictures_received")
        return [FollowupAction(FORM)]
