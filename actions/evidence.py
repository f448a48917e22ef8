"""Pictures sent outside the form."""

from rasa_sdk.events import EventType, FollowupAction

from actions.base import DeskAction, Turn
from actions.draft import FORM


class TakeEvidence(DeskAction):
    """The desk has stored the pictures already: they join an open case, else a request begins."""

    keeps_pictures = False

    def name(self) -> str:
        return "action_take_evidence"

    async def act(self, turn: Turn) -> list[EventType]:
        if not turn.metadata.get("attachments"):
            turn.say("utter_send_pictures")
            return []
        if await turn.keep_pictures():
            return []
        turn.say("utter_pictures_received")
        return [FollowupAction(FORM)]
