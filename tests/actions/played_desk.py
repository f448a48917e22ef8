"""A desk that is played: a real HTTP server that answers as it is told and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from actions.client import Desk

KEY = "key-of-the-test"
CID = "c1"


class PlayedDesk:
    """`says[(method, path)]` is a list of (status, body); the last one is said again and again."""

    def __init__(self) -> None:
        self.says: dict[tuple[str, str], list[tuple[int, Any]]] = {
            ("POST", "handoff"): [(200, {"mode": "queued", "waiting_before": 0, "texts": texts("handed over")})],
            ("PATCH", "state"): [(204, None)],
            ("POST", "evidence/bind"): [(200, {"case": None, "bound": 0})],
        }
        self.heard: list[tuple[str, str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def play(self, method: str, path: str, body: Any, status: int = 200) -> None:
        """Add an answer."""
        self.says.setdefault((method, path), []).append((status, body))

    def refuse(self, method: str, path: str, status: int, code: str, **fields: Any) -> None:
        """Add a problem document."""
        body = {"type": "about:blank", "title": code, "status": status, "detail": code, "code": code, **fields}
        self.play(method, path, body, status)

    def asked(self, *, states: bool = False) -> list[tuple[str, str, Any]]:
        """(method, path, body) of each call, without what was told for the agent's screen."""
        return [call for call in self.heard if states or call[0] != "PATCH"]

    def told(self) -> list[Any]:
        """What was told for the agent's screen."""
        return [body for method, _, body in self.heard if method == "PATCH"]

    @property
    def client(self) -> Desk:
        return Desk(self.url, KEY)


def texts(said: str) -> dict[str, str]:
    """The same words marked with each language."""
    return {language: f"{said} [{language}]" for language in ("zh-Hans", "zh-Hant", "en")}


@contextmanager
def playing() -> Iterator[PlayedDesk]:
    """Run a played desk on a free port."""
    desk = PlayedDesk()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            path = self.path.removeprefix(f"/api/v1/conversations/{CID}/")
            desk.heard.append((self.command, path, body))
            desk.headers.append({name.lower(): value for name, value in self.headers.items()})
            answers = desk.says.get((self.command, path), [(500, {"code": "not_played"})])
            status, said = answers.pop(0) if len(answers) > 1 else answers[0]
            content = b"" if said is None else said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _answer

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    desk.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield desk
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
