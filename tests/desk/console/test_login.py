"""Who gets in, who does not, and what a foreign page can make an agent's browser do: nothing."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from bot.desk.console import auth
from bot.errors import TooManyTries
from bot.storage.engine import Database
from bot.storage.tables import Agent, Base
from tests.desk.console.conftest import PASSWORD, Arrive, AtConsole, console_client, log_in
from tests.desk.widget.live_desk import LiveDesk, desk_settings


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    Base.metadata.create_all(database.engine)
    return database


def test_the_first_agent_is_made_once(database: Database, tmp_path: Path) -> None:
    settings = desk_settings(tmp_path)
    with database.write() as session:
        made = auth.ensure_first_agent(session, settings)
        assert made is not None
        assert (made.username, made.role) == ("admin", "admin")
        assert made.password_hash.startswith("$argon2id$")
    with database.write() as session:
        assert auth.ensure_first_agent(session, settings) is None
        assert session.scalar(select(func.count()).select_from(Agent)) == 1
    assert auth.check_password(database, "admin", "console-password") is not None
    assert auth.check_password(database, "admin", "console-passwort") is None
    database.close()


def test_the_first_agent_of_the_settings_can_log_in(live: LiveDesk) -> None:
    with console_client(live) as http:
        answer = log_in(http, "admin", "console-password")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console")
        assert http.get("/console").status_code == 200


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(live: LiveDesk) -> None:
    live.add_agent("cookie", "曲奇")
    with console_client(live) as http:
        cookie = log_in(http, "cookie", PASSWORD).headers["set-cookie"]
    ours = next(part for part in cookie.split("refunddesk_login") if auth.COOKIE in part)
    for wanted in ("HttpOnly", "SameSite=lax", "Path=/console", "Max-Age=43200"):
        assert wanted in ours


def test_wrong_passwords_and_unknown_users_are_answered_alike(live: LiveDesk) -> None:
    live.add_agent("alike", "阿里")
    with console_client(live) as http:
        wrong, unknown = log_in(http, "alike", "no"), log_in(http, "nobody", "no")
        assert http.get("/console", headers={"Accept": "text/html"}).status_code == 303
    assert wrong.status_code == unknown.status_code == 401
    for answer in (wrong, unknown):
        assert "用户名或密码不对，请检查后再试。" in answer.text


@pytest.mark.parametrize("username", ["locked", "never-there"])
def test_after_five_failures_even_the_right_password_waits(live: LiveDesk, username: str) -> None:
    if username == "locked":
        live.add_agent(username, "锁")
    with console_client(live) as http:
        for _ in range(auth.MAX_FAILURES):
            assert log_in(http, username, "guess").status_code == 401
        answer = log_in(http, username, PASSWORD)
        assert answer.status_code == 429
        assert "请等 10 分钟再登录" in answer.text
        assert http.get("/console", headers={"Accept": "text/html"}).status_code == 303


def test_guesses_that_come_at_once_are_counted_like_others(database: Database) -> None:
    def guess(number: int) -> str:
        try:
            return str(auth.check_password(database, "somebody", f"guess {number}"))
        except TooManyTries as error:
            return error.code

    with ThreadPoolExecutor(12) as many:
        answers = list(many.map(guess, range(12)))
    assert sorted(answers) == ["None"] * auth.MAX_FAILURES + ["too_many_tries"] * 7
    database.close()


def test_a_right_password_forgets_the_wrong_ones(database: Database) -> None:
    with database.write() as session:
        auth.add_agent(session, username="zhou", password=PASSWORD, name="小周")
    for _ in range(3):
        assert [auth.check_password(database, "zhou", "wrong") for _ in range(4)] == [None] * 4
        assert auth.check_password(database, "zhou", PASSWORD) is not None
    database.close()


def test_an_agent_who_is_switched_off_is_out_at_once(live: LiveDesk, at_console: Arrive) -> None:
    agent = at_console("离职")
    assert agent.get("/console").status_code == 200
    with live.desk.database.write() as session:
        session.get_one(Agent, agent.agent_id).is_active = False
    assert agent.get("/console").status_code == 303


def test_a_changed_password_ends_the_old_sessions(live: LiveDesk, at_console: Arrive) -> None:
    agent = at_console("改密")
    with live.desk.database.write() as session:
        session.get_one(Agent, agent.agent_id).password_hash = "$argon2id$changed"
    assert agent.get("/console").status_code == 303


PAGES = [
    "/console",
    "/console/list",
    "/console/c/x",
    "/console/c/x/lines",
    "/console/c/x/part/panel",
    "/console/c/x/files/y",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_needs_a_login(live: LiveDesk, path: str) -> None:
    with console_client(live) as http:
        page = http.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 303
        assert page.headers["location"].startswith("/console/login?next=")
        script = http.get(path, headers={"Accept": "*/*"})
        assert (script.status_code, script.text) == (401, "登录已过期，请重新登录。")
        forged = http.get(path, headers={"Accept": "text/html", "Cookie": f"{auth.COOKIE}=eyJhZ2VudCI6MX0.x.y"})
        assert forged.status_code == 303


POSTS = ["claim", "handback", "release", "close", "reply", "cases/RD-1/approve", "cases/RD-1/refuse", "cases/RD-1/pay"]


@pytest.mark.parametrize("action", POSTS)
def test_every_post_needs_a_login_and_the_sessions_token(
    live: LiveDesk, agent: AtConsole, chat: str, action: str
) -> None:
    path = f"/console/c/{chat}/{action}"
    before = live.lines(chat), live.mode(chat)
    with console_client(live) as http:
        assert http.post(path, data={"csrf": agent.csrf, "text": "x", "why": "x"}).status_code == 303
    for token in ("", "wrong", agent.csrf[:-1]):
        answer = agent.post(path, csrf=token, text="x", why="x")
        assert answer.status_code == 403
        assert "什么都没有改动" in answer.text
    foreign = agent.http.post(
        path, data={"csrf": agent.csrf, "text": "x", "why": "x"}, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert (live.lines(chat), live.mode(chat)) == before


def test_a_login_form_of_another_browser_is_refused(live: LiveDesk) -> None:
    with console_client(live) as mine, console_client(live) as theirs:
        token = re.search(r'name="csrf" value="([^"]+)"', mine.get("/console/login").text)
        assert token is not None
        theirs.get("/console/login")
        answer = theirs.post(
            "/console/login", data={"csrf": token[1], "username": "admin", "password": "console-password"}
        )
    assert answer.status_code == 403


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "/api/v1/cases", ""])
def test_login_leads_nowhere_but_into_the_console(live: LiveDesk, target: str) -> None:
    with console_client(live) as http:
        answer = log_in(http, "admin", "console-password", next=target)
    assert answer.headers["location"] == "/console"


def test_login_leads_back_to_the_page_that_was_asked_for(live: LiveDesk, chat: str) -> None:
    with console_client(live) as http:
        answer = log_in(http, "admin", "console-password", next=f"/console/c/{chat}")
    assert answer.headers["location"] == f"/console/c/{chat}"


def test_logout_ends_the_session_in_the_browser(at_console: Arrive) -> None:
    agent = at_console("下班")
    answer: httpx.Response = agent.post("/console/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")
    assert agent.get("/console").status_code == 303
