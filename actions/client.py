"""The desk's API as the dialogue sees it. The only module of the actions that does HTTP.

Every method blocks; actions call them through `Turn.call`, off the event loop.
"""

import threading
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import requests

from bot.errors import (
    BadInput,
    Conflict,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RefundDeskError,
    ServiceError,
    ServiceTimeout,
    TooManyTries,
)
from bot.settings import get_settings

TIMEOUTS = (2.0, 5.0)
"""Seconds to connect and to wait for an answer. Two tries stay under the desk's own limit for a turn."""

TRIES = 2
"""Every call here may be repeated: reads, merges, and writes that carry a key or are made once by the desk."""

_BY_STATUS: dict[int, type[RefundDeskError]] = {
    400: BadInput,
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    422: BadInput,
    429: TooManyTries,
}
_BY_CODE: dict[str, type[RefundDeskError]] = {
    kind.code: kind for kind in (NotAuthenticated, TooManyTries, ServiceTimeout)
}
"""Codes that say more than their status does."""

_PROBLEM_FIELDS = ("type", "title", "status", "detail", "instance")


class Desk:
    """One desk. Raises the errors of `bot.errors`; `error.fields` holds the problem's own members and `code`."""

    def __init__(self, url: str, api_key: str) -> None:
        self._url = url.rstrip("/") + "/api/v1"
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._local = threading.local()

    def look_up_order(self, cid: str, number: str, tail: str | None) -> dict[str, Any]:
        """{"status": found | need_phone_tail | not_found | locked, "order", "tries_left"}."""
        return self._post(cid, "order-lookup", {"order_number": number, "phone_tail": tail})

    def orders(self, cid: str) -> list[dict[str, Any]]:
        """The verified buyer's orders, newest first, at most five; empty for a guest."""
        found: list[dict[str, Any]] = self._call("GET", cid, "orders")["items"]
        return found

    def decide(self, cid: str, claim: dict[str, Any]) -> dict[str, Any]:
        """{"decision", "texts"}. Conflict `case_exists` if these goods already have an open case."""
        return self._post(cid, "decision", claim)

    def open_case(self, cid: str, claim: dict[str, Any], key: str) -> dict[str, Any]:
        """{"case", "texts"}; the same key opens the same case. Conflict `not_decidable` if the rules say no."""
        return self._call("POST", cid, "cases", body=claim, headers={"Idempotency-Key": key})

    def cases(self, cid: str) -> dict[str, Any]:
        """{"items", "texts"}: where each case of this buyer stands."""
        return self._call("GET", cid, "cases")

    def bind_evidence(self, cid: str, case_id: str | None) -> dict[str, Any]:
        """{"case", "bound"}: loose pictures join this case, or the newest open one; `case` None: none is open."""
        return self._post(cid, "evidence/bind", {"case_id": case_id})

    def withdraw(self, cid: str, case_id: str) -> dict[str, Any]:
        """{"case", "texts"}. Conflict once money or goods are on their way."""
        return self._post(cid, f"cases/{quote(case_id, safe='')}/withdraw", {})

    def track_return(self, cid: str, case_id: str, number: str) -> dict[str, Any]:
        """{"case", "texts"}. Conflict if this case awaits no return."""
        return self._post(cid, f"cases/{quote(case_id, safe='')}/return-tracking", {"tracking_number": number})

    def hand_over(self, cid: str, reason: str, turn_id: str) -> dict[str, Any]:
        """{"mode", "waiting_before", "texts"}: queues the conversation for a person."""
        return self._post(cid, "handoff", {"reason": reason, "turn_id": turn_id})

    def put_state(self, cid: str, state: dict[str, Any]) -> None:
        """What has been understood, for the agent's screen; merged."""
        self._call("PATCH", cid, "state", body=state)

    def _post(self, cid: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", cid, path, body=body)

    def _call(
        self,
        method: str,
        cid: str,
        path: str,
        *,
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        url = f"{self._url}/conversations/{quote(cid, safe='')}/{path}"
        for left in reversed(range(TRIES)):
            try:
                answer = self._session.request(method, url, json=body, headers=headers, timeout=TIMEOUTS)
            except requests.Timeout:
                raise ServiceTimeout(f"{method} {path}: no answer in time") from None
            except requests.ConnectionError:
                if not left:
                    raise ServiceError(f"{method} {path}: no connection") from None
                continue
            if answer.status_code in (502, 503) and left:
                continue
            break
        return _read(answer, f"{method} {path}")

    @property
    def _session(self) -> requests.Session:
        """One session per thread: `requests` does not promise that threads may share one."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False  # loopback only: no proxy, no .netrc
            session.headers.update(self._headers)
        return session


def _read(answer: requests.Response, what: str) -> dict[str, Any]:
    try:
        body = answer.json() if answer.content else {}
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ServiceError(f"{what}: {answer.status_code}, not a JSON object")
    if answer.ok:
        return body
    kind = _BY_CODE.get(str(body.get("code"))) or _BY_STATUS.get(answer.status_code, ServiceError)
    error = kind(f"{what}: {answer.status_code} {body.get('code', '')}")
    error.fields |= {name: value for name, value in body.items() if name not in _PROBLEM_FIELDS}
    raise error


@lru_cache(maxsize=1)
def get_desk() -> Desk:
    """The desk of this process's settings."""
    settings = get_settings()
    return Desk(settings.desk_url, settings.api_key)
