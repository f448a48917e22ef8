"""Actions outside the form: status, orders, rules, pictures, persons, and messages not understood."""

from typing import Any

import pytest

from actions.base import DeskAction
from actions.evidence import TakeEvidence
from actions.handoff import HandOver, TakeTracking
from actions.policy import ExplainPolicy
from actions.session import CancelRefund, DefaultFallback, DropDraft
from actions.status import TellStatus, TrackOrder
from tests.actions.conftest import Run
from tests.actions.played_desk import PlayedDesk, texts
from tests.actions.shop import claim, decided, drafted, found

LOOK_UP = ("POST", "order-lookup")
UNPROVED = {"status": "need_phone_tail", "order": None, "tries_left": 5}
OPEN = {"items": [{"id": "RD-1", "state": "under_review"}], "texts": texts("it waits")}
OVER = {"items": [{"id": "RD-1", "state": "refunded"}], "texts": texts("it is done")}
NONE = {"items": [], "texts": texts("nothing")}


def handed_over(reason: str) -> tuple[str, str, dict[str, str]]:
    return ("POST", "handoff", {"reason": reason, "turn_id": "t1"})


# --- status -------------------------------------------------------------------------------------


def test_where_a_case_stands_is_said_in_the_desks_words(run: Run, desk: PlayedDesk) -> None:
    desk.play("GET", "cases", OPEN)

    done = run(TellStatus(), "到哪了", intent="check_refund_status", form=False, slots={"language": "en"})

    assert done.said == ["it waits [en]"]
    assert done.events == []
    assert desk.asked() == [("GET", "cases", None)]


def test_a_guest_proves_an_order_in_the_same_message(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found())
    desk.play("GET", "cases", OVER)
    said = {"order_number": "RD1", "phone_tail": "8001"}

    done = run(TellStatus(), "RD1 8001 进度", intent="check_refund_status", form=False, entities=said)

    assert desk.asked() == [(*LOOK_UP, {"order_number": "RD1", "phone_tail": "8001"}), ("GET", "cases", None)]
    assert done.said == ["it is done [zh-Hans]"]


def test_a_guest_without_a_proof_is_told_how(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, UNPROVED)
    desk.play("GET", "cases", NONE)

    done = run(TellStatus(), "RD1 进度", intent="check_refund_status", form=False, entities={"order_number": "RD1"})

    assert done.said == ["utter_prove_for_status"]


@pytest.mark.parametrize(("form", "buttons"), [(False, [("申请退款", "/request_refund")]), (True, [])])
def test_no_case_is_said_plainly(run: Run, desk: PlayedDesk, form: bool, buttons: list[tuple[str, str]]) -> None:
    desk.play("GET", "cases", NONE)

    done = run(TellStatus(), "到哪了", intent="check_refund_status", form=form)

    assert (done.said, done.buttons) == (["utter_no_case_yet"], buttons)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("unpaid", "utter_track_unpaid"),
        ("paid", "utter_track_paid"),
        ("shipped", "utter_track_shipped"),
        ("delivered", "utter_track_delivered"),
        ("completed", "utter_track_delivered"),
        ("cancelled", "utter_track_closed"),
        ("refunded", "utter_track_closed"),
    ],
)
def test_an_orders_progress_is_said_by_its_status(run: Run, desk: PlayedDesk, status: str, said: str) -> None:
    desk.play(*LOOK_UP, found(status=status))

    done = run(TrackOrder(), "到哪了", intent="track_order", form=False, slots={"order_number": "RD1"})

    assert done.said == [said]
    assert done.messages[0]["number"] == "RD1"


@pytest.mark.parametrize("slots", [{}, {"order_number": "RD1"}])
def test_an_order_that_is_not_proved_is_not_told_about(run: Run, desk: PlayedDesk, slots: dict[str, Any]) -> None:
    desk.play(*LOOK_UP, UNPROVED)

    done = run(TrackOrder(), "到哪了", intent="track_order", form=False, slots=slots)

    assert done.said == ["utter_track_unknown"]
    assert done.buttons == [("转人工客服", "/request_human")]


# --- rules --------------------------------------------------------------------------------------


def test_a_question_about_the_rules_is_answered_by_the_decision_where_it_can_be(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found())
    desk.play("POST", "decision", decided("deny"))
    ask = {"intent": "ask_policy", "form": False, "entities": {"order_number": "RD1"}}

    done = run(ExplainPolicy(), "RD1 坏了能退吗", **ask, reason=("quality_defect", 0.8))

    assert desk.asked()[-1] == ("POST", "decision", claim())
    assert done.said == ["deny [zh-Hans]"]
    assert done.buttons == [("申请退款", '/request_refund{"reason": "quality_defect"}')]


def test_an_open_case_answers_the_question(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found())
    desk.refuse("POST", "decision", 409, "case_exists", case_id="RD-1")
    desk.play("GET", "cases", OPEN)

    done = run(ExplainPolicy(), "能退吗", intent="ask_policy", form=False, slots=drafted())

    assert done.said == ["it waits [zh-Hans]"]


@pytest.mark.parametrize(
    ("market", "said"),
    [("cn", "utter_policy_cn"), ("tw", "utter_policy_tw"), ("us", "utter_policy_elsewhere")],
)
@pytest.mark.parametrize("form", [True, False])
def test_without_a_reason_the_orders_market_answers(
    run: Run, desk: PlayedDesk, market: str, said: str, form: bool
) -> None:
    desk.play(*LOOK_UP, found(market=market))

    done = run(ExplainPolicy(), "几天能退", intent="ask_policy", form=form, slots={"order_number": "RD1"})

    assert done.said == [said]
    assert [path for _, path, _ in desk.asked()] == ["order-lookup"]


def test_in_the_form_the_rules_are_general_for_the_form_goes_on_to_the_decision(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found())

    done = run(ExplainPolicy(), "能退吗", intent="ask_policy", slots=drafted())

    assert (done.said, done.buttons) == (["utter_policy_cn"], [])


def test_without_an_order_no_market_is_guessed_from_the_script(run: Run, desk: PlayedDesk) -> None:
    done = run(ExplainPolicy(), "幾天能退", intent="ask_policy", form=False, slots={"language": "zh-Hant"})

    assert done.said == ["utter_policy_general"]
    assert desk.heard == []


# --- pictures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cases", "said", "others"),
    [(OPEN, "utter_pictures_kept", []), (OVER, "utter_pictures_received", ["followup"])],
)
def test_pictures_belong_to_the_open_case_or_begin_a_request(
    run: Run, desk: PlayedDesk, cases: dict[str, Any], said: str, others: list[str]
) -> None:
    desk.play("GET", "cases", cases)

    done = run(TakeEvidence(), "", intent="submit_evidence", form=False, metadata={"attachments": ["e1"]})

    assert (done.said, done.others) == ([said], others)


def test_words_about_pictures_ask_for_the_pictures(run: Run, desk: PlayedDesk) -> None:
    done = run(TakeEvidence(), "我有照片", intent="submit_evidence", form=False)

    assert (done.said, desk.heard) == (["utter_send_pictures"], [])


# --- persons ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intent", "reason"),
    [
        ("request_human", "asked_for_person"),
        ("appeal_decision", "review"),
        ("shop_question", "other_matter"),
    ],
)
def test_a_person_is_called_with_the_reason_that_fits(run: Run, desk: PlayedDesk, intent: str, reason: str) -> None:
    done = run(HandOver(), "人工", intent=intent, slots=drafted())

    assert desk.asked() == [handed_over(reason)]
    assert done.said == ["handed over [zh-Hans]"]
    assert done.others == []
    assert done.slots["claim_key"] is None


def test_a_parcel_number_goes_to_a_person(run: Run, desk: PlayedDesk) -> None:
    said = {"tracking_number": "SF1", "order_number": "RD1"}

    done = run(TakeTracking(), "SF1", intent="provide_return_tracking", form=False, entities=said)

    assert desk.asked() == [handed_over("other_matter")]
    assert done.said == ["handed over [zh-Hans]"]


def test_an_order_number_alone_begins_a_request(run: Run, desk: PlayedDesk) -> None:
    said = {"order_number": "RD1"}

    done = run(TakeTracking(), "RD1", intent="provide_return_tracking", form=False, entities=said)

    assert [(event["event"], event["name"]) for event in done.events] == [("followup", "refund_form")]
    assert desk.asked() == []


@pytest.mark.parametrize(
    ("cases", "said", "asked"),
    [
        (OPEN, ["utter_person_cancels", "handed over [zh-Hans]"], ["cases", "handoff"]),
        (OVER, ["utter_nothing_to_cancel"], ["cases"]),
        (NONE, ["utter_nothing_to_cancel"], ["cases"]),
    ],
)
def test_a_person_withdraws_what_is_open(
    run: Run, desk: PlayedDesk, cases: dict[str, Any], said: list[str], asked: list[str]
) -> None:
    desk.play("GET", "cases", cases)

    done = run(CancelRefund(), "不退了", intent="cancel_refund", form=False)

    assert done.said == said
    assert [path for _, path, _ in desk.asked()] == asked


def test_a_dropped_draft_keeps_the_order_only(run: Run, desk: PlayedDesk) -> None:
    done = run(DropDraft(), "算了", intent="cancel_refund", slots=drafted())

    assert done.said == ["utter_refund_left"]
    assert set(done.slots) == {"item_sku", "reason", "reason_confidence", "claim_of", "claim_key"}
    assert set(done.slots.values()) == {None}


# --- not understood -----------------------------------------------------------------------------


def test_the_first_time_choices_are_offered(run: Run, desk: PlayedDesk) -> None:
    done = run(DefaultFallback(), "阿巴", intent="nlu_fallback", form=False)

    assert done.said == ["utter_not_understood"]
    assert [payload for _, payload in done.buttons] == ["/request_refund", "/check_refund_status", "/request_human"]
    assert desk.heard == []


@pytest.mark.parametrize(
    ("before", "said"),
    [("action_default_fallback", "handed over [zh-Hans]"), ("utter_greet", "utter_not_understood")],
)
def test_the_second_time_in_a_row_a_person_comes(run: Run, desk: PlayedDesk, before: str, said: str) -> None:
    events = [
        {"event": "action", "name": "action_default_fallback"},
        {"event": "user"},
        {"event": "action", "name": before},
        {"event": "action", "name": "action_listen"},
        {"event": "user"},
    ]

    done = run(DefaultFallback(), "阿巴", intent="nlu_fallback", form=False, events=events)

    assert done.said == [said]


# --- broken -------------------------------------------------------------------------------------

ALL: list[DeskAction] = [TellStatus(), TrackOrder(), ExplainPolicy(), TakeEvidence(), HandOver(), CancelRefund()]


@pytest.mark.parametrize("action", ALL, ids=lambda action: action.name())
def test_no_action_is_ever_silent(run: Run, desk: PlayedDesk, action: DeskAction) -> None:
    desk.says["POST", "handoff"] = [(500, {"code": "error"})]

    done = run(action, "x", form=False, slots={"order_number": "RD1"}, metadata={"attachments": ["e1"]})

    assert done.said == ["utter_bot_failed"]
    assert done.others == ["followup"]
