"""Sums of money and counts of goods in a raw message. Pure: text in, found out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Found:
    """One entity: `text[start:end]` is where it stands, `value` is its plain form."""

    entity: str
    value: str
    start: int
    end: int


_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?"
_CHINESE_NUMBER = "[零〇一二两兩三四五六七八九十百千万萬]+"
_YUAN = "元|块钱|塊錢|块|塊|圓|圆"
_AMOUNT = re.compile(
    rf"(?:NT\$|HK\$|US\$|USD|TWD|NTD|CNY|RMB|EUR|GBP|[¥￥$€£])\s?(?P<before>{_DIGITS})(?![\d.,]*\d)"
    rf"|(?<![\d.])(?P<after>{_DIGITS})\s?"
    rf"(?:{_YUAN}|刀|rmb|ntd|twd|usd|dollars?|bucks|euros?|pounds?|yuan)(?![A-Za-z])"
    rf"|(?P<chinese>{_CHINESE_NUMBER})(?:{_YUAN})",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    rf"(?<![\d.第])(?P<count>(?<!\d)\d{{1,3}}|(?<!{_CHINESE_NUMBER[:-1]}){_CHINESE_NUMBER})\s?"
    r"(?:[件双雙条條套只隻瓶盒台臺箱罐袋支顶頂本包副对對片]"
    r"|[个個](?![多月星礼禮小钟鐘工问問]))"
    r"|(?<![\w.])(?P<english>\d{1,3})\s?(?:pcs|pieces?|items?|pairs?|units?|sets?|bottles?|boxes)(?![A-Za-z])",
    re.IGNORECASE,
)
_CHINESE_DIGIT: Final = {
    c: n for n, group in enumerate(["零〇", "一", "二两兩", "三", "四", "五", "六", "七", "八", "九"]) for c in group
}
_CHINESE_UNIT: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000}


def chinese_number(text: str) -> int:
    """二十三 → 23, 三百零五 → 305, 三百五 → 350; without a unit digits are read one by one (一二三四 → 1234)."""
    if not any(c in _CHINESE_UNIT for c in text):
        return int("".join(str(_CHINESE_DIGIT[c]) for c in text))
    total = part = digit = 0
    unit = 1
    spoken_short = False  # 三百五: the digit after a unit counts tenths of it
    for c in text:
        if c in _CHINESE_DIGIT:
            digit = _CHINESE_DIGIT[c]
            spoken_short = unit >= 100 and c not in "零〇" and spoken_short is not None
            if c in "零〇":
                unit = 1
            continue
        unit = _CHINESE_UNIT[c]
        if unit == 10_000:
            total, part = (total + part + digit) * unit, 0
        else:
            part += (digit or 1) * unit
        digit, spoken_short = 0, False
    return total + part + digit * (unit // 10 if spoken_short else 1)


def amounts(text: str) -> Iterator[Found]:
    """¥299, 1,280元, NT$1,280, 45 dollars, 三百块; the value has no separators and no currency."""
    for match in _AMOUNT.finditer(text):
        kind = match.lastgroup or "after"
        said = match[kind]
        value = str(chinese_number(said)) if kind == "chinese" else said.replace(",", "")
        yield Found("amount", value, *match.span())


def quantities(text: str) -> Iterator[Found]:
    """两件, 3 pairs, 2 个."""
    for match in _QUANTITY.finditer(text):
        said = match["count"] or match["english"]
        value = int(said) if said.isdecimal() else chinese_number(said)
        yield Found("quantity", str(value), *match.span())
