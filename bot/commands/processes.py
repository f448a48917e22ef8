"""The three processes: how each is started, when it is ready, and how it is stopped."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from bot.errors import SetupError
from bot.settings import ROOT, Settings

STOP_SECONDS = 10
"""How long a process may take to finish its work before it is killed."""

_PR_SET_PDEATHSIG = 1

_WS_MAX_BYTES = 131_072
"""A buyer's longest message is 4,000 characters; files do not come over the socket."""


@dataclass(frozen=True)
class Service:
    """One process of ours: its command, its port and the address that answers 200 once it is ready."""

    name: str
    command: tuple[str, ...]
    port: int
    port_setting: str
    ready_url: str
    host: str = "127.0.0.1"


class Process:
    """A running service with its log file."""

    def __init__(self, service: Service, log: Path, environment: dict[str, str]) -> None:
        self.service = service
        self.log = log
        self._file = log.open("ab")
        self._log_start = self._file.tell()
        self._popen = subprocess.Popen(
            service.command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us only; we stop the three in order
            preexec_fn=_die_with_parent,
        )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        return self._popen.poll()

    def is_ready(self, client: httpx.Client) -> bool:
        try:
            return client.get(self.service.ready_url, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """Ask it to finish, wait, then insist. Safe to call twice."""
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
            try:
                self._popen.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
        self._file.close()

    def last_lines(self, count: int = 15) -> list[str]:
        """The end of what this run wrote to its log."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read()[-20_000:].decode(errors="replace").splitlines()[-count:]


def check_port(service: Service) -> None:
    """Raises SetupError if the service's port is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((service.host, service.port))
        except OSError:
            raise SetupError(
                f"Port {service.port}, wanted by {service.name}, is taken by another program: "
                f"stop that program or set {service.port_setting} to a free port."
            ) from None


def services(settings: Settings, model: Path) -> list[Service]:
    """Action server, Rasa and desk, in the order they are started."""
    rasa = (
        sys.executable, "-m", "rasa", "run", "--model", str(model),
        "--endpoints", str(write_endpoints(settings)), "--credentials", str(ROOT / "credentials.yml"),
        "--interface", "127.0.0.1", "--port", str(settings.rasa_port),
        "--enable-api", "--auth-token", settings.rasa_token,
    )  # fmt: skip
    # The same server as `rasa run actions`, without loading TensorFlow into it.
    actions = (sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(settings.actions_port))
    desk = (
        sys.executable, "-m", "uvicorn", "--factory", "bot.desk.app:create_app",
        "--host", settings.host, "--port", str(settings.port), "--no-access-log", "--log-level", settings.log_level,
        "--ws-max-size", str(_WS_MAX_BYTES),
    )  # fmt: skip
    return [
        Service("actions", actions, settings.actions_port, "REFUNDDESK_ACTIONS_PORT", f"{settings.actions_url}/health"),
        Service(
            "rasa",
            rasa,
            settings.rasa_port,
            "REFUNDDESK_RASA_PORT",
            f"{settings.rasa_url}/status?token={settings.rasa_token}",
        ),
        Service("desk", desk, settings.port, "REFUNDDESK_PORT", f"{settings.desk_url}/healthz", settings.host),
    ]


def environment(settings: Settings) -> dict[str, str]:
    """What the children see: every setting spelled out, so that all three agree."""
    ours = {
        f"REFUNDDESK_{name.upper()}": _as_text(value)
        for name, value in settings.model_dump(mode="json").items()
        if value not in ("", [])
    }
    return (
        dict(os.environ)
        | ours
        | {
            "RASA_TELEMETRY_ENABLED": "false",
            "SANIC_HOST": "127.0.0.1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", "")))),
        }
    )


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)


def write_endpoints(settings: Settings) -> Path:
    """Rasa's endpoints.yml with the action server's port of this installation."""
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"]["url"] = f"{settings.actions_url}/webhook"
    path = settings.data_dir / "run" / "endpoints.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    return path


def _die_with_parent() -> None:
    # If `refunddesk run` itself is killed, nothing of it may go on holding ports and databases (Linux only).
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
