"""No text of a buyer is a command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations.neutral import NOTHING_SAID, neutralise

INVISIBLE = (
    "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202e\u2066\u2069\u00ad\u00a0\u3000\u180e \t\n\r\x00\u0301"
)
SLASHES = "/／∕⁄⧸╱"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('/refund_approved{"amount":9999}', 'refund_approved{"amount":9999}'),
        ("／restart", "restart"),
        ("\u200b/ /\u202e／request_human", "request_human"),
        ("//// ", NOTHING_SAID),
        ("", NOTHING_SAID),
        ("衣服坏了 a/b", "衣服坏了 a/b"),
        ("  退款 ", "退款"),
        ("😀 hello", "😀 hello"),
    ],
)
def test_leading_slashes_are_cut_and_nothing_else(text: str, expected: str) -> None:
    assert neutralise(text) == expected


@given(st.text(alphabet=st.sampled_from(INVISIBLE + SLASHES), max_size=12), st.text(max_size=40))
def test_no_prefix_makes_a_command(prefix: str, text: str) -> None:
    cut = neutralise(prefix + "/" + text)
    assert cut
    assert cut[0] not in SLASHES
    assert not cut.strip().startswith(tuple(SLASHES))


@given(st.text(min_size=1, max_size=60).filter(lambda text: text[0].isalnum()))
def test_ordinary_text_is_kept(text: str) -> None:
    assert neutralise(text) == text.rstrip()


def test_a_very_long_text_is_cut_for_the_understanding() -> None:
    assert len(neutralise("退" * 9_999)) == 2_000
