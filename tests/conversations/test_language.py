"""The desk's own guess of the script."""

import pytest

from bot.conversations.language import as_language, guess
from bot.words import Language

HANS, HANT, EN = Language.ZH_HANS, Language.ZH_HANT, Language.EN


@pytest.mark.parametrize(
    ("text", "current", "expected"),
    [
        ("裙子坏了，我要退货", HANT, HANS),
        ("衣服壞了，我要退貨", HANS, HANT),
        ("我要退款", HANT, HANT),
        ("我要退款", HANS, HANS),
        ("我要退款", EN, HANS),
        ("I want my money back", HANS, EN),
        ("hello", HANT, EN),
        ("ok", HANT, HANT),
        ("RD20260001", HANS, HANS),
        ("XL", HANS, HANS),
        ("订单 RD-2026-0001 refund please", EN, HANS),
        ("😀", EN, EN),
        ("", HANT, HANT),
    ],
)
def test_script_decides_and_neutral_text_keeps_the_language(text: str, current: Language, expected: Language) -> None:
    assert guess(text, current) is expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zh-TW", HANT),
        ("zh_HK", HANT),
        ("zh-Hant", HANT),
        ("zh-CN", HANS),
        ("zh", HANS),
        ("en-US", EN),
        ("fr", HANS),
        (None, HANS),
    ],
)
def test_browser_tags_become_our_languages(tag: str | None, expected: Language) -> None:
    assert as_language(tag) is expected
