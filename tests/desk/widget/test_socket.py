"""The widget's socket against a real server: nothing lost, nothing twice, nothing out of order."""

import asyncio
import secrets

import pytest
from sqlalchemy import func, select, text
from websockets.exceptions import ConnectionClosed, InvalidStatusCode

from bot.conversations import transcript
from bot.storage.tables import Conversation, Inbox
from bot.words import Author
from tests.desk.widget.live_desk import LiveDesk, Widget


async def test_a_first_visit_gets_hello_and_the_greeting(live: LiveDesk, sender: str) -> None:
    async with Widget(live.url, sender) as widget:
        (greeting,) = await widget.messages(1)
    assert widget.hello["mode"] == "bot"
    assert widget.hello["language"] == "zh-Hans"
    assert (greeting["seq"], greeting["author"]) == (1, "bot")
    assert "机器人" in greeting["text"]
    assert all(set(button) == {"id", "title"} for button in greeting["buttons"])


async def test_a_message_is_acknowledged_shown_and_answered(live: LiveDesk, sender: str) -> None:
    async with Widget(live.url, sender) as widget:
        await widget.messages(1)
        await widget.send("message", client_id="c-1", text="你好")
        frames = [await widget.receive()]
        while frames[-1].get("text") != "bot: 你好":
            frames.append(await widget.receive())
    by_kind = [(f["type"], f.get("seq"), f.get("client_id")) for f in frames if f["type"] in ("ack", "message")]
    assert sorted(by_kind, key=str) == sorted([("ack", 2, "c-1"), ("message", 2, "c-1"), ("message", 3, None)], key=str)


async def test_the_same_client_id_again_is_the_same_message(live: LiveDesk, sender: str) -> None:
    async with Widget(live.url, sender) as widget:
        for _ in range(3):
            await widget.send("message", client_id="again", text="只说一次")
        acks = [await widget.until("ack") for _ in range(3)]
        await asyncio.sleep(0.3)
    assert [ack["seq"] for ack in acks] == [acks[0]["seq"]] * 3
    said = [said for author, said in live.lines(widget.conversation_id) if author == "buyer"]
    assert said == ["只说一次"]


async def test_a_reload_shows_the_buyers_own_messages(live: LiveDesk, sender: str) -> None:
    async with Widget(live.url, sender) as widget:
        await widget.send("message", client_id="mine", text="我说的话")
        await widget.until("message", text="bot: 我说的话")
    async with Widget(live.url, sender) as widget:
        lines = await widget.messages(3)
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert (lines[1]["author"], lines[1]["text"], lines[1]["client_id"]) == ("buyer", "我说的话", "mine")


async def test_the_cursor_skips_what_was_seen(live: LiveDesk, sender: str) -> None:
    async with Widget(live.url, sender) as widget:
        await widget.send("message", client_id="a", text="一")
        await widget.until("message", text="bot: 一")
    async with Widget(live.url, sender, cursor=2) as widget:
        (line,) = await widget.messages(1)
        assert line["seq"] == 3
        assert await widget.is_quiet()


async def test_lines_written_while_a_buyer_connects_come_once_and_in_order(live: LiveDesk, sender: str) -> None:
    async with Widget(live.url, sender) as first:
        await first.messages(1)
    total = 60

    def write() -> None:
        for number in range(total):
            with live.desk.database.write() as session:
                conversation = transcript.get_conversation(session, first.conversation_id, lock=True)
                transcript.add(session, conversation, author=Author.BOT, text=f"line {number}")

    async def watch(delay: float) -> list[int]:
        await asyncio.sleep(delay)
        async with Widget(live.url, sender, cursor=1) as widget:
            return [line["seq"] for line in await widget.messages(total)]

    writing = asyncio.to_thread(write)
    *seen, _ = await asyncio.gather(*(watch(delay / 100) for delay in range(8)), writing)
    assert seen == [list(range(2, total + 2))] * 8


async def test_a_pressed_button_sends_its_stored_payload(live: LiveDesk, sender: str) -> None:
    async with Widget(live.url, sender) as widget:
        await widget.send("message", client_id="q", text="choose")
        asked = await widget.until("message", text="which?")
        await widget.send("button", client_id="b", button=asked["buttons"][0]["id"])
        said = await widget.until("message", client_id="b")
        await widget.until("message", author="bot")
    assert said["text"] == "质量问题"
    assert live.rasa.asked[-1]["message"] == '/inform{"reason": "quality_defect"}'


async def test_a_takeover_is_told_with_the_agents_name(live: LiveDesk, sender: str) -> None:
    agent_id = live.add_agent(secrets.token_hex(4), "小周")
    async with Widget(live.url, sender) as widget:
        live.desk.floor.claim(widget.conversation_id, agent_id)
        assert await widget.until("mode") == {"type": "mode", "mode": "human", "agent_name": "小周"}
        live.desk.floor.say(widget.conversation_id, agent_id, "我来看看")
        line = await widget.until("message", author="agent")
        assert (line["text"], line["agent_name"]) == ("我来看看", "小周")
        assert "agent_id" not in line
    async with Widget(live.url, sender) as widget:
        assert (widget.hello["mode"], widget.hello["agent_name"]) == ("human", "小周")


async def test_a_buyers_typing_is_not_echoed(live: LiveDesk, sender: str) -> None:
    async with Widget(live.url, sender) as widget:
        await widget.messages(1)
        await widget.send("typing", on=True)
        await widget.send("ping")
        assert await widget.receive() == {"type": "pong"}


@pytest.mark.parametrize(
    "frame", ["not json", "[]", '{"type":"delete_everything"}', '{"type":"message"}', "x" * 70_000]
)
async def test_a_bad_frame_is_refused_and_the_line_stays_open(live: LiveDesk, sender: str, frame: str) -> None:
    async with Widget(live.url, sender) as widget:
        await widget.messages(1)
        await widget.socket.send(frame)
        assert (await widget.until("error"))["code"] == "bad_input"
        await widget.send("ping")
        await widget.until("pong")
    assert len(live.lines(widget.conversation_id)) == 1


async def test_a_text_that_is_too_long_is_refused_with_its_client_id(live: LiveDesk, sender: str) -> None:
    async with Widget(live.url, sender) as widget:
        await widget.send("message", client_id="long", text="长" * 10_001)
        error = await widget.until("error")
    assert (error["client_id"], error["message"]) == ("long", "内容太长，请分几条发送。")
    assert "retryable" not in error
    assert len(live.lines(widget.conversation_id)) == 1


async def test_a_signed_buyer_has_one_conversation_on_two_devices(live: LiveDesk) -> None:
    token = live.identity("u-two-devices", "陈敏")
    async with Widget(live.url, "a" * 32, identity=token) as phone, Widget(live.url, "b" * 32, identity=token) as desk:
        assert phone.conversation_id == desk.conversation_id
        await phone.send("message", client_id="p", text="从手机发的")
        assert (await desk.until("message", author="buyer"))["text"] == "从手机发的"
    with live.desk.database.read() as session:
        conversation = transcript.get_conversation(session, phone.conversation_id)
    assert (conversation.buyer_id, conversation.buyer_name) == ("u-two-devices", "陈敏")


@pytest.mark.parametrize("token", ["nonsense", "forged"])
async def test_a_bad_identity_is_refused_for_good_and_makes_no_conversation(
    live: LiveDesk, sender: str, token: str
) -> None:
    if token == "forged":
        token = live.identity()[:-4] + "AAAA"
    async with Widget(live.url, sender, identity=token) as widget:
        assert widget.hello["code"] == "not_authenticated"
        with pytest.raises(ConnectionClosed) as closed:
            await widget.receive()
    assert closed.value.code == 4401
    assert _conversations(live, sender) == 0


@pytest.mark.parametrize("guessed", ["", "short", "id:u-lin", "x" * 65])
async def test_a_guest_cannot_claim_a_buyers_or_a_guessable_sender(live: LiveDesk, guessed: str) -> None:
    async with Widget(live.url, guessed) as widget:
        assert widget.hello["code"] == "bad_input"
        with pytest.raises(ConnectionClosed) as closed:
            await widget.receive()
    assert closed.value.code == 4400
    assert _conversations(live, guessed) == 0


async def test_only_the_desk_itself_and_allowed_shops_may_connect(live: LiveDesk, sender: str) -> None:
    for origin in (live.url, "https://shop.example"):
        async with Widget(live.url, sender, origin=origin) as widget:
            assert widget.hello["type"] == "hello"
    other = secrets.token_hex(16)
    with pytest.raises(InvalidStatusCode) as refused:
        async with Widget(live.url, other, origin="https://evil.example"):
            pass
    assert refused.value.status_code == 403
    assert _conversations(live, other) == 0


async def test_messages_sent_while_the_desk_restarts_arrive_once_each_in_order(live: LiveDesk, sender: str) -> None:
    texts = [f"第{number}条" for number in range(6)]

    async def send_all(widget: Widget) -> None:
        for number, words in enumerate(texts):
            await widget.send("message", client_id=f"r-{number}", text=words)

    async with Widget(live.url, sender) as widget:
        await send_all(widget)
        await widget.until("ack", client_id="r-1")
        await asyncio.to_thread(live.restart)
    async with Widget(live.url, sender) as widget:
        await send_all(widget)
        await widget.until("ack", client_id="r-5")
    with live.desk.database.read() as session:
        stored = session.scalar(
            select(func.count()).select_from(Inbox).where(Inbox.conversation_id == widget.conversation_id)
        )
    assert stored == len(texts)
    assert [said for author, said in live.lines(widget.conversation_id) if author == "buyer"] == texts


async def test_what_the_database_does_not_take_is_not_acknowledged(live: LiveDesk, sender: str) -> None:
    def rename(table: str, to: str) -> None:
        with live.desk.database.write() as session:
            session.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))

    async with Widget(live.url, sender) as widget:
        await widget.messages(1)
        rename("inbox", "inbox_away")
        try:
            await widget.send("message", client_id="kept", text="别丢了")
            error = await widget.receive()
            with pytest.raises(ConnectionClosed):
                await widget.receive()
        finally:
            rename("inbox_away", "inbox")
    assert (error["type"], error["client_id"], error["retryable"]) == ("error", "kept", True)
    assert len(live.lines(widget.conversation_id)) == 1
    async with Widget(live.url, sender) as widget:
        await widget.send("message", client_id="kept", text="别丢了")
        await widget.until("ack", client_id="kept")
    assert [said for author, said in live.lines(widget.conversation_id) if author == "buyer"] == ["别丢了"]


async def test_a_sender_who_floods_is_slowed_down_and_loses_nothing(live: LiveDesk, sender: str) -> None:
    async with Widget(live.url, sender) as widget:
        for number in range(22):
            await widget.send("message", client_id=f"f-{number}", text=str(number))
        await widget.until("ack", client_id="f-21")
    said = [said for author, said in live.lines(widget.conversation_id) if author == "buyer"]
    assert said == [str(number) for number in range(22)]


def _conversations(live: LiveDesk, sender: str) -> int:
    with live.desk.database.read() as session:
        query = select(func.count()).select_from(Conversation).where(Conversation.sender == sender)
        return session.scalar(query) or 0
