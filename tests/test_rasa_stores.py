"""The tracker store that keeps sessions small, on a real SQLite and a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa_stores import COMPACT_AFTER, CompactTrackerStore

DOMAIN = """
version: "3.1"
intents: [inform]
slots:
  order_number: {type: text, mappings: [{type: custom}]}
  requested_slot: {type: text, mappings: [{type: custom}]}
forms:
  refund_form: {required_slots: [order_number]}
actions: []
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CompactTrackerStore]:
    made = CompactTrackerStore(domain=Domain.from_yaml(DOMAIN), host=f"sqlite:///{tmp_path / 'rasa.db'}")
    yield made
    made.engine.dispose()


async def take_turn(store: CompactTrackerStore, number: int, *, at_listen: bool = True) -> DialogueStateTracker:
    tracker = await store.get_or_create_tracker("buyer")
    tracker.update(UserUttered(f"text {number}", {"name": "inform", "confidence": 1.0}))
    if number == 0:
        tracker.update(ActiveLoop("refund_form"))
        tracker.update(SlotSet("requested_slot", "order_number"))
    tracker.update(SlotSet("order_number", f"RD{number:08d}"))
    tracker.update(BotUttered(f"answer {number}"))
    if at_listen:
        tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)
    return tracker


async def test_a_long_conversation_keeps_its_state_and_stays_small(store: CompactTrackerStore) -> None:
    sizes = []
    for number in range(100):
        await take_turn(store, number)
        tracker = await store.retrieve("buyer")
        assert tracker is not None
        sizes.append(len(tracker.events))

    assert max(sizes) <= COMPACT_AFTER
    assert tracker.get_slot("order_number") == "RD00000099"
    assert tracker.get_slot("requested_slot") == "order_number"
    assert tracker.active_loop_name == "refund_form"
    assert tracker.latest_action_name == "action_listen"


async def test_the_full_tracker_still_holds_every_turn_in_order(store: CompactTrackerStore) -> None:
    for number in range(40):
        await take_turn(store, number)

    full = await store.retrieve_full_tracker("buyer")

    assert full is not None
    said = [event.text for event in full.events if isinstance(event, UserUttered)]
    assert said == [f"text {number}" for number in range(40)]


async def test_a_turn_that_is_not_over_is_not_cut(store: CompactTrackerStore) -> None:
    for number in range(30):
        await take_turn(store, number, at_listen=False)

    tracker = await store.retrieve("buyer")

    assert tracker is not None
    assert sum(isinstance(event, UserUttered) for event in tracker.events) == 30


async def test_nothing_is_stored_twice_after_a_cut(store: CompactTrackerStore) -> None:
    for number in range(25):
        await take_turn(store, number)
    tracker = await store.retrieve("buyer")
    assert tracker is not None
    await store.save(tracker)

    full = await store.retrieve_full_tracker("buyer")

    assert full is not None
    assert sum(isinstance(event, UserUttered) for event in full.events) == 25


async def test_what_a_failed_turn_did_is_gone(store: CompactTrackerStore) -> None:
    await take_turn(store, 0)
    failed = await store.retrieve("buyer")
    assert failed is not None
    failed.update(SlotSet("order_number", "half-done"))

    tracker = await store.retrieve("buyer")

    assert tracker is not None
    assert tracker.get_slot("order_number") == "RD00000000"


async def test_what_another_process_wrote_is_seen(store: CompactTrackerStore) -> None:
    other = CompactTrackerStore(domain=store.domain, host=str(store.engine.url))
    for number in range(6):
        await take_turn(other if number % 2 else store, number)

    tracker = await store.retrieve("buyer")
    other.engine.dispose()

    assert tracker is not None
    said = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert said == [f"text {number}" for number in range(6)]


async def test_a_kept_tracker_is_the_one_the_database_holds(store: CompactTrackerStore) -> None:
    for number in range(5):
        await take_turn(store, number)
    kept = await store.retrieve("buyer")
    read = await store.retrieve("buyer")

    assert kept is not None
    assert read is not None
    assert [event.as_dict() for event in kept.events] == [event.as_dict() for event in read.events]
    assert kept.current_slot_values() == read.current_slot_values()
    assert kept.active_loop_name == read.active_loop_name


async def test_only_the_running_conversations_are_kept(
    store: CompactTrackerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.rasa_stores.KEEP", 3)
    for number in range(10):
        await store.save(DialogueStateTracker(f"buyer-{number}", store.domain.slots))

    assert list(store._kept) == ["buyer-7", "buyer-8", "buyer-9"]
