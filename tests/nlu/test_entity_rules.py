from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.amounts import chinese_number
from bot.nlu.entity_rules import OrderNumbers, find_entities
from bot.nlu.wishes import wishes

SHOP = OrderNumbers()


def said(text: str) -> list[tuple[str, str, str]]:
    return [(hit.entity, hit.value, text[hit.start : hit.end]) for hit in find_entities(text, SHOP)]


@pytest.mark.parametrize(
    ("text", "value", "part"),
    [
        ("RD20260001", "RD20260001", "RD20260001"),
        ("订单rd20260001要退", "RD20260001", "rd20260001"),
        ("rd 2026-0001", "RD20260001", "rd 2026-0001"),
        ("RD-20260001", "RD20260001", "RD-20260001"),
        ("ＲＤ２０２６０００１", "RD20260001", "ＲＤ２０２６０００１"),
        ("order #1001 please", "#1001", "#1001"),
        ("淘宝订单 2026090112345678901", "2026090112345678901", "2026090112345678901"),
        ("我的订单123456789012", "123456789012", "123456789012"),
        ("订单号：13812345678", "13812345678", "13812345678"),  # called an order, shaped like a phone
        ("訂單編號是A20260001", "A20260001", "A20260001"),
        ("order number is AB-12345", "AB-12345", "AB-12345"),
        ("20260001", "20260001", "20260001"),
    ],
)
def test_an_order_number_is_found_however_it_is_written(text: str, value: str, part: str) -> None:
    assert said(text) == [("order_number", value, part)]


@pytest.mark.parametrize(
    "text", ["订单299元退款", "订单2026年9月的", "2026-09-11买的", "order 3 items", "RD202600012", "XRD20260001"]
)
def test_other_numbers_are_no_order(text: str) -> None:
    assert "order_number" not in {entity for entity, _, _ in said(text)}


def test_a_shop_sets_its_own_numbers() -> None:
    shop = OrderNumbers([r"TW-\d{6}"])
    text = "我的 tw-123456 還沒到"
    assert [(h.value, text[h.start : h.end]) for h in find_entities(text, shop)] == [("TW-123456", "tw-123456")]
    assert find_entities("RD20260001", shop) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("尾号1234", "1234"),
        ("手机后四位 1234", "1234"),
        ("手機末四碼1234", "1234"),
        ("last four 1234", "1234"),
        ("last 4 digits of my phone are 1234", "1234"),
        ("phone 1234", "1234"),
        ("my phone number: 1234", "1234"),
        ("手机号1234", "1234"),
        ("電話 1234", "1234"),
        ("1234", "1234"),
        (" 1234。", "1234"),
        ("13812341234", "1234"),
        ("0912-345-678", "5678"),
    ],
)
def test_the_last_digits_of_a_phone_are_found_where_they_are_said(text: str, value: str) -> None:
    [(entity, found, part)] = said(text)
    assert (entity, found) == ("phone_tail", value)
    assert part.replace("-", "") == value


def test_four_digits_beside_an_order_number_are_the_phone() -> None:
    assert said("RD20260001 1234") == [("order_number", "RD20260001", "RD20260001"), ("phone_tail", "1234", "1234")]


@pytest.mark.parametrize("text", ["尾号1234的银行卡没到账", "my card ending in 1234", "我付了1234元"])
def test_a_card_or_a_sum_is_no_phone(text: str) -> None:
    assert "phone_tail" not in {entity for entity, _, _ in said(text)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("快递单号 777123456789", "777123456789"),
        ("寄回去了，顺丰SF1234567890123", "SF1234567890123"),
        ("sf1234567890123", "SF1234567890123"),
        ("tracking number is 1Z999AA10123456784", "1Z999AA10123456784"),
        ("黑貓 907412345678", "907412345678"),
        ("运单YT1234567890123", "YT1234567890123"),
    ],
)
def test_a_parcel_number_is_found_by_its_shape_or_its_name(text: str, value: str) -> None:
    assert [(entity, found) for entity, found, _ in said(text)] == [("tracking_number", value)]


def test_order_and_parcel_numbers_in_one_message_are_told_apart() -> None:
    assert [(e, v) for e, v, _ in said("订单号RD20260001 快递单号12345678901")] == [
        ("order_number", "RD20260001"),
        ("tracking_number", "12345678901"),
    ]


@pytest.mark.parametrize(
    ("text", "value", "part"),
    [
        ("退我¥299.00", "299.00", "¥299.00"),
        ("退我299元", "299", "299元"),
        ("NT$1,280", "1280", "NT$1,280"),
        ("一共三百五十块", "350", "三百五十块"),
        ("45 dollars", "45", "45 dollars"),
        ("US$45.50 please", "45.50", "US$45.50"),
    ],
)
def test_a_sum_of_money_is_found(text: str, value: str, part: str) -> None:
    assert said(text) == [("amount", value, part)]


@pytest.mark.parametrize(
    ("text", "value", "part"),
    [("两件都要退", "2", "两件"), ("退3个", "3", "3个"), ("2 pairs", "2", "2 pairs"), ("十二瓶", "12", "十二瓶")],
)
def test_a_number_of_goods_is_found(text: str, value: str, part: str) -> None:
    assert said(text) == [("quantity", value, part)]


@pytest.mark.parametrize("text", ["等了一个月", "两个小时", "第二件半价", "买了3天"])
def test_time_and_ordinals_are_no_goods(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("二十三", 23),
        ("两百", 200),
        ("三百五", 350),
        ("三百零五", 305),
        ("一千二", 1200),
        ("一万两千", 12000),
        ("一二三四", 1234),
        ("十", 10),
    ],
)
def test_chinese_numbers_are_read(text: str, number: int) -> None:
    assert chinese_number(text) == number


@pytest.mark.parametrize(
    ("text", "resolution", "part"),
    [
        ("我要换货", "exchange", "换货"),
        ("可以幫我換貨嗎", "exchange", "換貨"),
        ("申请仅退款", "refund_only", "仅退款"),
        ("退货退款吧", "return_and_refund", "退货退款"),
        ("少的那个补发给我", "reship", "补发"),
        ("能维修吗", "repair", "维修"),
        ("補差價", "price_adjustment", "補差價"),
        ("退一部分也行", "partial_refund", "退一部分"),
        ("send a replacement please", "exchange", "replacement"),
        ("I want a partial refund", "partial_refund", "partial refund"),
        ("要不换货吧", "exchange", "换货"),
        ("能不能补发", "reship", "补发"),
    ],
)
def test_a_wish_is_found(text: str, resolution: str, part: str) -> None:
    assert [(hit.value, text[hit.start : hit.end]) for hit in wishes(text)] == [(resolution, part)]


@pytest.mark.parametrize(
    "text", ["我不想换货", "不用补发", "I don't want a replacement", "不要給我換貨", "refund me, not an exchange"]
)
def test_a_wish_that_is_turned_down_is_none(text: str) -> None:
    assert list(wishes(text)) == []


@given(st.text(st.characters(codec=None)) | st.text("RDrd0123456789 -#订单号尾元件换货退", max_size=40))
def test_offsets_stay_inside_any_text_and_never_overlap(text: str) -> None:
    found = find_entities(text, SHOP)
    assert all(0 <= hit.start < hit.end <= len(text) for hit in [*found, *wishes(text)])
    assert all(a.end <= b.start for a, b in pairwise(found))
