"""To the cent: shares add up, and nothing goes above what is left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.amounts import Piece, allocate, refund_lines, total_of
from bot.policy.model import Claim, ClaimItem
from bot.words import Reason
from tests.policy.build import ask, claim, item, order


@pytest.mark.parametrize(
    ("paid", "quantity", "before", "take", "share"),
    [
        (10000, 3, 0, 1, 3333),
        (10000, 3, 1, 1, 3333),
        (10000, 3, 2, 1, 3334),
        (10000, 3, 0, 3, 10000),
        (1, 2, 0, 1, 0),
        (1, 2, 1, 1, 1),
        (0, 5, 0, 5, 0),
    ],
)
def test_a_share_is_the_cumulative_floor(paid: int, quantity: int, before: int, take: int, share: int) -> None:
    assert allocate(paid, quantity, before, take) == share


@pytest.mark.parametrize(("quantity", "before", "take"), [(2, 0, 3), (2, 2, 1), (2, -1, 1), (2, 0, -1), (0, 0, 0)])
def test_more_pieces_than_there_are_is_an_error(quantity: int, before: int, take: int) -> None:
    with pytest.raises(ValueError, match="cannot take"):
        allocate(100, quantity, before, take)


@given(paid=st.integers(0, 10**12), takes=st.lists(st.integers(0, 50), min_size=1, max_size=20))
def test_shares_taken_one_after_the_other_add_up_to_what_was_paid(paid: int, takes: list[int]) -> None:
    quantity = max(1, sum(takes))
    takes = takes if sum(takes) else [1]
    before, shares = 0, []
    for take in takes:
        shares.append(allocate(paid, quantity, before, take))
        before += take

    assert sum(shares) == paid
    assert all(share >= 0 for share in shares)


@given(
    paid=st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 9)), min_size=1, max_size=4),
    shipping=st.integers(0, 5000),
    refunded=st.floats(0, 1),
    take=st.data(),
    freight=st.booleans(),
)
def test_lines_are_never_negative_in_sum_and_never_above_what_is_left(
    paid: list[tuple[int, int]], shipping: int, refunded: float, take: st.DataObject, freight: bool
) -> None:
    items = tuple(item(f"S{i}", paid=amount, quantity=count) for i, (amount, count) in enumerate(paid))
    total = sum(amount for amount, _ in paid) + shipping
    basket = order(days=1, items=items, shipping_fee=shipping, refunded_total=int(total * refunded))
    pieces = [Piece(one, take.draw(st.integers(1, one.quantity))) for one in items]

    lines = refund_lines(basket, pieces, outward_freight=freight)

    assert 0 <= total_of(lines) <= basket.refundable


def test_part_of_a_line_takes_its_share_and_no_freight() -> None:
    basket = order(days=1, items=(item("TEE", paid=10000, quantity=3),))

    best = ask(basket, claim(Reason.QUALITY_DEFECT, items={"TEE": 2})).options[0]

    assert [(line.kind, line.amount, line.quantity) for line in best.lines] == [("item", 6666, 2)]
    assert best.total == 6666


def test_pieces_claimed_one_by_one_add_up_to_what_was_paid() -> None:
    basket = order(days=1, items=(item("TEE", paid=10000, quantity=3),))
    totals = []
    for taken in range(3):
        part = Claim(reason=Reason.QUALITY_DEFECT, items=(ClaimItem(sku="TEE", quantity=1, taken_before=taken),))
        totals.append(ask(basket, part).options[0].total)

    assert totals == [3333, 3333, 3334]


def test_the_whole_order_takes_off_what_was_refunded_before() -> None:
    basket = order(days=1, items=(item("TEE"), item("CAP", paid=5000)), refunded_total=5000)

    best = ask(basket, claim(Reason.QUALITY_DEFECT)).options[0]

    assert [(line.kind, line.amount) for line in best.lines] == [
        ("item", 9900),
        ("item", 5000),
        ("freight_out", 1000),
        ("already_refunded", -5000),
    ]
    assert best.total == 10900


def test_a_part_is_cut_to_what_is_left_of_the_order() -> None:
    basket = order(days=1, items=(item("TEE"), item("CAP", paid=5000)), refunded_total=9000)

    best = ask(basket, claim(Reason.QUALITY_DEFECT, items={"TEE": 1})).options[0]

    assert [(line.kind, line.amount) for line in best.lines] == [("item", 9900), ("already_refunded", -3000)]
    assert best.total == basket.refundable == 6900
