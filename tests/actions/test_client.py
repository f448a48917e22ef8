"""The desk's client: exact requests, and the right error for each refusal."""

import socket

import pytest

from actions import client
from actions.client import Desk
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
from tests.actions.played_desk import CID, KEY, PlayedDesk, texts

CLAIM = {"order_number": "RD1", "reason": "quality_defect", "items": [], "facts": {}, "wish": None}


def test_each_call_sends_exactly_what_the_desk_expects(desk: PlayedDesk) -> None:
    desk.play("POST", "order-lookup", {"status": "found", "order": {"number": "RD1"}, "tries_left": 5})
    desk.play("GET", "orders", {"items": [{"number": "RD1"}]})
    desk.play("POST", "decision", {"decision": {}, "texts": texts("so")})
    desk.play("POST", "cases", {"case": {"id": "RD-1"}, "texts": texts("opened")}, 201)
    desk.play("GET", "cases", {"items": [], "texts": texts("none")})
    speaks = desk.client

    assert speaks.look_up_order(CID, "RD1", "8001")["order"] == {"number": "RD1"}
    assert speaks.orders(CID) == [{"number": "RD1"}]
    assert speaks.decide(CID, CLAIM)["texts"] == texts("so")
    assert speaks.open_case(CID, CLAIM, "key-1")["case"] == {"id": "RD-1"}
    assert speaks.cases(CID)["items"] == []
    assert speaks.hand_over(CID, "safety", "t1")["mode"] == "queued"
    speaks.put_state(CID, {"language": "en"})

    assert desk.heard == [
        ("POST", "order-lookup", {"order_number": "RD1", "phone_tail": "8001"}),
        ("GET", "orders", None),
        ("POST", "decision", CLAIM),
        ("POST", "cases", CLAIM),
        ("GET", "cases", None),
        ("POST", "handoff", {"reason": "safety", "turn_id": "t1"}),
        ("PATCH", "state", {"language": "en"}),
    ]
    assert {headers["authorization"] for headers in desk.headers} == {f"Bearer {KEY}"}
    assert desk.headers[3]["idempotency-key"] == "key-1"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "bad_input", BadInput),
        (422, "validation", BadInput),
        (401, "not_authenticated", NotAuthenticated),
        (403, "not_allowed", NotAllowed),
        (404, "not_found", NotFound),
        (409, "case_exists", Conflict),
        (409, "not_decidable", Conflict),
        (429, "too_many_tries", TooManyTries),
        (500, "error", ServiceError),
        (503, "service_timeout", ServiceTimeout),
    ],
)
def test_a_problem_document_becomes_its_error(
    desk: PlayedDesk, status: int, code: str, kind: type[RefundDeskError]
) -> None:
    desk.refuse("POST", "decision", status, code, case_id="RD-1")

    with pytest.raises(RefundDeskError) as caught:
        desk.client.decide(CID, CLAIM)

    assert type(caught.value) is kind
    assert caught.value.fields == {"code": code, "case_id": "RD-1"}


@pytest.mark.parametrize("status", [502, 503])
def test_a_desk_that_is_briefly_away_is_asked_once_more(desk: PlayedDesk, status: int) -> None:
    desk.refuse("GET", "cases", status, "service_error")
    desk.play("GET", "cases", {"items": [], "texts": texts("none")})

    assert desk.client.cases(CID)["items"] == []
    assert len(desk.heard) == 2


def test_a_refusal_is_not_repeated(desk: PlayedDesk) -> None:
    desk.refuse("POST", "cases", 409, "not_decidable")

    with pytest.raises(Conflict):
        desk.client.open_case(CID, CLAIM, "key-1")

    assert len(desk.heard) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[1]"])
def test_an_answer_that_is_no_object_is_a_service_error(desk: PlayedDesk, body: bytes) -> None:
    desk.play("GET", "cases", body)

    with pytest.raises(ServiceError, match="not a JSON object"):
        desk.client.cases(CID)


def test_no_desk_is_a_service_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(ServiceError, match="no connection"):
        Desk(f"http://127.0.0.1:{port}", KEY).cases(CID)


def test_a_silent_desk_is_a_timeout_and_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUTS", (0.2, 0.05))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(ServiceTimeout):
            Desk(f"http://127.0.0.1:{silent.getsockname()[1]}", KEY).cases(CID)
        silent.settimeout(0.05)
        silent.accept()[0].close()
        with pytest.raises(TimeoutError):
            silent.accept()


def test_a_conversation_id_cannot_leave_its_place_in_the_path(desk: PlayedDesk) -> None:
    with pytest.raises(ServiceError):
        desk.client.cases("../x/y")

    assert desk.heard[0][1] == "/api/v1/conversations/..%2Fx%2Fy/cases"
