"""Everything the desk is made of, built once per app from its settings."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import structlog
from anyio import to_thread

from bot.backends.base import ShopBackend
from bot.backends.embedded import EmbeddedBackend
from bot.channels.base import Channel
from bot.conversations.floor import Floor
from bot.conversations.inbox import Inbox
from bot.conversations.outbox import Dispatcher, PullBox
from bot.conversations.rasa import RasaClient, StartGrace
from bot.conversations.turns import Turns
from bot.conversations.worker import Workers
from bot.desk.buyer_cases import BuyerCases
from bot.desk.cases import Cases
from bot.desk.console.auth import ensure_first_agent
from bot.desk.demo import load_demo_orders
from bot.desk.fanout import Fanout
from bot.desk.metrics import Metrics
from bot.desk.proof import OrderAccess
from bot.policy.packs import load_packs
from bot.policy.rules import Packs
from bot.settings import Settings
from bot.storage.engine import Database
from bot.storage.evidence import EvidenceFiles
from bot.storage.migrate import migrate
from bot.words import Language

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Desk:
    """The services; routers reach them with `bot.desk.auth.get_desk`."""

    settings: Settings
    database: Database
    fanout: Fanout
    files: EvidenceFiles
    rasa: RasaClient
    grace: StartGrace
    workers: Workers
    inbox: Inbox
    floor: Floor
    pull: PullBox
    dispatcher: Dispatcher
    backend: ShopBackend
    packs: Packs
    orders: OrderAccess
    cases: Cases
    buyer_cases: BuyerCases
    metrics: Metrics


def build_desk(settings: Settings, channels: Mapping[str, Channel] | None = None, packs: Packs | None = None) -> Desk:
    """Put the services together. Reads the rule packs unless they are given (PolicyError), opens nothing else yet."""
    fanout = Fanout()
    database = Database(settings.desk_database_url, fanout.publish)
    files = EvidenceFiles(settings.evidence_dir)
    rasa = RasaClient(settings.rasa_url, settings.rasa_token, timeout=settings.rasa_timeout)
    grace = StartGrace(rasa, settings.rasa_start_grace)
    metrics = Metrics(database)
    workers = Workers(
        Turns(database),
        rasa,
        grace,
        burst_window=settings.burst_window,
        publish=fanout.publish,
        observe=metrics.observe_turn,
    )
    default_language = Language(settings.default_language)
    backend = EmbeddedBackend(database)
    packs = packs or load_packs(settings.policies_dir)
    orders = OrderAccess(database, backend, tries=settings.phone_tail_tries)
    return Desk(
        settings=settings,
        database=database,
        fanout=fanout,
        files=files,
        rasa=rasa,
        grace=grace,
        workers=workers,
        inbox=Inbox(database, files, default_language=default_language, wake=workers.wake),
        floor=Floor(database, rasa.reset_form),
        pull=PullBox(database),
        dispatcher=Dispatcher(database, channels or {}),
        backend=backend,
        packs=packs,
        orders=orders,
        cases=Cases(database, backend, orders, packs),
        buyer_cases=BuyerCases(database),
        metrics=metrics,
    )


def _first_agent(desk: Desk) -> None:
    with desk.database.write() as session:
        ensure_first_agent(session, desk.settings)


@contextlib.asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[None]:
    """From migrations to the last turn: what must run while the desk serves."""
    await to_thread.run_sync(migrate, desk.database.engine)
    await to_thread.run_sync(_first_agent, desk)
    if desk.settings.demo and isinstance(desk.backend, EmbeddedBackend):
        await to_thread.run_sync(load_demo_orders, desk.database, desk.backend, desk.settings.shop)
    background = [
        asyncio.create_task(desk.grace.watch(), name="rasa-grace"),
        asyncio.create_task(desk.dispatcher.run(), name="outbox"),
        asyncio.create_task(desk.cases.settle_forever(), name="refunds"),
    ]
    await desk.workers.wake_waiting()
    try:
        yield
    finally:
        await desk.workers.stop()
        desk.fanout.close()
        for task in background:
            task.cancel()
        for result in await asyncio.gather(*background, return_exceptions=True):
            if isinstance(result, Exception):
                log.error("background_failed", error=repr(result))
        await desk.rasa.close()
        desk.database.close()
