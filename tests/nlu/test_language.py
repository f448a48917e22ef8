import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.language import TO_SIMPLIFIED, detect, resolve
from bot.words import Language

HANS, HANT, EN = Language.ZH_HANS, Language.ZH_HANT, Language.EN


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我要退款", HANS),
        ("这个质量不行", HANS),
        ("退款", HANS),  # the same characters in both scripts
        ("我要退貨", HANT),
        ("裡面少了一件", HANT),
        ("訂單", HANT),
        ("妳好", HANT),
        ("ㄏㄏ 好喔", HANT),
        ("這台手機後來壞了", HANT),  # 台 and 了 are Traditional as well
        ("I want a refund", EN),
        ("hello", EN),
        ("he can change men", EN),  # Mandarin syllables, and still English
        ("no", EN),
        ("wo yao tuikuan", HANS),
        ("qing wen zenme tuihuo", HANS),
    ],
)
def test_one_language_is_told_by_its_script(text: str, language: Language) -> None:
    assert detect(text) is language


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1234", "RD20260001", "#1001", "ok", "OK", "😡👍", "¥299.00", "SF1234567890123"),
        *("https://example.com/退", "XL", "\ud800", "？！"),
    ],
)
def test_text_without_a_language_is_neutral(text: str) -> None:
    assert detect(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("订单 DD20260001 want refund 快点", HANS),
        ("我要refund", HANS),
        ("這個size不對 可以換嗎 thx", HANT),
        ("我的 iPhone15 Pro Max 坏了", HANS),
        ("I want to return the 保温杯", EN),
        ("please refund order RD20260001 谢谢", EN),
    ],
)
def test_a_mixed_message_has_the_language_that_says_most(text: str, language: Language) -> None:
    assert detect(text) is language


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("1234", HANT, HANT),
        ("ok", EN, EN),
        ("1234", None, None),
        ("退款", HANT, HANT),  # Chinese of either script
        ("退款", EN, HANS),  # Chinese all the same
        ("质量差", HANT, HANS),  # Simplified for certain
        ("where is it", HANT, EN),
    ],
)
def test_a_hint_decides_only_where_the_script_cannot(
    text: str, hint: Language | None, language: Language | None
) -> None:
    assert resolve(text, hint) is language


@given(st.text(st.characters(codec=None)))
def test_any_string_has_an_answer(text: str) -> None:
    assert detect(text) in {*Language, None}


def test_simplifying_keeps_the_length() -> None:
    assert all(len(simplified) == 1 for simplified in TO_SIMPLIFIED.values())
    assert "退貨後裡面".translate(TO_SIMPLIFIED) == "退货后里面"
