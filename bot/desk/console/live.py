"""/console/ws: tells open pages that something has changed; they fetch what they show. Carries typing both ways."""

import asyncio
import contextlib
import json

from anyio import to_thread
from fastapi import WebSocket, WebSocketDisconnect

from bot.desk.auth import get_desk
from bot.desk.console import auth
from bot.desk.console.auth import LoggedIn
from bot.desk.fanout import ALL, Subscription
from bot.desk.services import Desk
from bot.errors import NotAuthenticated
from bot.storage.tables import Conversation

_RECHECK_SECONDS = 60
"""An agent who was switched off keeps a live page for at most so long."""


async def serve(socket: WebSocket) -> None:
    """One open console page, from handshake to close."""
    desk = get_desk(socket)
    try:
        auth.check_origin(socket)
        me = await to_thread.run_sync(_agent, desk, socket)
    except (auth.WrongCsrf, NotAuthenticated):
        await socket.close(1008)
        return
    await socket.accept()
    with desk.fanout.subscription(ALL) as events:
        tasks = [
            asyncio.create_task(_tell(socket, events)),
            asyncio.create_task(_listen(desk, socket, me)),
            asyncio.create_task(_stay_logged_in(desk, socket)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.close(1013)


def _agent(desk: Desk, socket: WebSocket) -> LoggedIn:
    with desk.database.read() as session:
        return auth.read_session(session, socket, desk.settings)


async def _tell(socket: WebSocket, events: Subscription) -> None:
    async for event in events:
        # Only that something happened, and where: what it was is fetched with the session's own rights.
        told = {"type": event["type"], "conversation_id": event["conversation_id"]}
        if event["type"] == "typing":
            told |= {"on": event["on"], "author": event.get("author", "bot")}
        await socket.send_text(json.dumps(told))


async def _listen(desk: Desk, socket: WebSocket, me: LoggedIn) -> None:
    while True:
        try:
            frame = json.loads(await socket.receive_text())
        except ValueError:
            continue
        if not isinstance(frame, dict):
            continue
        if frame.get("type") == "ping":
            await socket.send_text('{"type":"pong"}')
        elif frame.get("type") == "typing" and isinstance(conversation_id := frame.get("conversation_id"), str):
            await _typing(desk, me, conversation_id, bool(frame.get("on")))


async def _typing(desk: Desk, me: LoggedIn, conversation_id: str, on: bool) -> None:
    def holds() -> bool:
        with desk.database.read() as session:
            conversation = session.get(Conversation, conversation_id)
            return conversation is not None and conversation.agent_id == me.agent_id

    if await to_thread.run_sync(holds):
        event = {"type": "typing", "on": on, "author": "agent", "conversation_id": conversation_id}
        desk.fanout.publish(conversation_id, event)


async def _stay_logged_in(desk: Desk, socket: WebSocket) -> None:
    with contextlib.suppress(NotAuthenticated):
        while True:
            await asyncio.sleep(_RECHECK_SECONDS)
            await to_thread.run_sync(_agent, desk, socket)
