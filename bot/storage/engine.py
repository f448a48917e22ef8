"""The desk's database: one engine, short transactions, events sent after the commit.

SQLite (the default) and PostgreSQL. Sessions are synchronous: call from a worker thread, never on the event loop.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

Publish = Callable[[str, dict[str, Any]], None]
"""Takes a conversation id and an event; must be safe to call from any thread."""

_BUSY_MS = 10_000
_WRITES = "refunddesk_writes"
_DURABLE = "refunddesk_durable"
_EVENTS = "events"


def make_engine(url: str) -> Engine:
    """An engine for `url`; on SQLite with WAL, foreign keys and explicit transactions."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_size=10, max_overflow=20, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # As many connections as there are worker threads: a thread never waits for a connection, only for the lock.
    engine = create_engine(parsed, pool_size=10, max_overflow=40)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # The driver must not open transactions on its own: it would begin DEFERRED, and a read that turns into a
    # write then fails with SQLITE_BUSY_SNAPSHOT without waiting.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once, so that what it reads is still true when it writes.
    options = connection.get_execution_options()
    if options.get(_WRITES, False):
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options[_DURABLE] else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES, False) else "BEGIN")


class Database:
    """Sessions for reading and for writing.

    `write()` is one transaction; events added with `emit` are published after it has committed, never before.
    Two writers in this process queue on a lock instead of on SQLite's busy handler, which sleeps in steps.
    """

    def __init__(self, url: str, publish: Publish | None = None) -> None:
        self.engine = make_engine(url)
        self._durable = self.engine.execution_options(**{_WRITES: True, _DURABLE: True})
        self._quick = self.engine.execution_options(**{_WRITES: True, _DURABLE: False})
        self._publish = publish
        is_sqlite = self.engine.dialect.name == "sqlite"
        self._lock: AbstractContextManager[Any] = threading.Lock() if is_sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot to read from. Objects stay usable after it is closed."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Session]:
        """One transaction: commits on leaving, rolls back on any error. Never nest two of them.

        Nothing is acknowledged before it is on disk. With `durable=False` SQLite does not wait for the disk: a
        killed process loses nothing, a power cut may; only for notes of our own that are made again then.
        """
        with (
            self._lock,
            Session(self._durable if durable else self._quick, expire_on_commit=False, info={_EVENTS: []}) as session,
        ):
            yield session
            session.commit()
            events = session.info[_EVENTS]
        if self._publish is not None:
            for conversation_id, what in events:
                self._publish(conversation_id, what)

    def close(self) -> None:
        self.engine.dispose()


def emit(session: Session, conversation_id: str, what: dict[str, Any]) -> None:
    """Publish `what` to everybody who watches the conversation, once this transaction has committed."""
    session.info[_EVENTS].append((conversation_id, what | {"conversation_id": conversation_id}))
