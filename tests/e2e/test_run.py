"""`refunddesk run` as a merchant meets it: addresses, one clear sentence for a taken port, a clean end."""

import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from bot.commands.chat import Chat
from bot.errors import BadInput, ServiceError
from bot.settings import ROOT, Settings
from tests.e2e.stack import API_KEY, Stack

pytestmark = pytest.mark.e2e


def settings_of(stack: Stack) -> Settings:
    return Settings(_env_file=None, port=stack.ports["desk"], api_key=API_KEY)


def test_it_prints_where_everything_is_and_how_to_log_in(stack: Stack) -> None:
    printed = stack.log.read_text()

    for address in ("/demo", "/console", "/docs"):
        assert f"http://localhost:{stack.ports['desk']}{address}" in printed
        page = httpx.get(stack.url + address, headers={"Accept": "text/html"}, follow_redirects=True)
        assert page.status_code == 200
    assert "admin / e2e-password" in printed


def test_the_api_page_needs_nobody_elses_server(stack: Stack) -> None:
    page = httpx.get(f"{stack.url}/docs").text

    assert "https://" not in page.replace("https://fastapi.tiangolo.com/img/favicon.png", "")
    assert httpx.get(f"{stack.url}/openapi.json").json()["info"]["title"] == "RefundDesk"


def test_only_the_desk_listens_beyond_loopback(stack: Stack) -> None:
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    addresses = {int(row.split()[1].split(":")[1], 16): row.split()[1].split(":")[0] for row in listening}

    loopback = "0100007F"
    assert [addresses[stack.ports[name]] for name in ("rasa", "actions")] == [loopback, loopback]


def test_a_taken_port_is_one_sentence_and_exit_code_two(stack: Stack, tmp_path: Path) -> None:
    environment = stack.environment() | {"REFUNDDESK_DATA_DIR": str(tmp_path)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        environment["REFUNDDESK_ACTIONS_PORT"] = str(free.getsockname()[1])
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "run"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"refunddesk: Port {stack.ports['rasa']}, wanted by rasa, is taken by another program: "
        "stop that program or set REFUNDDESK_RASA_PORT to a free port."
    )


def test_a_terminal_chat_goes_the_same_way(stack: Stack, tmp_path: Path) -> None:
    with closing(Chat(settings_of(stack))) as chat:
        first = chat.say("你好")
        second = chat.say("1")
        with pytest.raises(BadInput, match="No such file"):
            chat.say(f"/file {tmp_path}/missing.jpg")

    assert "机器人" in first[0]["text"]
    assert second != []


def test_a_chat_without_a_desk_says_so() -> None:
    with (
        closing(Chat(Settings(_env_file=None, port=1, api_key="k"))) as chat,
        pytest.raises(ServiceError, match="is refunddesk run on"),
    ):
        chat.say("hi")


def test_ctrl_c_ends_all_three_and_frees_the_ports(own_stack: Stack) -> None:
    pids = [own_stack.pid_of(name) for name in ("desk", "rasa", "actions")]

    assert own_stack.stop() == 0

    assert [Path(f"/proc/{pid}").exists() for pid in pids] == [False, False, False]
    for port in own_stack.ports.values():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
