"""What a buyer does to an open case: adds pictures, withdraws it, sends the goods back."""

import base64
from typing import Any

import pytest

from bot.storage.tables import Audit, CaseEvent, Evidence
from tests.backends.build import order_data
from tests.conversations.desks import rows
from tests.desk.conftest import Api
from tests.desk.widget.live_desk import png

LARGE = {"order_number": "L-1", "reason": "no_longer_wanted", "facts": {"intact": True}}
RETURN = {"order_number": "R-1", "reason": "no_longer_wanted", "facts": {"intact": True}}
SMALL = {"order_number": "S-1", "reason": "no_longer_wanted"}


@pytest.fixture
async def cid(api: Api) -> str:
    unshipped = {"shipped_at": None, "delivered_at": None, "status": "paid"}
    await api.put_orders(
        order_data("L-1", paid=990_000), order_data("R-1", paid=9_900), order_data("S-1", paid=9_900, **unshipped)
    )
    return await api.chat(buyer="u-ann")


async def opened(api: Api, cid: str, body: dict[str, Any]) -> dict[str, Any]:
    response = await api.post(cid, "cases", body, **{"Idempotency-Key": body["order_number"]})
    case: dict[str, Any] = response.json()["case"]
    return case


async def send_picture(api: Api, colour: str = "#335577") -> None:
    data = base64.b64encode(png(colour)).decode()
    await api.say("ann", attachments=[{"filename": "a.png", "content_type": "image/png", "data": data}])


def moves(api: Api) -> list[tuple[str, str, str, str]]:
    return [(e.actor, e.from_state, e.to_state, e.why) for e in rows(api.desk, CaseEvent)]


def done_by_buyer(api: Api) -> list[tuple[str, str]]:
    return [(row.action, row.subject) for row in rows(api.desk, Audit) if row.action.split("_")[0] in ACTIONS]


ACTIONS = ("evidence", "case", "return")


async def test_pictures_sent_later_join_the_newest_open_case_once(api: Api, cid: str) -> None:
    await opened(api, cid, LARGE)
    newest = await opened(api, cid, RETURN)
    await send_picture(api)
    answers = [(await api.post(cid, "evidence/bind", {})).json() for _ in range(2)]
    [file] = rows(api.desk, Evidence)
    assert file.case_id == newest["id"]
    assert [(a["case"]["id"], a["case"]["evidence"], a["bound"]) for a in answers] == [
        (newest["id"], [file.id], 1),
        (newest["id"], [file.id], 0),
    ]
    assert done_by_buyer(api) == [("evidence_bound", f"case:{newest['id']}")]


async def test_pictures_join_the_case_that_is_named(api: Api, cid: str) -> None:
    first = await opened(api, cid, LARGE)
    await opened(api, cid, RETURN)
    await send_picture(api)
    answer = (await api.post(cid, "evidence/bind", {"case_id": first["id"]})).json()
    assert (answer["case"]["id"], answer["bound"]) == (first["id"], 1)


async def test_without_an_open_case_pictures_stay_for_the_next_one(api: Api, cid: str) -> None:
    over = await opened(api, cid, SMALL)
    assert over["state"] == "refunded"
    await send_picture(api)
    for body in ({}, {"case_id": over["id"]}):
        assert (await api.post(cid, "evidence/bind", body)).json() == {"case": None, "bound": 0}
    assert [file.case_id for file in rows(api.desk, Evidence)] == [None]
    assert done_by_buyer(api) == []
    assert len((await opened(api, cid, RETURN))["evidence"]) == 1


async def test_a_buyer_withdraws_a_case_once_and_may_ask_again(api: Api, cid: str) -> None:
    case = await opened(api, cid, LARGE)
    answers = [await api.post(cid, f"cases/{case['id']}/withdraw", {}) for _ in range(2)]
    assert [(a.status_code, a.json()["case"]["state"]) for a in answers] == [(200, "withdrawn")] * 2
    assert answers[0].json()["texts"] == {
        "zh-Hans": f"{case['id']}：已撤回。",
        "zh-Hant": f"{case['id']}：已撤回。",
        "en": f"{case['id']}: Withdrawn.",
    }
    assert moves(api)[-1] == ("buyer", "under_review", "withdrawn", "the buyer withdrew it in the chat")
    assert len(moves(api)) == 3
    assert done_by_buyer(api) == [("case_withdrawn", f"case:{case['id']}")]
    again = await api.post(cid, "cases", LARGE, **{"Idempotency-Key": "again"})
    assert again.status_code == 201


async def test_what_is_paid_is_not_withdrawn_and_nobody_elses_case_is_found(api: Api, cid: str) -> None:
    paid, open_case = await opened(api, cid, SMALL), await opened(api, cid, LARGE)
    stranger = await api.chat("bob", buyer="u-bob")
    before = moves(api)
    for who, case, path, body, status, code in (
        (cid, paid, "withdraw", {}, 409, "illegal_transition"),
        (stranger, open_case, "withdraw", {}, 404, "not_found"),
        (cid, open_case, "return-tracking", {"tracking_number": "SF123456"}, 409, "illegal_transition"),
        (stranger, open_case, "return-tracking", {"tracking_number": "SF123456"}, 404, "not_found"),
        (cid, open_case, "return-tracking", {"tracking_number": "SF 1; drop"}, 422, "bad_input"),
    ):
        response = await api.post(who, f"cases/{case['id']}/{path}", body)
        assert (response.status_code, response.json()["code"]) == (status, code)
    stolen = await api.post(stranger, "evidence/bind", {"case_id": open_case["id"]})
    assert stolen.json() == {"case": None, "bound": 0}
    assert moves(api) == before
    assert done_by_buyer(api) == []


async def test_the_number_of_the_parcel_puts_a_return_on_its_way_once(api: Api, cid: str) -> None:
    case = await opened(api, cid, RETURN)
    assert case["state"] == "awaiting_return"
    body = {"tracking_number": "sf1234567890"}
    answers = [await api.post(cid, f"cases/{case['id']}/return-tracking", body) for _ in range(2)]
    assert [(a.status_code, a.json()["case"]["state"]) for a in answers] == [(200, "return_in_transit")] * 2
    assert answers[0].json()["texts"] == {
        "zh-Hans": f"{case['id']}：退货在途，等待卖家收货。金额 ¥99.00。",
        "zh-Hant": f"{case['id']}：退貨寄送中，等待賣家收貨。金額 ¥99.00。",
        "en": f"{case['id']}: Your return is on its way to us. Amount ¥99.00.",
    }
    assert moves(api)[-1] == ("buyer", "awaiting_return", "return_in_transit", "SF1234567890")
    other = await api.post(cid, f"cases/{case['id']}/return-tracking", {"tracking_number": "SF999999"})
    assert (other.status_code, other.json()["code"]) == (409, "illegal_transition")
    assert done_by_buyer(api) == [("return_sent", f"case:{case['id']}")]
