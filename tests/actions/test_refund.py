"""The refund form: what is taken from a message, what is asked next, when a case is opened."""

from typing import Any

import pytest

from actions.draft import Draft
from actions.refund import SubmitRefundForm, ValidateRefundForm
from tests.actions.conftest import Run
from tests.actions.played_desk import PlayedDesk, texts
from tests.actions.shop import NEED, SHOES, SOCKS, claim, decided, drafted, found, order, wanted

FORM = ValidateRefundForm()
LOOK_UP = ("POST", "order-lookup")
DECISION = ("POST", "decision")
HAND_OVER = ("POST", "handoff")
TAIL_ASKED = {"order_number": "RD1", "requested_slot": "phone_tail"}
STOPPED = {"requested_slot": None}
REASON_ASKED = drafted(reason=None, reason_confidence=None, claim_of="RD1|", requested_slot="reason")
BROKEN: dict[str, Any] = {"reason": ("quality_defect", 0.9), "slots": REASON_ASKED}


def explained(slots: dict[str, Any]) -> dict[str, Any]:
    """Slots after the buyer was asked to confirm them."""
    return {**slots, "explained": Draft.of(slots).token}


# --- everything at once, one thing at a time ---------------------------------------------------


def test_one_message_with_everything_is_explained_at_once(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found())
    desk.play(*DECISION, decided())

    done = run(
        FORM,
        "RD1 尾号8001 坏了 要换货",
        intent="request_exchange",
        entities={"order_number": "rd1", "phone_tail": "8001", "resolution": "exchange"},
        reason=("quality_defect", 0.93),
    )

    assert desk.asked() == [
        (*LOOK_UP, {"order_number": "rd1", "phone_tail": "8001"}),
        (*DECISION, claim(wish="exchange")),
    ]
    assert done.said == ["allow [zh-Hans]", "utter_want_yes"]
    key = done.slots["claim_key"]
    token = done.slots["explained"]
    assert len(key) == 32
    assert done.buttons == [
        ("确认提交", f'/affirm{{"confirm": "{token}"}}'),
        ("先不申请", f'/deny{{"confirm": "{token}"}}'),
    ]
    assert done.slots == {
        "order_number": "RD1",
        "phone_tail": None,
        "item_sku": "*",
        "quantity": 1,
        "reason": "quality_defect",
        "reason_confidence": 0.93,
        "claim_of": "RD1|quality_defect",
        "claim_key": key,
        "explained": token,
        "misses": None,
        "requested_slot": "confirm",
    }
    assert desk.told() == [
        {
            "language": "zh-Hans",
            "order_number": "RD1",
            "reason": {"name": "quality_defect", "confidence": 0.93},
            "wish": "exchange",
            "facts": claim()["facts"],
        }
    ]


def test_what_was_answered_about_the_goods_is_told_for_the_agents_screen(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided())

    run(FORM, "是的", intent="affirm", slots=drafted(requested_slot="intact", received=False))

    assert desk.told()[-1]["facts"] == {**claim()["facts"], "received": False, "intact": True}


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_what_the_desk_writes_is_said_in_the_buyers_language(run: Run, desk: PlayedDesk, language: str) -> None:
    desk.play(*DECISION, decided())

    done = run(FORM, "好", intent="thanks", slots={**drafted(), "language": language}, metadata={"attachments": ["e1"]})

    assert done.said[0] == f"allow [{language}]"
    title = {"zh-Hans": "确认提交", "zh-Hant": "確認送出", "en": "Yes, submit"}[language]
    assert done.buttons[0][0] == title


def test_a_guest_is_asked_for_the_order_first_and_the_desk_is_left_alone(run: Run, desk: PlayedDesk) -> None:
    done = run(FORM, "我要退款", intent="request_refund")

    assert desk.asked() == []
    assert done.said == ["utter_which_order"]
    assert done.slots["requested_slot"] == "order_number"


def test_a_number_is_taken_as_an_order_when_an_order_was_asked_for(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, {"status": "need_phone_tail", "order": None, "tries_left": 5})

    done = run(FORM, " A-20260001 ", intent="out_of_scope", slots={"requested_slot": "order_number"})

    assert desk.asked() == [(*LOOK_UP, {"order_number": "A-20260001", "phone_tail": None})]
    assert done.said == ["utter_which_tail"]
    assert done.messages[0]["number"] == "A-20260001"
    assert done.slots == {"order_number": "A-20260001", "misses": None, "requested_slot": "phone_tail"}


@pytest.mark.parametrize("text", ["8001", "８００１", "13800138001", "是 8001"])
def test_four_digits_prove_the_order_and_are_forgotten(run: Run, desk: PlayedDesk, text: str) -> None:
    desk.play(*LOOK_UP, found())

    done = run(FORM, text, intent="goodbye", slots={"order_number": "RD1", "requested_slot": "phone_tail"})

    assert desk.asked() == [(*LOOK_UP, {"order_number": "RD1", "phone_tail": "8001"})]
    assert "phone_tail" not in done.slots
    assert done.slots["claim_of"] == "RD1|"
    assert done.slots["requested_slot"] == "reason"


def test_a_wrong_tail_is_said_with_the_tries_left_and_asked_again(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, {"status": "not_found", "order": None, "tries_left": 4})

    done = run(
        FORM, "1111", entities={"phone_tail": "1111"}, slots={"order_number": "RD1", "requested_slot": "phone_tail"}
    )

    assert done.said == ["utter_wrong_phone_tail"]
    assert (done.messages[0]["number"], done.messages[0]["tries_left"]) == ("RD1", 4)
    assert done.slots == {"phone_tail": None, "misses": None, "requested_slot": "phone_tail"}


def test_too_many_wrong_tails_bring_a_person(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, {"status": "locked", "order": None, "tries_left": 0})

    done = run(
        FORM, "1111", entities={"phone_tail": "1111"}, slots={"order_number": "RD1", "requested_slot": "phone_tail"}
    )

    assert desk.asked()[-1] == (*HAND_OVER, {"reason": "proof_locked", "turn_id": "t1"})
    assert done.said == ["utter_proof_locked", "handed over [zh-Hans]"]
    assert done.others == ["active_loop", "followup"]
    assert done.slots == {"phone_tail": None, "requested_slot": None}


# --- a signed-in buyer --------------------------------------------------------------------------


def test_a_signed_in_buyer_chooses_among_their_orders(run: Run, desk: PlayedDesk) -> None:
    desk.play("GET", "orders", {"items": [order(), order(SHOES, SOCKS, number="RD2")]})

    done = run(FORM, "我要退款", intent="request_refund", metadata={"verified": True})

    assert done.said == ["utter_choose_order"]
    assert done.buttons == [
        ("RD1 蓝牙降噪耳机 白色", '/inform{"order_number": "RD1"}'),
        ("RD2 跑步鞋 42码", '/inform{"order_number": "RD2"}'),
    ]


def test_the_order_whose_goods_were_named_comes_first(run: Run, desk: PlayedDesk) -> None:
    desk.play("GET", "orders", {"items": [order(), order(SHOES, SOCKS, number="RD2")]})

    done = run(FORM, "运动袜破了 退款", intent="request_refund", metadata={"verified": True})

    assert [payload for _, payload in done.buttons] == [
        '/inform{"order_number": "RD2"}',
        '/inform{"order_number": "RD1"}',
    ]


def test_the_only_order_is_proposed_and_a_yes_takes_it(run: Run, desk: PlayedDesk) -> None:
    desk.play("GET", "orders", {"items": [order()]})

    proposed = run(FORM, "我要退款", intent="request_refund", metadata={"verified": True})
    taken = run(FORM, "是的", intent="affirm", metadata={"verified": True}, slots={"requested_slot": "order_number"})

    assert proposed.said == ["utter_propose_order"]
    assert (proposed.messages[0]["number"], proposed.messages[0]["title"]) == ("RD1", "蓝牙降噪耳机 白色")
    assert taken.slots["order_number"] == "RD1"
    assert taken.slots["requested_slot"] == "reason"


# --- which item ---------------------------------------------------------------------------------


def test_several_items_are_offered_with_the_whole_order(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found(SHOES, SOCKS))

    done = run(FORM, "RD1", entities={"order_number": "RD1"}, reason=("quality_defect", 0.9))

    assert done.said == ["utter_which_item"]
    assert done.buttons == [
        ("跑步鞋 42码", '/inform{"item_sku": "SHO-09"}'),
        ("运动袜 三双装", '/inform{"item_sku": "SOC-01"}'),
        ("整单都退", '/inform{"item_sku": "*"}'),
    ]
    assert done.slots["requested_slot"] == "item_sku"


@pytest.mark.parametrize(
    ("text", "entities", "items"),
    [
        ("袜子坏了", {}, [{"sku": "SOC-01", "quantity": 3}]),
        ("42码的坏了", {}, [{"sku": "SHO-09", "quantity": 1}]),
        ("整单坏了", {}, []),
        ("运动袜坏了两双", {"quantity": 2}, [{"sku": "SOC-01", "quantity": 2}]),
        ("运动袜坏了九双", {"quantity": 9}, [{"sku": "SOC-01", "quantity": 3}]),
        ('/inform{"item_sku": "SOC-01"}', {"item_sku": "SOC-01"}, [{"sku": "SOC-01", "quantity": 3}]),
    ],
)
def test_the_item_that_was_named_is_not_asked_for(
    run: Run, desk: PlayedDesk, text: str, entities: dict[str, Any], items: list[dict[str, Any]]
) -> None:
    desk.play(*LOOK_UP, found(SHOES, SOCKS))
    desk.play(*DECISION, decided())

    run(
        FORM,
        text,
        entities=entities,
        slots={**drafted(claim_of="RD1|", requested_slot="item_sku"), "item_sku": None},
    )

    assert desk.asked()[-1] == (*DECISION, claim(items=items))


def test_one_empty_parcel_is_not_one_pair_of_socks(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found(SOCKS))
    desk.play(*DECISION, decided())
    said = {"order_number": "RD1", "quantity": "1"}

    run(FORM, "RD1 收到一个空包裹", entities=said, reason=("not_received", 0.99))

    assert desk.asked()[-1] == (*DECISION, claim(reason="not_received"))


def test_two_words_that_name_an_item_give_no_reason(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found({**SHOES, "title": "Running shoes"}, SOCKS))
    slots = {**REASON_ASKED, "item_sku": None, "requested_slot": "item_sku"}

    done = run(FORM, "the shoes", reason=("wrong_item", 0.93), slots=slots)

    assert (done.slots["item_sku"], done.slots["requested_slot"]) == ("SHO-09", "reason")
    assert "reason" not in done.slots


def test_a_number_of_pieces_said_later_is_held_against_the_order(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found(SOCKS))
    desk.play(*DECISION, decided())

    done = run(FORM, "只退两双", entities={"quantity": "2"}, slots=drafted())

    assert desk.asked()[-1] == (*DECISION, claim(items=[{"sku": "SOC-01", "quantity": 2}]))
    assert (done.slots["item_sku"], done.slots["quantity"]) == ("SOC-01", 2)


# --- why ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "delivered", "first", "count"),
    [
        ("paid", None, "no_longer_wanted", 6),
        ("shipped", None, "not_received", 6),
        ("delivered", "x", "quality_defect", 8),
    ],
)
def test_the_reasons_offered_fit_the_stage_of_the_order(
    run: Run, desk: PlayedDesk, status: str, delivered: str | None, first: str, count: int
) -> None:
    desk.play(*LOOK_UP, found(status=status, delivered_at=delivered))

    done = run(FORM, "RD1", entities={"order_number": "RD1"})

    payloads = [payload for _, payload in done.buttons]
    assert payloads[0] == f'/inform{{"reason": "{first}"}}'
    assert payloads[-1] == '/inform{"reason": "other"}'
    assert len(payloads) == count


@pytest.mark.parametrize(
    ("confidence", "asked", "first"),
    [
        (0.7, None, None),
        (0.69, "reason", "counterfeit"),
        (0.49, "reason", "counterfeit"),
        (0.25, "reason", "counterfeit"),
        (0.24, "reason", "quality_defect"),
    ],
)
def test_an_unsure_reason_is_asked_for_with_the_guess_first(
    run: Run, desk: PlayedDesk, confidence: float, asked: str | None, first: str | None
) -> None:
    desk.play(*LOOK_UP, found())
    desk.play(*DECISION, decided())

    done = run(FORM, "RD1", entities={"order_number": "RD1"}, reason=("counterfeit", confidence))

    if asked is None:
        assert done.slots["reason"] == "counterfeit"
    else:
        assert done.slots["requested_slot"] == asked
        assert done.buttons[0][1] == f'/inform{{"reason": "{first}"}}'
        assert "reason" not in done.slots


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-Hans", "质量问题"), ("zh-Hant", "商品瑕疵"), ("en", "It is faulty")],
)
def test_a_likely_reason_is_asked_about_by_its_name(run: Run, desk: PlayedDesk, language: str, words: str) -> None:
    desk.play(*LOOK_UP, found())
    slots = {"language": language}

    done = run(FORM, "RD1 有点不对", entities={"order_number": "RD1"}, reason=("quality_defect", 0.6), slots=slots)

    assert (done.said, done.messages[0]["reason"]) == (["utter_reason_meant"], words)
    assert done.buttons[0] == (words, '/inform{"reason": "quality_defect"}')
    assert done.buttons[-1][1] == '/inform{"reason": "other"}'
    assert len(done.buttons) == 8
    assert (done.slots["guess"], done.slots["requested_slot"]) == ("quality_defect", "reason")
    assert "reason" not in done.slots


def test_a_likely_reason_said_before_the_order_is_asked_about_after_it(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found())

    first = run(FORM, "有点不对", reason=("quality_defect", 0.6))
    then = run(FORM, "RD1", entities={"order_number": "RD1"}, slots=first.slots)

    assert (first.said, first.slots["guess"]) == (["utter_which_order"], "quality_defect")
    assert then.said == ["utter_reason_meant"]


MEANT = {**REASON_ASKED, "guess": "quality_defect"}


@pytest.mark.parametrize(
    ("text", "intent", "reason", "entities"),
    [
        ("是的", "affirm", None, {}),
        ("有点不对", "inform", ("quality_defect", 0.6), {}),
        ("/inform", "inform", None, {"reason": "quality_defect"}),
    ],
)
def test_a_yes_or_the_same_once_more_is_taken(
    run: Run, desk: PlayedDesk, text: str, intent: str, reason: Any, entities: dict[str, Any]
) -> None:
    desk.play(*DECISION, decided())

    done = run(FORM, text, intent=intent, reason=reason, entities=entities, slots=MEANT)

    assert desk.asked() == [(*DECISION, claim())]
    assert (done.slots["reason"], done.slots["guess"]) == ("quality_defect", None)


def test_a_no_to_the_likely_reason_asks_for_the_right_one(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found())

    done = run(FORM, "不是", intent="deny", slots=MEANT)

    assert (done.said, done.slots["guess"], done.slots["misses"]) == (["utter_which_reason"], None, None)
    assert "reason" not in done.slots


def test_likely_reasons_that_change_are_misses_and_end_with_a_person(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found())

    first = run(FORM, "啊", reason=("wrong_item", 0.6), slots=MEANT)
    last = run(FORM, "啊", reason=("missing_parts", 0.6), slots={**MEANT, **first.slots, "misses": 2.0})

    assert (first.said, first.slots["guess"], first.slots["misses"]) == (["utter_which_reason_again"], "wrong_item", 1)
    assert last.said == ["handed over [zh-Hans]"]


def test_another_reason_drops_what_was_answered_about_the_first(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided())
    slots = explained(
        drafted(reason="no_longer_wanted", claim_of="RD1|no_longer_wanted", intact=True, evidence_done=True)
    )

    done = run(FORM, "其实是坏的", reason=("quality_defect", 0.9), slots=slots)

    assert desk.asked() == [(*DECISION, claim())]
    assert done.slots["reason"] == "quality_defect"
    assert done.slots["intact"] is None
    assert done.slots["evidence_done"] is None
    assert done.slots["claim_key"] not in (None, "key-1")
    assert done.slots["requested_slot"] == "confirm"


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("zh-Hans", "不对，是发错货了", "deny"),
        ("zh-Hant", "是寄錯商品", "inform"),
        ("en", "no, you sent the wrong item", "deny"),
    ],
)
def test_a_reason_said_to_what_was_read_back_replaces_the_one_understood(
    run: Run, desk: PlayedDesk, language: str, text: str, intent: str
) -> None:
    desk.play(*DECISION, decided())
    slots = {**explained(drafted()), "language": language}

    done = run(FORM, text, intent=intent, reason=("wrong_item", 0.9), slots=slots)

    assert desk.asked() == [(*DECISION, claim(reason="wrong_item"))]
    assert (done.slots["reason"], done.slots["requested_slot"]) == ("wrong_item", "confirm")
    assert done.said == [f"allow [{language}]", "utter_want_yes"]
    assert "confirm" not in done.slots
    assert done.slots["explained"] != slots["explained"]


def test_a_no_that_sounds_like_a_change_of_mind_is_a_no(run: Run, desk: PlayedDesk) -> None:
    done = run(FORM, "不要了", intent="deny", reason=("no_longer_wanted", 0.95), slots=explained(drafted()))

    assert (done.said, desk.asked()) == (["utter_refund_left"], [])
    assert done.slots["requested_slot"] is None


@pytest.mark.parametrize("text", ["算了", "那算了吧。", "還是算了", "不退了", "never mind", "Forget it."])
@pytest.mark.parametrize("asked", ["phone_tail", "reason", "intact", "evidence_done"])
def test_giving_up_ends_the_request_at_any_question(run: Run, desk: PlayedDesk, text: str, asked: str) -> None:
    done = run(FORM, text, intent="deny", slots=drafted(requested_slot=asked))

    assert (done.said, desk.asked()) == (["utter_refund_left"], [])
    assert done.slots["requested_slot"] is None
    assert "intact" not in done.slots


@pytest.mark.parametrize("text", ["没有", "沒有照片", "我没有截图", "I have no photo"])
def test_having_nothing_to_show_is_no_refusal_to_file(run: Run, desk: PlayedDesk, text: str) -> None:
    desk.play(*DECISION, decided())

    done = run(FORM, text, intent="deny", slots=explained(drafted()))

    assert done.said == ["utter_want_yes_again"]
    assert (done.slots["misses"], done.slots["requested_slot"]) == (1, "confirm")


@pytest.mark.parametrize("text", ["不", "no", "先不要"])
def test_a_plain_no_files_nothing(run: Run, desk: PlayedDesk, text: str) -> None:
    done = run(FORM, text, intent="deny", slots=explained(drafted()))

    assert (done.said, desk.asked()) == (["utter_refund_left"], [])


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("RD1 8001 坏了", "8001"),
        ("RD1，8001", "8001"),
        ("RD1 花了 2000 元", None),
        ("RD1 8001 9002", None),
        ("RD1 A-8001", None),
    ],
)
def test_four_digits_beside_an_order_number_prove_it(run: Run, desk: PlayedDesk, text: str, tail: str | None) -> None:
    desk.play(*LOOK_UP, found())

    run(FORM, text, entities={"order_number": "RD1"})

    assert desk.asked()[0] == (*LOOK_UP, {"order_number": "RD1", "phone_tail": tail})


def test_a_short_answer_does_not_flip_the_reason(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided(needs=[NEED]))

    done = run(FORM, "就那样吧", reason=("no_longer_wanted", 0.69), slots=drafted(requested_slot="intact"))

    assert "reason" not in done.slots
    assert desk.asked() == [(*DECISION, claim())]


@pytest.mark.parametrize(("reason", "taken"), [("no_longer_wanted", False), ("quality_defect", True)])
def test_a_question_about_the_seven_days_is_no_change_of_mind(
    run: Run, desk: PlayedDesk, reason: str, taken: bool
) -> None:
    desk.play(*DECISION, decided())

    done = run(FORM, "能退吗", intent="ask_policy", reason=(reason, 0.95), slots=REASON_ASKED)

    assert done.others == ([] if taken else ["action_execution_rejected"])
    assert done.slots.get("reason") == (reason if taken else None)


def test_cancelling_an_order_is_a_change_of_mind_unless_a_reason_is_said(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found(status="paid", delivered_at=None))
    desk.play(*DECISION, decided())

    run(FORM, "取消 RD1", intent="cancel_order", entities={"order_number": "RD1"})
    run(
        FORM,
        "取消 RD1 拍错了",
        intent="cancel_order",
        entities={"order_number": "RD1"},
        reason=("ordered_by_mistake", 0.8),
    )

    reasons = [body["reason"] for method, path, body in desk.asked() if (method, path) == DECISION]
    assert reasons == ["no_longer_wanted", "ordered_by_mistake"]


# --- another order ------------------------------------------------------------------------------


def test_another_order_in_the_middle_replaces_the_first(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found(number="RD2"))
    desk.play(*DECISION, decided())
    slots = explained(drafted(intact=True, item_sku="SOC-01", quantity=2))

    done = run(FORM, "说错了 是RD2", entities={"order_number": "RD2"}, slots=slots)

    assert desk.asked()[-1] == (*DECISION, claim(order_number="RD2"))
    assert done.slots["intact"] is None
    assert done.slots["item_sku"] == "*"
    assert done.slots["claim_of"] == "RD2|quality_defect"
    assert done.slots["claim_key"] not in (None, "key-1")


@pytest.mark.parametrize("intent", ["track_order", "check_refund_status", "shop_question"])
def test_an_order_asked_about_in_between_is_left_to_the_rules(run: Run, desk: PlayedDesk, intent: str) -> None:
    done = run(
        FORM, "RD2 到哪了", intent=intent, slots={**drafted(), "order_number": "RD1"}, entities={"tracking_number": "x"}
    )

    assert done.others == ["action_execution_rejected"]
    assert (done.slots, done.said, desk.heard) == ({}, [], [])


# --- facts and evidence -------------------------------------------------------------------------


def test_a_fact_that_is_missing_is_asked_in_the_decisions_own_words(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided("need_info", needs=[NEED]))

    done = run(FORM, "坏了", **BROKEN)

    assert done.said == ["intact? [zh-Hans]"]
    assert done.buttons == [
        ("whole [zh-Hans]", '/inform{"intact": true}'),
        ("broken [zh-Hans]", '/inform{"intact": false}'),
    ]
    assert done.slots["requested_slot"] == "intact"


@pytest.mark.parametrize(
    ("text", "intent", "entities", "value"),
    [
        ("是的", "affirm", {}, True),
        ("没有", "deny", {}, False),
        ('/inform{"intact": false}', "inform", {"intact": False}, False),
    ],
)
def test_a_fact_is_answered_by_words_or_by_its_button(
    run: Run, desk: PlayedDesk, text: str, intent: str, entities: dict[str, Any], value: bool
) -> None:
    desk.play(*DECISION, decided())

    done = run(FORM, text, intent=intent, entities=entities, slots=drafted(requested_slot="intact"))

    assert desk.asked()[-1][2]["facts"]["intact"] is value
    assert done.slots["intact"] is value


@pytest.mark.parametrize("text", ["没拆过", "沒有用過", "吊牌未剪", "never opened", "it is unused"])
def test_untouched_goods_are_intact_though_it_sounds_like_a_no(run: Run, desk: PlayedDesk, text: str) -> None:
    desk.play(*DECISION, decided())

    done = run(FORM, text, intent="deny", reason=("no_longer_wanted", 0.79), slots=drafted(requested_slot="intact"))

    assert done.slots["intact"] is True
    assert "reason" not in done.slots


def test_a_typed_title_of_a_button_is_its_answer(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided("need_info", needs=[NEED]))
    desk.play(*DECISION, decided())

    done = run(FORM, "Broken [en]。", slots=drafted(requested_slot="intact"))

    assert [body["facts"]["intact"] for _, _, body in desk.asked()] == [None, False]
    assert done.slots["requested_slot"] == "confirm"
    assert done.slots["misses"] is None


def test_an_old_button_answers_its_own_question_only(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided())

    done = run(FORM, '/inform{"intact": true}', entities={"intact": True}, slots=explained(drafted()))

    assert done.slots["intact"] is True
    assert "confirm" not in done.slots
    assert done.slots["requested_slot"] == "confirm"


def test_required_evidence_is_asked_for_with_a_way_out(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided(evidence=[wanted(), wanted(required=False)]))

    done = run(FORM, "坏了", **BROKEN)

    assert done.said == ["utter_want_evidence"]
    assert done.messages[0]["hints"] == "a photo [zh-Hans]"
    assert done.buttons == [("我没有照片", '/inform{"evidence_done": true}')]


@pytest.mark.parametrize("evidence", [[], [wanted(given=True)], [wanted(required=False)]])
def test_pictures_or_none_wanted_go_on_to_the_question(run: Run, desk: PlayedDesk, evidence: list[Any]) -> None:
    desk.play(*DECISION, decided(evidence=evidence))

    done = run(
        FORM,
        "/submit_evidence",
        intent="submit_evidence",
        metadata={"attachments": ["e1"]},
        slots=drafted(requested_slot="evidence_done"),
    )

    assert done.slots["requested_slot"] == "confirm"


@pytest.mark.parametrize(
    ("text", "intent", "gives_up"),
    [
        ("没有", "deny", True),
        ("我沒有照片", "submit_evidence", True),
        ("I don't have any pictures", "submit_evidence", True),
        ("稍等 我拍一下", "submit_evidence", False),
        ("好的", "affirm", False),
    ],
)
def test_no_pictures_is_an_answer_and_a_promise_of_pictures_is_not(
    run: Run, desk: PlayedDesk, text: str, intent: str, gives_up: bool
) -> None:
    desk.play(*DECISION, decided(evidence=[wanted()]))

    done = run(FORM, text, intent=intent, slots=drafted(requested_slot="evidence_done"))

    assert done.slots["requested_slot"] == ("confirm" if gives_up else "evidence_done")
    assert done.said[-1] == ("utter_want_yes" if gives_up else "utter_want_evidence_again")


def test_what_stays_open_after_all_answers_goes_to_a_person(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided("need_info", needs=[NEED]))

    done = run(FORM, "是", intent="affirm", slots=drafted(requested_slot="intact"))

    assert done.said == ["utter_person_must_look", "handed over [zh-Hans]"]
    assert desk.asked()[-1] == (*HAND_OVER, {"reason": "review", "turn_id": "t1"})


# --- verdicts -----------------------------------------------------------------------------------


def test_a_refusal_is_said_with_a_person_beside_it_and_opens_nothing(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided("deny"))

    done = run(FORM, "坏了", **BROKEN)

    assert done.said == ["deny [zh-Hans]"]
    assert done.buttons == [("转人工客服", "/request_human")]
    assert done.others == ["active_loop", "followup"]
    assert done.slots == {"item_sku": None, "claim_key": None, "claim_of": None, **STOPPED}
    assert [path for _, path, _ in desk.asked()] == ["decision"]


@pytest.mark.parametrize(
    ("reason", "path", "why"),
    [("expired_or_unsafe", "safety", "safety"), ("counterfeit", "safety", "counterfeit")],
)
def test_danger_and_fakes_go_to_a_person_without_another_question(
    run: Run, desk: PlayedDesk, reason: str, path: str, why: str
) -> None:
    desk.play(*DECISION, decided("human", reason=reason, path=path, evidence=[wanted()]))
    desk.play("POST", "cases", {"case": {"id": "RD-1"}, "texts": texts("opened")}, 201)

    done = run(FORM, "过敏了", reason=(reason, 0.9), slots=drafted(reason=None, claim_of="RD1|"))

    assert done.said == ["human [zh-Hans]"]
    assert (done.slots["confirm"], done.slots["person_wanted"], done.slots["requested_slot"]) == (True, why, None)
    slots = {**drafted(reason=reason, claim_of=f"RD1|{reason}"), "confirm": True, "person_wanted": why}
    sent = run(SubmitRefundForm(), "过敏了", slots=slots)
    assert sent.said == ["opened [zh-Hans]", "handed over [zh-Hans]"]
    assert desk.asked()[-1] == (*HAND_OVER, {"reason": why, "turn_id": "t1"})


def test_a_case_for_a_person_is_confirmed_first_when_nothing_is_urgent(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided("human"))

    done = run(FORM, "坏了", **BROKEN)

    assert done.said == ["human [zh-Hans]", "utter_want_yes"]
    assert done.slots["person_wanted"] == "review"


def test_an_open_case_for_these_goods_is_told_instead(run: Run, desk: PlayedDesk) -> None:
    desk.refuse(*DECISION, 409, "case_exists", case_id="RD-1", texts=texts("it waits"))

    done = run(FORM, "坏了", **BROKEN)

    assert done.said == ["it waits [zh-Hans]"]
    assert done.others == ["active_loop", "followup"]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_pictures_given_for_goods_in_a_case_join_that_case(run: Run, desk: PlayedDesk, language: str) -> None:
    desk.refuse(*DECISION, 409, "case_exists", case_id="RD-1", texts=texts("it waits"))
    desk.says["POST", "evidence/bind"] = [(200, {"case": {"id": "RD-1"}, "bound": 2})]

    done = run(FORM, "坏了", reason=("quality_defect", 0.9), slots={**REASON_ASKED, "language": language})

    assert desk.asked()[-1] == ("POST", "evidence/bind", {"case_id": "RD-1"})
    assert done.said == [f"it waits [{language}]", "utter_pictures_kept"]


@pytest.mark.parametrize(
    ("how", "is_added"),
    [
        ({}, True),
        ({"reason": ("quality_defect", 0.6)}, False),
        ({"entities": {"order_number": "RD2"}}, False),
        ({"intent": "request_refund"}, False),
        ({"slots": {"requested_slot": "order_number"}}, False),
    ],
)
def test_a_picture_with_a_word_joins_the_open_case_unless_it_begins_a_request(
    run: Run, desk: PlayedDesk, how: dict[str, Any], is_added: bool
) -> None:
    desk.says["POST", "evidence/bind"] = [(200, {"case": {"id": "RD-1"}, "bound": 1})]
    desk.play(*LOOK_UP, {"status": "need_phone_tail", "order": None, "tries_left": 5})

    done = run(FORM, "这是照片", metadata={"attachments": ["e1"]}, **how)

    assert (done.said == ["utter_pictures_kept"]) is is_added
    assert (("POST", "evidence/bind", {"case_id": None}) in desk.asked()) is is_added
    assert done.others == (["active_loop", "followup"] if is_added else [])


@pytest.mark.parametrize(("reason", "why"), [("expired_or_unsafe", "safety"), ("counterfeit", "counterfeit")])
def test_danger_reaches_a_person_even_with_an_open_case(run: Run, desk: PlayedDesk, reason: str, why: str) -> None:
    desk.refuse(*DECISION, 409, "case_exists", case_id="RD-1", texts=texts("it waits"))

    done = run(FORM, "脸过敏了", reason=(reason, 0.9), slots=REASON_ASKED)

    assert done.said == ["it waits [zh-Hans]", "handed over [zh-Hans]"]
    assert desk.asked()[-1] == (*HAND_OVER, {"reason": why, "turn_id": "t1"})


def test_a_proof_that_is_gone_is_asked_for_again(run: Run, desk: PlayedDesk) -> None:
    desk.refuse(*DECISION, 403, "not_allowed")

    done = run(FORM, "坏了", **BROKEN)

    assert done.said == ["utter_which_tail"]
    assert (done.slots["claim_of"], done.slots["requested_slot"]) == (None, "phone_tail")


def test_goods_the_order_no_longer_has_are_asked_for_again(run: Run, desk: PlayedDesk) -> None:
    desk.refuse(*DECISION, 400, "bad_input")
    desk.play(*LOOK_UP, found(SHOES, SOCKS))

    done = run(FORM, "坏了", reason=("quality_defect", 0.9), slots={**REASON_ASKED, "item_sku": "GONE"})

    assert done.said == ["utter_which_item"]
    assert (done.slots["item_sku"], done.slots["requested_slot"]) == (None, "item_sku")


# --- yes and no ---------------------------------------------------------------------------------


@pytest.mark.parametrize("pressed", [True, False])
def test_a_yes_ends_the_form_without_asking_the_desk(run: Run, desk: PlayedDesk, pressed: bool) -> None:
    slots = explained(drafted())

    done = run(FORM, "好", intent="affirm", slots=slots, entities={"confirm": slots["explained"]} if pressed else {})

    assert desk.asked() == []
    assert done.slots == {"confirm": True, "misses": None, "requested_slot": None}
    assert done.said == []


def test_a_yes_with_something_new_is_explained_again(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided())

    done = run(FORM, "好 换货吧", intent="affirm", entities={"resolution": "exchange"}, slots=explained(drafted()))

    assert desk.asked() == [(*DECISION, claim(wish="exchange"))]
    assert "confirm" not in done.slots
    assert done.said == ["allow [zh-Hans]", "utter_want_yes"]


def test_a_yes_pressed_under_an_old_explanation_confirms_nothing(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided())

    done = run(FORM, "/affirm", intent="affirm", entities={"confirm": "0123456789"}, slots=explained(drafted()))

    assert "confirm" not in done.slots
    assert done.slots["requested_slot"] == "confirm"


def test_a_no_leaves_without_a_trace(run: Run, desk: PlayedDesk) -> None:
    done = run(FORM, "先不", intent="deny", slots=explained(drafted()))

    assert desk.asked() == []
    assert done.said == ["utter_refund_left"]
    assert done.others == ["active_loop", "followup"]
    assert done.slots["claim_key"] is None


def test_the_case_is_opened_with_the_drafts_key_and_the_draft_is_forgotten(run: Run, desk: PlayedDesk) -> None:
    desk.play("POST", "cases", {"case": {"id": "RD-1"}, "texts": texts("opened")}, 201)

    done = run(SubmitRefundForm(), "好", form=False, slots={**drafted(), "confirm": True})

    assert desk.asked() == [("POST", "cases", claim())]
    assert desk.headers[0]["idempotency-key"] == "key-1"
    assert done.said == ["opened [zh-Hans]"]
    assert set(done.slots) == set(drafted()) - {"requested_slot"} | {"confirm"}
    assert set(done.slots.values()) == {None}


def test_without_a_yes_nothing_is_opened(run: Run, desk: PlayedDesk) -> None:
    done = run(SubmitRefundForm(), "好", form=False, slots=drafted())

    assert (done.events, done.said, desk.heard) == ([], [], [])


@pytest.mark.parametrize(
    ("code", "path", "said"),
    [("case_exists", ("POST", "evidence/bind"), "it waits [zh-Hans]"), ("not_decidable", DECISION, "deny [zh-Hans]")],
)
def test_a_second_look_that_ends_otherwise_is_told(
    run: Run, desk: PlayedDesk, code: str, path: tuple[str, str], said: str
) -> None:
    desk.refuse("POST", "cases", 409, code, case_id="RD-1", texts=texts("it waits"))
    desk.play(*DECISION, decided("deny"))

    done = run(SubmitRefundForm(), "好", form=False, slots={**drafted(), "confirm": True})

    assert done.said == [said]
    assert [call[:2] for call in desk.asked()] == [("POST", "cases"), path]
    assert done.slots["claim_key"] is None


@pytest.mark.parametrize(
    ("text", "intent", "reason", "is_yes"),
    [
        ("确认退款", "request_refund", None, True),
        ("我同意，退款", "request_refund", ("seller_agreed", 0.97), True),
        ("go ahead and submit it", "inform", None, True),
        ("我要退款", "request_refund", None, False),
        ("我不同意", "inform", None, False),
        ("I don't agree", "inform", None, False),
    ],
)
def test_only_words_of_consent_are_a_yes(
    run: Run, desk: PlayedDesk, text: str, intent: str, reason: tuple[str, float] | None, is_yes: bool
) -> None:
    desk.play(*DECISION, decided())

    done = run(FORM, text, intent=intent, reason=reason, slots=explained(drafted()))

    assert done.slots.get("confirm") is (True if is_yes else None)
    assert "reason" not in done.slots
    assert done.said == ([] if is_yes else ["utter_want_yes_again"])


# --- not understood, interrupted, broken --------------------------------------------------------


def test_each_miss_is_met_with_other_words_and_the_third_with_a_person(run: Run, desk: PlayedDesk) -> None:
    said = []
    misses = None
    for _ in range(3):
        done = run(FORM, "呃", intent="nlu_fallback", slots={"requested_slot": "order_number", "misses": misses})
        said += done.said
        misses = done.slots.get("misses")

    assert said == ["utter_which_order_again", "utter_offer_person", "handed over [zh-Hans]"]
    assert desk.asked() == [(*HAND_OVER, {"reason": "not_understood", "turn_id": "t1"})]


def test_an_item_named_in_words_is_no_miss_and_nonsense_is_one(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found(SHOES, SOCKS))
    slots = {**REASON_ASKED, "item_sku": None, "requested_slot": "item_sku", "misses": 1}

    named = run(FORM, "袜子", slots=slots)
    lost = run(FORM, "呃", intent="nlu_fallback", slots=slots)
    lost_again = run(FORM, "呃", intent="nlu_fallback", slots={**slots, "misses": 2})

    assert (named.said, named.slots["misses"]) == (["utter_which_reason"], None)
    assert (lost.said, lost.slots["misses"]) == (["utter_offer_person"], 2)
    assert lost_again.said == ["handed over [zh-Hans]"]


def test_from_the_second_miss_on_a_person_is_one_press_away(run: Run, desk: PlayedDesk) -> None:
    done = run(FORM, "呃", intent="nlu_fallback", slots={"requested_slot": "order_number", "misses": 1})

    assert done.buttons == [("转人工客服", "/request_human")]


@pytest.mark.parametrize(
    "intent",
    ["thank", "greet", "goodbye", "ask_policy", "out_of_scope", "request_human", "cancel_refund", "appeal_decision"],
)
def test_what_is_no_answer_goes_to_the_rules(run: Run, desk: PlayedDesk, intent: str) -> None:
    done = run(FORM, "谢谢", intent=intent, slots=drafted(requested_slot="evidence_done"))

    assert done.others == ["action_execution_rejected"]
    assert (done.slots, desk.heard) == ({}, [])


def test_an_unsure_other_matter_is_an_answer_that_was_not_understood(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found())

    done = run(FORM, "外壳有划痕", intent="out_of_scope", confidence=0.69, slots=REASON_ASKED)

    assert done.said == ["utter_which_reason_again"]


def test_thanks_with_an_answer_in_it_is_an_answer(run: Run, desk: PlayedDesk) -> None:
    desk.play(*LOOK_UP, found())

    done = run(
        FORM, "谢谢 RD1", intent="thank", entities={"order_number": "RD1"}, slots={"requested_slot": "order_number"}
    )

    assert done.slots["requested_slot"] == "reason"


def test_the_same_reason_again_is_no_answer_to_another_question(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided("need_info", needs=[NEED]))

    done = run(FORM, "坏了", reason=("quality_defect", 0.9), slots=drafted(requested_slot="intact"))

    assert done.said == ["utter_please_choose", "intact? [zh-Hans]"]
    assert done.slots["misses"] == 1


def test_asking_for_a_person_leaves_whatever_else_was_said(run: Run, desk: PlayedDesk) -> None:
    done = run(FORM, "RD1 转人工", intent="request_human", entities={"order_number": "RD1"}, slots=drafted())

    assert done.others == ["action_execution_rejected"]


def test_after_an_interruption_the_question_comes_again_but_not_the_explanation(run: Run, desk: PlayedDesk) -> None:
    events = [{"event": "user"}, {"event": "action_execution_rejected"}, {"event": "action", "name": "utter_thank"}]

    done = run(FORM, "谢谢", intent="thank", slots=explained(drafted(misses=2)), events=events)

    assert done.said == ["utter_want_yes"]
    assert desk.asked() == []
    assert (done.slots["requested_slot"], done.slots["misses"]) == ("confirm", None)


def test_a_broken_desk_ends_in_an_apology_and_a_person(
    run: Run, desk: PlayedDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.refuse(*LOOK_UP, 500, "error")

    done = run(FORM, "13800138001 RD1", entities={"order_number": "RD1"}, slots={"reason": "quality_defect"})

    assert done.said == ["utter_bot_failed"]
    assert desk.asked()[-1] == (*HAND_OVER, {"reason": "bot_failed", "turn_id": "t1"})
    assert done.others == ["active_loop", "followup"]
    assert done.slots == {"requested_slot": None, "reason": None}
    assert "id " in caplog.text
    assert "13800138001" not in caplog.text


def test_an_apology_comes_even_when_no_person_can_be_called(run: Run, desk: PlayedDesk) -> None:
    desk.refuse(*LOOK_UP, 500, "error")
    desk.says["POST", "handoff"] = [(500, {"code": "error"})]

    done = run(FORM, "RD1", entities={"order_number": "RD1"})

    assert done.said == ["utter_bot_failed"]


def test_what_is_understood_is_told_once(run: Run, desk: PlayedDesk) -> None:
    desk.play(*DECISION, decided())

    for _ in range(2):
        run(FORM, "/submit_evidence", metadata={"attachments": ["e1"]}, slots=drafted(requested_slot="evidence_done"))

    assert len(desk.told()) == 1
