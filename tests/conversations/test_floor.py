"""Who may speak: exactly one, and never the bot after a person has taken over."""

import asyncio
import random
import threading

import pytest
from anyio import to_thread

from bot.conversations.worker import Outcome
from bot.desk.services import Desk
from bot.errors import BadInput, Conflict, NotAllowed, NotFound, StaleVersion
from bot.settings import Settings
from bot.storage.tables import Audit, Conversation
from bot.words import Mode
from tests.conversations.desks import add_agent, lines, message, rows, say, spoken, started
from tests.conversations.fake_rasa import FakeRasa, echo


async def test_claim_release_hand_back_and_close_are_each_one_step(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", "退款")
        cid, agent = accepted.conversation_id, add_agent(desk, "mei")
        claimed = await to_thread.run_sync(desk.floor.claim, cid, agent)
        assert (claimed.mode, claimed.agent_id, claimed.version) == (Mode.HUMAN, agent, 2)
        released = await to_thread.run_sync(desk.floor.release, cid, agent)
        assert (released.mode, released.agent_id, released.version) == (Mode.QUEUED, None, 3)
        assert released.queued_at is not None
        await to_thread.run_sync(desk.floor.claim, cid, agent)
        back = await desk.floor.hand_back(cid, agent)
        assert (back.mode, back.version) == (Mode.BOT, 5)
        closed = await to_thread.run_sync(desk.floor.close, cid, agent)
        assert (closed.mode, closed.version) == (Mode.CLOSED, 6)
        said = await spoken(desk, cid)
        log = [(row.actor, row.action, row.detail["from"], row.detail["to"]) for row in rows(desk, Audit)]
    me = f"agent:{agent}"
    assert log == [
        (me, "claim", "bot", "human"),
        (me, "release", "human", "queued"),
        (me, "claim", "queued", "human"),
        (me, "hand_back", "human", "bot"),
        (me, "close", "bot", "closed"),
    ]
    assert [author for author, _ in said[2:]] == ["system"] * 5
    assert said[2][1] == "人工客服 Mei 已接入，正在为您服务。"
    assert rasa.posted == [
        (
            cid,
            [
                {"event": "active_loop", "name": None},
                {"event": "slot", "name": "requested_slot", "value": None},
                {"event": "slot", "name": "confirm", "value": None},
            ],
        )
    ]


async def test_of_two_who_claim_at_once_one_wins(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        for n in range(10):
            accepted, _ = await say(desk, f"s{n}", "退款")
            agents = [add_agent(desk, f"a{n}"), add_agent(desk, f"b{n}")]
            results = await asyncio.gather(
                *(to_thread.run_sync(desk.floor.claim, accepted.conversation_id, agent) for agent in agents),
                return_exceptions=True,
            )
            won = [r for r in results if isinstance(r, Conversation)]
            lost = [r for r in results if isinstance(r, Conflict)]
            assert (len(won), len(lost)) == (1, 1)
            [now] = [c for c in rows(desk, Conversation) if c.id == accepted.conversation_id]
            assert (now.agent_id, now.version) == (won[0].agent_id, 2)


async def test_refused_moves_change_nothing(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", "退款")
        cid = accepted.conversation_id
        mei, kai, gone = add_agent(desk, "mei"), add_agent(desk, "kai"), add_agent(desk, "gone", is_active=False)
        floor = desk.floor

        def refused(error: type[Exception], *call: object) -> None:
            before = (rows(desk, Conversation)[0].version, len(rows(desk, Audit)), rows(desk, Conversation)[0].last_seq)
            with pytest.raises(error):
                call[0](*call[1:])  # type: ignore[operator]
            after = (rows(desk, Conversation)[0].version, len(rows(desk, Audit)), rows(desk, Conversation)[0].last_seq)
            assert after == before

        refused(NotFound, floor.claim, "nobody", mei)
        refused(NotFound, floor.claim, cid, 999)
        refused(NotAllowed, floor.claim, cid, gone)
        refused(Conflict, floor.release, cid, mei)
        refused(Conflict, floor.say, cid, mei, "您好")
        with pytest.raises(StaleVersion):
            floor.claim(cid, mei, version=7)
        floor.claim(cid, mei, version=1)
        refused(Conflict, floor.claim, cid, kai)
        refused(Conflict, floor.release, cid, kai)
        refused(Conflict, floor.close, cid, kai)
        refused(Conflict, floor.say, cid, kai, "您好")
        refused(BadInput, floor.say, cid, mei, "  ")
        refused(BadInput, floor.say, cid, mei, "x" * 5_001)
        with pytest.raises(Conflict):
            await floor.hand_back(cid, kai)
    assert rasa.posted == []


async def test_an_agents_line_with_the_same_key_is_one_line(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", "退款")
        mei = add_agent(desk, "mei")
        desk.floor.claim(accepted.conversation_id, mei)
        first = desk.floor.say(accepted.conversation_id, mei, "您好", client_key="c1")
        again = desk.floor.say(accepted.conversation_id, mei, "您好", client_key="c1")
        assert first.seq == again.seq
        assert (await spoken(desk, accepted.conversation_id)).count(("agent", "您好")) == 1


@pytest.mark.parametrize("mode", ["queued", "human"])
async def test_the_bot_hears_nothing_while_a_person_has_the_floor(
    mode: str, desk_settings: Settings, rasa: FakeRasa
) -> None:
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", "退款")
        desk.floor.handoff(accepted.conversation_id, "asked_for_person")
        if mode == "human":
            desk.floor.claim(accepted.conversation_id, add_agent(desk, "mei"))
        _, outcome = await say(desk, "ann", "还在吗")
        assert outcome is Outcome.SILENT
        assert (await spoken(desk, accepted.conversation_id))[-1] == ("buyer", "还在吗")
    assert len(rasa.turns) == 1


async def test_a_closed_conversation_opens_again_with_the_bot(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        accepted, _ = await say(desk, "ann", "退款")
        desk.floor.close(accepted.conversation_id, add_agent(desk, "mei"))
        again, outcome = await say(desk, "ann", "还有一个问题")
        assert (again.conversation_id, again.mode, outcome) == (
            accepted.conversation_id,
            Mode.BOT,
            Outcome.ANSWERED,
        )


async def test_the_last_words_of_the_turn_that_hands_over_are_said(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:

        def hand_over(body: dict) -> list[dict]:
            desk.floor.handoff(body["sender"], "asked_for_person", turn_id=body["metadata"]["turn_id"])
            return [{"text": "已为您转人工。"}]

        rasa.answer = hand_over
        accepted, outcome = await say(desk, "ann", "人工")
        assert outcome is Outcome.ANSWERED
        assert (await spoken(desk, accepted.conversation_id))[-1] == ("bot", "已为您转人工。")
        [conversation] = rows(desk, Conversation)
        assert (conversation.mode, conversation.handoff_reason, conversation.version) == (
            "queued",
            "asked_for_person",
            2,
        )


async def test_a_turn_that_hands_over_in_silence_still_says_so(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:

        def hand_over(body: dict) -> list[dict]:
            desk.floor.handoff(body["sender"], "safety", turn_id=body["metadata"]["turn_id"])
            return []

        rasa.answer = hand_over
        accepted, _ = await say(desk, "ann", "过敏了")
        author, text = (await spoken(desk, accepted.conversation_id))[-1]
        assert author == "bot"
        assert text.startswith("已为您转人工客服，您是下一位。")
        assert rows(desk, Conversation)[0].handoff_reason == "safety"


async def test_the_queue_counts_who_came_before(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        found = []
        for name in ("ann", "bob", "cat"):
            accepted, _ = await say(desk, name, "人工")
            found.append(desk.floor.handoff(accepted.conversation_id, "asked_for_person"))
            assert desk.floor.handoff(accepted.conversation_id, "upset") == found[-1]
        assert [(q.mode, q.waiting_before) for q in found] == [(Mode.QUEUED, 0), (Mode.QUEUED, 1), (Mode.QUEUED, 2)]
        assert {c.handoff_reason for c in rows(desk, Conversation)} == {"asked_for_person"}


async def test_an_answer_that_comes_after_a_claim_is_dropped(desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        mei = add_agent(desk, "mei")

        def claimed_meanwhile(body: dict) -> list[dict]:
            desk.floor.claim(body["sender"], mei)
            return [{"text": "too late"}]

        rasa.answer = claimed_meanwhile
        accepted, outcome = await say(desk, "ann", "退款")
        assert outcome is Outcome.SILENT
        assert [author for author, _ in await spoken(desk, accepted.conversation_id)] == ["buyer", "system"]


@pytest.mark.parametrize("trouble", ["error", "hand_over"])
async def test_a_claim_beats_a_failure_and_a_handover(trouble: str, desk_settings: Settings, rasa: FakeRasa) -> None:
    async with started(desk_settings) as desk:
        mei = add_agent(desk, "mei")

        def claimed_meanwhile(body: dict) -> list[dict]:
            if trouble == "hand_over":
                desk.floor.handoff(body["sender"], "upset", turn_id=body["metadata"]["turn_id"])
            desk.floor.claim(body["sender"], mei)
            return [{"text": "too late"}] if trouble == "hand_over" else []

        rasa.answer = claimed_meanwhile
        await say(desk, "ann", "退款")
        [conversation] = rows(desk, Conversation)
        assert (conversation.mode, conversation.agent_id) == ("human", mei)
        assert "bot" not in [line.author for line in (await lines(desk, conversation.id))[1:]]


async def _race(desk: Desk, seed: int, agents: list[int]) -> None:
    """One random interleaving of a bot's turn, buyer's messages, and a person who takes over and gives back."""
    dice = random.Random(seed)
    first = await desk.inbox.accept(message(f"race-{seed}", "m0"))
    cid = first.conversation_id

    async def buyer() -> None:
        for n in range(1, 4):
            await asyncio.sleep(dice.random() * 0.02)
            await desk.inbox.accept(message(f"race-{seed}", f"m{n}"))

    async def agent(agent_id: int) -> None:
        await asyncio.sleep(dice.random() * 0.03)
        try:
            await to_thread.run_sync(desk.floor.claim, cid, agent_id)
            await asyncio.sleep(dice.random() * 0.01)
            await to_thread.run_sync(desk.floor.say, cid, agent_id, f"agent {agent_id}")
            if dice.random() < 0.5:
                await desk.floor.hand_back(cid, agent_id)
        except Conflict:
            pass

    await asyncio.gather(buyer(), *(agent(a) for a in agents))
    for _ in range(200):
        if cid not in desk.workers._tasks:
            break
        await asyncio.sleep(0.02)


async def test_no_bot_line_follows_a_takeover_in_many_interleavings(desk_settings: Settings, rasa: FakeRasa) -> None:
    def slow(body: dict) -> list[dict]:
        threading.Event().wait(random.Random(body["message"]).random() * 0.02)
        return echo(body)

    rasa.answer = slow
    async with started(desk_settings) as desk:
        agents = [add_agent(desk, "mei"), add_agent(desk, "kai")]
        for start in range(0, 60, 10):
            await asyncio.gather(*(_race(desk, seed, agents) for seed in range(start, start + 10)))
        everybody = rows(desk, Conversation)
        assert len(everybody) == 60
        for conversation in everybody:
            held = False
            for line in (await lines(desk, conversation.id))[1:]:
                if line.author == "system":
                    held = "已接入" in line.text or "joined" in line.text
                assert not (held and line.author == "bot"), f"the bot spoke at {line.seq} in {conversation.sender}"
            said = [line.text for line in await lines(desk, conversation.id) if line.author == "buyer"]
            assert said == ["m0", "m1", "m2", "m3"]
