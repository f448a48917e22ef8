import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import FEATURE_LIMIT, normalise


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("我要退貨", "我要退货"),
        ("ＲＥＦＵＮＤ ｐｌｚ", "refund plz"),
        ("退款！！！！！", "退款!"),
        ("啊啊啊啊啊退款", "啊啊退款"),
        ("商品品質不好", "商品质量不好"),
        ("點解唔批呀", "为什么不批呀"),
        ("wo yao tuikuan", "我要退款"),
        ("please tui kuan", "please 退款"),
        ("可以推款吗", "可以退款吗"),
        ("退款 😡😡", "退款 生气 生气"),
        ("花了1280.50块", "花了0块"),
        ("退款\x00\x07\u200b吧", "退款 吧"),
        ("你好，在吗？我要退款，谢谢", "我要退款"),
        ("好的谢谢", "好的谢谢"),
        ("hi there, refund me please", "refund me"),
    ],
)
def test_spellings_of_the_same_become_one(text: str, plain: str) -> None:
    assert normalise(text) == plain


@pytest.mark.parametrize(
    ("number", "mark"),
    [
        ("RD20260001", "编号"),
        ("2026090112345678901", "编号"),
        ("123456789012", "编号"),
        ("SF1234567890123", "运单号"),
        ("777123456789012", "运单号"),
        ("RD-8Q4N2TZP", "案号"),
    ],
)
def test_long_numbers_are_masked_by_what_they_number(number: str, mark: str) -> None:
    assert normalise(f"我的{number}") == f"我的 {mark}"


def test_a_long_message_keeps_its_head_and_its_tail() -> None:
    plain = normalise("我要退款。" + "说来话长，一二三四五六七八九。" * 1000 + "快点处理")
    assert plain.startswith("我要退款")
    assert plain.endswith("快点处理")
    assert len(plain) <= FEATURE_LIMIT + 1


@given(st.text(st.characters(codec=None)))
def test_any_string_becomes_clean_and_encodable(text: str) -> None:
    plain = normalise(text)
    plain.encode("utf-8")
    assert "\x00" not in plain
    assert len(plain) <= FEATURE_LIMIT + 1
