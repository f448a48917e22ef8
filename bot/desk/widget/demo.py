"""/demo: a small shop page with the widget in it. Served only when `settings.demo` is on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk.widget.demo_words import DRAWINGS, OTHER_DRAWING, WORDS
from bot.orders import Order
from bot.policy.formats import money_text
from bot.storage.tables import OrderRow
from bot.words import Language, Market

GUEST = "guest"
_GUEST_CARDS = 6
_HOME_MARKETS = {Language.ZH_HANS: Market.CN, Language.ZH_HANT: Market.TW, Language.EN: Market.US}
_SCRIPTS = {Market.CN: Language.ZH_HANS, Market.TW: Language.ZH_HANT, Market.HK: Language.ZH_HANT}


@dataclass(frozen=True, slots=True)
class DemoBuyer:
    id: str
    name: str
    market: Market


@dataclass(frozen=True, slots=True)
class DemoShop:
    """What the page shows: who may be picked, who is picked (None: a guest), and whose orders."""

    buyers: list[DemoBuyer]
    buyer: DemoBuyer | None
    orders: list[Order]


def demo_shop(session: Session, shop: str, wanted: str | None, language: Language) -> DemoShop:
    """The shop as `wanted` sees it; an unknown id is a guest, none at all is somebody who speaks `language`."""
    rows = session.scalars(select(OrderRow).where(OrderRow.shop == shop).order_by(OrderRow.number))
    orders = [Order.model_validate(row.data) for row in rows]
    buyers: dict[str, DemoBuyer] = {}
    for order in orders:
        if order.buyer.name:
            buyers.setdefault(order.buyer.id, DemoBuyer(order.buyer.id, order.buyer.name, order.market))
    if wanted is None:
        chosen = next((b for b in buyers.values() if b.market is _HOME_MARKETS[language]), None)
    else:
        chosen = buyers.get(wanted)
    if chosen is not None:
        mine = sorted((o for o in orders if o.buyer.id == chosen.id), key=lambda o: o.placed_at, reverse=True)
    else:
        mine = [o for o in orders if o.buyer.phone_tail and o.market is _HOME_MARKETS[language]][:_GUEST_CARDS]
    return DemoShop(list(buyers.values()), chosen, mine)


def card(order: Order, language: Language, *, for_guest: bool) -> dict[str, Any]:
    """One order as the page shows it. A guest sees the phone's tail: that is the second fact to try out."""
    words = WORDS[language]
    if order.delivered_at is not None:
        when = words["delivered"].format(date=_date(order.delivered_at, language))
    else:
        when = words["placed"].format(date=_date(order.placed_at, language))
    return {
        "number": order.number,
        "status": order.status.value,
        "lang": _SCRIPTS.get(order.market, Language.EN).value,
        "when": when,
        "total": money_text(order.paid_total, order.currency, language),
        "phone_tail": order.buyer.phone_tail if for_guest else "",
        "question": words["question"].format(number=order.number),
        "line_items": [
            {
                "title": item.title,
                "category": item.category,
                "quantity": item.quantity,
                "paid": money_text(item.paid, order.currency, language),
                "drawing": DRAWINGS.get(item.category, OTHER_DRAWING),
            }
            for item in order.items
        ],
    }


def _date(at: datetime, language: Language) -> str:
    if language is Language.EN:
        return f"{at.day} {at:%b}"
    return f"{at.month}月{at.day}日"
