"""Order numbers as they are compared, and orders as they are kept."""

from pathlib import Path

import pytest

from bot.orders import OrderStatus
from bot.storage.engine import Database
from bot.storage.migrate import migrate
from bot.storage.orders import as_order, find_order, number_key, save_order
from tests.backends.build import order


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("rd20260001", "RD20260001"),
        (" #RD 2026 0001 ", "RD20260001"),
        ("ＲＤ２０２６０００１", "RD20260001"),
        ("＃DD-2026-1", "DD-2026-1"),
        ("DD-2026-1", "DD-2026-1"),
        ("RD\u200b1", "RD1"),
    ],
)
def test_numbers_are_compared_without_case_spaces_and_hash(number: str, key: str) -> None:
    assert number_key(number) == key


def test_only_a_changed_order_gets_a_new_version(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    migrate(database.engine)
    first = order("ab-1", paid=10_000)
    for wanted, version in ((first, 1), (first, 1), (first.model_copy(update={"status": OrderStatus.COMPLETED}), 2)):
        with database.write() as session:
            save_order(session, wanted)
        with database.read() as session:
            row = find_order(session, "demo", "AB-1")
            assert row is not None
            assert (row.version, as_order(row).number) == (version, "ab-1")
    database.close()
