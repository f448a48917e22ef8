"""A running desk on a real database and a fake Rasa, and short ways to talk to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from anyio import to_thread
from sqlalchemy import select

from bot.channels.base import REST, Channel, InboundMessage, message_key
from bot.conversations import transcript
from bot.conversations.inbox import Accepted
from bot.conversations.worker import Outcome
from bot.desk.services import Desk, build_desk, running
from bot.policy.packs import load_packs
from bot.policy.rules import Packs
from bot.settings import ROOT, Settings
from bot.storage.tables import Agent, Message


def message(sender: str, text: str = "", *, key: str = "", channel: str = REST, **more: Any) -> InboundMessage:
    message.count += 1  # type: ignore[attr-defined]
    key = message_key(sender, key or f"k{message.count}")  # type: ignore[attr-defined]
    return InboundMessage(channel=channel, sender=sender, message_key=key, shop="demo", text=text, **more)


@lru_cache(maxsize=1)
def shipped_packs() -> Packs:
    """The rule packs that ship; read once, they take a while."""
    return load_packs(ROOT / "data" / "policies")


message.count = 0  # type: ignore[attr-defined]


@asynccontextmanager
async def started(settings: Settings, channels: dict[str, Channel] | None = None) -> AsyncIterator[Desk]:
    desk = build_desk(settings, channels, shipped_packs())
    async with running(desk):
        await desk.grace.wait()
        yield desk


async def say(desk: Desk, sender: str, text: str = "", **more: Any) -> tuple[Accepted, Outcome | None]:
    """Send one message and wait until its turn is over."""
    accepted = await desk.inbox.accept(message(sender, text, **more))
    return accepted, await desk.workers.outcome(accepted.inbox_id, 10)


async def lines(desk: Desk, conversation_id: str) -> list[Message]:
    def read() -> list[Message]:
        with desk.database.read() as session:
            return transcript.lines(session, conversation_id)

    return await to_thread.run_sync(read)


async def spoken(desk: Desk, conversation_id: str) -> list[tuple[str, str]]:
    """(author, text) of every line but the greeting."""
    return [(line.author, line.text) for line in (await lines(desk, conversation_id))[1:]]


def add_agent(desk: Desk, username: str, *, is_active: bool = True) -> int:
    with desk.database.write() as session:
        agent = Agent(
            username=username,
            password_hash="-",
            name=username.title(),
            role="agent",
            is_active=is_active,
            created_at=datetime.now(UTC),
        )
        session.add(agent)
        session.flush()
        return agent.id


def rows(desk: Desk, table: Any) -> list[Any]:
    with desk.database.read() as session:
        return list(session.scalars(select(table).order_by(table.id)))
