"""The REST channel as a shop's server uses it."""

import asyncio
import base64

import pytest

from bot.channels.identity import Identity, sign
from bot.conversations.texts import GREETING
from bot.conversations.worker import Outcome
from bot.storage.tables import Conversation, Inbox, Message
from bot.words import Language
from tests.conversations.desks import add_agent, rows
from tests.conversations.fake_rasa import FakeRasa
from tests.desk.conftest import Api

HELLO = {"text": GREETING[Language.ZH_HANS], "buttons": []}


async def test_the_first_answer_begins_with_who_is_speaking(api: Api) -> None:
    first = await api.say("ann", "退款")
    second = await api.say("ann", "坏了")
    assert first["messages"] == [HELLO, {"text": "bot: 退款", "buttons": []}]
    assert second == {
        "conversation_id": first["conversation_id"],
        "mode": "bot",
        "messages": [{"text": "bot: 坏了", "buttons": []}],
    }


async def test_the_greeting_speaks_the_buyers_language(api: Api) -> None:
    assert (await api.say("a", "I want my money back"))["messages"][0]["text"] == GREETING[Language.EN]
    assert (await api.say("b", "我要退貨"))["messages"][0]["text"] == GREETING[Language.ZH_HANT]
    assert (await api.say("c", "123", language="en"))["messages"][0]["text"] == GREETING[Language.EN]


async def test_buttons_have_ids_and_no_payloads(api: Api, rasa: FakeRasa) -> None:
    rasa.answer = lambda body: [{"text": "Why?", "buttons": [{"title": "Broken", "payload": "/inform{}"}]}]
    [button] = (await api.say("ann", "refund please"))["messages"][-1]["buttons"]
    assert set(button) == {"id", "title"}
    await api.say("ann", button=button["id"])
    assert rasa.turns[-1]["message"] == "/inform{}"


async def test_a_repeated_message_gets_the_first_answer_again(api: Api, rasa: FakeRasa) -> None:
    first = await api.say("ann", "退款", message_id="m1")
    assert await api.say("ann", "退款", message_id="m1") == first
    assert len(rasa.turns) == 1
    assert len(rows(api.desk, Message)) == 3


async def _stored(api: Api, count: int) -> None:
    while len(rows(api.desk, Inbox)) < count:
        await asyncio.sleep(0.01)


async def test_a_repeat_while_the_first_is_running_waits_for_its_answer(api: Api, rasa: FakeRasa) -> None:
    rasa.go.clear()
    tasks = [asyncio.create_task(api.say("ann", "退款", message_id="m1")) for _ in range(3)]
    await rasa.arrived(1)
    await asyncio.sleep(0.05)
    rasa.go.set()
    told = [m["text"] for task in tasks for m in (await task)["messages"]]
    assert told.count("bot: 退款") >= 1
    assert len(rasa.turns) == 1
    assert len(rows(api.desk, Inbox)) == 1


async def test_merged_messages_are_answered_with_the_last(api: Api, rasa: FakeRasa) -> None:
    rasa.go.clear()
    first = asyncio.create_task(api.say("ann", "one"))
    await rasa.arrived(1)
    second = asyncio.create_task(api.say("ann", "two"))
    await _stored(api, 2)
    third = asyncio.create_task(api.say("ann", "three"))
    await _stored(api, 3)
    rasa.go.set()
    texts = [[m["text"] for m in (await task)["messages"]] for task in (first, second, third)]
    assert texts == [[HELLO["text"], "bot: one"], [], ["bot: two\nthree"]]


async def test_while_a_person_has_the_floor_the_answer_is_empty_and_their_words_come_with_the_next(api: Api) -> None:
    cid = await api.chat()
    api.desk.floor.handoff(cid, "asked_for_person")
    assert await api.say("ann", "在吗") == {"conversation_id": cid, "mode": "queued", "messages": []}
    mei = add_agent(api.desk, "mei")
    api.desk.floor.claim(cid, mei)
    api.desk.floor.say(cid, mei, "您好，我是小美。")
    answer = await api.say("ann", "谢谢")
    assert answer["mode"] == "human"
    assert [m["text"] for m in answer["messages"]][1:] == ["您好，我是小美。"]
    assert (await api.say("ann", "再见"))["messages"] == []


async def test_an_agents_words_can_be_fetched(api: Api) -> None:
    cid = await api.chat()
    mei = add_agent(api.desk, "mei")
    api.desk.floor.claim(cid, mei)
    line = api.desk.floor.say(cid, mei, "您好")
    fetched = (await api.http.get("/channels/rest/messages", params={"sender": "ann"})).json()
    assert [(m["author"], m["text"]) for m in fetched["messages"]][1:] == [("agent", "您好")]
    empty = (await api.http.get("/channels/rest/messages", params={"sender": "ann"})).json()
    assert empty == {"conversation_id": cid, "mode": "human", "messages": []}
    again = (await api.http.get("/channels/rest/messages", params={"sender": "ann", "after": line.seq - 1})).json()
    assert [m["seq"] for m in again["messages"]] == [line.seq]
    missing = await api.http.get("/channels/rest/messages", params={"sender": "nobody"})
    assert missing.status_code == 404


async def test_an_attachment_is_stored_before_the_answer(api: Api, rasa: FakeRasa) -> None:
    data = base64.b64encode("证据".encode()).decode()
    answer = await api.say("ann", attachments=[{"filename": "a.txt", "content_type": "text/plain", "data": data}])
    [evidence_id] = rasa.turns[0]["metadata"]["attachments"]
    seen = (await api.http.get(f"/api/v1/conversations/{answer['conversation_id']}")).json()
    assert [a["id"] for a in seen["messages"][1]["attachments"]] == [evidence_id]


async def test_a_signed_in_buyer_is_verified(api: Api, rasa: FakeRasa) -> None:
    await api.chat(buyer="u-ann")
    assert rasa.turns[0]["metadata"]["verified"] is True
    assert [(c.buyer_id, c.buyer_name) for c in rows(api.desk, Conversation)] == [("u-ann", "U-Ann")]


@pytest.mark.parametrize(
    ("_case", "body", "status", "code"),
    [
        ("nothing said", {"sender": "ann"}, 400, "bad_input"),
        ("no sender", {"text": "x"}, 422, "bad_input"),
        ("not base64", {"sender": "ann", "attachments": [{"data": "***"}]}, 400, "bad_input"),
        ("forged identity", {"sender": "ann", "text": "x", "identity": "a.b.c"}, 401, "not_authenticated"),
        (
            "another shop's identity",
            {"sender": "ann", "text": "x", "identity": sign(Identity("u"), "another-secret-of-thirty-two-bytes!")},
            401,
            "not_authenticated",
        ),
    ],
)
async def test_a_refused_message_leaves_nothing(
    _case: str, body: dict[str, object], status: int, code: str, api: Api, rasa: FakeRasa
) -> None:
    response = await api.http.post("/channels/rest/messages", json=body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert (rows(api.desk, Inbox), rows(api.desk, Conversation), rasa.turns) == ([], [], [])


async def test_without_the_key_nothing_is_taken(api: Api) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}):
        response = await api.http.post("/channels/rest/messages", json={"sender": "a", "text": "x"}, headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert rows(api.desk, Inbox) == []


async def test_a_long_turn_is_answered_with_202_and_fetched_later(
    api: Api, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.desk.api.rest_channel._ANSWER_WITHIN_S", 0.1)
    rasa.go.clear()
    response = await api.http.post("/channels/rest/messages", json={"sender": "ann", "text": "退款"})
    assert response.status_code == 202
    assert response.json()["messages"] == [HELLO]
    rasa.go.set()
    [row] = rows(api.desk, Inbox)
    assert await api.desk.workers.outcome(row.id, 10) is Outcome.ANSWERED
    fetched = (await api.http.get("/channels/rest/messages", params={"sender": "ann"})).json()
    assert [m["text"] for m in fetched["messages"]] == ["bot: 退款"]
