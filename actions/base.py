"""What every action shares: one turn's view of the conversation, and never an unanswered buyer."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import draft
from actions.buttons import Button
from actions.client import Desk, get_desk
from bot.errors import Conflict, RefundDeskError
from bot.words import Language

log = logging.getLogger(__name__)
T = TypeVar("T")

_TOLD_LIMIT = 4096
"""Conversations whose last told state is remembered; a forgotten one is told again, which changes nothing."""


class Turn:
    """One message of a buyer and the means to answer it."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker, desk: Desk) -> None:
        self.dispatcher = dispatcher
        self.tracker = tracker
        self.desk = desk
        self.cid: str = tracker.sender_id
        self.message: dict[str, Any] = tracker.latest_message
        self.metadata: dict[str, Any] = self.message.get("metadata") or {}
        self.intent: str = (self.message.get("intent") or {}).get("name") or ""
        self.confidence = float((self.message.get("intent") or {}).get("confidence") or 0.0)
        known = tracker.slots.get("language") or self.metadata.get("language")
        self.language: str = known if known in set(Language) else Language.ZH_HANS.value

    def entity(self, name: str) -> Any:
        """The last value of an entity in this message, or None."""
        values = [e.get("value") for e in self.message.get("entities") or [] if e.get("entity") == name]
        return values[-1] if values else None

    @property
    def in_form(self) -> bool:
        return (self.tracker.active_loop or {}).get("name") == draft.FORM

    async def call(self, method: Callable[..., T], *arguments: Any) -> T:
        """A blocking call of the desk for this conversation, off the event loop."""
        return await asyncio.to_thread(method, self.cid, *arguments)

    def say(self, response: str, *buttons: Button, **values: Any) -> None:
        """A response of domain.yml, in the language of the slot."""
        self.dispatcher.utter_message(response=response, buttons=list(buttons), **values)

    def say_texts(self, texts: dict[str, str], *buttons: Button) -> None:
        """What the desk wrote, in the buyer's language, unchanged."""
        self.dispatcher.utter_message(text=texts[self.language], buttons=list(buttons))

    async def hand_over(self, reason: str) -> None:
        """Queue the conversation for a person and say what the desk says about it."""
        answer = await self.call(self.desk.hand_over, reason, self.metadata.get("turn_id", ""))
        self.say_texts(answer["texts"])

    async def keep_pictures(self, case_id: str | None = None) -> bool:
        """Put the buyer's loose pictures beside `case_id`, or this message's beside the newest open case, and say so.

        False: there are none, or no case is open.
        """
        if case_id is None and not self.metadata.get("attachments"):
            return False
        kept = await self.call(self.desk.bind_evidence, case_id)
        if kept["case"] is None or (case_id is not None and not kept["bound"]):
            return False
        self.say("utter_pictures_kept", number=kept["case"]["id"])
        return True

    async def tell_case(self, error: Conflict) -> None:
        """How the one case stands that stands in the way; loose pictures are about these goods and join it."""
        fields: dict[str, Any] = error.fields
        self.say_texts(fields["texts"])
        await self.keep_pictures(fields["case_id"])

    def answered_before(self, action: str) -> bool:
        """Whether `action` also answered the message before this one."""
        users = 0
        for event in reversed(self.tracker.events):
            users += event["event"] == "user"
            if users == 2:
                return False
            if users == 1 and event["event"] == "action" and event["name"] == action:
                return True
        return False

    def tell_state(self, state: dict[str, Any]) -> None:
        """Show the agent's screen what is understood; nobody waits for it and a failure costs nothing."""
        if state and _told.get(self.cid) != state:
            task = asyncio.get_running_loop().create_task(self._tell(state))
            _telling.add(task)
            task.add_done_callback(_telling.discard)

    async def _tell(self, state: dict[str, Any]) -> None:
        try:
            await self.call(self.desk.put_state, state)
        except RefundDeskError as error:
            log.warning("state not told: %s", error.detail)
            return
        _told[self.cid] = state
        _told.move_to_end(self.cid)
        if len(_told) > _TOLD_LIMIT:
            _told.popitem(last=False)


_told: OrderedDict[str, dict[str, Any]] = OrderedDict()
_telling: set[asyncio.Task[None]] = set()
"""Running tasks; the event loop itself keeps only weak references."""


class DeskAction(Action, ABC):  # type: ignore[misc, unused-ignore]  # rasa_sdk has no types
    """Base of all actions. `act` is the action; whatever goes wrong in it ends in an apology and a person."""

    keeps_pictures = True
    """Pictures that come with a message to this action, outside the form, join the buyer's open case."""

    @abstractmethod
    def name(self) -> str: ...

    @abstractmethod
    async def act(self, turn: Turn) -> list[EventType]:
        """Say something and return the events of the turn."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn(dispatcher, tracker, get_desk())
        try:
            events = await self.act(turn)
            if self.keeps_pictures and not turn.in_form and not any(event["event"] == "followup" for event in events):
                await turn.keep_pictures()
            return events
        except Exception as error:
            return await self._fail(turn, error)

    async def _fail(self, turn: Turn, error: Exception) -> list[EventType]:
        detail = error.detail if isinstance(error, RefundDeskError) else type(error).__name__
        number = uuid4().hex[:8]
        # The traceback of our own errors holds no buyer's words; that of a bug is needed to mend it.
        log.error("%s failed, id %s: %s", self.name(), number, detail, exc_info=error)
        turn.dispatcher.messages.clear()
        turn.say("utter_bot_failed")
        try:
            await turn.call(turn.desk.hand_over, "bot_failed", turn.metadata.get("turn_id", ""))
        except RefundDeskError as second:
            log.error("no handoff either, id %s: %s", number, second.detail)
        return [*stop_form(turn), *draft.cleared(turn.tracker.slots)]


def stop_form(turn: Turn) -> list[EventType]:
    """Leave the form, if one runs, and wait for the buyer: no rule goes on after this."""
    if not turn.in_form:
        return [FollowupAction("action_listen")]
    return [ActiveLoop(None), SlotSet("requested_slot", None), FollowupAction("action_listen")]
