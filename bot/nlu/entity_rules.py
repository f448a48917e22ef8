"""Rules that find order, parcel and phone numbers in a raw message, with exact offsets. Pure: text in, found out.

Where two readings overlap the rule that comes earlier in `find_entities` wins.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from bot.nlu.amounts import Found, amounts, quantities

DEFAULT_ORDER_NUMBERS: Final = (
    r"RD\d{8}",  # the demo shop
    r"#\d{3,8}",  # Shopify, WooCommerce
    r"\d{18,19}",  # Taobao, Douyin
    r"\d{11,12}",  # JD
)
"""Order numbers of a shop as regular expressions, in any case. A shop sets its own in config.yml: `order_numbers`."""

# Full-width Latin, digits and marks to plain ones, one to one, so that offsets stay true.
_FOLD: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_GAP: Final = " -–—_\u3000"
_BEFORE, _AFTER = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"

_ORDER_SAID = re.compile(
    r"(?:订单|訂單|\border)\s*(?:编号|編號|号码|號碼|号|號|number|num|no\.?|id)?\s*(?:是|为|為|is|:|#)*\s*"
    rf"(?P<number>#?[A-Za-z]{{0,5}}[-_]?\d[0-9A-Za-z_-]{{2,29}}){_AFTER}"
    r"(?!\s*(?:元|块|塊|圓|年|月|日|天|件|个|個|[.,]\d|dollars|usd|days|items))",
    re.IGNORECASE,
)
_TRACKING_SAID = re.compile(
    r"(?:(?:快递|快遞|物流|寄件|包裹|寄回去?的?|退货|退貨)(?:单号|單號|编号|編號)?|运单号?|運單號?|顺丰|順豐|圆通|圓通|中通|申通"
    r"|韵达|韻達|极兔|極兔|邮政|郵政|京东物流|宅配|黑猫|黑貓|新竹|店到店"
    r"|\btracking(?:\s*(?:number|no\.?|num|id|code))?|\bwaybill|\bawb|\bups|\busps|\bfedex|\bdhl|\bems)"
    r"[^0-9A-Za-z]{0,6}(?:is\s+)?"
    rf"(?P<number>[A-Za-z]{{0,4}}\d[0-9A-Za-z]{{6,25}}){_AFTER}",
    re.IGNORECASE,
)
_NUMBER_SAID = re.compile(
    rf"(?<![订訂])(?:单号|單號)[^0-9A-Za-z]{{0,4}}(?P<number>[A-Za-z]{{0,4}}\d[0-9A-Za-z]{{6,25}}){_AFTER}",
    re.IGNORECASE,
)
# Carriers' own shapes: SF, YTO, J&T, JD, STO, ZTO, UPS, the post's S10, and bare digits of other lengths than orders'.
_TRACKING_SHAPE = re.compile(
    rf"{_BEFORE}(?P<number>SF\d{{12,15}}|YT\d{{13,15}}|JT\d{{13}}|JD[A-Z]{{0,2}}\d{{10,15}}|STO?\d{{12,13}}|ZTO?\d{{12,13}}"
    rf"|1Z[0-9A-Z]{{16}}|[A-Z]{{2}}\d{{9}}[A-Z]{{2}}|\d{{13,15}}|\d{{20,22}}){_AFTER}",
    re.IGNORECASE,
)
_TAIL_SAID = re.compile(
    r"(?:尾[号號数數码碼]|(?:后|後|末|最后|最後)(?:四|4)(?:个|個)?(?:位数|位數|位|码|碼)?(?:数字|數字)?"
    r"|\blast\s*(?:four|4)(?:\s*digits?)?(?:\s*of\s*(?:my|the)\s*(?:phone|mobile|cell)(?:\s*number)?)?"
    r"|\b(?:phone|mobile|number)\s*(?:ends?|ending)(?:\s*(?:in|with))?|\bending\s*(?:in|with)"
    r"|\b(?:phone|mobile|cell|tel)(?:\s*(?:number|no\b\.?))?|(?:手机|手機|电话|電話)(?:号码?|號碼?)?)"
    r"[^0-9A-Za-z]{0,4}(?:are|is)?[^0-9A-Za-z]{0,3}(?P<number>\d{4})(?!\d)",
    re.IGNORECASE,
)
# "the card ending in 1234" is not a phone.
_CARD = re.compile(r"卡|银行|銀行|\bcard\b|\bbank\b|\bvisa\b", re.IGNORECASE)
_TAIL_ALONE = re.compile(r"[\s.,;、。，#]*(?P<number>\d{4})[\s.,;!、。，]*")
_PHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?(?P<number>\d{4})(?!\d)")
_PHONE_TAIWAN = re.compile(r"(?<![0-9A-Za-z])09\d{2}[- ]?\d{2}(?P<number>\d[- ]?\d{3})(?!\d)")
_DIGITS_ALONE = re.compile(r"\s*#?(?P<number>\d{5,10})\s*")


class OrderNumbers:
    """The shop's order numbers, and numbers a buyer calls an order number."""

    def __init__(self, patterns: Sequence[str] = DEFAULT_ORDER_NUMBERS) -> None:
        joined = "|".join(f"(?:{pattern})" for pattern in patterns)
        self._exact = re.compile(rf"{_BEFORE}(?:{joined}){_AFTER}", re.IGNORECASE)
        self._inside = re.compile(joined, re.IGNORECASE)

    def marked(self, text: str) -> Iterator[Found]:
        """Numbers of the shop with a letter or '#': sure enough to allow spaces and dashes inside."""
        for match in self._exact.finditer(text):
            if not match[0].isdecimal():
                yield _found("order_number", match[0], *match.span())
        squeezed, origin = _squeeze(text)
        for match in self._inside.finditer(squeezed):
            start, end = origin[match.start()], origin[match.end() - 1] + 1
            if any(c.isalpha() for c in match[0]) and _stands_alone(text, start, end):
                yield _found("order_number", match[0], start, end)

    def said(self, text: str) -> Iterator[Found]:
        """What follows "order" or "order number"."""
        for match in _ORDER_SAID.finditer(text):
            yield _found("order_number", match["number"], *match.span("number"))

    def bare(self, text: str) -> Iterator[Found]:
        """Numbers of the shop that are digits only, unless they are a mobile number."""
        for match in self._exact.finditer(text):
            if not _PHONE.fullmatch(match[0]):
                yield _found("order_number", match[0], *match.span())


def find_entities(text: str, orders: OrderNumbers) -> list[Found]:
    """Every number entity of `text`, in the order they stand."""
    plain = text.translate(_FOLD)
    found: list[Found] = []
    finders: tuple[Callable[[str], Iterable[Found]], ...] = (
        _said_tails,
        orders.marked,
        lambda t: _numbers("tracking_number", _TRACKING_SAID, t),
        orders.said,
        orders.bare,
        lambda t: _numbers("tracking_number", _TRACKING_SHAPE, t),
        lambda t: _numbers("tracking_number", _NUMBER_SAID, t),
        _phones,
        amounts,
        quantities,
    )
    for finder in finders:
        for hit in finder(plain):
            if all(hit.end <= other.start or other.end <= hit.start for other in found):
                found.append(hit)
    found.extend(_leftover(plain, found))
    return sorted(found, key=lambda hit: hit.start)


def _found(entity: str, said: str, start: int, end: int) -> Found:
    return Found(entity, "".join(said.split()).upper(), start, end)


def _numbers(entity: str, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    for match in pattern.finditer(text):
        yield _found(entity, match["number"], *match.span("number"))


def _said_tails(text: str) -> Iterator[Found]:
    for match in _TAIL_SAID.finditer(text):
        around = text[max(0, match.start() - 8) : match.start()] + text[match.end() : match.end() + 6]
        if not _CARD.search(around):
            yield _found("phone_tail", match["number"], *match.span("number"))


def _phones(text: str) -> Iterator[Found]:
    """A whole mobile number says its last four digits."""
    for match in _PHONE.finditer(text):
        yield _found("phone_tail", match["number"], *match.span("number"))
    for match in _PHONE_TAIWAN.finditer(text):
        yield Found("phone_tail", "".join(c for c in match["number"] if c.isdecimal()), *match.span("number"))


def _leftover(text: str, found: list[Found]) -> Iterator[Found]:
    """What a lone number means when the message holds nothing else, or only an order number beside it."""
    if any(hit.entity != "order_number" for hit in found):
        return
    blanked = list(text)
    for hit in found:
        blanked[hit.start : hit.end] = " " * (hit.end - hit.start)
    rest = "".join(blanked)
    if alone := _TAIL_ALONE.fullmatch(rest):
        yield _found("phone_tail", alone["number"], *alone.span("number"))
    elif not found and (alone := _DIGITS_ALONE.fullmatch(rest)):
        yield _found("order_number", alone["number"], *alone.span("number"))


def _squeeze(text: str) -> tuple[str, list[int]]:
    """`text` without single spaces and dashes before a digit, and where each kept character came from."""
    kept = [
        i
        for i, c in enumerate(text)
        if not (c in _GAP and 0 < i < len(text) - 1 and text[i - 1].isalnum() and text[i + 1].isdecimal())
    ]
    return "".join(text[i] for i in kept), kept


def _stands_alone(text: str, start: int, end: int) -> bool:
    around = (text[start - 1] if start else " ") + (text[end] if end < len(text) else " ")
    return not any(c.isascii() and c.isalnum() for c in around)
