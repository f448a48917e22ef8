"""The console's addresses: login, list, conversation, its actions, and the live socket."""

import secrets
from pathlib import Path
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request, WebSocket
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.conversations import transcript
from bot.desk.auth import get_desk
from bot.desk.console import actions, auth, live, queries, views
from bot.desk.console.auth import LoggedIn
from bot.desk.console.pages import ConsoleRoute
from bot.desk.console.words import COOKIE as LANGUAGE_COOKIE
from bot.desk.widget.uploads import file_response
from bot.errors import NotFound, RefundDeskError, TooManyTries
from bot.words import Language

router = APIRouter(prefix="/console", include_in_schema=False, route_class=ConsoleRoute)

_STATIC = Path(__file__).parent / "static"
_LOGIN_COOKIE = "refunddesk_login"
_YEAR = 365 * 24 * 3600
_Field = Annotated[str, Form()]


def current_agent(request: Request) -> LoggedIn:
    """The agent of this request; raises NotAuthenticated, which a page turns into the login form."""
    desk = get_desk(request)
    with desk.database.read() as session:
        return auth.read_session(session, request, desk.settings)


Me = Annotated[LoggedIn, Depends(current_agent)]


def posting_agent(request: Request, me: Me, csrf: _Field = "") -> LoggedIn:
    """The agent of a post that carries this session's token; raises WrongCsrf."""
    auth.check_csrf(request, me, csrf)
    return me


Poster = Annotated[LoggedIn, Depends(posting_agent)]


# --- login -------------------------------------------------------------------------------------


@router.get("/login")
def login_page(request: Request, next: str = "") -> Response:
    return _login_form(request, next=next)


@router.post("/login")
def login(
    request: Request, username: _Field = "", password: _Field = "", csrf: _Field = "", next: _Field = ""
) -> Response:
    desk = get_desk(request)
    w = views.request_words(request)
    try:
        auth.check_origin(request)
        auth.check_login_token(request.cookies.get(_LOGIN_COOKIE, ""), csrf, desk.settings)
    except auth.WrongCsrf:
        return _login_form(request, next=next, username=username, error=w("error_csrf"), status=403)
    try:
        agent = auth.check_password(desk.database, username.strip()[:64], password[:1024])
    except TooManyTries as error:
        text = w("login_locked", minutes=error.fields["minutes"])
        return _login_form(request, next=next, username=username, error=text, status=429)
    if agent is None:
        return _login_form(request, next=next, username=username, error=w("login_wrong"), status=401)
    response = RedirectResponse(_own_path(next), 303)
    response.delete_cookie(_LOGIN_COOKIE, path="/console")
    _set_cookie(request, response, auth.COOKIE, auth.make_cookie(agent, desk.settings), auth.SESSION_SECONDS)
    return response


@router.post("/logout")
def logout(_me: Poster) -> Response:
    response = RedirectResponse("/console/login", 303)
    response.delete_cookie(auth.COOKIE, path="/console")
    return response


@router.post("/language")
def choose_language(request: Request, language: _Field, next: _Field = "") -> Response:
    """Kept in a cookie; works before login too. Changes nothing but the words."""
    auth.check_origin(request)
    response = RedirectResponse(_own_path(next), 303)
    if language in set(Language):
        _set_cookie(request, response, LANGUAGE_COOKIE, language, _YEAR)
    return response


def _login_form(request: Request, *, next: str, username: str = "", error: str = "", status: int = 200) -> HTMLResponse:
    nonce = secrets.token_urlsafe(18)
    token = auth.login_token(nonce, get_desk(request).settings)
    response = views.render(
        request, "login.html", None, status=status, token=token, next=next, username=username, error=error
    )
    _set_cookie(request, response, _LOGIN_COOKIE, nonce, 3600)
    return response


def _own_path(path: str) -> str:
    """Only a path of the console: a link in a mail must not lead an agent elsewhere after login."""
    is_own = path == "/console" or path.startswith(("/console/c/", "/console/login"))
    return path if is_own and "\\" not in path else "/console"


def _set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=seconds, path="/console", httponly=True, samesite="lax", secure=secure)


# --- pages -------------------------------------------------------------------------------------


@router.get("")
def list_page(request: Request, me: Me) -> Response:
    return _list(request, me, "list.html")


@router.get("/list")
def list_part(request: Request, me: Me) -> Response:
    """The list alone, for the script."""
    return _list(request, me, "_list.html")


def _list(request: Request, me: LoggedIn, template: str) -> Response:
    with get_desk(request).database.read() as session:
        groups = queries.list_groups(session)
    return views.render(request, template, me, **views.list_context(groups))


@router.get("/c/{conversation_id}")
def conversation_page(request: Request, conversation_id: str, me: Me, ok: str = "") -> Response:
    w = views.request_words(request)
    notice = w(f"ok_{ok}") if ok in actions.NOTICES else ""
    return show_conversation(request, me, conversation_id, notice=notice)


@router.get("/c/{conversation_id}/part/{part}")
def conversation_part(request: Request, conversation_id: str, part: str, me: Me) -> Response:
    """Head, foot or panel alone, for the script."""
    if part not in ("head", "foot", "panel"):
        raise NotFound("no such part")
    return views.render(request, f"_{part}.html", me, **_context(request, me, conversation_id))


@router.get("/c/{conversation_id}/lines")
def lines_part(request: Request, conversation_id: str, me: Me, after: int = 0) -> Response:
    """The lines after a seq, for the script."""
    with get_desk(request).database.read() as session:
        lines = queries.lines_after(session, conversation_id, after)
        name = transcript.get_conversation(session, conversation_id).buyer_name
    context: dict[str, Any] = {"lines": lines, "conversation_id": conversation_id, "page_name": name, "first": False}
    return views.render(request, "_lines.html", me, **context)


@router.get("/c/{conversation_id}/files/{evidence_id}")
def evidence_file(request: Request, conversation_id: str, evidence_id: str, me: Me) -> FileResponse:
    """A file of this conversation, for a logged-in agent."""
    desk = get_desk(request)
    with desk.database.read() as session:
        evidence = queries.evidence_of(session, conversation_id, evidence_id)
    if evidence is None:
        raise NotFound("no such file in this conversation")
    return file_response(evidence, desk.files.path(evidence.sha256))


def show_conversation(
    request: Request, me: LoggedIn, conversation_id: str, *, status: int = 200, **more: Any
) -> HTMLResponse:
    """The whole page; `more` may hold error, notice, draft, refusing."""
    shown = {"error": "", "notice": ""} | more
    return views.render(
        request, "conversation.html", me, status=status, **(_context(request, me, conversation_id) | shown)
    )


def _context(request: Request, me: LoggedIn, conversation_id: str) -> dict[str, Any]:
    desk = get_desk(request)
    with desk.database.read() as session:
        page = queries.conversation_page(session, conversation_id)
    w = views.request_words(request)
    return views.conversation_context(w, me, page, views.work_out(desk, page), secrets.token_urlsafe(12))


# --- actions -----------------------------------------------------------------------------------


@router.post("/c/{conversation_id}/reply")
def reply(request: Request, conversation_id: str, me: Poster, text: _Field = "", client_key: _Field = "") -> Response:
    """What the agent says. The script asks for JSON; without it the page is shown again."""
    wants_json = "application/json" in request.headers.get("accept", "")
    try:
        line = get_desk(request).floor.say(conversation_id, me.agent_id, text, client_key=client_key[:64])
    except RefundDeskError as error:
        words = actions.explain(get_desk(request), views.request_words(request), error, conversation_id)
        if wants_json:
            return JSONResponse({"error": words}, error.status)
        return show_conversation(request, me, conversation_id, status=error.status, error=words, draft=text)
    if wants_json:
        return JSONResponse({"seq": line.seq})
    return RedirectResponse(f"/console/c/{conversation_id}", 303)


@router.post("/c/{conversation_id}/cases/{case_id}/{verb}")
async def decide_case(
    request: Request,
    conversation_id: str,
    case_id: str,
    verb: str,
    me: Poster,
    why: _Field = "",
    version: _Field = "",
    amount: _Field = "",
    resolution: _Field = "",
) -> Response:
    """Approve, refuse with the words the buyer will read, or pay for a return that has arrived."""
    if verb not in actions.CASE_VERBS:
        raise NotFound("no such action")

    async def do() -> None:
        await actions.decide_case(
            get_desk(request), me, conversation_id, case_id, verb,
            why=why, version=version, amount=amount, resolution=resolution,
        )  # fmt: skip

    refusing = case_id if verb == "refuse" else ""
    return await _act(request, me, conversation_id, verb, do, refusing=refusing)


@router.post("/c/{conversation_id}/{verb}")
async def act(request: Request, conversation_id: str, verb: str, me: Poster, version: _Field = "") -> Response:
    """Claim, hand back, release, close."""
    if verb not in actions.FLOOR_VERBS:
        raise NotFound("no such action")
    return await _act(
        request,
        me,
        conversation_id,
        verb,
        lambda: actions.move_floor(get_desk(request), me, conversation_id, verb, version),
    )


async def _act(
    request: Request, me: LoggedIn, conversation_id: str, verb: str, do: actions.Do, **more: Any
) -> Response:
    try:
        await do()
    except RefundDeskError as error:
        desk, w, refused = get_desk(request), views.request_words(request), error

        def page() -> Response:
            words = actions.explain(desk, w, refused, conversation_id)
            return show_conversation(request, me, conversation_id, status=refused.status, error=words, **more)

        return await to_thread.run_sync(page)
    return RedirectResponse(f"/console/c/{conversation_id}?ok={verb}", 303)


# --- live and static ---------------------------------------------------------------------------


@router.websocket("/ws")
async def console_socket(websocket: WebSocket) -> None:
    """What has changed, for every open console page."""
    await live.serve(websocket)


@router.get("/static/{name}")
def static_file(name: str) -> FileResponse:
    if name not in ("console.css", "console.js"):
        raise NotFound("no such file")
    return FileResponse(_STATIC / name, headers={"Cache-Control": "no-cache"})
