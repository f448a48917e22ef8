"""A small real server that speaks Rasa's REST channel and tracker API, with switches for trouble."""

import asyncio
import socket
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

HOLD_SECONDS = 10
"""Longest a held turn waits: a test that forgets to let go fails instead of hanging."""

Answer = Callable[[dict[str, Any]], list[dict[str, Any]]]


def echo(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"recipient_id": body["sender"], "text": f"bot: {body['message']}"}]


@dataclass
class FakeRasa:
    """`turns` is what arrived; `answer` makes the reply and runs in a thread, as an action's HTTP calls would.
    While `go` is cleared a turn that has arrived waits."""

    answer: Answer = echo
    delay: float = 0.0
    status: int = 200
    is_ready: bool = True
    turns: list[dict[str, Any]] = field(default_factory=list)
    posted: list[tuple[str, Any]] = field(default_factory=list)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    port: int = 0
    go: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.go.set()

    async def arrived(self, count: int) -> None:
        """Wait until so many turns have arrived."""
        while len(self.turns) < count:
            await asyncio.sleep(0.01)

    def remember(self, body: dict[str, Any], said: list[dict[str, Any]]) -> None:
        """What Rasa's tracker keeps of a turn."""
        events = self.events[body["sender"]]
        events.append({"event": "action", "name": "action_listen"})
        events.append({"event": "user", "text": body["message"], "metadata": body["metadata"] | {"model_id": "m"}})
        for line in said:
            events.append({"event": "bot", "text": line.get("text"), "data": {"buttons": line.get("buttons")}})

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/webhooks/rest/webhook")
        async def webhook(request: Request) -> Any:
            body = await request.json()
            self.turns.append(body)
            if self.delay:
                await asyncio.sleep(self.delay)
            await asyncio.to_thread(self.go.wait, HOLD_SECONDS)
            if self.status != 200:
                return JSONResponse({"status": "failure"}, self.status)
            said = await asyncio.to_thread(self.answer, body)
            self.remember(body, said)
            return said

        @app.get("/status")
        async def status(token: str) -> Any:
            return JSONResponse({"model_file": "m.tar.gz"}, 200 if self.is_ready and token == "rasa-token" else 503)

        @app.get("/conversations/{sender}/tracker")
        async def tracker(sender: str, token: str, include_events: str) -> Any:
            assert (token, include_events) == ("rasa-token", "ALL")
            return {"sender_id": sender, "events": self.events[sender]}

        @app.post("/conversations/{sender}/tracker/events")
        async def post_events(sender: str, token: str, request: Request) -> Any:
            assert token == "rasa-token"
            self.posted.append((sender, await request.json()))
            return {}

        return app


class Served:
    """Runs a FakeRasa on a port of its own, in a thread."""

    def __init__(self, rasa: FakeRasa) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        rasa.port = self._socket.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(rasa.app(), log_level="error", lifespan="off", ws="none"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> "Served":
        self._thread.start()
        while not self._server.started:
            threading.Event().wait(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()
