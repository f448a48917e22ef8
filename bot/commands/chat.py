"""`refunddesk chat`: a conversation in the terminal, through the same channel programs use."""

import base64
import mimetypes
import shlex
import uuid
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from bot.errors import BadInput, ServiceError
from bot.settings import Settings

HELP = "Type a message, a number to press a button, /file PATH to send a picture, /quit to leave."


class Chat:
    """One conversation over `POST /channels/rest/messages`; remembers which buttons are on the screen."""

    def __init__(self, settings: Settings, *, sender: str = "", identity: str = "") -> None:
        self._client = httpx.Client(
            base_url=settings.desk_url, headers={"Authorization": f"Bearer {settings.api_key}"}, timeout=30
        )
        self._sender = sender or f"terminal-{uuid.uuid4().hex[:12]}"
        self._identity = identity
        self._buttons: list[dict[str, str]] = []

    def close(self) -> None:
        """Hang up; the conversation stays at the desk."""
        self._client.close()

    def say(self, line: str) -> list[dict[str, Any]]:
        """Send one line as typed; the messages that came back.

        Raises BadInput for a file that cannot be read or a message the desk refuses, ServiceError if the
        desk does not answer.
        """
        try:
            answer = self._client.post("/channels/rest/messages", json=self._body(line))
        except httpx.HTTPError:
            raise ServiceError(f"The desk at {self._client.base_url} does not answer: is refunddesk run on?") from None
        if answer.is_client_error:
            raise BadInput(answer.json().get("detail", answer.text))
        if answer.is_server_error:
            raise ServiceError(f"The desk answered {answer.status_code}.")
        messages: list[dict[str, Any]] = answer.json()["messages"]
        self._buttons = [button for message in messages for button in message.get("buttons") or []]
        return messages

    def _body(self, line: str) -> dict[str, Any]:
        body: dict[str, Any] = {"sender": self._sender}
        if self._identity:
            body["identity"] = self._identity
        if line.isdigit() and 0 < int(line) <= len(self._buttons):
            return body | {"button": self._buttons[int(line) - 1]["id"]}
        if line.startswith("/file "):
            paths = shlex.split(line.removeprefix("/file "))
            return body | {"text": "", "attachments": [_attachment(Path(path)) for path in paths]}
        return body | {"text": line}


def _attachment(path: Path) -> dict[str, str]:
    try:
        data = path.expanduser().read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {"filename": path.name, "content_type": kind, "data": base64.b64encode(data).decode()}


def converse(chat: Chat, console: Console) -> None:
    """Read lines until /quit or the end of input, print what comes back."""
    console.print(HELP, style="dim")
    while True:
        try:
            line = console.input("[bold cyan]> [/]").strip()
        except (EOFError, KeyboardInterrupt):
            return
        if line == "/quit":
            return
        if not line:
            continue
        try:
            show(chat.say(line), console)
        except (BadInput, ServiceError) as error:
            console.print(error.detail, style="red", markup=False)


def show(messages: list[dict[str, Any]], console: Console) -> None:
    """Print bubbles, then their buttons numbered through."""
    number = 0
    for message in messages:
        console.print(message.get("text", ""), markup=False, highlight=False)
        for button in message.get("buttons") or []:
            number += 1
            console.print(f"  [{number}] {button['title']}", style="cyan", markup=False, highlight=False)
