"""The desk: the only process with a public port."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from bot.channels.base import Channel
from bot.desk import problems
from bot.desk.api import cases, conversations, health, orders, rest_channel
from bot.desk.console.routes import router as console_router
from bot.desk.services import build_desk, running
from bot.desk.widget.routes import router as widget_router
from bot.policy.rules import Packs
from bot.settings import Settings, get_settings

_DESCRIPTION = (
    "Refunds in the chat: cases, orders and conversations of a shop. Money is integer minor units of the currency, "
    "times are ISO 8601 in UTC. Refusals are problem documents (RFC 9457) with a `code` for machines."
)


def create_app(
    settings: Settings | None = None,
    *,
    channels: Mapping[str, Channel] | None = None,
    packs: Packs | None = None,
) -> FastAPI:
    """The desk's app; without settings, those of the environment. `channels` are platforms that are sent to, by name;
    `packs` stand in for the rule files.

    Raises PolicyError when a rule pack cannot be used. Services are on `app.state`, each under its name, and
    all together as `app.state.desk`.
    """
    desk = build_desk(settings or get_settings(), channels, packs)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with running(desk):
            yield

    # The documentation page and its scripts come from the desk itself, not from somebody else's server.
    app = FastAPIOffline(
        redoc_url=None, title="RefundDesk", version="0.1.0", description=_DESCRIPTION, lifespan=lifespan
    )
    app.state.desk = desk
    for field in fields(desk):
        setattr(app.state, field.name, getattr(desk, field.name))
    problems.install(app)
    for module in (health, rest_channel, conversations, cases, orders):
        app.include_router(module.router)
    app.include_router(widget_router)
    app.include_router(console_router)
    return app
