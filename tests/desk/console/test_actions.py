"""What agents do to conversations and cases, through the pages they use."""

import json
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bot.desk.console.actions import AmountWrong, minor_units
from bot.storage.tables import Conversation
from tests.desk.console.conftest import Arrive, AtConsole
from tests.desk.widget.live_desk import LiveDesk


@pytest.fixture
def reviewed(live: LiveDesk) -> tuple[str, dict[str, Any]]:
    """A buyer's conversation with a case that waits for a person, on an order of its own."""
    number = f"T{secrets.token_hex(4)}"
    buyer = f"u-{number}"
    order = {
        "number": number,
        "market": "cn",
        "currency": "CNY",
        "buyer": {"id": buyer, "name": "林晓", "phone": "13800138001"},
        "placed_at": "-6d",
        "paid_at": "-6d",
        "shipped_at": "-5d",
        "delivered_at": "-2d",
        "status": "delivered",
        "items": [{"sku": "S1", "title": "蓝牙耳机", "quantity": 1, "unit_price": 29900, "paid": 29900}],
        "paid_total": 29900,
    }
    taken = live.api("POST", "/api/v1/orders/import", json=[order])
    assert taken.json()["taken"] == 1, taken.text
    cid = live.say("0" * 32, "耳机没声音", identity=live.identity(buyer))
    body = {
        "order_number": number,
        "reason": "expired_or_unsafe",
        "items": [],
        "facts": {"received": True},
        "wish": None,
    }
    opened = live.api("POST", f"/api/v1/conversations/{cid}/cases", json=body, headers={"Idempotency-Key": "k"})
    assert opened.json()["case"]["state"] == "under_review", opened.text
    return cid, opened.json()["case"]


def case_of(live: LiveDesk, case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = live.api("GET", f"/api/v1/cases/{case_id}").json()
    return found


def location(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


# --- the floor ---------------------------------------------------------------------------------


def test_after_a_claim_the_agent_speaks_and_the_bot_is_silent(live: LiveDesk, agent: AtConsole) -> None:
    sender = secrets.token_hex(16)
    chat = live.say(sender, "我要人工")
    assert location(agent.post(f"/console/c/{chat}/claim")) == f"/console/c/{chat}?ok=claim"
    assert "已接手，机器人不会再回复。" in agent.get(f"/console/c/{chat}?ok=claim").text
    assert (
        location(agent.post(f"/console/c/{chat}/reply", text="您好，我来处理", client_key="k1")) == f"/console/c/{chat}"
    )
    asked = len(live.rasa.asked)
    live.say(sender, "谢谢")
    assert live.lines(chat)[-2:] == [("agent", "您好，我来处理"), ("buyer", "谢谢")]
    assert len(live.rasa.asked) == asked
    assert live.mode(chat) == "human"


def test_of_two_who_claim_one_is_told_who_has_it(live: LiveDesk, agent: AtConsole, other: AtConsole, chat: str) -> None:
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda who: who.post(f"/console/c/{chat}/claim"), (agent, other)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    winner, loser = (agent, answers[1]) if answers[0].status_code == 303 else (other, answers[0])
    assert f"{winner.name} 正在处理这个会话。" in loser.text
    assert "请联系对方" in loser.text
    with live.desk.database.read() as session:
        assert session.get_one(Conversation, chat).agent_id == winner.agent_id


def test_a_claim_on_an_old_page_is_refused(live: LiveDesk, agent: AtConsole, chat: str) -> None:
    live.desk.floor.handoff(chat, "upset")
    answer = agent.post(f"/console/c/{chat}/claim", version="1")
    assert answer.status_code == 409
    assert "情况刚刚有变化" in answer.text
    assert live.mode(chat) == "queued"


@pytest.mark.parametrize("action", ["reply", "handback", "release"])
def test_only_who_has_the_floor_may_act_on_it(
    live: LiveDesk, agent: AtConsole, other: AtConsole, chat: str, action: str
) -> None:
    agent.post(f"/console/c/{chat}/claim")
    before = live.lines(chat)
    answer = other.post(f"/console/c/{chat}/{action}", text="我也来说两句")
    assert answer.status_code == 409
    assert "小周 正在处理这个会话。" in answer.text
    assert other.post(f"/console/c/{chat}/close").status_code == 409
    assert (live.lines(chat), live.mode(chat)) == (before, "human")


def test_a_reply_needs_the_floor_and_the_page_says_so(live: LiveDesk, agent: AtConsole, chat: str) -> None:
    page = agent.get(f"/console/c/{chat}").text
    assert "先接手会话，才能回复买家。" in page
    assert "<textarea id=" not in page
    before = live.lines(chat)
    assert agent.post(f"/console/c/{chat}/reply", text="还没接手").status_code == 409
    assert live.lines(chat) == before


def test_the_same_reply_twice_is_said_once(live: LiveDesk, agent: AtConsole, chat: str) -> None:
    agent.post(f"/console/c/{chat}/claim")
    first = agent.post(f"/console/c/{chat}/reply", json=True, text="只说一次", client_key="same")
    second = agent.post(f"/console/c/{chat}/reply", json=True, text="只说一次", client_key="same")
    assert first.json() == second.json()
    assert [text for author, text in live.lines(chat) if author == "agent"] == ["只说一次"]


@pytest.mark.parametrize(("text", "words"), [("  ", "请先写下回复内容。"), ("长" * 5001, "内容超过 5000 个字")])
def test_a_reply_that_cannot_be_sent_is_kept_and_explained(
    live: LiveDesk, agent: AtConsole, chat: str, text: str, words: str
) -> None:
    agent.post(f"/console/c/{chat}/claim")
    before = live.lines(chat)
    answer = agent.post(f"/console/c/{chat}/reply", json=True, text=text)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    page = agent.post(f"/console/c/{chat}/reply", text=text)
    assert text.strip() in page.text
    assert live.lines(chat) == before


def test_handing_back_lets_the_bot_speak_again(live: LiveDesk, agent: AtConsole) -> None:
    sender = secrets.token_hex(16)
    chat = live.say(sender, "在吗")
    agent.post(f"/console/c/{chat}/claim")
    assert location(agent.post(f"/console/c/{chat}/handback")).endswith("?ok=handback")
    assert live.mode(chat) == "bot"


def test_release_and_close(live: LiveDesk, agent: AtConsole, chat: str) -> None:
    agent.post(f"/console/c/{chat}/claim")
    location(agent.post(f"/console/c/{chat}/release"))
    assert live.mode(chat) == "queued"
    location(agent.post(f"/console/c/{chat}/close"))
    assert live.mode(chat) == "closed"
    page = agent.get(f"/console/c/{chat}").text
    assert "会话已结束" in page
    assert "/claim" not in page


@pytest.mark.parametrize(
    "path", ["nope/claim", "{chat}/dance", "{chat}/cases/RD-NOPE/approve", "{chat}/cases/RD-1/dance"]
)
def test_what_is_not_there_is_not_found(live: LiveDesk, agent: AtConsole, chat: str, path: str) -> None:
    before = live.lines(chat), live.mode(chat)
    assert agent.post(f"/console/c/{path.format(chat=chat)}", why="x").status_code == 404
    assert (live.lines(chat), live.mode(chat)) == before


# --- cases -------------------------------------------------------------------------------------


def test_an_approved_refund_is_paid_and_the_buyer_is_told(
    live: LiveDesk, agent: AtConsole, reviewed: tuple[str, dict[str, Any]]
) -> None:
    chat, case = reviewed
    path = f"/console/c/{chat}/cases/{case['id']}/approve"
    answer = agent.post(path, version=str(case["version"]), resolution="refund_only", amount="120.50")
    assert location(answer) == f"/console/c/{chat}?ok=approve"
    after = case_of(live, case["id"])
    assert (after["state"], after["amount"]) == ("refunded", 12050)
    assert after["events"][-3]["actor"] == f"agent:{agent.agent_id}"
    assert "¥120.50" in live.lines(chat)[-1][1]
    again = agent.post(path, amount="120.50", resolution="refund_only")
    assert again.status_code == 409
    assert case_of(live, case["id"]) == after


@pytest.mark.parametrize(
    ("amount", "words"),
    [("299.01", "还可退 ¥299.00，金额超出"), ("-5", "大于 0"), ("1.005", "大于 0"), ("abc", "大于 0")],
)
def test_an_amount_that_cannot_be_paid_changes_nothing(
    live: LiveDesk, agent: AtConsole, reviewed: tuple[str, dict[str, Any]], amount: str, words: str
) -> None:
    chat, case = reviewed
    before = case_of(live, case["id"]), live.lines(chat)
    answer = agent.post(f"/console/c/{chat}/cases/{case['id']}/approve", amount=amount, resolution="refund_only")
    assert answer.status_code in (400, 409)
    assert words in answer.text
    assert (case_of(live, case["id"]), live.lines(chat)) == before


def test_an_exchange_is_approved_without_money(
    live: LiveDesk, agent: AtConsole, reviewed: tuple[str, dict[str, Any]]
) -> None:
    chat, case = reviewed
    path = f"/console/c/{chat}/cases/{case['id']}/approve"
    location(agent.post(path, resolution="exchange", amount="299.00"))
    after = case_of(live, case["id"])
    assert (after["state"], after["resolution"], after["amount"]) == ("approved", "exchange", 0)
    order = live.api("GET", f"/api/v1/orders/{case['order_number']}").json()
    assert order["refunded_total"] == 0


def test_a_refusal_needs_words_and_the_buyer_reads_them(
    live: LiveDesk, agent: AtConsole, reviewed: tuple[str, dict[str, Any]]
) -> None:
    chat, case = reviewed
    path = f"/console/c/{chat}/cases/{case['id']}/refuse"
    before = case_of(live, case["id"])
    answer = agent.post(path, why="   ")
    assert answer.status_code == 400
    assert "请写明拒绝原因" in answer.text
    assert case_of(live, case["id"]) == before
    location(agent.post(path, why="照片里的商品不是本店的", version=str(case["version"])))
    assert case_of(live, case["id"])["state"] == "rejected"
    assert "照片里的商品不是本店的" in live.lines(chat)[-1][1]


def test_while_another_agent_has_the_chat_the_case_is_theirs(
    live: LiveDesk, agent: AtConsole, other: AtConsole, reviewed: tuple[str, dict[str, Any]]
) -> None:
    chat, case = reviewed
    agent.post(f"/console/c/{chat}/claim")
    before = case_of(live, case["id"])
    page = other.get(f"/console/c/{chat}").text
    assert "小周 正在处理这个会话，由对方决定。" in page
    assert re.search(r'<button class="main" disabled>同意', page)
    for verb in ("approve", "refuse"):
        answer = other.post(f"/console/c/{chat}/cases/{case['id']}/{verb}", why="不行")
        assert answer.status_code == 409
        assert "小周 正在处理这个会话。" in answer.text
    assert case_of(live, case["id"]) == before


def test_a_case_cannot_be_decided_from_somebody_elses_chat(
    live: LiveDesk, agent: AtConsole, chat: str, reviewed: tuple[str, dict[str, Any]]
) -> None:
    _, case = reviewed
    before = case_of(live, case["id"])
    answer = agent.post(f"/console/c/{chat}/cases/{case['id']}/approve", why="x")
    assert answer.status_code == 404
    assert case_of(live, case["id"]) == before


def test_a_return_is_paid_when_the_goods_are_back(
    live: LiveDesk, agent: AtConsole, reviewed: tuple[str, dict[str, Any]]
) -> None:
    chat, case = reviewed
    path = f"/console/c/{chat}/cases/{case['id']}"
    location(agent.post(f"{path}/approve", resolution="return_and_refund", amount="299"))
    assert case_of(live, case["id"])["state"] == "awaiting_return"
    assert "已收到退货，退款" in agent.get(f"/console/c/{chat}").text
    location(agent.post(f"{path}/pay"))
    after = case_of(live, case["id"])
    assert (after["state"], after["amount"]) == ("refunded", 29900)


# --- amounts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.5", "CNY", 1250), ("1,280", "TWD", 128000), (" 0.01 ", "USD", 1), ("1200", "JPY", 1200), ("3", "KRW", 3)],
)
def test_amounts_are_read_exactly(text: str, currency: str, minor: int) -> None:
    assert minor_units(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"), [("", "CNY"), ("0", "CNY"), ("1.5", "JPY"), ("NaN", "USD"), ("1e99", "USD")]
)
def test_amounts_that_are_not_exact_are_refused(text: str, currency: str) -> None:
    with pytest.raises(AmountWrong):
        minor_units(text, currency)


def test_an_agent_reads_errors_in_their_own_language(live: LiveDesk, at_console: Arrive, chat: str) -> None:
    agent = at_console("Emma", "en-GB,en;q=0.9")
    answer = agent.post(f"/console/c/{chat}/reply", json=True, text="too early")
    assert json.loads(answer.text)["error"].startswith("Something changed a moment ago")
