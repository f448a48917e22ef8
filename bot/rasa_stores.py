"""Where Rasa keeps its trackers; named in endpoints.yml by its dotted path.

Rasa reads every event of the running session on every turn and posts them all to the action server, so a
long conversation slows down with each turn. What must be remembered lives in the desk; of a session that has
grown past `COMPACT_AFTER` events only its state (slots and active form) is carried into a fresh session.
"""

import json
import time
from collections import OrderedDict
from typing import Any, NamedTuple

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.settings import get_settings

COMPACT_AFTER = 60
"""Events in a session: about seven turns of a form. Measured: a turn costs the same from there on."""


KEEP = 500
"""Trackers kept in memory, some 50 kB each: the conversations that are going on right now."""


class CompactTrackerStore(SQLTrackerStore):  # type: ignore[misc]  # Rasa ships no types
    """Rasa's SQL tracker store on SQLAlchemy 2, with sessions that stay small.

    `url` (optional, in endpoints.yml) is a whole database URL; without it the setting
    REFUNDDESK_RASA_DATABASE_URL or SQLite in the data folder serves.
    """

    def __init__(
        self, domain: Domain | None = None, host: str | None = None, event_broker: Any = None, **kwargs: Any
    ) -> None:
        url = host or get_settings().tracker_database_url
        if url.startswith("sqlite:///"):
            get_settings().data_dir.mkdir(parents=True, exist_ok=True)
        super().__init__(domain=domain, host=url, event_broker=event_broker, **kwargs)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._stored: dict[str, int] = {}
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _use_wal)
            self.engine.dispose()
        # Rasa indexes the sender only; both queries of a turn then read the sender's whole past.
        with self.engine.begin() as connection:
            for name, columns in _INDEXES.items():
                connection.execute(sa.text(f"CREATE INDEX IF NOT EXISTS {name} ON events ({columns})"))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of the running session.

        Reading it back event by event is nearly half of Rasa's turn, so the one saved last is handed out again,
        once, if nobody has written to the conversation since. A turn that fails is never saved, so what it did to
        the tracker is gone with it.
        """
        kept = self._kept.pop(sender_id, None)
        if kept is not None and kept.last_id == self._last_id(sender_id):
            self._stored[sender_id] = len(kept.tracker.events)
            return kept.tracker
        tracker: DialogueStateTracker | None = await super().retrieve(sender_id)
        self._stored[sender_id] = len(tracker.events) if tracker else 0
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the turn's events; where the session has grown long, begin a small one in its place."""
        await self.stream_events(tracker)
        stored = self._stored.pop(tracker.sender_id, None)
        if stored is None:
            with self.session_scope() as session:
                new = list(self._additional_events(session, tracker))
        else:
            new = list(tracker.events)[stored:]
        is_long = len(tracker.events) > COMPACT_AFTER and _is_over(tracker.events[-1])
        last_id = self._append(tracker.sender_id, [*new, *snapshot(tracker)] if is_long else new)
        if not is_long:
            self._keep(tracker, last_id)

    def _append(self, sender_id: str, events: list[Event]) -> int:
        rows = []
        for event in events:
            data = event.as_dict()
            rows.append(
                {
                    "sender_id": sender_id,
                    "type_name": event.type_name,
                    "timestamp": data.get("timestamp"),
                    "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
                    "action_name": data.get("name"),
                    "data": json.dumps(data),
                }
            )
        with self.engine.begin() as connection:
            if rows:
                connection.execute(sa.insert(self.SQLEvent.__table__), rows)
            return int(connection.scalar(_LAST_ID, {"sender_id": sender_id}) or 0)

    def _last_id(self, sender_id: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.scalar(_LAST_ID, {"sender_id": sender_id}) or 0)

    def _keep(self, tracker: DialogueStateTracker, last_id: int) -> None:
        self._kept[tracker.sender_id] = _Kept(tracker, last_id)
        while len(self._kept) > KEEP:
            self._kept.popitem(last=False)


class _Kept(NamedTuple):
    tracker: DialogueStateTracker
    last_id: int


_LAST_ID = sa.text("SELECT max(id) FROM events WHERE sender_id = :sender_id")

_INDEXES = {
    "ix_events_sender_id_timestamp": "sender_id, timestamp",
    "ix_events_sender_id_type_name_timestamp": "sender_id, type_name, timestamp",
}


def snapshot(tracker: DialogueStateTracker) -> list[Event]:
    """The events of a new session in which the tracker stands where it stands now."""
    # Later than everything stored: the newest `session_started` is what Rasa reads from.
    start = max(time.time(), float(tracker.events[-1].timestamp) + 0.001)
    events: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    events += [SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.value != slot.initial_value]
    if tracker.active_loop_name:
        events.append(ActiveLoop(tracker.active_loop_name))
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    for position, event in enumerate(events):
        event.timestamp = start + position * 0.0001
    return events


def _is_over(last: Event) -> bool:
    """A turn ends with Rasa listening again; nothing is cut before that."""
    return isinstance(last, ActionExecuted) and last.action_name == ACTION_LISTEN_NAME


def _use_wal(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # In WAL mode NORMAL survives the death of the process; only a power cut can lose the last turn,
    # which the desk then plays again from its inbox.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()
