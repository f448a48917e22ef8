"""The ceiling of a refund, checked on the order as it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.money import allocate, check_refund, place
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


@given(paid=st.integers(0, 10**9), takes=st.lists(st.integers(1, 5), min_size=1, max_size=8))
def test_parts_claimed_one_after_the_other_add_up_to_what_was_paid(paid: int, takes: list[int]) -> None:
    quantity, held, shares = sum(takes), [], []
    for take in takes:
        before = place(held, quantity, take)
        held.append((before, take))
        shares.append(allocate(paid, quantity, before, take))

    assert sum(shares) == paid


@given(paid=st.integers(0, 10**9), quantity=st.integers(1, 12), data=st.data())
def test_pieces_withdrawn_and_claimed_again_still_add_up(paid: int, quantity: int, data: st.DataObject) -> None:
    held = [(piece, 1) for piece in range(quantity)]
    for _ in range(data.draw(st.integers(1, quantity))):
        held.pop(data.draw(st.integers(0, len(held) - 1)))
    while len(held) < quantity:
        held.append((place(held, quantity, 1), 1))

    assert sum(allocate(paid, quantity, before, 1) for before, _ in held) == paid


@pytest.mark.parametrize(
    ("taken", "quantity", "take", "before"),
    [
        ([], 3, 2, 0),
        ([(0, 1)], 3, 2, 1),
        ([(1, 1), (2, 1)], 3, 1, 0),
        ([(0, 1), (2, 2)], 6, 2, 4),
        # Free are 0 and 2: no two together.
        ([(1, 1)], 3, 2, 1),
        # More than there are: the rules refuse it.
        ([], 1, 2, 0),
    ],
)
def test_the_first_gap_that_is_wide_enough_is_taken(
    taken: list[tuple[int, int]], quantity: int, take: int, before: int
) -> None:
    assert place(taken, quantity, take) == before
