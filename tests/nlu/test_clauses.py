import pytest

from bot.nlu.clauses import clauses, without_facts
from bot.nlu.entity_rules import OrderNumbers, find_entities
from bot.nlu.parser import Parser


def left(text: str) -> str:
    return without_facts(text, [(hit.entity, hit.start, hit.end) for hit in find_entities(text, OrderNumbers())])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Order RD20260027: no sound, phone ends in 0142, see photo", "no sound\nsee photo"),
        ("no sound, and the last four digits of my phone are 0142", "no sound"),
        ("订单号是RD20260027，左耳没声音，手机尾号 0142", "左耳没声音"),
        ("订单RD20260027的左耳没声音", "左耳没声音"),
        ("想退 訂單RD20260027 電話末四碼0142 照片傳了", "想退\n照片傳了"),
        # The words around a number in the middle of a clause are what is said.
        ("where is my order RD20260001", "where is my order RD20260001"),
        ("退一下RD20260001里的鞋", "退一下RD20260001里的鞋"),
        # Nothing else is said.
        ("RD20260001", "RD20260001"),
        ("my order number is RD20260001 and the last 4 digits are 0142",) * 2,
        # Other numbers and marks stay.
        ("寄回去了 SF1234567890123", "寄回去了 SF1234567890123"),
        ("到哪了？\n谢谢", "到哪了？\n谢谢"),
        ("", ""),
        ("\0", " "),
    ],
)
def test_numbers_understood_by_rule_are_put_aside_with_their_lead(text: str, kept: str) -> None:
    assert left(text) == (kept if kept.strip() else text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("it broke, refund me", ["it broke", "refund me"]),
        ("坏了 退款", ["坏了", "退款"]),
        ("坏了所以退款", ["坏了", "退款"]),
        ("the box is here but the cup is broken", ["the box is here", "the cup is broken"]),
        ("just one clause here", []),
        ("，。", []),
    ],
)
def test_clauses_end_at_marks_gaps_and_conjunctions(text: str, parts: list[str]) -> None:
    assert clauses(text) == parts


def test_a_long_message_has_few_clauses() -> None:
    assert len(clauses("坏了，" * 5000)) == 12


@pytest.mark.parametrize(
    ("text", "intent", "reason"),
    [
        (
            "Order RD20260027: the left earbud has no sound, I want a refund, phone ends in 0142, see photo",
            "request_refund",
            "quality_defect",
        ),
        (
            "hi, RD20260031, the mug arrived in pieces, phone ending 7781, pics attached, please refund me",
            "request_refund",
            "damaged_in_transit",
        ),
        (
            "I ordered two candles but only one was in the box, order RD20260040, last four digits 5521",
            "inform",
            "missing_parts",
        ),
        ("订单RD20260027，左边耳机没声音，我要退款，手机尾号0142，照片发了", "request_refund", "quality_defect"),
        ("你好 RD20260050 尺码偏小穿不上 申请退货退款 尾号8871", "request_refund", "size_mismatch"),
        ("订单号RD20260061，快递一直没收到，尾号3321，麻烦退款", "request_refund", "not_received"),
        ("手机尾号6120，RD20260072，收到的杯子碎了，有图，给我退款", "request_refund", "damaged_in_transit"),
        ("訂單RD20260027，左耳沒有聲音，我要退款，手機末四碼0142，請看照片", "request_refund", "quality_defect"),
        (
            "訂單 RD20260094，收到的顏色跟網頁不一樣，我要退貨，手機尾數 2205",
            "request_refund",
            "not_as_described",
        ),
        ("RD20260105 寄錯東西了，我要退款，電話後四碼4417，照片附上", "request_refund", "wrong_item"),
    ],
)
def test_a_reason_is_heard_among_other_facts(whole_parser: Parser, text: str, intent: str, reason: str) -> None:
    parsed = whole_parser.parse(text)
    assert parsed.reason is not None
    assert (parsed.intent.name, parsed.reason.name) == (intent, reason)
    assert parsed.reason.confidence >= 0.5  # taken without asking again


def test_a_question_about_a_case_that_may_come_gives_no_reason(whole_parser: Parser) -> None:
    parsed = whole_parser.parse("请问，如果收到是坏的，可以退吗")
    assert (parsed.intent.name, parsed.reason) == ("ask_policy", None)
