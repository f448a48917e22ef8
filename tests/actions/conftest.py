"""Actions run as Rasa runs them: a tracker as JSON goes in, events and messages come out, a real server answers."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import base
from actions.base import DeskAction
from actions.client import get_desk
from bot.settings import get_settings
from tests.actions.played_desk import CID, KEY, PlayedDesk, playing


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedDesk]:
    """A played desk at the address the settings give."""
    with playing() as played:
        monkeypatch.setenv("REFUNDDESK_PORT", played.url.rsplit(":", 1)[1])
        for name in ("API_KEY", "IDENTITY_SECRET", "SESSION_SECRET", "RASA_TOKEN", "CONSOLE_PASSWORD"):
            monkeypatch.setenv(f"REFUNDDESK_{name}", KEY)
        _forget()
        yield played
        _forget()


def _forget() -> None:
    get_settings.cache_clear()
    get_desk.cache_clear()
    base._told.clear()


@dataclass
class Done:
    """What an action did."""

    events: list[dict[str, Any]]
    messages: list[dict[str, Any]]

    @property
    def slots(self) -> dict[str, Any]:
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def said(self) -> list[str]:
        """Names of responses, or the text itself where the desk wrote it."""
        return [message["response"] or message["text"] for message in self.messages]

    @property
    def buttons(self) -> list[tuple[str, str]]:
        return [(button["title"], button["payload"]) for m in self.messages for button in m["buttons"]]

    @property
    def others(self) -> list[str]:
        """Events that set no slot."""
        return [event["event"] for event in self.events if event["event"] != "slot"]


Run = Callable[..., Done]


@pytest.fixture
def run(desk: PlayedDesk) -> Run:
    """run(action, text, intent=…, slots={…}, …) -> Done."""

    def _run(action: DeskAction, text: str = "", **how: Any) -> Done:
        dispatcher = CollectingDispatcher()
        tracker = Tracker.from_dict(tracker_json(text, **how))

        async def turn() -> list[dict[str, Any]]:
            events = await action.run(dispatcher, tracker, {})
            await asyncio.gather(*base._telling)
            return events

        return Done(asyncio.run(turn()), dispatcher.messages)

    return _run


def tracker_json(
    text: str,
    *,
    intent: str = "inform",
    confidence: float = 0.98,
    entities: dict[str, Any] | None = None,
    reason: tuple[str, float] | None = None,
    slots: dict[str, Any] | None = None,
    form: bool = True,
    metadata: dict[str, Any] | None = None,
    events: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The tracker as Rasa posts it; entities that domain.yml maps to slots fill them as Rasa does."""
    mapped = {"order_number", "phone_tail", "quantity", "language"}
    said = entities or {}
    filled = {name: value for name, value in said.items() if name in mapped}
    if "resolution" in said:
        filled["wish"] = said["resolution"]
    message = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "entities": [{"entity": name, "value": value, "start": 0, "end": 0} for name, value in said.items()],
        "text_tokens": [[0, len(text)]] * len(text.split()),
        "reason": {"name": reason[0], "confidence": reason[1]} if reason else None,
        "metadata": {"turn_id": "t1", "verified": False, **(metadata or {})},
    }
    return {
        "sender_id": CID,
        "slots": {"language": "zh-Hans", **(slots or {}), **filled},
        "latest_message": message,
        "active_loop": {"name": "refund_form"} if form else {},
        "events": [{"event": "user", "text": text}] if events is None else events,
        "latest_action_name": "refund_form",
    }
