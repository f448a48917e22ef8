import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.tokens import spans, words

PIECES = st.one_of(
    st.sampled_from(
        [
            *(
                "我要退款",
                "退貨後裡面沒有東西",
                "訂單",
                "refund",
                "don't",
                "RD-2026/0001",
                "#1001",
                "¥1,280.50",
                "1234",
            ),
            *(" ", "\t", "\n", "\u3000", "\x00", "！！", "😡", "👨\u200d👩\u200d👧", "\ud83d", "\udc00"),
            *("𠮷野家", "ㄅㄆ", "かな", "한국"),
        ]
    ),
    st.text(st.characters(codec=None), max_size=8),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_offsets_are_true_for_any_string(text: str) -> None:
    end_before = 0
    for start, end in spans(text):
        assert end_before <= start < end <= len(text)
        assert text[end_before:start].strip() == ""
        assert text[start:end].strip() == text[start:end] != ""
        end_before = end
    assert text[end_before:].strip() == ""


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("please 帮我 cancel refund", ["please", "帮", "我", "cancel", "refund"]),
        ("RD-2026/0001", ["RD-2026/0001"]),
        ("订单RD20260001仅退款", ["订单", "RD20260001", "仅退款"]),
        ("我要退貨退款", ["我要", "退貨退款"]),
        ("I don't want it!", ["I", "don't", "want", "it", "!"]),
        ("¥1,280.50元", ["¥", "1,280.50", "元"]),
    ],
)
def test_numbers_and_words_of_the_trade_stay_whole(text: str, tokens: list[str]) -> None:
    assert words(text) == tokens
