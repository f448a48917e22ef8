"""What three buyers write, and what each must end with."""

from dataclasses import dataclass
from typing import Any

import opencc


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
        wants="我想退貨退款",
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


def check_case(cases: list[dict[str, Any]], wording: Wording, order: Order) -> dict[str, Any]:
    """The one case that must have come of it."""
    assert len(cases) == 1, cases
    case = cases[0]
    assert (case["reason"], case["resolution"], case["path"]) == (
        "quality_defect",
        "return_and_refund",
        "non_conformity",
    )
    assert (case["market"], case["amount"], case["state"]) == (wording.market, order.cents, "under_review")
    assert len(case["evidence"]) == 1
    return case
