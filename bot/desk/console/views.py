"""Turns what was read into what the templates show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from pydantic import ValidationError

from bot.cases.machine import ActorKind, next_states
from bot.conversations.floor import MAX_AGENT_TEXT
from bot.desk.claims import kinds_shown
from bot.desk.console import actions
from bot.desk.console.auth import LoggedIn
from bot.desk.console.queries import Page, Row, waited_seconds
from bot.desk.console.words import COOKIE, NAMES, Words, pick_language, words_for
from bot.desk.services import Desk
from bot.orders import Order
from bot.policy.engine import decide
from bot.policy.formats import money_text, time_text
from bot.policy.model import Claim, Decision
from bot.storage.tables import CaseRow
from bot.words import CaseState, Market, Mode, Reason, Resolution

_templates = Jinja2Templates(Path(__file__).parent / "templates")

SHOWN_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/avif"})
"""What browsers show; other files are links."""

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

_ZONES = {
    Market.CN: "Asia/Shanghai",
    Market.TW: "Asia/Taipei",
    Market.HK: "Asia/Hong_Kong",
    Market.EU: "Europe/Berlin",
    Market.UK: "Europe/London",
    Market.US: "America/New_York",
}

_RETURNING = frozenset({CaseState.AWAITING_RETURN, CaseState.RETURN_IN_TRANSIT, CaseState.INSPECTING})

_ACTIONS: dict[Mode, tuple[tuple[str, str], ...]] = {
    Mode.BOT: (("claim", "main"), ("close", "plain")),
    Mode.QUEUED: (("claim", "main"), ("close", "plain")),
    Mode.CLOSED: (),
}
_OWN_ACTIONS = (("handback", "plain"), ("release", "plain"), ("close", "plain"))


def request_words(request: Request) -> Words:
    """The words in this agent's language."""
    return words_for(pick_language(request.cookies.get(COOKIE), request.headers.get("accept-language")))


def render(request: Request, name: str, me: LoggedIn | None, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page or a part of one."""
    w = request_words(request)
    path = request.url.path if request.method == "GET" else "/console"
    shared = {"w": w, "me": me, "names": NAMES, "here": path, "shown_types": SHOWN_TYPES, **_formats(w)}
    return _templates.TemplateResponse(request, name, shared | context, status_code=status, headers=_HEADERS)


def _formats(w: Words) -> dict[str, Callable[..., str]]:
    now = datetime.now(UTC)

    def span(since: datetime | None) -> str:
        minutes = waited_seconds(since, now) // 60
        if minutes < 60:
            return w("minutes", n=minutes)
        return w("hours", n=minutes // 60) if minutes < 48 * 60 else w("days", n=minutes // (24 * 60))

    def ago(at: datetime) -> str:
        return w("just_now") if waited_seconds(at, now) < 60 else w("ago", time=span(at))

    def waited(since: datetime | None) -> str:
        return w("just_now") if waited_seconds(since, now) < 60 else w("waited", time=span(since))

    def money(minor: int, currency: str) -> str:
        return money_text(minor, currency, w.language)

    def moment(at: datetime, zone: str) -> str:
        return time_text(at, zone, w.language)

    return {"waited": waited, "ago": ago, "money": money, "moment": moment}


def list_context(groups: dict[Mode, list[Row]]) -> dict[str, Any]:
    """For list.html and _list.html."""
    return {"groups": groups, "waiting": len(groups[Mode.QUEUED])}


@dataclass(frozen=True, slots=True)
class Shown:
    """What goes with a conversation page: the order, the reason, and what the rules say before there is a case."""

    order: Order | None
    reason: dict[str, Any] | None
    wish: str | None
    decision: Decision | None


def work_out(desk: Desk, page: Page) -> Shown:
    """Reads the order from the shop's back end as it is now. Blocking."""
    state = page.conversation.state
    newest = page.cases[0].row if page.cases else None
    number = state.get("order_number") or (newest.order_number if newest else None)
    order = desk.backend.get_order(page.conversation.shop, number) if number else None
    reason = state.get("reason")
    if reason is None and newest is not None:
        reason = {"name": newest.reason, "confidence": None}
    decision = None if page.cases else _preview(desk, page, order, reason)
    return Shown(order, reason, state.get("wish"), decision)


def _preview(desk: Desk, page: Page, order: Order | None, reason: dict[str, Any] | None) -> Decision | None:
    """The rules on what is known so far; the same engine decides again when a case is opened."""
    if order is None or reason is None or reason["name"] not in set(Reason):
        return None
    state = page.conversation.state
    kinds = kinds_shown(piece for piece in page.evidence if piece.case_id is None)
    try:
        claim = Claim.model_validate(
            {"reason": reason["name"], "wish": state.get("wish"), "facts": state.get("facts") or {}, "evidence": kinds}
        )
    except ValidationError:
        return None
    return decide(order, claim, now=datetime.now(UTC), packs=desk.packs)


def conversation_context(w: Words, me: LoggedIn, page: Page, shown: Shown, client_key: str) -> dict[str, Any]:
    """For conversation.html and its parts."""
    conversation = page.conversation
    mode = Mode(conversation.mode)
    is_mine = mode is Mode.HUMAN and conversation.agent_id == me.agent_id
    is_others = mode is Mode.HUMAN and not is_mine

    def actor(name: str) -> str:
        kind, _, number = name.partition(":")
        if kind == "agent" and number.isdigit():
            return page.agents.get(int(number), name)
        return {"bot": w("author_bot"), "buyer": w("buyer"), "system": w("author_system")}.get(kind, name)

    def case_verbs(row: CaseRow) -> list[str]:
        """What the state machine lets an agent do now."""
        state = CaseState(row.state)
        following = next_states(state, ActorKind.AGENT)
        verbs = ["approve"] if CaseState.APPROVED in following else []
        if state in _RETURNING and row.resolution == Resolution.RETURN_AND_REFUND:
            verbs.append("pay")
        return [*verbs, "refuse"] if CaseState.REJECTED in following else verbs

    return {
        "page": page,
        "page_name": conversation.buyer_name,
        "conversation_id": conversation.id,
        "lines": page.lines,
        "first": True,
        "actions": _OWN_ACTIONS if is_mine else _ACTIONS.get(mode, ()),
        "order": shown.order,
        "zone": _ZONES[shown.order.market] if shown.order else "UTC",
        "reason": shown.reason,
        "wish": shown.wish,
        "decision": shown.decision,
        "case_blocked": w("case_floor", name=page.agent_name) if is_others else "",
        "case_verbs": case_verbs,
        "money_resolutions": actions.MONEY,
        "major_units": actions.major_units,
        "resolutions": [resolution.value for resolution in Resolution],
        "actor": actor,
        "max_text": MAX_AGENT_TEXT,
        "client_key": client_key,
        "draft": "",
        "refusing": "",
    }
