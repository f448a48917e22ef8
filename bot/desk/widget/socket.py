"""/widget/ws: replay from the buyer's cursor, then live, with no gap and nothing twice."""

import asyncio
import contextlib
import json
from collections import deque
from time import monotonic
from typing import Any

import structlog
from anyio import to_thread
from fastapi import WebSocket, WebSocketDisconnect

from bot.channels.widget import widget_message
from bot.conversations import transcript
from bot.conversations.inbox import Opened
from bot.conversations.language import as_language
from bot.desk.auth import get_desk
from bot.desk.fanout import Subscription
from bot.desk.widget.access import Visitor, file_url, is_allowed_origin, visitor
from bot.errors import BadInput, NotAuthenticated, RefundDeskError
from bot.storage.tables import Agent
from bot.words import Language

log = structlog.get_logger(__name__)

CLOSE_NOT_AUTHENTICATED = 4401
"""The widget does not try again with the same token."""
CLOSE_BAD_SENDER = 4400

_MAX_FRAME = 64_000
"""Characters; a message of 10 000 characters, escaped, is below."""
_BURST = 20
_BURST_SECONDS = 10.0
_SLOW_DOWN = 0.5
"""Above 20 messages in 10 s each one more is taken half a second later: slowed down, not lost."""

_TOO_LONG = {
    Language.ZH_HANS: "内容太长，请分几条发送。",
    Language.ZH_HANT: "內容太長，請分幾則傳送。",
    Language.EN: "This is too long. Please send it in several messages.",
}
_NOT_STORED = {
    Language.ZH_HANS: "暂时没有保存成功，正在自动重试。",
    Language.ZH_HANT: "暫時沒有保存成功，正在自動重試。",
    Language.EN: "This could not be saved just now. It is being tried again.",
}


async def serve(socket: WebSocket, *, sender: str, cursor: int, identity: str | None, language: str | None) -> None:
    """One buyer's connection from handshake to close."""
    desk = get_desk(socket)
    if not is_allowed_origin(socket, desk.settings):
        await socket.close(1008)
        return
    await socket.accept()
    spoken = as_language(language, Language(desk.settings.default_language))
    try:
        who = visitor(sender, identity, desk.settings)
    except (NotAuthenticated, BadInput) as error:
        code = CLOSE_NOT_AUTHENTICATED if isinstance(error, NotAuthenticated) else CLOSE_BAD_SENDER
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await socket.send_json({"type": "error", "code": error.code, "message": error.message(spoken)})
            await socket.close(code)
        return
    opened = await to_thread.run_sync(
        lambda: desk.inbox.open(
            channel="widget", sender=who.sender, shop=desk.settings.shop, identity=who.identity, language_hint=language
        )
    )
    await _Session(socket, who, opened, spoken, max(cursor, 0)).run()


class _Session:
    """The two directions of one connection. A published message is only a hint: lines are read from the database."""

    def __init__(self, socket: WebSocket, who: Visitor, opened: Opened, spoken: Language, cursor: int) -> None:
        self._socket = socket
        self._desk = get_desk(socket)
        self._who = who
        self._opened = opened
        self._id = opened.conversation_id
        self._spoken = spoken
        self._last_seq = cursor
        self._sending = asyncio.Lock()
        self._taken: deque[float] = deque(maxlen=_BURST)
        self._agents: dict[int, str] = {}

    async def run(self) -> None:
        with self._desk.fanout.subscription(self._id) as events:
            tasks = [asyncio.create_task(self._write(events)), asyncio.create_task(self._read())]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect | RuntimeError):
                log.error("widget_socket_failed", conversation=self._id, error=repr(result))
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._socket.close(1013)

    # --- to the buyer --------------------------------------------------------------------------

    async def _write(self, events: Subscription) -> None:
        hello = {"type": "hello", "conversation_id": self._id, "mode": self._opened.mode}
        name = await self._agent_name(self._opened.agent_id)
        await self._send(hello | {"language": self._opened.language} | ({"agent_name": name} if name else {}))
        await self._catch_up()
        async for event in events:
            kind = event["type"]
            if kind == "message":
                if event["seq"] > self._last_seq:
                    await self._catch_up()
            elif kind == "mode":
                await self._send({k: event[k] for k in ("type", "mode", "agent_name") if k in event})
            elif kind == "typing" and event.get("author") != "buyer":
                await self._send({"type": "typing", "on": bool(event["on"])})

    async def _catch_up(self) -> None:
        lines = await to_thread.run_sync(self._lines)
        for line in lines:
            await self._send(line)
            self._last_seq = line["seq"]

    def _lines(self) -> list[dict[str, Any]]:
        with self._desk.database.read() as session:
            frames = [transcript.frame(line) for line in transcript.lines(session, self._id, after=self._last_seq)]
            for agent_id in {frame["agent_id"] for frame in frames if "agent_id" in frame} - self._agents.keys():
                agent = session.get(Agent, agent_id)
                self._agents[agent_id] = (agent.name or agent.username) if agent else ""
        settings = self._desk.settings
        for frame in frames:
            frame["attachments"] = [
                attachment | {"url": file_url(attachment["id"], self._who, self._id, settings)}
                for attachment in frame["attachments"]
            ]
            if (agent_id := frame.pop("agent_id", None)) is not None:
                frame["agent_name"] = self._agents[agent_id]
        return frames

    async def _agent_name(self, agent_id: int | None) -> str:
        if agent_id is None:
            return ""

        def read() -> str:
            with self._desk.database.read() as session:
                agent = session.get(Agent, agent_id)
                return (agent.name or agent.username) if agent else ""

        return await to_thread.run_sync(read)

    async def _send(self, frame: dict[str, Any]) -> None:
        async with self._sending:
            await self._socket.send_text(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))

    # --- from the buyer ------------------------------------------------------------------------

    async def _read(self) -> None:
        while True:
            text = await self._socket.receive_text()
            frame = _parse(text)
            kind = frame.get("type")
            if kind == "ping":
                await self._send({"type": "pong"})
            elif kind == "typing":
                self._desk.fanout.publish(
                    self._id, {"type": "typing", "on": True, "author": "buyer", "conversation_id": self._id}
                )
            elif kind in ("message", "button"):
                await self._take(frame)
            else:
                await self._refuse(BadInput("unknown frame"), frame, BadInput.texts)

    async def _take(self, frame: dict[str, Any]) -> None:
        """Store, then acknowledge: an ack says that the message is on disk."""
        await self._pace()
        try:
            message = widget_message(
                sender=self._who.sender,
                client_id=_string(frame, "client_id"),
                shop=self._desk.settings.shop,
                text=_string(frame, "text") if frame["type"] == "message" else "",
                button=_string(frame, "button") if frame["type"] == "button" else None,
                identity=self._who.identity,
                language_hint=self._spoken,
            )
        except BadInput as error:
            is_long = "longer" in error.detail
            await self._refuse(error, frame, _TOO_LONG if is_long else BadInput.texts)
            return
        try:
            accepted = await self._desk.inbox.accept(message)
        except RefundDeskError as error:
            await self._refuse(error, frame, error.texts)
            return
        except Exception:
            # The database did not take it: no ack. The widget keeps it and sends it again on the next connection.
            await self._refuse(RefundDeskError("not stored"), frame, _NOT_STORED, retryable=True)
            raise
        await self._send({"type": "ack", "client_id": frame["client_id"], "seq": accepted.seq})

    async def _pace(self) -> None:
        now = monotonic()
        if len(self._taken) == _BURST and now - self._taken[0] < _BURST_SECONDS:
            await asyncio.sleep(_SLOW_DOWN)
        self._taken.append(now)

    async def _refuse(
        self,
        error: RefundDeskError,
        frame: dict[str, Any],
        texts: dict[Language, str],
        *,
        retryable: bool = False,
    ) -> None:
        refusal: dict[str, Any] = {"type": "error", "code": error.code, "message": texts[self._spoken]}
        if isinstance(frame.get("client_id"), str):
            refusal["client_id"] = frame["client_id"]
        if retryable:
            refusal["retryable"] = True
        await self._send(refusal)


def _parse(text: str) -> dict[str, Any]:
    if len(text) > _MAX_FRAME:
        return {}
    try:
        frame = json.loads(text)
    except ValueError:
        return {}
    return frame if isinstance(frame, dict) else {}


def _string(frame: dict[str, Any], name: str) -> str:
    value = frame.get(name)
    if not isinstance(value, str):
        raise BadInput(f"{name} must be a string", field=name)
    return value
