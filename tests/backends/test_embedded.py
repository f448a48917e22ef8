"""Payouts: once per key, never more than was paid."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.backends.base import RefundStatus, ShopBackend
from bot.backends.embedded import EmbeddedBackend
from bot.storage.engine import Database
from bot.storage.migrate import migrate
from bot.storage.tables import Refund
from tests.backends.build import order


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[EmbeddedBackend]:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    migrate(database.engine)
    backend = EmbeddedBackend(database)
    backend.import_orders([(1, order("A-1")), (2, order("A-2", placed_at="-9d"))])
    yield backend
    database.close()


def _count(shop: EmbeddedBackend) -> int:
    with shop._database.read() as session:
        return session.query(Refund).count()


def test_it_is_a_shop_backend(shop: EmbeddedBackend) -> None:
    assert isinstance(shop, ShopBackend)


def test_a_refund_shows_in_the_order(shop: EmbeddedBackend) -> None:
    result = shop.refund("k1", "demo", " a-1", 10_000, "CNY")
    assert (result.status, result.amount) == (RefundStatus.PAID, 10_000)
    assert shop.find_refund("k1") == result
    found = shop.get_order("demo", "A-1")
    assert found is not None
    assert (found.refunded_total, found.refundable) == (10_000, 19_900)


def test_the_same_key_ten_times_at_once_pays_once(shop: EmbeddedBackend) -> None:
    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(lambda _: shop.refund("k1", "demo", "A-1", 10_000, "CNY"), range(10)))
    assert {r.status for r in results} == {RefundStatus.PAID}
    assert _count(shop) == 1
    other = shop.refund("k1", "demo", "A-1", 5_000, "CNY")
    assert (other.status, other.why) == (RefundStatus.REFUSED, "this key has paid something else")


def test_different_keys_at_once_never_pay_more_than_was_paid(shop: EmbeddedBackend) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: shop.refund(f"k{n}", "demo", "A-1", 10_000, "CNY"), range(8)))
    assert sorted(r.status for r in results) == [RefundStatus.PAID] * 2 + [RefundStatus.REFUSED] * 6
    found = shop.get_order("demo", "A-1")
    assert found is not None
    assert found.refunded_total == 20_000


@pytest.mark.parametrize(
    ("number", "amount", "currency"),
    [("A-1", 29_901, "CNY"), ("A-1", 0, "CNY"), ("A-1", -1, "CNY"), ("A-1", 100, "USD"), ("A-9", 100, "CNY")],
)
def test_a_wrong_payout_is_refused_and_leaves_nothing(
    number: str, amount: int, currency: str, shop: EmbeddedBackend
) -> None:
    assert shop.refund("k1", "demo", number, amount, currency).status is RefundStatus.REFUSED
    assert shop.find_refund("k1") is None
    assert _count(shop) == 0


def test_a_buyers_orders_come_newest_first(shop: EmbeddedBackend) -> None:
    assert [o.number for o in shop.orders_of("demo", "u-ann", 5)] == ["A-1", "A-2"]
    assert [o.number for o in shop.orders_of("demo", "u-ann", 1)] == ["A-1"]
    assert shop.orders_of("demo", "u-bob", 5) == []
    assert shop.orders_of("other", "u-ann", 5) == []


def test_an_import_names_doubles_and_orders_below_what_was_paid_back(shop: EmbeddedBackend) -> None:
    shop.refund("k1", "demo", "A-1", 20_000, "CNY")
    imported = shop.import_orders(
        [(1, order("A-1", paid=10_000)), (2, order("A-3")), (3, order("a-3")), (4, order("# "[:1] + "  "))]
    )
    assert imported.taken == 1
    assert [(bad.line, bad.detail) for bad in imported.bad] == [
        (1, "paid_total: less than what was already paid back"),
        (3, "number: a-3 is in this file twice"),
        (4, "number: nothing is left of it without spaces and #"),
    ]
    found = shop.get_order("demo", "A-1")
    assert found is not None
    assert found.paid_total == 29_900
