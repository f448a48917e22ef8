"""Talks to Rasa: one message in, a few lines out. Rasa listens on loopback only."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import structlog

from bot.conversations.transcript import Button
from bot.errors import ServiceError, ServiceTimeout

log = structlog.get_logger(__name__)

_CONNECT_AGAIN_AFTER_S = 0.2
_STATUS_EVERY_S = 0.5
_STATUS_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class BotLine:
    """One line the bot says, with the choices under it."""

    text: str
    buttons: tuple[Button, ...] = ()


class _Refused(ServiceError):
    """Nobody listens: nothing was sent."""


class RasaClient:
    """Rasa's REST channel and the part of its API that the desk needs."""

    def __init__(self, base_url: str, token: str, *, timeout: float) -> None:
        self._token = {"token": token}
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(timeout, connect=2.0),
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=20),
            trust_env=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def answer(self, sender: str, text: str, metadata: dict[str, Any]) -> list[BotLine]:
        """What the bot says to `text`. Raises ServiceTimeout or ServiceError."""
        body = {"sender": sender, "message": text, "metadata": metadata}
        try:
            response = await self._request("POST", "/webhooks/rest/webhook", json=body)
        except _Refused:
            # Refused: nothing was sent, so once more is safe. Rasa may be changing its model.
            await asyncio.sleep(_CONNECT_AGAIN_AFTER_S)
            response = await self._request("POST", "/webhooks/rest/webhook", json=body)
        return _lines(response)

    async def find_turn(self, sender: str, turn_id: str) -> list[BotLine] | None:
        """What the bot said in a turn that already took place; None if Rasa has not seen it."""
        params = {"include_events": "ALL", **self._token}
        tracker = await self._request("GET", f"/conversations/{sender}/tracker", params=params)
        events: list[dict[str, Any]] = tracker.get("events") or []
        starts = [
            index
            for index, event in enumerate(events)
            if event.get("event") == "user" and (event.get("metadata") or {}).get("turn_id") == turn_id
        ]
        if not starts:
            return None
        said = []
        for event in events[starts[-1] + 1 :]:
            if event.get("event") == "user":
                break
            if event.get("event") == "bot":
                said.append({"text": event.get("text"), "buttons": (event.get("data") or {}).get("buttons")})
        return _lines(said)

    async def reset_form(self, sender: str) -> None:
        """Forget a half-finished form, so that the bot does not go on with it after a person has spoken."""
        events = [
            {"event": "active_loop", "name": None},
            {"event": "slot", "name": "requested_slot", "value": None},
            {"event": "slot", "name": "confirm", "value": None},
        ]
        await self._request("POST", f"/conversations/{sender}/tracker/events", params=self._token, json=events)

    async def is_ready(self) -> bool:
        """Rasa answers and has a model."""
        try:
            response = await self._http.get("/status", params=self._token, timeout=_STATUS_TIMEOUT_S)
            return response.status_code == 200 and bool(response.json().get("model_file", True))
        except (httpx.HTTPError, ValueError):
            return False

    async def _request(self, method: str, path: str, **options: Any) -> Any:
        try:
            response = await self._http.request(method, path, **options)
            response.raise_for_status()
            return response.json()
        except httpx.ConnectError as error:
            raise _Refused("rasa refuses connections") from error
        except httpx.TimeoutException as error:
            raise ServiceTimeout("rasa did not answer in time") from error
        except httpx.HTTPStatusError as error:
            raise ServiceError(f"rasa answered {error.response.status_code}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise ServiceError(f"rasa cannot be talked to: {type(error).__name__}") from error


class StartGrace:
    """After a start, messages wait for Rasa (it needs longer than the desk), but not for ever."""

    def __init__(self, rasa: RasaClient, seconds: float) -> None:
        self._rasa = rasa
        self._seconds = seconds
        self._over = asyncio.Event()

    async def watch(self) -> None:
        """Ends when Rasa has answered once, or when the time is over."""
        until = time.monotonic() + self._seconds
        while not await self._rasa.is_ready():
            if time.monotonic() >= until:
                log.warning("rasa_not_there", waited_s=self._seconds)
                break
            await asyncio.sleep(_STATUS_EVERY_S)
        self._over.set()

    async def wait(self) -> None:
        await self._over.wait()


def _lines(said: Any) -> list[BotLine]:
    if not isinstance(said, Sequence) or isinstance(said, str):
        raise ServiceError("rasa's answer is not a list")
    lines = []
    for line in said:
        text = str(line.get("text") or "").strip()
        buttons = tuple(
            Button(str(button["title"]), str(button["payload"]))
            for button in line.get("buttons") or ()
            if button.get("title") and button.get("payload")
        )
        if text or buttons:
            lines.append(BotLine(text, buttons))
    return lines
