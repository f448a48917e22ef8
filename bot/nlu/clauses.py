"""A message taken apart: what the entity rules understood is put aside, the rest is cut into clauses.

"Order RD20260027: the left earbud has no sound, phone ends in 0142, see photo" says four things; only one of
them is a reason, and it must not drown in the others.
"""

import re
from collections.abc import Iterable
from typing import Final

from bot.nlu.language import HAN

Span = tuple[str, int, int]
"""Kind of an entity, its start and its end in the raw text."""

_MARKS: Final = ",.;:!?~，。；：！？～、…\n"
_OWN: Final = (
    r"(?:我的|这是|這是|是|关于|關於"
    r"|\bmy\b|\bthe\b|\bthis\s+is\b|\bit['’]?s\b|\bfor\b|\babout\b|\bre\b|\bhere\s+is\b)?\s*"
)
_TO: Final = r"\s*(?:是|为|為|\bis\b|\bare\b|[:：#＃=])*\s*"
_ORDER = re.compile(
    rf"{_OWN}{_OWN}(?:(?:订单|訂單|单子?|單子?|\border)?\s*(?:编号|編號|号码?|號碼?|\bnumber\b|\bnum\b|\bno\b\.?|\bid\b)?){_TO}$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    rf"(?:\band\b)?\s*{_OWN}(?:预留|預留|下单|下單|收货|收貨|绑定|綁定)?的?(?:(?:手机|手機|电话|電話|\bphone\b|\bmobile\b|\bcell\b)\s*(?:号码?|號碼?|number)?)?的?\s*"
    r"(?:尾[号號数數码碼]|(?:后|後|末|最后|最後)(?:四|4)(?:个|個)?(?:位数|位數|位|码|碼)?(?:数字|數字)?"
    r"|\b(?:the\s+)?last\s*(?:four|4)(?:\s*digits?)?(?:\s*of\s*(?:my|the)\s*(?:phone|mobile|cell)(?:\s*number)?)?"
    rf"|\b(?:ends?|ending)(?:\s*(?:in|with))?)?{_TO}$",
    re.IGNORECASE,
)
_LEADS: Final = {"order_number": _ORDER, "phone_tail": _TAIL}
_LOOKED_BACK: Final = 60
# What hangs on a number that opens a clause: RD20260001的鞋坏了, RD20260001这单.
_TRAILING = re.compile(r"^\s*(?:的|里的|裡的|这单|這單|这个订单|這個訂單)?\s*")

_BREAK = re.compile(
    rf"[{re.escape(_MARKS)}]+|(?<=[{HAN}])\s+(?=[{HAN}])|\s+-+\s+"
    r"|(?:而且|并且|並且|但是|不过|不過|因为|因為|所以|然后|然後|另外|还有|還有)"
    r"|\b(?:and|but|because|cause|since|so|also|plus)\b",
    re.IGNORECASE,
)
# A clause opens at the start, after a mark, and after a space between Chinese words.
_OPENS = re.compile(rf"(?:^|[{re.escape(_MARKS)}]|[{HAN}]\s)\s*$")
# What is put between the parts that stay; a question mark stays too, it says what a clause is.
_CUT: Final = "\0"
_AROUND_CUT = re.compile(r"[\s,.;:，。；：、]*\0[\s\0,.;:，。；：、!?！？]*")
_MOST: Final = 12
"""Clauses that are looked at one by one; a longer message is told by the whole of it and by these."""
_SHORTEST: Final = 2


def without_facts(text: str, found: Iterable[Span]) -> str:
    """`text` without the order numbers and phone tails in it and the words that lead to them.

    An order number goes only where it opens a clause, or is one: in "where is my order RD20260001" the words around it
    are the question. A text that holds nothing else stays as it is.
    """
    kept = text.replace(_CUT, " ")
    for kind, start, end in sorted(found, key=lambda span: -span[1]):
        if kind not in _LEADS:
            continue
        lead = _LEADS[kind].search(kept, max(0, start - _LOOKED_BACK), start)
        begin = start - len(lead[0].lstrip()) if lead else start
        before, after = kept[:begin], kept[end:]
        if kind == "order_number" and not _OPENS.search(before):
            continue
        kept = f"{before}{_CUT}{_TRAILING.sub('', after, count=1)}"
    kept = _AROUND_CUT.sub("\n", kept).strip()
    return kept if any(c.isalnum() for c in kept) else text


def clauses(text: str) -> list[str]:
    """The parts of a text between marks, spaces of Chinese and conjunctions; empty if it is only one."""
    parts = [part.strip() for part in _BREAK.split(text)]
    parts = [part for part in parts if sum(c.isalnum() for c in part) >= _SHORTEST]
    return parts[:_MOST] if len(parts) > 1 else []
