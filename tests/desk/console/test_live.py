"""The console's socket: only for agents, and it tells what has changed without telling what was said."""

import asyncio
import json
import secrets
from typing import Any

import pytest
import websockets
from websockets.exceptions import InvalidStatusCode

from bot.desk.console.auth import COOKIE
from tests.desk.console.conftest import AtConsole
from tests.desk.widget.live_desk import LiveDesk, Widget


def connect(live: LiveDesk, cookie: str = "", origin: str | None = None) -> Any:
    headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
    address = live.url.replace("http", "ws") + "/console/ws"
    return websockets.connect(address, extra_headers=headers, origin=origin)  # type: ignore[attr-defined]


def cookie_of(agent: AtConsole) -> str:
    return str(agent.http.cookies[COOKIE])


async def told(socket: Any, kind: str, conversation_id: str) -> dict[str, Any]:
    while True:
        event: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if event["type"] == kind and event.get("conversation_id") == conversation_id:
            return event


async def test_nobody_listens_without_a_session_or_from_another_site(live: LiveDesk, agent: AtConsole) -> None:
    for cookie, origin in [("", None), ("forged.x.y", None), (cookie_of(agent), "https://evil.example")]:
        with pytest.raises(InvalidStatusCode) as refused:
            async with connect(live, cookie, origin):
                pass
        assert refused.value.status_code == 403


async def test_an_agent_is_told_of_every_conversation_but_not_its_words(live: LiveDesk, agent: AtConsole) -> None:
    async with connect(live, cookie_of(agent), live.url) as socket:
        chat = await asyncio.to_thread(live.say, secrets.token_hex(16), "秘密")
        event = await told(socket, "message", chat)
        live.desk.floor.handoff(chat, "upset")
        await told(socket, "mode", chat)
    assert event == {"type": "message", "conversation_id": chat}


async def test_typing_goes_both_ways_and_only_from_who_has_the_chat(
    live: LiveDesk, agent: AtConsole, other: AtConsole
) -> None:
    async with (
        connect(live, cookie_of(agent)) as mine,
        connect(live, cookie_of(other)) as theirs,
        Widget(live.url, secrets.token_hex(16)) as buyer,
    ):
        chat = buyer.conversation_id
        await buyer.send("typing", on=True)
        assert (await told(mine, "typing", chat))["author"] == "buyer"
        live.desk.floor.claim(chat, agent.agent_id)
        await buyer.until("mode")
        await theirs.send(json.dumps({"type": "typing", "on": False, "conversation_id": chat}))
        await theirs.send("not json")
        await theirs.send('{"type":"ping"}')
        while json.loads(await asyncio.wait_for(theirs.recv(), 10))["type"] != "pong":
            pass
        await mine.send(json.dumps({"type": "typing", "on": True, "conversation_id": chat}))
        assert await buyer.until("typing") == {"type": "typing", "on": True}
