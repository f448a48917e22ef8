"""The ceiling of a refund, checked on the order as it stands."""

import pytest

from bot.cases.money import allocate, check_refund
from bot.errors import BadInput, Conflict
from tests.policy.build import order


@pytest.mark.parametrize("amount", [1, 6900])
def test_up_to_what_is_left_may_be_paid_back(amount: int) -> None:
    check_refund(order(days=2, refunded_total=4000), amount)


def test_one_cent_more_than_is_left_may_not() -> None:
    with pytest.raises(Conflict, match="has 6900 left to refund, not 6901"):
        check_refund(order(days=2, refunded_total=4000), 6901)


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_is_not_a_refund(amount: int) -> None:
    with pytest.raises(BadInput):
        check_refund(order(days=2), amount)


def test_shares_of_a_line_are_the_policys_own() -> None:
    assert [allocate(10000, 3, taken, 1) for taken in range(3)] == [3333, 3333, 3334]
