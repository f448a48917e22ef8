"""Orders of the demo shop: their times are relative, so they are brought up to date at every start."""

from datetime import UTC, datetime

import structlog
from sqlalchemy import select

from bot.backends.embedded import EmbeddedBackend
from bot.backends.order_files import parse_json
from bot.settings import ROOT
from bot.storage.engine import Database
from bot.storage.orders import number_key
from bot.storage.tables import CaseRow, OrderRow

log = structlog.get_logger(__name__)

DEMO_ORDERS = ROOT / "data" / "demo" / "orders.json"


def load_demo_orders(database: Database, backend: EmbeddedBackend, shop: str) -> int:
    """Import the demo's orders into an empty shop, or again those that are there and have no case yet.

    A shop with orders of its own never gets demo orders. Returns how many were taken.
    """
    if not DEMO_ORDERS.is_file():
        return 0
    parsed = parse_json(DEMO_ORDERS.read_text(encoding="utf-8"), now=datetime.now(UTC), shop=shop)
    for bad in parsed.bad:
        log.warning("bad_demo_order", line=bad.line, why=bad.detail)
    with database.read() as session:
        known = set(session.scalars(select(OrderRow.number).where(OrderRow.shop == shop)))
        claimed = set(session.scalars(select(CaseRow.order_number).where(CaseRow.shop == shop)))
    ours = {number_key(order.number) for _, order in parsed.good}
    wanted = ((known & ours) if known - ours else ours) - claimed
    rows = [
        (line, order.model_copy(update={"shop": shop}))
        for line, order in parsed.good
        if number_key(order.number) in wanted
    ]
    return backend.import_orders(rows).taken
