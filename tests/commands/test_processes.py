"""The three processes: taken ports, agreement on settings, death and clean ends."""

import io
import socket
import sys
import time
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from bot.commands import run
from bot.commands.processes import Process, Service, check_port, environment, services, write_endpoints
from bot.errors import SetupError
from bot.settings import Settings

SLEEPER = "import time; print('I am up', flush=True); time.sleep(60)"


def service(name: str, code: str, port: int = 1) -> Service:
    return Service(name, (sys.executable, "-c", code), port, "REFUNDDESK_PORT", "http://127.0.0.1:1/")


def wait_for_lines(process: Process) -> list[str]:
    for _ in range(100):
        if lines := process.last_lines():
            return lines
        time.sleep(0.1)
    return []


def test_a_taken_port_is_one_clear_sentence_that_names_the_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError) as raised:
            check_port(service("desk", "", port))

    assert raised.value.detail == (
        f"Port {port}, wanted by desk, is taken by another program: "
        "stop that program or set REFUNDDESK_PORT to a free port."
    )


def test_only_the_desk_may_listen_beyond_loopback(settings: Settings) -> None:
    wanted = {service.name: service for service in services(settings.model_copy(update={"host": "0.0.0.0"}), Path("m"))}

    assert [wanted[name].host for name in ("actions", "rasa", "desk")] == ["127.0.0.1", "127.0.0.1", "0.0.0.0"]
    assert "127.0.0.1" in wanted["rasa"].command
    assert environment(settings)["SANIC_HOST"] == "127.0.0.1"


def test_children_see_the_same_settings_and_no_telemetry(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    given = environment(settings.model_copy(update={"allowed_origins": ["https://shop.example"]}))
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    seen = Settings(_env_file=None)

    assert seen.api_key == settings.api_key
    assert seen.data_dir == settings.data_dir
    assert seen.allowed_origins == ["https://shop.example"]
    assert given["RASA_TELEMETRY_ENABLED"] == "false"


def test_rasa_is_told_the_port_of_this_installations_action_server(settings: Settings) -> None:
    path = write_endpoints(settings.model_copy(update={"actions_port": 5077}))

    endpoints = yaml.safe_load(path.read_text())
    assert endpoints["action_endpoint"]["url"] == "http://127.0.0.1:5077/webhook"
    assert endpoints["tracker_store"]["type"] == "bot.rasa_stores.CompactTrackerStore"


def test_a_stopped_process_is_gone_and_stopping_twice_is_harmless(tmp_path: Path) -> None:
    process = Process(service("sleeper", SLEEPER), tmp_path / "log", {})
    assert wait_for_lines(process) == ["I am up"]

    process.stop()
    process.stop()

    assert process.exit_code is not None


def test_when_one_dies_its_last_lines_are_shown_and_the_others_are_stopped(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Process] = []

    class Noted(Process):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)
            started.append(self)

    monkeypatch.setattr(run, "Process", Noted)
    monkeypatch.setattr(run, "ensure_model", lambda *_: Path("model"))
    monkeypatch.setattr(
        run,
        "services",
        lambda *_: [service("well", SLEEPER, 0), service("ill", "print('out of luck'); raise SystemExit(3)", 0)],
    )
    output = io.StringIO()

    assert run.Runner(settings, Console(file=output, width=200)).run() == 1

    assert "ill has stopped (exit code 3)" in output.getvalue()
    assert "out of luck" in output.getvalue()
    assert [process.exit_code is not None for process in started] == [True, True]
