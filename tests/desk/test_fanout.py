"""Events reach who watches, from any thread, and nobody waits for a slow one."""

import asyncio
import threading

from bot.desk.fanout import ALL, Fanout


async def test_events_reach_their_watchers_in_order_from_any_thread() -> None:
    fanout = Fanout()
    with fanout.subscription("c1") as one, fanout.subscription(ALL) as everything:
        thread = threading.Thread(
            target=lambda: [fanout.publish(cid, {"n": n}) for n, cid in enumerate(["c1", "c2", "c1"])]
        )
        thread.start()
        thread.join()
        fanout.close()
        assert [event["n"] async for event in one] == [0, 2]
        assert [event["n"] async for event in everything] == [0, 1, 2]


async def test_a_slow_subscriber_is_cut_off_and_the_others_are_not() -> None:
    fanout = Fanout()
    with fanout.subscription("c1") as slow, fanout.subscription("c1") as quick:
        seen = []

        async def read() -> None:
            async for event in quick:
                seen.append(event["n"])

        reading = asyncio.create_task(read())
        for n in range(400):
            fanout.publish("c1", {"n": n})
            await asyncio.sleep(0)
        assert [event["n"] async for event in slow] == list(range(256))
        assert slow.is_cut_off
        fanout.close()
        await reading
    assert seen == list(range(400))


async def test_a_subscription_that_ends_is_forgotten() -> None:
    fanout = Fanout()
    subscriber = fanout.subscribe("c1")
    waiting = asyncio.create_task(anext(subscriber))
    await asyncio.sleep(0)
    fanout.publish("c1", {"n": 1})
    assert await waiting == {"n": 1}
    await subscriber.aclose()
    assert fanout._subscriptions == {}
