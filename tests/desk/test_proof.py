"""A buyer sees their own orders and nobody else's."""

import pytest

from bot.desk import proof
from bot.storage.tables import Audit, Conversation
from tests.backends.build import order_data
from tests.conversations.desks import rows
from tests.desk.conftest import Api

TAIL = "8001"


@pytest.fixture
async def orders(api: Api) -> None:
    await api.put_orders(
        order_data("A-1"), order_data("A-2", placed_at="-9d"), order_data("B-1", buyer="u-bob"), order_data("B-2")
    )


async def look_up(api: Api, cid: str, number: str, tail: str | None = None) -> dict:
    return (await api.post(cid, "order-lookup", {"order_number": number, "phone_tail": tail})).json()


@pytest.mark.usefixtures("orders")
async def test_a_guest_proves_an_order_by_its_phone(api: Api) -> None:
    cid = await api.chat()
    assert await look_up(api, cid, "a-1") == {"status": "need_phone_tail", "order": None, "tries_left": 5}
    found = await look_up(api, cid, " #a-1", TAIL)
    assert (found["status"], found["tries_left"]) == ("found", 5)
    assert set(found["order"]) == {
        "number", "market", "currency", "status", "placed_at", "delivered_at", "paid_total", "items",
    }  # fmt: skip
    assert "138" not in str(found)
    assert (await look_up(api, cid, "A-1"))["status"] == "found"
    assert (await look_up(api, await api.chat("other"), "A-1"))["status"] == "need_phone_tail"


@pytest.mark.usefixtures("orders")
async def test_unknown_numbers_and_other_peoples_orders_are_answered_alike(api: Api) -> None:
    for cid in (await api.chat("guest"), await api.chat("signed-in", buyer="u-ann")):
        known, unknown = await look_up(api, cid, "B-1"), await look_up(api, cid, "Z-9")
        assert known == unknown == {"status": "need_phone_tail", "order": None, "tries_left": 5}
        assert await look_up(api, cid, "B-1", "0000") == {"status": "not_found", "order": None, "tries_left": 4}
        assert await look_up(api, cid, "Z-9", "0000") == {"status": "not_found", "order": None, "tries_left": 3}


@pytest.mark.usefixtures("orders")
async def test_a_signed_in_buyer_needs_no_proof_for_their_own(api: Api) -> None:
    cid = await api.chat(buyer="u-ann")
    assert (await look_up(api, cid, "A-1"))["status"] == "found"
    listed = (await api.http.get(f"/api/v1/conversations/{cid}/orders")).json()["items"]
    assert [o["number"] for o in listed][-1] == "A-2"
    assert {o["number"] for o in listed} == {"A-1", "A-2", "B-2"}
    guest = await api.chat("guest")
    assert (await api.http.get(f"/api/v1/conversations/{guest}/orders")).json() == {"items": []}


@pytest.mark.usefixtures("orders")
async def test_five_wrong_tails_lock_the_conversation_even_for_the_right_one(api: Api) -> None:
    cid = await api.chat()
    answers = [await look_up(api, cid, "A-1", f"000{n}") for n in range(5)]
    assert [(a["status"], a["tries_left"]) for a in answers] == [
        ("not_found", 4), ("not_found", 3), ("not_found", 2), ("not_found", 1), ("locked", 0),
    ]  # fmt: skip
    for tail in (TAIL, None):
        assert await look_up(api, cid, "A-1", tail) == {"status": "locked", "order": None, "tries_left": 0}
    [conversation] = rows(api.desk, Conversation)
    assert (conversation.failed_proofs, conversation.proved_orders) == (5, [])


@pytest.mark.usefixtures("orders")
async def test_a_tail_that_is_not_four_digits_costs_no_try(api: Api) -> None:
    cid = await api.chat()
    for tail in ("", "80", "80011", "abcd"):
        assert await look_up(api, cid, "A-1", tail) == {"status": "need_phone_tail", "order": None, "tries_left": 5}
    assert (await look_up(api, cid, "A-1", "８００１"))["status"] == "found"


async def test_an_order_without_a_phone_is_never_proved(api: Api) -> None:
    await api.put_orders(order_data("A-1") | {"buyer": {"id": "u-ann"}})
    cid = await api.chat()
    assert (await look_up(api, cid, "A-1", "0000"))["status"] == "not_found"


@pytest.mark.usefixtures("orders")
async def test_one_number_is_not_tried_for_ever_from_many_conversations(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "MAX_FAILURES_PER_ORDER", 6)
    for n in range(2):
        cid = await api.chat(f"s{n}")
        for tail in range(3):
            await look_up(api, cid, "A-1", f"000{tail}")
    fresh = await api.chat("fresh")
    assert (await look_up(api, fresh, "A-1", TAIL))["status"] == "locked"
    assert (await look_up(api, fresh, "B-2", TAIL))["status"] == "found"
    assert [row.action for row in rows(api.desk, Audit)].count("proof_failed") == 6


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("path", ["decision", "cases"])
async def test_an_order_that_was_not_proved_cannot_be_claimed(path: str, api: Api) -> None:
    cid = await api.chat(buyer="u-ann")
    for number in ("B-1", "Z-9"):
        body = {"order_number": number, "reason": "no_longer_wanted"}
        response = await api.post(cid, path, body, **{"Idempotency-Key": "k1"})
        assert (response.status_code, response.json()["code"]) == (403, "not_allowed")
    assert (await api.http.get("/api/v1/cases")).json() == {"items": []}
