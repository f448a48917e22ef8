"""Actions outside the form: status, orders, rules, pictures, persons, and messages not understood."""

from typing import Any

import pytest

from actions.base import DeskAction
from actions.evidence import TakeEvidence
from actions.handoff import HandOver, TakeTracking
from actions.policy import ExplainPolicy
from actions.session import CancelRefund, DefaultFallback, DropDraft, SmallTalk
from actions.status import TellStatus, TrackOrder
from tests.actions.conftest import Run
from tests.actions.played_desk import PlayedDesk, texts
from tests.actions.shop import claim, decided, drafted, found

LOOK_UP = ("POST", "order-lookup")
UNPROVED = {"status": "need_phone_tail", "order": None, "tries_left": 5}
OPEN: dict[str, Any] = {
    "items": [{"id": "RD-1", "state": "under_review", "order_number": "A1"}],
    "texts": texts("it waits"),
}
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
    desk.refuse("POST", "decision", 409, "case_exists", case_id="RD-1", texts=texts("it waits"))

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


BIND = ("POST", "evidence/bind")
KEPT = {"case": {"id": "RD-1", "state": "under_review"}, "bound": 1}


def test_pictures_join_the_open_case_and_its_number_is_told(run: Run, desk: PlayedDesk) -> None:
    desk.says[BIND] = [(200, KEPT)]

    done = run(TakeEvidence(), "", intent="submit_evidence", form=False, metadata={"attachments": ["e1"]})

    assert desk.asked() == [(*BIND, {"case_id": None})]
    assert (done.said, done.messages[0]["number"], done.others) == (["utter_pictures_kept"], "RD-1", [])


def test_pictures_without_an_open_case_begin_a_request(run: Run, desk: PlayedDesk) -> None:
    done = run(TakeEvidence(), "", intent="submit_evidence", form=False, metadata={"attachments": ["e1"]})

    assert (done.said, done.others) == (["utter_pictures_received"], ["followup"])


def test_pictures_beside_other_words_join_the_open_case_after_the_answer(run: Run, desk: PlayedDesk) -> None:
    desk.says[BIND] = [(200, KEPT)]

    done = run(SmallTalk(), "谢谢", intent="thank", form=False, metadata={"attachments": ["e1"]})

    assert done.said == ["utter_thank", "utter_pictures_kept"]


def test_a_handover_keeps_the_pictures_that_came_with_it(run: Run, desk: PlayedDesk) -> None:
    desk.says[BIND] = [(200, KEPT)]

    done = run(HandOver(), "转人工", intent="request_human", form=False, metadata={"attachments": ["e1"]})

    assert done.said == ["handed over [zh-Hans]", "utter_pictures_kept"]


def test_in_the_form_pictures_wait_for_its_own_case(run: Run, desk: PlayedDesk) -> None:
    desk.says[BIND] = [(200, KEPT)]
    desk.play("GET", "cases", NONE)

    run(TellStatus(), "到哪了", intent="check_refund_status", metadata={"attachments": ["e1"]})

    assert desk.asked() == [("GET", "cases", None)]


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


AWAITED = {"id": "RD-2", "state": "awaiting_return"}
RETURNS = {"items": [OPEN["items"][0], AWAITED], "texts": texts("it waits")}
TRACKING = ("POST", "cases/RD-2/return-tracking")


def test_the_number_of_the_parcel_goes_to_the_return_that_is_awaited(run: Run, desk: PlayedDesk) -> None:
    desk.play("GET", "cases", RETURNS)
    desk.play(*TRACKING, {"case": AWAITED, "texts": texts("on its way")})
    said = {"tracking_number": "SF1234567", "order_number": "RD1"}

    done = run(TakeTracking(), "SF1234567", intent="provide_return_tracking", form=False, entities=said)

    assert desk.asked() == [("GET", "cases", None), (*TRACKING, {"tracking_number": "SF1234567"})]
    assert done.said == ["on its way [zh-Hans]"]


def test_a_parcel_without_a_number_is_asked_for_it(run: Run, desk: PlayedDesk) -> None:
    desk.play("GET", "cases", RETURNS)

    done = run(TakeTracking(), "我寄回去了", intent="provide_return_tracking", form=False)

    assert (done.said, desk.asked()) == (["utter_which_tracking"], [("GET", "cases", None)])


def test_of_several_returns_the_buyer_says_which(run: Run, desk: PlayedDesk) -> None:
    third = {"id": "RD-3", "state": "awaiting_return"}
    desk.play("GET", "cases", {"items": [AWAITED, third], "texts": texts("two")})
    desk.play("POST", "cases/RD-3/return-tracking", {"case": third, "texts": texts("on its way")})
    said = {"tracking_number": "SF1234567"}

    asked = run(TakeTracking(), "SF1234567", intent="provide_return_tracking", form=False, entities=said)
    pressed = {**said, "return_case": "RD-3"}
    done = run(TakeTracking(), "/x", intent="provide_return_tracking", form=False, entities=pressed)

    assert (asked.said, [title for title, _ in asked.buttons]) == (["utter_which_return"], ["RD-2", "RD-3"])
    assert asked.buttons[1][1] == ('/provide_return_tracking{"tracking_number": "SF1234567", "return_case": "RD-3"}')
    assert done.said == ["on its way [zh-Hans]"]


@pytest.mark.parametrize(("cases", "number"), [(OPEN, "SF1234567"), (NONE, "SF1234567"), (RETURNS, "S/1")])
def test_a_parcel_that_fits_no_return_goes_to_a_person(
    run: Run, desk: PlayedDesk, cases: dict[str, Any], number: str
) -> None:
    desk.play("GET", "cases", cases)
    said = {"tracking_number": number}

    done = run(TakeTracking(), number, intent="provide_return_tracking", form=False, entities=said)

    assert desk.asked() == [("GET", "cases", None), handed_over("other_matter")]
    assert done.said == ["handed over [zh-Hans]"]


def test_an_order_number_alone_begins_a_request(run: Run, desk: PlayedDesk) -> None:
    said = {"order_number": "RD1"}

    done = run(TakeTracking(), "RD1", intent="provide_return_tracking", form=False, entities=said)

    assert [(event["event"], event["name"]) for event in done.events] == [("followup", "refund_form")]
    assert desk.asked() == []


OPEN_2 = {"id": "RD-2", "state": "awaiting_return", "order_number": "A2"}
ASKED = [
    {"event": "user"},
    {"event": "action", "name": "action_cancel_refund"},
    {"event": "action", "name": "action_listen"},
    {"event": "user"},
]
SURE: dict[str, Any] = {"form": False, "slots": {"to_withdraw": "RD-1"}, "events": ASKED}
WITHDRAW = ("POST", "cases/RD-1/withdraw")


@pytest.mark.parametrize("cases", [OVER, NONE])
def test_without_an_open_case_there_is_nothing_to_withdraw(run: Run, desk: PlayedDesk, cases: dict[str, Any]) -> None:
    desk.play("GET", "cases", cases)

    done = run(CancelRefund(), "不退了", intent="cancel_refund", form=False)

    assert (done.said, desk.asked()) == (["utter_nothing_to_cancel"], [("GET", "cases", None)])


@pytest.mark.parametrize(
    ("language", "yes", "no"),
    [
        ("zh-Hans", "确认撤回", "先不撤回"),
        ("zh-Hant", "確認撤回", "先不撤回"),
        ("en", "Yes, withdraw it", "No, keep it"),
    ],
)
def test_the_buyer_is_asked_once_before_a_case_is_withdrawn(
    run: Run, desk: PlayedDesk, language: str, yes: str, no: str
) -> None:
    desk.play("GET", "cases", OPEN)

    done = run(CancelRefund(), "不退了", intent="cancel_refund", form=False, slots={"language": language})

    assert done.said == ["utter_withdraw_sure"]
    assert (done.messages[0]["number"], done.messages[0]["order_number"]) == ("RD-1", "A1")
    assert done.buttons == [(yes, '/cancel_refund{"withdraw_case": "RD-1"}'), (no, "/deny")]
    assert done.slots == {"to_withdraw": "RD-1"}
    assert desk.asked() == [("GET", "cases", None)]


def test_of_several_cases_the_buyer_says_which(run: Run, desk: PlayedDesk) -> None:
    desk.play("GET", "cases", {"items": [OPEN["items"][0], OPEN_2], "texts": texts("two")})

    done = run(CancelRefund(), "不退了", intent="cancel_refund", form=False)

    assert (done.said, [title for title, _ in done.buttons]) == (["utter_withdraw_which"], ["RD-1", "RD-2", "先不撤回"])
    assert done.slots == {"to_withdraw": None}


@pytest.mark.parametrize(
    ("action", "intent", "text", "entities"),
    [
        (CancelRefund(), "cancel_refund", "/cancel_refund", {"withdraw_case": "RD-1"}),
        (CancelRefund(), "cancel_refund", "确认撤回", {}),
        (SmallTalk(), "affirm", "是的", {}),
    ],
)
def test_a_clear_yes_withdraws_the_case(
    run: Run, desk: PlayedDesk, action: DeskAction, intent: str, text: str, entities: dict[str, Any]
) -> None:
    desk.play(*WITHDRAW, {"case": {"id": "RD-1", "state": "withdrawn"}, "texts": texts("withdrawn")})

    done = run(action, text, intent=intent, entities=entities, **SURE)

    assert desk.asked() == [(*WITHDRAW, {})]
    assert (done.said, done.slots) == (["withdrawn [zh-Hans]"], {"to_withdraw": None})


@pytest.mark.parametrize(
    ("intent", "events", "said"),
    [
        ("deny", ASKED, "utter_not_withdrawn"),
        ("thank", ASKED, "utter_thank"),
        ("affirm", [{"event": "user"}, *ASKED[2:]], "utter_what_now"),
        ("deny", ASKED[2:], "utter_what_now"),
    ],
)
def test_anything_else_withdraws_nothing(
    run: Run, desk: PlayedDesk, intent: str, events: list[dict[str, Any]], said: str
) -> None:
    done = run(SmallTalk(), "x", intent=intent, **{**SURE, "events": events})

    assert (done.said, desk.asked()) == ([said], [])


def test_a_yes_whose_question_was_cut_from_the_history_is_asked_for_once_more(run: Run, desk: PlayedDesk) -> None:
    desk.play("GET", "cases", OPEN)

    done = run(SmallTalk(), "是的", intent="affirm", **{**SURE, "events": ASKED[2:]})

    assert (done.said, desk.asked()) == (["utter_withdraw_sure"], [("GET", "cases", None)])


def test_a_no_that_names_the_withdrawal_is_asked_about_again(run: Run, desk: PlayedDesk) -> None:
    desk.play("GET", "cases", OPEN)

    done = run(CancelRefund(), "先别取消", intent="cancel_refund", **SURE)

    assert (done.said, desk.asked()) == (["utter_withdraw_sure"], [("GET", "cases", None)])


def test_what_is_on_its_way_already_is_for_a_person(run: Run, desk: PlayedDesk) -> None:
    desk.refuse(*WITHDRAW, 409, "illegal_transition")

    done = run(SmallTalk(), "是的", intent="affirm", **SURE)

    assert desk.asked() == [(*WITHDRAW, {}), handed_over("other_matter")]
    assert done.said == ["utter_person_cancels", "handed over [zh-Hans]"]


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
    desk.says["POST", "handoff"] = desk.says[BIND] = [(500, {"code": "error"})]

    done = run(action, "x", form=False, slots={"order_number": "RD1"}, metadata={"attachments": ["e1"]})

    assert done.said == ["utter_bot_failed"]
    assert done.others == ["followup"]
