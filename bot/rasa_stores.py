"""Where Rasa keeps its trackers; named in endpoints.yml by its dotted path.

Rasa reads every event of the running session on every turn and posts them all to the action server, so a
long conversation slows down with each turn. What must be remembered lives in the desk; of a session that has
grown past `COMPACT_AFTER` events only its state (slots and active form) is carried into a fresh session.
"""

import json
import time
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.settings import get_settings

COMPACT_AFTER = 60
"""Events in a session: about seven turns of a form. Measured: a turn costs the same from there on."""


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
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _use_wal)
            self.engine.dispose()
        # Rasa indexes the sender only; both queries of a turn then read the sender's whole past.
        with self.engine.begin() as connection:
            for name, columns in _INDEXES.items():
                connection.execute(sa.text(f"CREATE INDEX IF NOT EXISTS {name} ON events ({columns})"))

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the turn's events; where the session has grown long, begin a small one in its place."""
        await super().save(tracker)
        if len(tracker.events) > COMPACT_AFTER and _is_over(tracker.events[-1]):
            self._append(tracker.sender_id, snapshot(tracker))

    def _append(self, sender_id: str, events: list[Event]) -> None:
        with self.session_scope() as session:
            for event in events:
                data = event.as_dict()
                session.add(
                    self.SQLEvent(
                        sender_id=sender_id,
                        type_name=event.type_name,
                        timestamp=data["timestamp"],
                        action_name=data.get("name"),
                        data=json.dumps(data),
                    )
                )
            session.commit()


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
