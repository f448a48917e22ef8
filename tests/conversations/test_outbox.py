"""Lines go out once, in order, with retries; what is fetched is fetched once."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.base import REST
from bot.channels.identity import Identity
from bot.channels.memory import MemoryChannel
from bot.conversations.outbox import MAX_TRIES, Dispatcher
from bot.errors import BackendRefused, ServiceError
from bot.settings import Settings
from bot.storage.tables import Outbox
from tests.conversations.desks import add_agent, lines, message, rows, say, started
from tests.conversations.fake_rasa import FakeRasa

LATER = timedelta(hours=2)


async def test_a_push_channel_gets_every_line_once_and_in_order(desk_settings: Settings, rasa: FakeRasa) -> None:
    channel = MemoryChannel()
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", "退款", channel="memory")
        sender = Dispatcher(desk.database, {"memory": channel})
        assert await sender.dispatch() == 2
        assert await sender.dispatch() == 0
        cid = accepted.conversation_id
    assert [(m.key, m.sender, m.text) for m in channel.sent[1:]] == [(f"{cid}:3", "ann", "bot: 退款")]
    assert channel.sent[0].key == f"{cid}:1"
    assert [b.title for b in channel.sent[0].buttons] == ["申请退款", "查询退款进度", "转人工客服"]
    assert "/request_refund" not in repr(channel.sent)


async def test_a_failing_platform_is_tried_again_and_nothing_overtakes(desk_settings: Settings, rasa: FakeRasa) -> None:
    channel = MemoryChannel()
    channel.failures.append(ServiceError("platform is down"))
    async with started(desk_settings) as desk:
        await say(desk, "ann", "退款", channel="memory")
        sender = Dispatcher(desk.database, {"memory": channel})
        await sender.dispatch()
        assert channel.sent == []
        first, second = rows(desk, Outbox)
        assert (first.status, first.tries, first.error) == ("pending", 1, "platform is down")
        assert (second.status, second.tries) == ("pending", 0)
        assert await sender.dispatch() == 0
        await sender.dispatch(datetime.now(UTC) + LATER)
        assert [row.status for row in rows(desk, Outbox)] == ["sent", "sent"]
    assert [m.text for m in channel.sent][1] == "bot: 退款"


async def test_a_refusal_is_final_and_the_next_line_goes_on(desk_settings: Settings, rasa: FakeRasa) -> None:
    channel = MemoryChannel()
    channel.failures.append(BackendRefused("blocked by the buyer"))
    async with started(desk_settings) as desk:
        await say(desk, "ann", "退款", channel="memory")
        await Dispatcher(desk.database, {"memory": channel}).dispatch()
        assert [(row.status, row.error) for row in rows(desk, Outbox)] == [
            ("failed", "blocked by the buyer"),
            ("sent", ""),
        ]


async def test_it_gives_up_after_the_last_try(desk_settings: Settings, rasa: FakeRasa) -> None:
    channel = MemoryChannel()
    channel.failures.extend(ServiceError("down") for _ in range(MAX_TRIES))
    async with started(desk_settings) as desk:
        await say(desk, "ann", "退款", channel="memory")
        sender = Dispatcher(desk.database, {"memory": channel})
        for n in range(MAX_TRIES):
            await sender.dispatch(datetime.now(UTC) + n * LATER)
        first = rows(desk, Outbox)[0]
    assert (first.status, first.tries) == ("failed", MAX_TRIES)


@pytest.mark.parametrize(("deduplicates", "status"), [(False, "failed"), (True, "pending")])
async def test_a_line_in_flight_at_a_crash_is_not_sent_twice(
    deduplicates: bool, status: str, desk_settings: Settings, rasa: FakeRasa
) -> None:
    channel = MemoryChannel(deduplicates=deduplicates)
    async with started(desk_settings) as desk:
        await say(desk, "ann", "退款", channel="memory")
        sender = Dispatcher(desk.database, {"memory": channel})
        sender._prepare(rows(desk, Outbox)[0].id)
        sender.settle_in_flight()
        assert rows(desk, Outbox)[0].status == status


async def test_fetched_lines_are_fetched_once(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", "退款")
        cid = accepted.conversation_id
        assert [m.seq for m in desk.pull.collect(cid).messages] == [1, 3]
        assert desk.pull.collect(cid).messages == ()
        mei = add_agent(desk, "mei")
        desk.floor.claim(cid, mei)
        desk.floor.say(cid, mei, "您好")
        fetched = desk.pull.fetch(channel=REST, sender="ann", after=None)
        assert fetched is not None
        assert [(m.author, m.seq) for m in fetched.messages] == [("system", 4), ("agent", 5)]
        again = desk.pull.fetch(channel=REST, sender="ann", after=3)
        assert again is not None
        assert [m.seq for m in again.messages] == [4, 5]
        assert desk.pull.fetch(channel=REST, sender="nobody", after=None) is None


async def test_nobody_takes_the_answer_to_the_next_message(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        first, _ = await say(desk, "ann", "one")
        second, _ = await say(desk, "ann", "two")
        cid = first.conversation_id
        assert [m.text for m in desk.pull.collect(cid, first.inbox_id).messages][1:] == ["bot: one"]
        assert [m.text for m in desk.pull.collect(cid, second.inbox_id).messages] == ["bot: two"]


async def test_the_first_answer_is_given_again_to_the_same_message(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        first, _ = await say(desk, "ann", "one", key="m1")
        second, _ = await say(desk, "ann", "two", key="m2")
        cid = first.conversation_id
        desk.pull.collect(cid)
        assert [m.text for m in desk.pull.replay(cid, first.inbox_id).messages][1:] == ["bot: one"]
        assert [m.text for m in desk.pull.replay(cid, second.inbox_id).messages] == ["bot: two"]


async def test_a_signed_in_buyer_never_sees_another_buyers_chat(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        ann = await desk.inbox.accept(message("shared-device", "一", identity=Identity("u-ann", "Ann")))
        bob = await desk.inbox.accept(message("shared-device", "二", identity=Identity("u-bob", "Bob")))
        again = await desk.inbox.accept(message("shared-device", "三", identity=Identity("u-ann", "Ann")))
        await desk.workers.outcome(bob.inbox_id, 5)
        assert bob.conversation_id != ann.conversation_id
        assert again.conversation_id == ann.conversation_id
        assert "一" not in [line.text for line in await lines(desk, bob.conversation_id)]
