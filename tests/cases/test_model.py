"""A case: what it takes from the decision, and a log that tells its state."""

import re
from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.cases.model import CASE_ID_PATTERN, Case, new_case_id, opened
from bot.words import CaseState, FreightPayer, Reason, Resolution
from tests.cases.build import new_case
from tests.policy.build import NOW, ask, claim, order


def test_case_numbers_can_be_read_out_and_do_not_repeat() -> None:
    numbers = {new_case_id() for _ in range(2000)}

    assert len(numbers) == 2000
    assert all(re.fullmatch(CASE_ID_PATTERN, number) for number in numbers)
    assert not set("".join(number[3:] for number in numbers)) & set("ILOU")


def test_a_new_case_is_what_was_decided() -> None:
    case = new_case()

    assert (case.state, case.version, case.is_open) == (CaseState.SUBMITTED, 1, True)
    assert (case.resolution, case.amount, case.freight_payer) == (
        Resolution.RETURN_AND_REFUND,
        9900,
        FreightPayer.BUYER,
    )
    assert case.rule_ids == ("CN.CPL25.window", "CN.M7.10", "SHOP.exchange")
    assert [(event.actor, event.from_state, event.to_state) for event in case.events] == [
        ("bot", None, CaseState.SUBMITTED)
    ]


def test_a_case_only_a_person_can_settle_names_the_wish_and_no_amount() -> None:
    the_order, the_claim = order(days=2), claim(Reason.OTHER, wish=Resolution.EXCHANGE)
    case = opened(the_order, the_claim, ask(the_order, the_claim), idempotency_key="k", at=NOW)

    assert (case.resolution, case.amount, case.freight_payer) == (Resolution.EXCHANGE, 0, FreightPayer.NONE)


def test_a_move_is_one_line_and_one_version_and_leaves_the_old_case_alone() -> None:
    case = new_case()
    later = NOW + timedelta(hours=1)

    moved = case.moved(CaseState.REJECTED, actor="agent:3", at=later, why="the picture shows wear")

    assert (moved.state, moved.version, moved.updated_at, moved.is_open) == (CaseState.REJECTED, 2, later, False)
    event = moved.events[-1]
    assert (event.actor, event.from_state, event.to_state, event.why, event.at) == (
        "agent:3",
        CaseState.SUBMITTED,
        CaseState.REJECTED,
        "the picture shows wear",
        later,
    )
    assert (case.state, case.version, len(case.events)) == (CaseState.SUBMITTED, 1, 1)


def test_a_case_survives_json() -> None:
    case = new_case().moved(CaseState.UNDER_REVIEW, actor="system", at=NOW)

    assert Case.model_validate_json(case.model_dump_json()) == case


def test_a_state_the_log_does_not_tell_is_refused() -> None:
    values = new_case().model_dump() | {"state": CaseState.REFUNDED}

    with pytest.raises(ValidationError, match="the last event is not the case's state"):
        Case.model_validate(values)
