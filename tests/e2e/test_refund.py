"""A buyer gets a refund, in three languages, all at once and one thing at a time."""

from dataclasses import dataclass

import opencc
import pytest

from tests.e2e.stack import Stack, Talk, picture

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Order:
    number: str
    phone_tail: str
    shown: str
    cents: int


@dataclass(frozen=True)
class Wording:
    language: str
    market: str
    rule: str
    everything: str
    wants: str
    reason: str
    yes: str
    earphones: Order
    kettle: Order


WORDINGS = [
    Wording(
        language="zh-Hans",
        market="cn",
        rule="第二十四条",
        everything="订单 {number} 的耳机左边没声音，我要退款，手机尾号 {tail}，照片在这",
        wants="我想退款",
        reason="用了两次就烧不开水了",
        yes="确认",
        earphones=Order("RD20260001", "8001", "299.00", 29900),
        kettle=Order("RD20260018", "9002", "89.00", 8900),
    ),
    Wording(
        language="zh-Hant",
        market="tw",
        rule="消費者保護法",
        everything="訂單 {number} 的耳機左邊沒有聲音，我要退款，手機末四碼 {tail}，照片在這裡",
        wants="我想要退款",
        reason="用了兩次就壞了，插電沒反應",
        yes="確認",
        earphones=Order("RD20260019", "5678", "1,280", 128000),
        # The whole order goes back, so the 60 dollars of freight come back too.
        kettle=Order("RD20260033", "5678", "950", 95000),
    ),
    Wording(
        language="en",
        market="us",
        rule="30",
        everything="Order {number}: the left earbud has no sound, I want a refund, phone ends in {tail}, see photo",
        wants="I want a refund",
        reason="it stopped heating after two days, just dead",
        yes="Yes",
        earphones=Order("RD20260027", "0142", "45.00", 4500),
        kettle=Order("RD20260034", "0142", "29.00", 2900),
    ),
]


def is_in(language: str, text: str) -> bool:
    """Whether a text is in a buyer's own script."""
    han = any("\u4e00" <= character <= "\u9fff" for character in text)
    if language == "en":
        return not han
    other = opencc.OpenCC("t2s" if language == "zh-Hans" else "s2t").convert(text)
    changed = sum(1 for left, right in zip(text, other, strict=False) if left != right)
    # Names of goods may come from the shop in its own script; words that differ must be rare.
    return han and changed <= len(text) * 0.02


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.language)
def test_one_message_that_holds_everything_ends_in_the_right_case(stack: Stack, wording: Wording) -> None:
    talk = stack.talk(f"all-{wording.language}")
    order = wording.earphones
    words = talk.say(wording.everything.format(number=order.number, tail=order.phone_tail), attachments=[picture()])

    assert order.shown in words, str(talk)
    assert wording.rule in words, str(talk)
    done = talk.press(wording.yes)

    assert_case(stack, talk, wording, order, done)


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.language)
def test_one_thing_at_a_time_ends_in_the_right_case(stack: Stack, wording: Wording) -> None:
    order = wording.kettle
    talk = stack.talk(f"step-{wording.language}")
    talk.say(wording.wants)
    talk.say(order.number)
    talk.say(order.phone_tail)
    talk.say(wording.reason)
    words = talk.say(attachments=[picture(40)])

    assert order.shown in words, str(talk)
    assert wording.rule in words, str(talk)
    done = talk.press(wording.yes)

    assert_case(stack, talk, wording, order, done)


def assert_case(stack: Stack, talk: Talk, wording: Wording, order: Order, done: str) -> None:
    cases = stack.cases(order.number)
    assert len(cases) == 1, f"{cases}\n{talk}"
    case = cases[0]
    assert case["id"] in done, str(talk)
    assert (case["reason"], case["resolution"], case["path"]) == (
        "quality_defect",
        "return_and_refund",
        "non_conformity",
    )
    assert (case["market"], case["amount"], case["state"]) == (wording.market, order.cents, "under_review")
    assert len(case["evidence"]) == 1
    for line in talk.said:
        if line.startswith("bot:"):
            assert is_in(wording.language, line.removeprefix("bot:")), str(talk)
