"""Refund cases from the claim to the money."""

import asyncio
import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.backends.base import Capabilities, RefundResult, RefundStatus
from bot.desk.cases import Cases
from bot.desk.claims import ClaimRequest
from bot.errors import BadInput, Conflict, IllegalTransition, NotFound, ServiceTimeout, StaleVersion
from bot.storage.tables import CaseEvent, CaseRow, Evidence, Refund
from bot.words import CaseState, Reason, Resolution
from tests.backends.build import order_data
from tests.conversations.desks import add_agent, rows
from tests.desk.conftest import Api

UNSHIPPED = {"shipped_at": None, "delivered_at": None, "status": "paid"}
SMALL = {"order_number": "S-1", "reason": "no_longer_wanted"}
RETURN = {"order_number": "R-1", "reason": "no_longer_wanted", "facts": {"intact": True}}
LARGE = {"order_number": "L-1", "reason": "no_longer_wanted", "facts": {"intact": True}}
OLD = {"order_number": "O-1", "reason": "no_longer_wanted", "facts": {"intact": True}}


@pytest.fixture
async def cid(api: Api) -> str:
    long_ago = {"placed_at": "-90d", "paid_at": "-90d", "shipped_at": "-89d", "delivered_at": "-80d"}
    await api.put_orders(
        order_data("S-1", paid=9_900, **UNSHIPPED),
        order_data("R-1", paid=9_900),
        order_data("L-1", paid=990_000),
        order_data("O-1", **long_ago),
        order_data("M-1", paid=20_000, quantity=2),
    )
    return await api.chat(buyer="u-ann")


async def open_case(api: Api, cid: str, body: dict[str, Any], key: str = "k1") -> Any:
    return await api.post(cid, "cases", body, **{"Idempotency-Key": key})


def moves(api: Api) -> list[tuple[str, str, str]]:
    return [(e.actor, e.from_state, e.to_state) for e in rows(api.desk, CaseEvent)]


async def test_a_decision_comes_with_its_words_and_changes_nothing(api: Api, cid: str) -> None:
    answer = (await api.post(cid, "decision", SMALL)).json()
    assert (answer["decision"]["verdict"], answer["decision"]["options"][0]["total"]) == ("allow", 9_900)
    assert set(answer["texts"]) == {"zh-Hans", "zh-Hant", "en"}
    assert "99" in answer["texts"]["en"]
    assert rows(api.desk, CaseRow) == []


async def test_a_small_clear_case_is_paid_at_once(api: Api, cid: str) -> None:
    response = await open_case(api, cid, SMALL)
    assert response.status_code == 201
    case = response.json()["case"]
    assert (case["state"], case["amount"], case["currency"], case["resolution"], case["order_number"]) == (
        "refunded", 9_900, "CNY", "refund_only", "S-1",
    )  # fmt: skip
    assert case["id"] in response.json()["texts"]["en"]
    assert moves(api) == [
        ("bot", "", "submitted"),
        ("rule", "submitted", "approved"),
        ("rule", "approved", "refunding"),
        ("system", "refunding", "refunded"),
    ]
    assert [(r.amount, r.order_number) for r in rows(api.desk, Refund)] == [(9_900, "S-1")]
    assert (await api.http.get("/api/v1/orders/S-1")).json()["refunded_total"] == 9_900


async def test_the_same_key_many_times_at_once_is_one_case_and_one_payment(api: Api, cid: str) -> None:
    responses = await asyncio.gather(*(open_case(api, cid, SMALL) for _ in range(8)))
    assert sorted(r.status_code for r in responses) == [200] * 7 + [201]
    assert len({r.json()["case"]["id"] for r in responses}) == 1
    assert len(rows(api.desk, Refund)) == 1


async def test_the_same_goods_are_claimed_once(api: Api, cid: str) -> None:
    first = (await open_case(api, cid, SMALL)).json()["case"]
    again = await open_case(api, cid, SMALL, "k2")
    assert (again.status_code, again.json()["code"], again.json()["case_id"]) == (409, "case_exists", first["id"])
    decision = await api.post(cid, "decision", SMALL)
    assert (decision.status_code, decision.json()["code"]) == (409, "case_exists")
    assert (
        again.json()["texts"]
        == decision.json()["texts"]
        == {
            "zh-Hans": f"{first['id']}：已退款。金额 ¥99.00。",
            "zh-Hant": f"{first['id']}：已退款。金額 ¥99.00。",
            "en": f"{first['id']}: Refunded. Amount ¥99.00.",
        }
    )
    responses = await asyncio.gather(*(open_case(api, cid, RETURN, f"r{n}") for n in range(5)))
    assert sorted(r.status_code for r in responses) == [201, 409, 409, 409, 409]
    assert len(rows(api.desk, CaseRow)) == 2
    assert len(rows(api.desk, Refund)) == 1


async def test_one_piece_of_two_may_be_claimed_twice_and_no_third_time(api: Api, cid: str) -> None:
    body = {
        "order_number": "M-1",
        "reason": "no_longer_wanted",
        "facts": {"intact": True},
        "items": [{"sku": "EAR-01", "quantity": 1}],
    }
    statuses = [(await open_case(api, cid, body, f"k{n}")).status_code for n in range(3)]
    assert statuses == [201, 201, 409]
    assert [c.amount for c in rows(api.desk, CaseRow)] == [10_000, 10_000]


async def test_a_return_waits_for_the_goods_and_is_paid_when_they_are_back(api: Api, cid: str) -> None:
    case = (await open_case(api, cid, RETURN)).json()["case"]
    assert (case["state"], case["amount"]) == ("awaiting_return", 9_900)
    assert rows(api.desk, Refund) == []
    paid = api.desk.cases.pay_return(case["id"], add_agent(api.desk, "mei"), "goods are fine")
    assert (paid.state, paid.events[-1].to_state) == (CaseState.REFUNDED, CaseState.REFUNDED)
    assert [r.amount for r in rows(api.desk, Refund)] == [9_900]


async def test_a_large_case_waits_for_a_person_who_approves_it(api: Api, cid: str) -> None:
    case = (await open_case(api, cid, LARGE | {"wish": "exchange"})).json()["case"]
    assert (case["state"], case["resolution"]) == ("under_review", "exchange")
    mei = add_agent(api.desk, "mei")
    done = api.desk.cases.approve(
        case["id"], mei, "good buyer", version=case["version"], amount=5_000, resolution=Resolution.PARTIAL_REFUND
    )
    assert (done.state, done.amount, done.resolution) == (CaseState.REFUNDED, 5_000, Resolution.PARTIAL_REFUND)
    assert [r.amount for r in rows(api.desk, Refund)] == [5_000]
    seen = (await api.http.get(f"/api/v1/conversations/{cid}")).json()["messages"][-1]
    assert seen["author"] == "system"
    assert case["id"] in seen["text"]
    detail = (await api.http.get(f"/api/v1/cases/{case['id']}")).json()
    assert [(e["actor"], e["to_state"], e["why"]) for e in detail["events"]][2] == (
        f"agent:{mei}", "approved", "good buyer",
    )  # fmt: skip
    assert detail["decision"]["verdict"] == "allow"


async def test_a_rejection_tells_the_buyer_why(api: Api, cid: str) -> None:
    case = (await open_case(api, cid, LARGE)).json()["case"]
    mei = add_agent(api.desk, "mei")
    assert api.desk.cases.reject(case["id"], mei, "外包装已拆").state is CaseState.REJECTED
    seen = (await api.http.get(f"/api/v1/conversations/{cid}")).json()["messages"][-1]["text"]
    assert case["id"] in seen
    assert "外包装已拆" in seen
    assert (await open_case(api, cid, LARGE, "k2")).status_code == 201


async def test_what_an_agent_may_not_do_changes_nothing(api: Api, cid: str) -> None:
    case = (await open_case(api, cid, LARGE)).json()["case"]
    mei, cases = add_agent(api.desk, "mei"), api.desk.cases
    before = moves(api)
    for error, call in (
        (BadInput, lambda: cases.approve(case["id"], mei, "  ")),
        (BadInput, lambda: cases.approve(case["id"], mei, "x" * 1_001)),
        (BadInput, lambda: cases.approve(case["id"], mei, "ok", amount=0)),
        (Conflict, lambda: cases.approve(case["id"], mei, "ok", amount=990_001)),
        (StaleVersion, lambda: cases.approve(case["id"], mei, "ok", version=99)),
        (StaleVersion, lambda: cases.reject(case["id"], mei, "no", version=1)),
        (IllegalTransition, lambda: cases.pay_return(case["id"], mei, "ok")),
        (NotFound, lambda: cases.approve("RD-00000000", mei, "ok")),
    ):
        with pytest.raises(error):
            call()
    assert moves(api) == before
    assert rows(api.desk, Refund) == []


@pytest.mark.parametrize(
    ("body", "verdict"), [(OLD, "deny"), (RETURN | {"facts": {}}, "need_info")], ids=["deny", "need_info"]
)
async def test_a_claim_the_rules_do_not_allow_opens_no_case(
    body: dict[str, Any], verdict: str, api: Api, cid: str
) -> None:
    response = await open_case(api, cid, body)
    assert (response.status_code, response.json()["code"]) == (409, "not_decidable")
    assert response.json()["decision"]["verdict"] == verdict
    assert rows(api.desk, CaseRow) == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"items": [{"sku": "NOPE", "quantity": 1}]}, 400),
        ({"items": [{"sku": "EAR-01", "quantity": 0}]}, 422),
        ({"reason": "because"}, 422),
    ],
)
async def test_a_claim_that_makes_no_sense_is_refused(change: dict[str, Any], status: int, api: Api, cid: str) -> None:
    assert (await open_case(api, cid, SMALL | change)).status_code == status
    assert (await api.post(cid, "cases", SMALL)).status_code == 422
    assert rows(api.desk, CaseRow) == []


async def test_evidence_counts_and_is_bound_to_the_case(api: Api, cid: str) -> None:
    data = base64.b64encode(b"%PDF-1.7 a receipt").decode()
    await api.say("ann", attachments=[{"filename": "r.pdf", "content_type": "application/pdf", "data": data}])
    case = (await open_case(api, cid, LARGE)).json()["case"]
    [evidence] = rows(api.desk, Evidence)
    assert (case["evidence"], evidence.case_id) == ([evidence.id], case["id"])
    other = (await open_case(api, cid, RETURN, "k2")).json()["case"]
    assert other["evidence"] == []


async def test_cases_are_listed_for_their_buyer_and_found_by_order(api: Api, cid: str) -> None:
    case = (await open_case(api, cid, SMALL)).json()["case"]
    mine = (await api.http.get(f"/api/v1/conversations/{cid}/cases")).json()
    assert [c["id"] for c in mine["items"]] == [case["id"]]
    assert case["id"] in mine["texts"]["zh-Hant"]
    same_buyer = await api.chat("phone", buyer="u-ann")
    listed = (await api.http.get(f"/api/v1/conversations/{same_buyer}/cases")).json()["items"]
    assert [c["id"] for c in listed] == [case["id"]]
    stranger = await api.chat("stranger", buyer="u-bob")
    assert (await api.http.get(f"/api/v1/conversations/{stranger}/cases")).json()["items"] == []
    for query, found in (
        ({"order_number": "s-1"}, 1),
        ({"order_number": "S-2"}, 0),
        ({"state": "refunded"}, 1),
        ({"state": "rejected"}, 0),
        ({}, 1),
    ):
        items = (await api.http.get("/api/v1/cases", params=query)).json()["items"]
        assert len(items) == found
    assert (await api.http.get("/api/v1/cases/RD-00000000")).status_code == 404


# --- money whose answer is lost --------------------------------------------------------------------


class LossyShop:
    """Pays through the embedded back end, and loses the answers it is told to lose."""

    name = "lossy"

    def __init__(self, real: Any, *, find_is_final: bool = True) -> None:
        self.real = real
        self.capabilities = replace(real.capabilities, find_is_final=find_is_final)
        self.lose_before = self.lose_after = False
        self.refuses = False

    capabilities: Capabilities

    def get_order(self, shop: str, number: str) -> Any:
        return self.real.get_order(shop, number)

    def orders_of(self, shop: str, buyer_id: str, limit: int) -> Any:
        return self.real.orders_of(shop, buyer_id, limit)

    def refund(self, key: str, shop: str, order_number: str, amount: int, currency: str) -> RefundResult:
        if self.refuses:
            return RefundResult(RefundStatus.REFUSED, key, order_number, amount, currency, "account is frozen")
        if self.lose_before:
            raise ServiceTimeout("no answer")
        result: RefundResult = self.real.refund(key, shop, order_number, amount, currency)
        if self.lose_after:
            raise ServiceTimeout("no answer")
        return result

    def find_refund(self, key: str) -> RefundResult | None:
        found: RefundResult | None = self.real.find_refund(key)
        return found


def lossy(api: Api, **options: Any) -> tuple[Cases, LossyShop]:
    shop = LossyShop(api.desk.backend, **options)
    return Cases(api.desk.database, shop, api.desk.orders, api.desk.packs), shop


LATER = timedelta(minutes=5)
REQUEST = ClaimRequest("S-1", Reason.NO_LONGER_WANTED)


@pytest.mark.parametrize("lost", ["lose_before", "lose_after"])
async def test_a_lost_answer_is_settled_by_asking_and_paid_once(lost: str, api: Api, cid: str) -> None:
    cases, shop = lossy(api)
    setattr(shop, lost, True)
    case = cases.open(cid, REQUEST, "k1").case
    assert case.state is CaseState.REFUND_UNKNOWN
    setattr(shop, lost, False)
    assert cases.settle() == 0  # it may still be under way
    assert cases.settle(now=datetime.now(UTC) + LATER) == 1
    assert rows(api.desk, CaseRow)[0].state == "refunded"
    assert [r.amount for r in rows(api.desk, Refund)] == [9_900]
    assert cases.settle(now=datetime.now(UTC) + LATER) == 0
    seen = (await api.http.get(f"/api/v1/conversations/{cid}")).json()["messages"][-1]
    assert (seen["author"], case.id in seen["text"]) == ("system", True)


async def test_nothing_is_sent_again_where_asking_proves_nothing(api: Api, cid: str) -> None:
    cases, shop = lossy(api, find_is_final=False)
    shop.lose_before = True
    cases.open(cid, REQUEST, "k1")
    shop.lose_before = False
    assert cases.settle(now=datetime.now(UTC) + LATER) == 0
    assert rows(api.desk, CaseRow)[0].state == "refund_unknown"
    assert rows(api.desk, Refund) == []


async def test_a_payout_cut_off_by_a_crash_is_finished_after_the_start(api: Api, cid: str) -> None:
    cases, _ = lossy(api)
    cases._pay = lambda case, tell: case  # type: ignore[method-assign]  # the process dies before the payout
    case = cases.open(cid, REQUEST, "k1").case
    assert case.state is CaseState.REFUNDING
    assert api.desk.cases.settle(now=datetime.now(UTC) + LATER) == 1
    assert rows(api.desk, CaseRow)[0].state == "refunded"
    assert len(rows(api.desk, Refund)) == 1


async def test_a_refused_payout_goes_to_a_person(api: Api, cid: str) -> None:
    cases, shop = lossy(api)
    shop.refuses = True
    case = cases.open(cid, REQUEST, "k1").case
    assert (case.state, case.events[-1].why) == (CaseState.UNDER_REVIEW, "account is frozen")
    assert rows(api.desk, Refund) == []


async def test_of_two_agents_who_approve_at_once_one_pays(api: Api, cid: str) -> None:
    case = (await open_case(api, cid, LARGE)).json()["case"]
    agents = [add_agent(api.desk, "mei"), add_agent(api.desk, "kai")]

    async def approve(agent: int) -> object:
        return await asyncio.to_thread(
            api.desk.cases.approve, case["id"], agent, "ok", amount=100, resolution=Resolution.PARTIAL_REFUND
        )

    results = await asyncio.gather(*(approve(a) for a in agents), return_exceptions=True)
    assert sorted(type(r).__name__ for r in results) == ["Case", "IllegalTransition"]
    assert [r.amount for r in rows(api.desk, Refund)] == [100]


async def test_the_words_before_the_yes_begin_with_what_would_be_filed(api: Api, cid: str) -> None:
    answer = (await api.post(cid, "decision", RETURN)).json()
    assert {language: text.splitlines()[0] for language, text in answer["texts"].items()} == {
        "zh-Hans": "订单 R-1：耳机。原因：不想要了。处理方式：退货退款。",
        "zh-Hant": "訂單 R-1：耳机。原因：不想要了。處理方式：退貨退款。",
        "en": "Order R-1: 耳机. Reason: No longer want it. Resolution: a return for a refund.",
    }


PIECE = {"order_number": "T-1", "reason": "no_longer_wanted", "facts": {"intact": True}}


async def test_pieces_of_a_price_that_does_not_divide_add_up_to_it(api: Api, cid: str) -> None:
    await api.put_orders(order_data("T-1", paid=10_000, quantity=3))
    # What the caller says of earlier cases counts for nothing.
    one = PIECE | {"items": [{"sku": "EAR-01", "quantity": 1, "taken_before": 2}]}
    responses = await asyncio.gather(*(open_case(api, cid, one, f"t{n}") for n in range(4)))
    assert sorted(r.status_code for r in responses) == [201, 201, 201, 409]
    assert sorted(c.amount for c in rows(api.desk, CaseRow)) == [3_333, 3_333, 3_334]


async def test_a_rejected_piece_is_the_next_ones_to_claim(api: Api, cid: str) -> None:
    await api.put_orders(order_data("T-1", paid=10_000_000, quantity=3))
    one = PIECE | {"items": [{"sku": "EAR-01", "quantity": 1}]}
    first = [(await open_case(api, cid, one, f"t{n}")).json()["case"] for n in range(3)]
    mei = add_agent(api.desk, "mei")
    api.desk.cases.reject(first[2]["id"], mei, "not this one")
    again = (await open_case(api, cid, one, "t3")).json()["case"]
    assert [case["amount"] for case in (*first, again)] == [3_333_333, 3_333_333, 3_333_334, 3_333_334]
