"""Transactions: durable, exclusive, and silent when they fail."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select, text

from bot.storage.engine import Database, emit
from bot.storage.migrate import migrate
from bot.storage.tables import Audit, Base

Published = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def published() -> Published:
    return []


@pytest.fixture
def database(tmp_path: Path, published: Published) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'deep' / 'desk.db'}", lambda cid, event: published.append((cid, event)))
    migrate(database.engine)
    yield database
    database.close()


def _audit(action: str) -> Audit:
    return Audit(at=datetime.now(UTC), actor="test", action=action, subject="s", detail={})


def test_sqlite_is_set_up_to_keep_what_it_acknowledges(database: Database) -> None:
    with database.read() as session:
        pragmas = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_the_migrations_make_exactly_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert difference == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrate(database.engine)
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_events_are_published_after_the_commit(database: Database, published: Published) -> None:
    with database.write() as session:
        session.add(_audit("a"))
        emit(session, "c1", {"type": "mode"})
        assert published == []
    assert published == [("c1", {"type": "mode", "conversation_id": "c1"})]


def test_a_failed_transaction_leaves_nothing_and_says_nothing(database: Database, published: Published) -> None:
    def fail() -> None:
        with database.write() as session:
            session.add(_audit("a"))
            emit(session, "c1", {"type": "mode"})
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Audit)) == 0
    assert published == []


def test_many_writers_never_lose_a_change(database: Database) -> None:
    with database.write() as session:
        session.add(_audit("0"))

    def count_up() -> None:
        for _ in range(20):
            with database.write() as session:
                row = session.get_one(Audit, 1)
                row.action = str(int(row.action) + 1)

    threads = [threading.Thread(target=count_up) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.get_one(Audit, 1).action == "100"


def test_a_naive_time_is_refused(database: Database) -> None:
    row = _audit("a")
    row.at = datetime(2026, 9, 4)  # noqa: DTZ001
    with pytest.raises(Exception, match="naive time"), database.write() as session:
        session.add(row)
