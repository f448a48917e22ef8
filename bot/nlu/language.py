"""Which language a buyer writes in, told from the script alone.

Traditional Chinese is chosen only by characters that Simplified Chinese does not use, so a text such as
退款 (the same in both) is Simplified unless something else, for example the page the buyer came from, says
otherwise: see `resolve`.
"""

import re
import unicodedata
from typing import Final

from opencc import OpenCC

from bot.words import Language

_LOOKED_AT: Final = 2000
"""Characters of a message that are looked at; a longer one has shown its language by then."""

_ENGLISH_LEAD: Final = 1.5
"""English words per Chinese word (two characters) from which a mixed message counts as English."""

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇"
"""Chinese characters, for use inside a character class."""

# Valid Traditional as well: 后 (queen), 里 (mile), 干 (trouble) ... so they do not speak against it.
_BOTH: Final = frozenset("后里干台只面松系云几斗准制划占冲表范丰征采余适余种了着么吃群床")
# Used in Taiwan, left alone by OpenCC.
_TAIWAN: Final = frozenset("妳祂牠")

_HAN_RUN = re.compile(f"[{HAN}]")
_BOPOMOFO = re.compile("[\u3105-\u312f]")
_LINK = re.compile(r"https?://\S+|\S+@\S+\.\S+", re.IGNORECASE)
# Order and parcel numbers, sizes and product models hold a digit: RD20260001, SF-1234, iPhone15, A4.
_CODE = re.compile(r"#?[A-Za-z]*[-_/]?\d[\w/-]*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NEUTRAL_WORDS: Final = frozenset(
    [
        *("ok", "okk", "oki", "okay", "okey", "k", "kk", "emoji"),
        *("xs", "s", "m", "l", "xl", "xxl", "xxxl", "vip", "svip", "app", "sku", "pdf", "jpg", "png", "id"),
        *("rd", "sf", "yt", "jd", "dhl", "ems", "ups"),
        *("cny", "rmb", "usd", "twd", "ntd", "nt", "hkd", "eur", "gbp", "us"),
    ]
)

# Syllables of Mandarin in Latin letters, longest endings first.
_SYLLABLE = (
    "(?:zhuang|chuang|shuang|zh(?:ong|eng|ang|uai|uan|ai|an|ao|en|ei|ou|ua|ui|un|uo|a|e|i|u)"
    "|ch(?:ong|eng|ang|uai|uan|ai|an|ao|en|ou|ua|ui|un|uo|a|e|i|u)"
    "|sh(?:eng|ang|uai|uan|ai|an|ao|en|ei|ou|ua|ui|un|uo|a|e|i|u)"
    "|[jqx](?:iong|iang|ing|ian|iao|uan|ia|ie|in|iu|ue|un|i|u)"
    "|[bpmf](?:ing|ang|eng|ian|iao|ai|an|ao|ei|en|ie|in|iu|ou|a|e|i|o|u)"
    "|[dtnl](?:iang|ing|ang|eng|ong|ian|iao|uan|ai|an|ao|ei|en|ie|in|iu|ou|ue|ui|un|uo|ia|a|e|i|u|v)"
    "|[gkh](?:uang|ang|eng|ong|uai|uan|ai|an|ao|ei|en|ou|ua|ui|un|uo|a|e|u)"
    "|[rzcs](?:ang|eng|ong|uan|ai|an|ao|ei|en|ou|ui|un|uo|a|e|i|u)"
    "|y(?:uan|ang|ing|ong|an|ao|in|ou|ue|un|a|e|i|o|u)|w(?:ang|eng|ai|an|ei|en|a|o|u)|er|an|ai|ao)"
)
_PINYIN = re.compile(f"{_SYLLABLE}+")
# One of these makes a line of syllables Chinese; "he can change men" is made of syllables too.
_PINYIN_MARK = re.compile(
    "tuik|tuih|tuiq|huanh|dingdan|kuaidi|kefu|rengong|zhiliang|fahuo|shouhuo|yunfei|shangjia|wuliu|nihao|xiexie"
    "|zenm|shenm|duojiu|meiyou|buyao|qingwen|woyao|weishenm|keyi|daozhang|quxiao|maijia"
    r"|\b(?:wo|tui|kuan|yao|huo|qian|zai ma|bu yao|xie)\b"
)


def _script_sets() -> tuple[frozenset[str], frozenset[str], dict[int, str]]:
    """Characters of Traditional only, of Simplified only, and the one-to-one map between them."""
    han = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    joined = "\n".join(han)  # one character a line: no phrase rule of OpenCC can apply
    simplified = OpenCC("t2s").convert(joined).split("\n")
    taiwan = OpenCC("s2tw").convert(joined).split("\n")
    hongkong = OpenCC("s2hk").convert(joined).split("\n")
    mapped = {ord(c): s for c, s in zip(han, simplified, strict=True) if c != s and len(s) == 1}
    only_simplified = {
        c for c, s, t, h in zip(han, simplified, taiwan, hongkong, strict=True) if c == s and c != t and c != h
    }
    traditional = {chr(code) for code in mapped} | _TAIWAN
    return frozenset(traditional), frozenset(only_simplified - _BOTH), mapped | {ord("妳"): "你"}


_TRADITIONAL, _SIMPLIFIED, TO_SIMPLIFIED = _script_sets()
"""`TO_SIMPLIFIED` (for str.translate) keeps the length of a text, so offsets stay true."""


def detect(text: str) -> Language | None:
    """The language of a message; None when it has none: numbers, an order number, "ok", emoji.

    In a message of two languages the part that says something decides: order numbers, links and product
    models do not count as English.
    """
    language, _ = _detect(text)
    return language


def resolve(text: str, hint: Language | None) -> Language | None:
    """Like `detect`, but a hint decides where the script cannot.

    That is neutral text, and Chinese whose characters are the same in both scripts ("退款", "好").
    """
    language, certain = _detect(text)
    if language is None:
        return hint
    if not certain and hint in (Language.ZH_HANS, Language.ZH_HANT):
        return hint
    return language


def _detect(text: str) -> tuple[Language | None, bool]:
    plain = unicodedata.normalize("NFKC", _LINK.sub(" ", text[:_LOOKED_AT]))
    plain = _CODE.sub(" ", plain)
    han = len(_HAN_RUN.findall(plain))
    bopomofo = len(_BOPOMOFO.findall(plain))
    words = [w for w in _WORD.findall(_HAN_RUN.sub(" ", plain).lower()) if w[0].isascii() or "à" <= w[0] <= "ž"]
    english = [w for w in words if w not in _NEUTRAL_WORDS]
    if not han and not bopomofo:
        if not english:
            return None, False
        return (Language.ZH_HANS, False) if is_pinyin(english) else (Language.EN, True)
    if len(english) > _ENGLISH_LEAD * (han + bopomofo) / 2 and not is_pinyin(english):
        return Language.EN, True
    traditional = bopomofo + sum(c in _TRADITIONAL for c in plain)
    simplified = sum(c in _SIMPLIFIED for c in plain)
    if traditional and traditional >= simplified:
        return Language.ZH_HANT, True
    return Language.ZH_HANS, bool(simplified)


def is_pinyin(words: list[str]) -> bool:
    """Whether lower-case Latin words are Mandarin spelled out: "wo yao tuikuan"."""
    syllables = sum(bool(_PINYIN.fullmatch(w)) for w in words)
    return syllables == len(words) and bool(_PINYIN_MARK.search(" ".join(words)))
