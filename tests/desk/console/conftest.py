"""One live desk for the console's tests, and agents who log in to it."""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.desk.widget.live_desk import LiveDesk, desk_settings, live_desk

PASSWORD = "a-good-password"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDesk]:
    with live_desk(desk_settings(tmp_path_factory.mktemp("desk"))) as desk:
        yield desk


@dataclass
class AtConsole:
    """An agent's browser without a screen."""

    agent_id: int
    name: str
    http: httpx.Client
    csrf: str

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, headers={"Accept": "text/html"})

    def post(self, path: str, *, csrf: str | None = None, json: bool = False, **fields: str) -> httpx.Response:
        data = {"csrf": self.csrf if csrf is None else csrf} | fields
        return self.http.post(path, data=data, headers={"Accept": "application/json" if json else "text/html"})


def console_client(live: LiveDesk, language: str = "zh-CN") -> httpx.Client:
    return httpx.Client(base_url=live.url, headers={"Accept-Language": language}, trust_env=False)


def log_in(http: httpx.Client, username: str, password: str, **fields: str) -> httpx.Response:
    """Fetch the form and post it, as a browser does."""
    form = http.get("/console/login")
    token = re.search(r'name="csrf" value="([^"]+)"', form.text)
    assert token is not None
    return http.post("/console/login", data={"csrf": token[1], "username": username, "password": password} | fields)


def _at_console(live: LiveDesk, name: str, language: str = "zh-CN") -> AtConsole:
    username = secrets.token_hex(6)
    agent_id = live.add_agent(username, name)
    http = console_client(live, language)
    assert log_in(http, username, PASSWORD).status_code == 303
    csrf = re.search(r'name="csrf" value="([^"]+)"', http.get("/console").text)
    assert csrf is not None
    return AtConsole(agent_id, name, http, csrf[1])


Arrive = Callable[..., AtConsole]


@pytest.fixture
def at_console(live: LiveDesk) -> Iterator[Arrive]:
    """A new agent who has logged in: `at_console(name, language="zh-CN")`."""
    there: list[AtConsole] = []

    def arrive(name: str, language: str = "zh-CN") -> AtConsole:
        there.append(_at_console(live, name, language))
        return there[-1]

    yield arrive
    for agent in there:
        agent.http.close()


# Logging in is slow on purpose, so these two stay for a whole module.
@pytest.fixture(scope="module")
def agent(live: LiveDesk) -> Iterator[AtConsole]:
    arrived = _at_console(live, "小周")
    yield arrived
    arrived.http.close()


@pytest.fixture(scope="module")
def other(live: LiveDesk) -> Iterator[AtConsole]:
    arrived = _at_console(live, "阿明")
    yield arrived
    arrived.http.close()


@pytest.fixture
def chat(live: LiveDesk) -> str:
    """A guest's conversation with one message."""
    return live.say(secrets.token_hex(16), "拉链坏了")
