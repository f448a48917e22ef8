"""A real desk on a real port, with a Rasa that answers from a short list. Both run in threads of this process."""

import asyncio
import io
import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import uvicorn
import websockets
from fastapi import FastAPI
from PIL import Image

from bot.channels.identity import Identity, sign
from bot.desk.app import create_app
from bot.desk.console.auth import add_agent
from bot.desk.services import Desk
from bot.settings import Settings

CHOICES = [
    {"title": "质量问题", "payload": '/inform{"reason": "quality_defect"}'},
    {"title": "不想要了", "payload": '/inform{"reason": "no_longer_wanted"}'},
]


@dataclass
class PlayedRasa:
    """Says what `answer` returns; remembers what it was asked."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[str], list[dict[str, Any]]] = lambda text: [{"text": f"bot: {text}"}]

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/status")
        def status() -> dict[str, str]:
            return {"model_file": "played"}

        @app.post("/webhooks/rest/webhook")
        async def webhook(body: dict[str, Any]) -> list[dict[str, Any]]:
            self.asked.append(body)
            if body["message"].startswith("choose"):
                return [{"text": "which?", "buttons": CHOICES}]
            return self.answer(body["message"])

        @app.post("/conversations/{sender}/tracker/events")
        async def events(sender: str) -> dict[str, str]:
            return {"sender_id": sender}

        return app


class Served(uvicorn.Server):
    """A server in a thread; `stop()` and `start()` again on the same port is a restart."""

    def __init__(self, make: Callable[[], FastAPI], port: int) -> None:
        self._make = make
        self._port = port
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        config = uvicorn.Config(self._make(), port=self._port, log_level="warning", timeout_graceful_shutdown=2)
        super().__init__(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True)
        self._thread.start()
        waited = threading.Event()
        while not self.started:
            assert self._thread.is_alive(), "the server ended before it had started"
            waited.wait(0.02)

    def stop(self) -> None:
        self.should_exit = True
        assert self._thread is not None
        self._thread.join(15)
        assert not self._thread.is_alive(), "the server did not stop"


class Widget:
    """The widget's end of the socket."""

    def __init__(
        self, url: str, sender: str, *, cursor: int = 0, identity: str | None = None, origin: str | None = None
    ) -> None:
        query = {"sender": sender, "cursor": cursor, "language": "zh-Hans"} | (
            {"identity": identity} if identity else {}
        )
        self._address = f"{url.replace('http', 'ws')}/widget/ws?{urlencode(query)}"
        self._origin = origin
        self.hello: dict[str, Any] = {}

    async def __aenter__(self) -> "Widget":
        self.socket = await websockets.connect(self._address, origin=self._origin)  # type: ignore[attr-defined]
        self.hello = await self.receive()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    @property
    def conversation_id(self) -> str:
        return str(self.hello["conversation_id"])

    async def send(self, kind: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def receive(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
        return frame

    async def until(self, kind: str, **wanted: Any) -> dict[str, Any]:
        """The next frame of this kind with these values; others are dropped."""
        while True:
            frame = await self.receive()
            if frame["type"] == kind and all(frame.get(name) == value for name, value in wanted.items()):
                return frame

    async def messages(self, count: int) -> list[dict[str, Any]]:
        """The next `count` lines of the transcript."""
        return [await self.until("message") for _ in range(count)]

    async def is_quiet(self, seconds: float = 0.3) -> bool:
        """Whether no message comes for a while."""
        try:
            await asyncio.wait_for(self.until("message"), seconds)
        except TimeoutError:
            return True
        return False


@dataclass
class LiveDesk:
    """The desk's address, its services, and what tests need to know."""

    settings: Settings
    rasa: PlayedRasa
    server: Served
    apps: list[FastAPI]

    @property
    def url(self) -> str:
        return self.settings.desk_url

    @property
    def desk(self) -> Desk:
        services: Desk = self.apps[-1].state.desk
        return services

    def identity(self, buyer_id: str = "u-lin", name: str = "林晓") -> str:
        return sign(Identity(buyer_id, name), self.settings.identity_secret)

    def say(self, sender: str, text: str, *, identity: str | None = None) -> str:
        """A buyer writes; the conversation's id. Returns when the bot, if it may speak, has answered."""
        # In a thread of its own: a test with a browser has a running loop already.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, self._say(sender, text, identity)).result()

    async def _say(self, sender: str, text: str, identity: str | None) -> str:
        async with Widget(self.url, sender, identity=identity) as widget:
            await widget.send("message", client_id=secrets.token_hex(8), text=text)
            stored = await widget.until("ack")
            while widget.hello["mode"] == "bot":
                if (await widget.until("message"))["seq"] > stored["seq"]:
                    break
            return widget.conversation_id

    def lines(self, conversation_id: str) -> list[tuple[str, str]]:
        """Author and text of every line of the transcript."""
        answer = self.api("GET", f"/api/v1/conversations/{conversation_id}").json()
        return [(line["author"], line["text"]) for line in answer["messages"]]

    def mode(self, conversation_id: str) -> str:
        return str(self.api("GET", f"/api/v1/conversations/{conversation_id}").json()["mode"])

    def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call of the API with its key."""
        headers = {"Authorization": f"Bearer {self.settings.api_key}", **options.pop("headers", {})}
        return httpx.request(method, f"{self.url}{path}", headers=headers, trust_env=False, **options)

    def add_agent(self, username: str, name: str) -> int:
        with self.desk.database.write() as session:
            return add_agent(session, username=username, password="a-good-password", name=name).id

    def restart(self, *, between: Callable[[], None] = lambda: None) -> None:
        self.server.stop()
        between()
        self.server.start()


def desk_settings(folder: Path, **changed: Any) -> Settings:
    """A fresh installation in `folder`, with known keys and a free port."""
    given: dict[str, Any] = {
        "data_dir": folder / "var",
        "port": free_port(),
        "api_key": "test-key",
        "identity_secret": "identity-secret-of-at-least-32-bytes",
        "session_secret": "session-secret-of-at-least-32-bytes!",
        "rasa_token": "rasa-token",
        "console_password": "console-password",
        "burst_window": 0,
    }
    return Settings(_env_file=None, **(given | changed))


def png(colour: str = "#aa3311", size: int = 8) -> bytes:
    """A small real picture; another colour is another file."""
    out = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(out, "PNG")
    return out.getvalue()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def live_desk(settings: Settings) -> Iterator[LiveDesk]:
    """Start both, stop both."""
    settings = settings.model_copy(update={"rasa_port": free_port()})
    rasa = PlayedRasa()
    played = Served(rasa.app, settings.rasa_port)
    apps: list[FastAPI] = []

    def make() -> FastAPI:
        apps.append(create_app(settings))
        return apps[-1]

    server = Served(make, settings.port)
    played.start()
    try:
        server.start()
        try:
            yield LiveDesk(settings, rasa, server, apps)
        finally:
            server.stop()
    finally:
        played.stop()
