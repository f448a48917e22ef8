"""A running RefundDesk for end-to-end tests: `refunddesk run` in a folder and on ports of its own."""

import base64
import io
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from bot.settings import ROOT

READY_SECONDS = 180
RUNNING = "RefundDesk is running"
API_KEY = "e2e-key"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def picture(shade: int = 120) -> dict[str, str]:
    """A real JPEG as the REST channel takes it."""
    data = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 90, 60)).save(data, "JPEG")
    return {
        "filename": f"photo-{shade}.jpg",
        "content_type": "image/jpeg",
        "data": base64.b64encode(data.getvalue()).decode(),
    }


@dataclass
class Stack:
    """One installation; it may be started, killed and started again on the same data."""

    data_dir: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ("desk", "rasa", "actions")})
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['desk']}"

    @property
    def log(self) -> Path:
        return self.data_dir / "run.log"

    def environment(self) -> dict[str, str]:
        return dict(os.environ) | {
            "REFUNDDESK_DATA_DIR": str(self.data_dir),
            "REFUNDDESK_PORT": str(self.ports["desk"]),
            "REFUNDDESK_RASA_PORT": str(self.ports["rasa"]),
            "REFUNDDESK_ACTIONS_PORT": str(self.ports["actions"]),
            "REFUNDDESK_API_KEY": API_KEY,
            "REFUNDDESK_IDENTITY_SECRET": "e2e-identity-secret-of-at-least-32-bytes",
            "REFUNDDESK_CONSOLE_PASSWORD": "e2e-password",
        }

    def start(self) -> "Stack":
        """Run it and wait until all three processes answer."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "run"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        before = self.log.read_text().count(RUNNING)
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"refunddesk run ended:\n{self.log.read_text()}")
            if self.log.read_text().count(RUNNING) > before:
                return self
            time.sleep(0.2)
        raise AssertionError(f"not ready within {READY_SECONDS} s:\n{self.log.read_text()}")

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def kill(self, name: str) -> None:
        """`kill -9` one of the three."""
        os.kill(self.pid_of(name), signal.SIGKILL)

    def wait_until_down(self) -> int:
        """Wait for the supervisor to have stopped everything; its exit code."""
        assert self.process is not None
        return self.process.wait(60)

    def pid_of(self, name: str) -> int:
        assert self.process is not None
        marks = {"desk": "bot.desk.app", "rasa": "--enable-api", "actions": "rasa_sdk"}
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in map(int, children):
            if marks[name] in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                return pid
        raise AssertionError(f"{name} is not running")

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {API_KEY}"}, timeout=60)

    def talk(self, sender: str, identity: str = "") -> "Talk":
        return Talk(self, sender, identity)

    def cases(self, order_number: str) -> list[dict[str, Any]]:
        with self.client() as client:
            answer = client.get("/api/v1/cases", params={"order_number": order_number}).raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def conversation(self, conversation_id: str) -> dict[str, Any]:
        with self.client() as client:
            data: dict[str, Any] = client.get(f"/api/v1/conversations/{conversation_id}").raise_for_status().json()
        return data


@dataclass
class Talk:
    """One buyer on the REST channel; keeps all that was said for the message of a failing test."""

    stack: Stack
    sender: str
    identity: str = ""
    conversation_id: str = ""
    mode: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def say(self, text: str = "", *, attachments: list[dict[str, str]] | None = None) -> str:
        """Send a message; the bot's words, joined."""
        body: dict[str, Any] = {"text": text}
        if attachments:
            body["attachments"] = attachments
        self.said.append(f"buyer: {text}{' [picture]' if attachments else ''}")
        return self._post(body)

    def press(self, title_part: str) -> str:
        """Press the button of the last answer whose title contains `title_part`."""
        button = next((b for b in self.buttons if title_part in b["title"]), None)
        assert button, f"no button {title_part!r} among {self.buttons}\n{self}"
        self.said.append(f"buyer: <{button['title']}>")
        return self._post({"button": button["id"]})

    def _post(self, body: dict[str, Any]) -> str:
        body["sender"] = self.sender
        if self.identity:
            body["identity"] = self.identity
        with self.stack.client() as client:
            answer = client.post("/channels/rest/messages", json=body)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}\n{self}"
        data = answer.json()
        self.conversation_id, self.mode = data["conversation_id"], data["mode"]
        self.buttons = [button for message in data["messages"] for button in message.get("buttons") or []]
        words = "\n".join(message["text"] for message in data["messages"])
        self.said.append(f"bot:   {words}  {[b['title'] for b in self.buttons]}")
        return words

    def __str__(self) -> str:
        return "\n".join(self.said)
