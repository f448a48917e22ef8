"""Compare and set, once per key, and a log that only grows."""

from datetime import timedelta

import pytest

from bot.cases.repository import CaseRepository, InMemoryCases
from bot.errors import Conflict, NotFound, StaleVersion
from bot.words import CaseState
from tests.cases.build import new_case
from tests.policy.build import NOW


@pytest.fixture
def cases() -> CaseRepository:
    return InMemoryCases()


def test_what_was_added_is_found_by_number_and_by_key(cases: CaseRepository) -> None:
    case = cases.add(new_case())

    assert cases.get(case.id) == case
    assert cases.by_key("k-1") == case
    assert cases.by_key("k-2") is None


def test_the_same_key_opens_one_case(cases: CaseRepository) -> None:
    first = cases.add(new_case(key="same"))
    second = cases.add(new_case(key="same"))

    assert second == first
    assert cases.find() == (first,)


def test_an_unknown_case_is_not_found(cases: CaseRepository) -> None:
    with pytest.raises(NotFound):
        cases.get("RD-00000000")
    with pytest.raises(NotFound):
        cases.save(new_case())


def test_the_second_of_two_writers_is_told_and_changes_nothing(cases: CaseRepository) -> None:
    case = cases.add(new_case())
    approved = case.moved(CaseState.APPROVED, actor="rule", at=NOW)
    withdrawn = case.moved(CaseState.WITHDRAWN, actor="buyer", at=NOW)
    cases.save(approved)

    with pytest.raises(StaleVersion):
        cases.save(withdrawn)
    with pytest.raises(StaleVersion):
        cases.save(approved)

    assert cases.get(case.id) == approved


def test_two_steps_may_be_saved_at_once(cases: CaseRepository) -> None:
    case = cases.add(new_case())
    approved = case.moved(CaseState.APPROVED, actor="rule", at=NOW)
    waiting = approved.moved(CaseState.AWAITING_RETURN, actor="rule", at=NOW)

    cases.save(waiting)

    assert cases.get(case.id) == waiting


def test_a_log_that_lost_or_changed_a_line_is_refused(cases: CaseRepository) -> None:
    case = cases.add(new_case())
    moved = case.moved(CaseState.UNDER_REVIEW, actor="system", at=NOW)
    changed = moved.model_copy(update={"events": (case.events[0].model_copy(update={"why": "no"}), moved.events[1])})
    jumped = moved.model_copy(update={"version": 5})

    for wrong in (changed, jumped):
        with pytest.raises(Conflict):
            cases.save(wrong)

    assert cases.get(case.id) == case


def test_find_fits_all_that_is_given_newest_first(cases: CaseRepository) -> None:
    old = cases.add(new_case(key="a", at=NOW - timedelta(days=1)))
    new = cases.add(new_case(key="b", at=NOW))

    assert cases.find(order_number="RD20260001") == (new, old)
    assert cases.find(order_number="RD20260001", state=CaseState.REFUNDED) == ()
    assert cases.find(buyer_id="b-1", state=CaseState.SUBMITTED) == (new, old)
    assert cases.find(buyer_id="b-2") == ()
