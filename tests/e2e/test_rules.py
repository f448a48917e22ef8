"""What the rules say is what the buyer hears, and nobody hears about an order that is not theirs."""

import pytest

from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e


def test_a_no_reason_return_on_day_eight_is_refused_with_the_rule_and_no_case(stack: Stack) -> None:
    talk = stack.talk("day-eight")
    words = talk.say("订单 RD20260002 尾号8001 裙子不喜欢，七天无理由退货")
    if "第二十五条" not in words and talk.buttons:
        words = talk.press(talk.buttons[0]["title"])

    assert "第二十五条" in words, str(talk)
    assert stack.cases("RD20260002") == []


def test_custom_made_goods_are_refused_with_the_rule_and_the_quality_path_stays_open(stack: Stack) -> None:
    talk = stack.talk("custom-made")
    words = talk.say("订单 RD20260004 尾号9002 杯子不想要了，退货退款")

    assert "第二十五条" in words, str(talk)
    assert "质量" in words, str(talk)
    assert stack.cases("RD20260004") == []


def test_a_defect_on_day_twenty_gets_exchange_or_repair_and_never_a_refusal(stack: Stack) -> None:
    talk = stack.talk("day-twenty")
    words = talk.say("订单 RD20260005 尾号9002 电饭煲坏了不加热")
    if talk.buttons and "第二十四条" not in words:
        words = talk.press(talk.buttons[0]["title"])

    assert "第二十四条" in words, str(talk)
    assert "换货" in words, str(talk)
    assert "维修" in words, str(talk)


@pytest.mark.parametrize("number", ["RD20260007", "RD20269999"], ids=["somebody else's", "nobody's"])
def test_an_order_that_is_not_proved_gets_nothing_and_its_existence_is_not_told(stack: Stack, number: str) -> None:
    talk = stack.talk(f"stranger-{number}")
    first = talk.say(f"订单 {number} 我要退款，质量有问题")
    second = talk.say("1234")

    for words in (first, second):
        for secret in ("坚果", "78.00", "7800", "陈敏", "13700137003"):
            assert secret not in words, str(talk)
    assert stack.cases(number) == []


def test_existing_and_missing_orders_are_answered_alike(stack: Stack) -> None:
    answers = []
    for number in ("RD20260007", "RD20269998"):
        talk = stack.talk(f"alike-{number}")
        answers.append([talk.say("我要退款"), talk.say(number), talk.say("1234")])

    existing, missing = (
        [words.replace(number, "") for words in said]
        for said, number in zip(answers, ("RD20260007", "RD20269998"), strict=True)
    )
    assert existing == missing
