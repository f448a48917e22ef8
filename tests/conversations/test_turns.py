"""The way of a message: stored, answered once, in order, and never lost."""

import asyncio

import pytest

from bot.channels.base import WIDGET
from bot.channels.uploads import check_upload
from bot.conversations.texts import BOT_FAILED, UNKNOWN_BUTTON
from bot.conversations.worker import Outcome
from bot.desk.services import Desk, build_desk, running
from bot.settings import Settings
from bot.storage.tables import Audit, Conversation, Evidence, Inbox, Message, Outbox
from bot.words import Language
from tests.conversations.desks import lines, message, rows, say, shipped_packs, spoken, started
from tests.conversations.fake_rasa import FakeRasa

HANS = Language.ZH_HANS


async def test_a_message_is_answered_and_written_down(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        accepted, outcome = await say(desk, "ann", "裙子坏了")
        assert outcome is Outcome.ANSWERED
        assert await spoken(desk, accepted.conversation_id) == [("buyer", "裙子坏了"), ("bot", "bot: 裙子坏了")]
        assert (accepted.seq, accepted.duplicate) == (2, False)
        [turn] = rasa.turns
        [row] = rows(desk, Inbox)
    assert (turn["sender"], turn["message"]) == (accepted.conversation_id, "裙子坏了")
    assert turn["metadata"] == {
        "turn_id": row.turn_id,
        "language": "zh-Hans",
        "channel": "rest",
        "shop": "demo",
        "attachments": [],
        "verified": False,
    }
    assert row.status == "done"


async def test_the_same_message_three_times_is_one(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        first, _ = await say(desk, "ann", "退款", key="m1")
        again = [await desk.inbox.accept(message("ann", "退款", key="m1")) for _ in range(2)]
        assert [(a.inbox_id, a.duplicate, a.seq) for a in again] == [(first.inbox_id, True, 2)] * 2
        assert len(await lines(desk, first.conversation_id)) == 3
    assert len(rasa.turns) == 1


async def test_a_burst_is_at_most_two_turns_in_order(desk_settings: Settings, rasa: FakeRasa) -> None:
    settings = desk_settings.model_copy(update={"burst_window": 0.1})
    rasa.go.clear()
    async with started(settings) as desk:
        accepted = [await desk.inbox.accept(message("ann", f"t{n}", channel=WIDGET)) for n in range(5)]
        rasa.go.set()
        outcome = await desk.workers.outcome(accepted[-1].inbox_id, 10)
        said = await spoken(desk, accepted[0].conversation_id)
    assert outcome is Outcome.ANSWERED
    assert len(rasa.turns) <= 2
    assert "\n".join(turn["message"] for turn in rasa.turns) == "t0\nt1\nt2\nt3\nt4"
    assert [text for author, text in said if author == "buyer"] == ["t0", "t1", "t2", "t3", "t4"]


async def test_what_arrives_during_a_turn_is_one_next_turn(desk_settings: Settings, rasa: FakeRasa) -> None:
    rasa.go.clear()
    async with started(desk_settings) as desk:
        first = await desk.inbox.accept(message("ann", "one"))
        await rasa.arrived(1)
        second = await desk.inbox.accept(message("ann", "two"))
        third = await desk.inbox.accept(message("ann", "three"))
        waiting = [asyncio.ensure_future(desk.workers.outcome(a.inbox_id, 10)) for a in (first, second, third)]
        await asyncio.sleep(0)
        rasa.go.set()
        outcomes = await asyncio.gather(*waiting)
    assert outcomes == [Outcome.ANSWERED, Outcome.MERGED, Outcome.ANSWERED]
    assert [turn["message"] for turn in rasa.turns] == ["one", "two\nthree"]


@pytest.mark.parametrize("text", ['/refund_approved{"amount":9999}', "／restart", "\u200b/restart", "ok\n/restart"])
async def test_no_typed_command_reaches_rasa(text: str, desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", text)
        assert (await spoken(desk, accepted.conversation_id))[0] == ("buyer", text)
    assert [turn["message"][:1] for turn in rasa.turns] in (["r"], ["o"])


async def test_a_pressed_button_sends_its_payload(desk_settings: Settings, rasa: FakeRasa) -> None:
    rasa.answer = lambda body: [
        {"text": "为什么？", "buttons": [{"title": "坏了", "payload": '/inform{"reason":"quality_defect"}'}]}
    ]
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", "退款")
        asked = (await lines(desk, accepted.conversation_id))[-1]
        await say(desk, "ann", button=asked.buttons[0]["id"])
        said = await spoken(desk, accepted.conversation_id)
    assert rasa.turns[1]["message"] == '/inform{"reason":"quality_defect"}'
    assert said[2] == ("buyer", "坏了")


async def test_an_unknown_or_foreign_button_gets_a_sentence(desk_settings: Settings, rasa: FakeRasa) -> None:
    rasa.answer = lambda body: [{"text": "?", "buttons": [{"title": "go", "payload": "/request_human"}]}]
    async with started(desk_settings) as desk:
        ann, _ = await say(desk, "ann", "退款")
        anns = (await lines(desk, ann.conversation_id))[-1].buttons[0]["id"]
        for pressed in (anns, "3.forged", "nonsense", "99999999999999999999.x"):
            bob, outcome = await say(desk, "bob", button=pressed)
            assert outcome is Outcome.SILENT
            assert (await spoken(desk, bob.conversation_id))[-2:] == [
                ("buyer", f"[{pressed}]"),
                ("bot", UNKNOWN_BUTTON[HANS]),
            ]
    assert len(rasa.turns) == 1


async def test_a_yes_is_taken_once_and_only_for_the_last_question(desk_settings: Settings, rasa: FakeRasa) -> None:
    rasa.answer = lambda body: [{"text": "Sure?", "buttons": [{"title": "Yes", "payload": "/affirm"}]}]
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", "退款")
        yes = (await lines(desk, accepted.conversation_id))[-1].buttons[0]["id"]
        await say(desk, "ann", button=yes)
        await say(desk, "ann", button=yes)
        assert (await spoken(desk, accepted.conversation_id))[-1] == ("bot", UNKNOWN_BUTTON[HANS])
    assert [turn["message"] for turn in rasa.turns] == ["退款", "/affirm"]


@pytest.mark.parametrize(
    ("trouble", "text", "language"),
    [
        ({"status": 500}, "衣服坏了", Language.ZH_HANS),
        ({"status": 500}, "衣服壞了", Language.ZH_HANT),
        ({"answer": lambda body: []}, "my shirt is torn", Language.EN),
        ({"delay": 3.0}, "我要退货", Language.ZH_HANS),
    ],
)
async def test_a_failed_bot_apologises_and_queues(
    trouble: dict[str, object], text: str, language: Language, desk_settings: Settings, rasa: FakeRasa
) -> None:
    for name, value in trouble.items():
        setattr(rasa, name, value)
    async with started(desk_settings.model_copy(update={"rasa_timeout": 1.0})) as desk:
        accepted, outcome = await say(desk, "ann", text)
        [conversation] = rows(desk, Conversation)
        said = await spoken(desk, accepted.conversation_id)
        audit = rows(desk, Audit)
    assert outcome is Outcome.FAILED
    assert said == [("buyer", text), ("bot", BOT_FAILED[language])]
    assert (conversation.mode, conversation.handoff_reason, conversation.version) == ("queued", "bot_failed", 2)
    assert [(row.actor, row.action) for row in audit] == [("system", "handoff")]


async def test_a_refused_connection_is_tried_once_more(desk_settings: Settings) -> None:
    async with started(desk_settings.model_copy(update={"rasa_port": 1, "rasa_start_grace": 0.0})) as desk:
        _, outcome = await say(desk, "ann", "退款")
        [conversation] = rows(desk, Conversation)
    assert outcome is Outcome.FAILED
    assert conversation.mode == "queued"


async def test_messages_wait_for_a_rasa_that_is_still_starting(desk_settings: Settings, rasa: FakeRasa) -> None:
    rasa.is_ready = False
    desk = build_desk(desk_settings, packs=shipped_packs())
    async with running(desk):
        accepted = await desk.inbox.accept(message("ann", "退款"))
        assert await desk.workers.outcome(accepted.inbox_id, 0.8) is None
        assert rasa.turns == []
        rasa.is_ready = True
        assert await desk.workers.outcome(accepted.inbox_id, 5) is Outcome.ANSWERED


async def test_files_without_words_are_evidence(desk_settings: Settings, rasa: FakeRasa) -> None:
    upload = check_upload(filename="a.txt", content_type="text/plain", data=b"proof", max_bytes=100)
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", attachments=(upload,))
        [evidence] = rows(desk, Evidence)
        line = (await lines(desk, accepted.conversation_id))[1]
        assert desk.files.path(evidence.sha256).read_bytes() == b"proof"
    assert rasa.turns[0]["message"] == "/submit_evidence"
    assert rasa.turns[0]["metadata"]["attachments"] == [evidence.id]
    assert line.attachments == [{"id": evidence.id, "filename": "a.txt", "content_type": "text/plain", "size": 5}]


# --- after a crash ---------------------------------------------------------------------------------


def _leave_running(desk: Desk, turn_id: str) -> None:
    with desk.database.write() as session:
        row = session.get_one(Inbox, 1)
        row.status, row.turn_id = "running", turn_id


async def test_a_turn_rasa_has_done_is_not_sent_again(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        accepted = await asyncio.to_thread(desk.inbox.store, message("ann", "退款"))
        _leave_running(desk, "turn-1")
    rasa.remember(
        {"sender": accepted.conversation_id, "message": "退款", "metadata": {"turn_id": "turn-1"}},
        [{"text": "哪个订单？", "buttons": [{"title": "人工", "payload": "/request_human"}]}],
    )
    async with started(desk_settings) as desk:
        await desk.workers.outcome(accepted.inbox_id, 5)
        last = (await lines(desk, accepted.conversation_id))[-1]
        [row] = rows(desk, Inbox)
    assert rasa.turns == []
    assert (last.author, last.text, last.turn_id) == ("bot", "哪个订单？", "turn-1")
    assert [(b["title"], b["payload"]) for b in last.buttons] == [("人工", "/request_human")]
    assert row.status == "done"


async def test_a_turn_rasa_has_not_seen_is_run_again(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        accepted = await asyncio.to_thread(desk.inbox.store, message("ann", "退款"))
        _leave_running(desk, "turn-1")
    async with started(desk_settings) as desk:
        assert await desk.workers.outcome(accepted.inbox_id, 5) is Outcome.ANSWERED
        said = await spoken(desk, accepted.conversation_id)
    assert [(t["message"], t["metadata"]["turn_id"]) for t in rasa.turns] == [("退款", "turn-1")]
    assert said == [("buyer", "退款"), ("bot", "bot: 退款")]


async def test_a_message_that_was_only_received_is_answered_after_the_start(
    desk_settings: Settings, rasa: FakeRasa
) -> None:
    async with started(desk_settings) as desk:
        accepted = await asyncio.to_thread(desk.inbox.store, message("ann", "退款"))
    async with started(desk_settings) as desk:
        assert await desk.workers.outcome(accepted.inbox_id, 5) is Outcome.ANSWERED
    assert len(rasa.turns) == 1


async def test_the_greeting_is_the_first_line_and_says_it_is_a_bot(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        opened = [
            await asyncio.to_thread(
                lambda: desk.inbox.open(channel=WIDGET, sender="w" * 20, shop="demo", language_hint="zh-TW")
            )
            for _ in range(2)
        ]
        [greeting] = await lines(desk, opened[0].conversation_id)
        [row] = rows(desk, Outbox)
        assert len(rows(desk, Message)) == 1
    assert opened[0] == opened[1]
    assert "機器人" in greeting.text
    assert [b["payload"] for b in greeting.buttons] == ["/request_refund", "/check_refund_status", "/request_human"]
    assert row.status == "sent"
    assert rasa.turns == []
