"""Handoff, state, orders, health: the rest of the API."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.desk.app import create_app
from bot.policy.rules import Packs
from bot.settings import Settings
from bot.storage.tables import Conversation, OrderRow
from tests.backends.build import order_data
from tests.conversations.desks import rows
from tests.conversations.fake_rasa import FakeRasa
from tests.desk.conftest import Api


async def test_a_handoff_queues_once_and_says_how_many_wait(api: Api) -> None:
    first, second = await api.chat("ann"), await api.chat("bob")
    body = {"reason": "asked_for_person", "turn_id": "t1"}
    answers = [(await api.post(cid, "handoff", body)).json() for cid in (first, second, second)]
    assert [(a["mode"], a["waiting_before"]) for a in answers] == [("queued", 0), ("queued", 1), ("queued", 1)]
    assert "1" in answers[1]["texts"]["en"]
    assert [c.version for c in rows(api.desk, Conversation)] == [2, 2]


async def test_what_the_bot_understood_is_merged(api: Api) -> None:
    cid = await api.chat()
    for state in (
        {"order_number": "A-1", "language": "en"},
        {"reason": {"name": "size_mismatch", "confidence": 0.9}},
        {"wish": "exchange"},
        {"facts": {"differs_from_chart": True}},
        {"facts": {"intact": False}},
    ):
        response = await api.http.patch(f"/api/v1/conversations/{cid}/state", json=state)
        assert response.status_code == 204
    seen = (await api.http.get(f"/api/v1/conversations/{cid}")).json()
    assert seen["language"] == "en"
    assert seen["state"] == {
        "order_number": "A-1",
        "reason": {"name": "size_mismatch", "confidence": 0.9},
        "wish": "exchange",
        "facts": {"intact": False},
    }
    for refused in ({"language": "fr"}, {"facts": {"colour": "red"}}):
        wrong = await api.http.patch(f"/api/v1/conversations/{cid}/state", json=refused)
        assert wrong.status_code == 422
    assert (await api.http.get(f"/api/v1/conversations/{cid}")).json()["state"] == seen["state"]


async def test_a_conversation_shows_its_transcript_in_order(api: Api) -> None:
    cid = await api.chat()
    seen = (await api.http.get(f"/api/v1/conversations/{cid}")).json()
    assert [(m["seq"], m["author"]) for m in seen["messages"]] == [(1, "bot"), (2, "buyer"), (3, "bot")]
    assert (seen["mode"], seen["channel"], seen["version"], seen["cases"]) == ("bot", "rest", 1, [])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "order-lookup"), ("GET", "orders"), ("POST", "decision"), ("POST", "cases"), ("GET", "cases"),
        ("POST", "handoff"), ("PATCH", "state"), ("GET", ""), ("POST", "evidence/bind"),
        ("POST", "cases/RD-00000000/withdraw"), ("POST", "cases/RD-00000000/return-tracking"),
    ],
)  # fmt: skip
async def test_an_unknown_conversation_is_not_found_and_no_key_is_no_entry(method: str, path: str, api: Api) -> None:
    bodies: dict[str, Any] = {
        "order-lookup": {"order_number": "A-1"},
        "decision": {"order_number": "A-1", "reason": "other"},
        "cases": {"order_number": "A-1", "reason": "other"},
        "handoff": {"reason": "upset"},
        "state": {},
        "evidence/bind": {},
        "cases/RD-00000000/return-tracking": {"tracking_number": "SF123456"},
    }
    url = f"/api/v1/conversations/nobody/{path}".rstrip("/")
    body = bodies.get(path) if method != "GET" else None
    response = await api.http.request(method, url, json=body, headers={"Idempotency-Key": "k"})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    closed = await api.http.request(method, url, json=body, headers={"Idempotency-Key": "k", "Authorization": ""})
    assert (closed.status_code, closed.json()["code"]) == (401, "not_authenticated")
    assert closed.headers["www-authenticate"] == "Bearer"


async def test_orders_are_imported_from_json_and_csv(api: Api) -> None:
    answer = await api.http.post(
        "/api/v1/orders/import", json=[order_data("A-1"), {"number": "A-2"}, order_data("A-3")]
    )
    assert answer.json()["taken"] == 2
    assert [bad["line"] for bad in answer.json()["bad"]] == [2]
    text = (
        "number,market,currency,status,placed_at,paid_total,items,buyer_phone\n"
        'C-1,tw,TWD,paid,-1d,128000,"[{""sku"":""S"",""title"":""T"",""quantity"":1,""unit_price"":128000,""paid"":128000}]",0912345678\n'
        "C-2,tw,TWD,paid,-1d,1,[],\n"
    )
    answer = await api.http.post("/api/v1/orders/import", content=text.encode(), headers={"Content-Type": "text/csv"})
    assert answer.json()["taken"] == 1
    assert [bad["line"] for bad in answer.json()["bad"]] == [3]
    found = (await api.http.get("/api/v1/orders/c-1")).json()
    assert (found["number"], found["paid_total"], found["buyer"]["id"]) == ("C-1", 128_000, "guest:C-1")
    assert (await api.http.get("/api/v1/orders/C-2")).status_code == 404


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'"text"'])
async def test_an_import_that_is_no_list_is_refused(content: bytes, api: Api) -> None:
    response = await api.http.post("/api/v1/orders/import", content=content)
    assert (response.status_code, response.json()["code"]) == (400, "bad_input")
    assert rows(api.desk, OrderRow) == []


async def test_health_says_what_is_missing(api: Api, rasa: FakeRasa) -> None:
    assert (await api.http.get("/healthz", headers={"Authorization": ""})).json() == {"status": "ok"}
    ready = await api.http.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "not_ready", "missing": ["actions"]})
    rasa.is_ready = False
    assert (await api.http.get("/readyz")).json()["missing"] == ["rasa", "actions"]


async def test_metrics_count_turns_and_who_waits(api: Api, rasa: FakeRasa) -> None:
    await api.chat()
    rasa.status = 500
    await api.say("bob", "退款")
    text = (await api.http.get("/metrics")).text
    assert 'refunddesk_turns_total{outcome="answered"} 1.0' in text
    assert "refunddesk_turn_failures_total 1.0" in text
    assert "refunddesk_turn_seconds_count 2.0" in text
    assert "refunddesk_queue 1.0" in text
    assert 'refunddesk_conversations{mode="bot"} 1.0' in text


async def test_every_refusal_is_a_problem_document(api: Api) -> None:
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("DELETE", "/healthz", 405),
        ("GET", "/api/v1/cases?state=x", 422),
    ):
        response = await api.http.request(method, path)
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert set(response.json()) >= {"type", "title", "status", "detail", "code"}


async def test_an_error_of_ours_tells_nothing_about_the_inside(api: Api) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret path")

    api.desk.orders.of_buyer = broken  # type: ignore[method-assign,assignment]
    response = await api.http.get("/api/v1/conversations/x/orders")
    assert (response.status_code, response.json()["code"]) == (500, "error")
    assert "secret" not in response.text


async def test_the_api_describes_itself(api: Api) -> None:
    document = (await api.http.get("/openapi.json")).json()
    ours = {path for path in document["paths"] if path.startswith(("/api/", "/channels/"))}
    assert ours >= {
        "/channels/rest/messages",
        "/api/v1/conversations/{cid}/order-lookup",
        "/api/v1/conversations/{cid}/decision",
        "/api/v1/conversations/{cid}/cases",
        "/api/v1/conversations/{cid}/handoff",
        "/api/v1/conversations/{cid}/state",
        "/api/v1/cases",
        "/api/v1/cases/{case_id}",
        "/api/v1/orders/import",
    }
    for path in ours:
        for operation in document["paths"][path].values():
            assert operation["summary"]


def test_demo_orders_are_fresh_at_every_start_and_never_in_a_shop_with_its_own(
    desk_settings: Settings, packs: Packs
) -> None:
    demo = desk_settings.model_copy(update={"demo": True})
    headers = {"Authorization": f"Bearer {demo.api_key}"}
    with TestClient(create_app(demo, packs=packs)) as client:
        first = client.get("/api/v1/orders/RD20260001", headers=headers).json()
        count = len(rows(client.app.state.desk, OrderRow))  # type: ignore[attr-defined]
    assert count > 10
    with TestClient(create_app(demo, packs=packs)) as client:
        second = client.get("/api/v1/orders/RD20260001", headers=headers).json()
        assert len(rows(client.app.state.desk, OrderRow)) == count  # type: ignore[attr-defined]
    assert second["delivered_at"] > first["delivered_at"]
    own = demo.model_copy(update={"data_dir": demo.data_dir / "own", "demo": False})
    with TestClient(create_app(own, packs=packs)) as client:
        client.post("/api/v1/orders/import", json=[order_data("MY-1")], headers=headers)
    with TestClient(create_app(own.model_copy(update={"demo": True}), packs=packs)) as client:
        assert [row.number for row in rows(client.app.state.desk, OrderRow)] == ["MY-1"]  # type: ignore[attr-defined]
