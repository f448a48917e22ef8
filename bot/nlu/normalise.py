"""The form of a message that the classifiers see. Never for entities: offsets are those of the raw text."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from opencc import OpenCC

from bot.nlu.language import HAN, TO_SIMPLIFIED, is_pinyin

FEATURE_LIMIT: Final = 400
"""Characters kept of a long message, half from each end: people say what they want first or last."""

_EMOJI: Final = {
    "😡🤬😠👿💢😤": " 生气 ",
    "😭😢🥺😞😔😩😫": " 难过 ",
    "👍👌🆗✅🙆": " 好 ",
    "👎❌🙅": " 不 ",
    "🙏": " 拜托 ",
    "😊🙂😀😄😁🥰❤😘🌹": " 开心 ",
    "👋": " 你好 ",
    "💔": " 坏了 ",
    "📷📸🖼📹🎥": " 照片 ",
    "📦🚚🚛": " 快递 ",
    "💰💸💵": " 钱 ",
    "❓❔⁉": "?",
    "❗‼": "!",
}
_EMOJI_MAP: Final = {ord(emoji): word for group, word in _EMOJI.items() for emoji in group}

SPELLINGS = Path(__file__).with_name("spellings.txt")
"""Regional words, slips and pinyin, as pairs; a shop may add its own."""


def _read_spellings(path: Path) -> dict[str, dict[str, str]]:
    parts: dict[str, dict[str, str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            part = parts.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            written, _, read = line.partition("=")
            part[written] = read
    return parts


def _one_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_SPELLINGS: Final = _read_spellings(SPELLINGS)
_EVERYWHERE = re.compile(_one_of(_SPELLINGS["everywhere"]))
_LATIN = re.compile(r"[a-z]+")
# A space may stand between syllables or not: tui kuan, tuikuan.
_PINYIN = re.compile(rf"(?<![a-z])(?:{_one_of(w.replace(' ', ' ?') for w in _SPELLINGS['pinyin'])})(?![a-z])")
_PINYIN_RUN = re.compile(_one_of(w.replace(" ", " ?") for w in _SPELLINGS["pinyin"] | _SPELLINGS["pinyin only"]))
_HAN_GAP = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}])")
_READ_PINYIN: Final = {
    written.replace(" ", ""): read for part in ("pinyin", "pinyin only") for written, read in _SPELLINGS[part].items()
}

_LINK = re.compile(r"https?://\S+|\S+@\S+\.\S+", re.IGNORECASE)
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\ud800-\udfff\x00-\x08\x0b-\x1f\x7f]")
# What kind of number it is tells what a message is about, so parcels, cases and all others get a mark each.
_PARCEL = re.compile(
    r"(?<![0-9a-z])(?:(?:sf|yto?|jt|sto?|zto?|jd[a-z]{0,2}|ems)-?\d{10,15}|1z[0-9a-z]{16}|[a-z]{2}\d{9}[a-z]{2}|\d{13,15})(?![0-9a-z])"
)
_CASE = re.compile(r"(?<![0-9a-z])rd-(?=[0-9a-z]*[a-z])[0-9a-z]{8}(?![0-9a-z])")
_CODE = re.compile(r"#?(?<![0-9a-z])[a-z]{0,5}[-_]?\d(?:[\da-z]|[-/](?=\d)){4,}")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SHORT_NUMBER = re.compile(r"\d{1,3}")  # 88 and 886 say goodbye
_REPEATED_MARK = re.compile(r"([^\w\s])\1+")
_REPEATED = re.compile(r"(\w)\1{2,}")
_SPACES = re.compile(r"\s+")
_MARKS: Final = str.maketrans("。、；～’‘“”「」『』【】…", '.,;~\'\'""""""  .')

# Politeness around a request says nothing about it: "你好在吗 ... 谢谢", "hi there, ... please".
_POLITE = (
    "你好啊?|您好啊?|哈喽|在吗|在么|在不在?|亲爱?的?|请问一?下?|麻烦你?您?了?|好的|好吧|嗯+|哦+|谢谢你?您?了?|多谢|不好意思|打扰一?下?了?|那个"
    r"|hello|hi there|hi|hey there|hey|ok|okay|thanks|thank you|thx|please|excuse me|good (?:morning|afternoon|evening)"
)
_POLITE_START = re.compile(rf"^(?:(?:{_POLITE})(?:[\s,.!?;~]+|(?=[\u4e00-\u9fff])))+", re.IGNORECASE)
_POLITE_END = re.compile(
    r"(?:[\s,.!?;~]+(?:谢谢你?您?了?|多谢|在吗|在么|你好|thanks|thank you|thx|please))+[\s,.!?;~]*$"
)
_MIN_LEFT: Final = 4
"""Characters that must be left for politeness to be taken off: "好的谢谢" is all there is."""

_t2s = OpenCC("t2s")


def normalise(text: str) -> str:
    """One plain form for many spellings: width, case, script, repetition, emoji and numbers evened out.

    Safe for any string: lone surrogates and control characters are dropped, a long text is cut to
    `FEATURE_LIMIT` characters from both ends.
    """
    if len(text) > 4 * FEATURE_LIMIT:
        text = text[: 2 * FEATURE_LIMIT] + " " + text[-2 * FEATURE_LIMIT :]
    text = _UNSEEN.sub(" ", text.translate(_EMOJI_MAP))
    text = unicodedata.normalize("NFKC", text).lower().translate(_MARKS)
    text = _t2s.convert(text).translate(TO_SIMPLIFIED)
    text = _EVERYWHERE.sub(lambda match: _SPELLINGS["everywhere"][match[0]], text)
    text = _LINK.sub(" 链接 ", text)
    text = _CASE.sub(" 案号 ", _PARCEL.sub(" 运单号 ", text))
    text = _CODE.sub(" 编号 ", text)
    text = _without_pinyin(text)
    if not _SHORT_NUMBER.fullmatch(text):
        text = _NUMBER.sub("0", text)
    text = _REPEATED.sub(r"\1\1", text)
    text = _REPEATED_MARK.sub(r"\1", text)
    text = _SPACES.sub(" ", text).strip()
    text = _without_politeness(text)
    if len(text) > FEATURE_LIMIT:
        text = text[: FEATURE_LIMIT // 2] + " " + text[-FEATURE_LIMIT // 2 :]
    return text


def _without_pinyin(text: str) -> str:
    """Mandarin in Latin letters as Chinese; single syllables only if the whole text is such."""
    latin = _LATIN.findall(text)
    if not latin:
        return text
    pattern = _PINYIN_RUN if is_pinyin(latin) else _PINYIN
    return _HAN_GAP.sub("", pattern.sub(lambda match: _READ_PINYIN[match[0].replace(" ", "")], text))


def _without_politeness(text: str) -> str:
    bare = _POLITE_END.sub("", _POLITE_START.sub("", text)).strip()
    return bare if len(bare) >= _MIN_LEFT else text
