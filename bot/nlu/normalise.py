"""The form of a message that the classifiers see. Never for entities: offsets are those of the raw text."""

import re
import unicodedata
from typing import Final

from opencc import OpenCC

from bot.nlu.language import TO_SIMPLIFIED

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

# Words of Taiwan and Hong Kong that differ from the mainland's beyond the script.
_REGIONAL: Final = {
    "品质": "质量",
    "宅配": "快递",
    "物流士": "快递员",
    "刷退": "退款",
    "退刷": "退款",
    "讯息": "消息",
    "包裹": "快递",
    "货运": "快递",
    "店到店": "快递",
    "网路": "网络",
    "影片": "视频",
    "截图": "照片",
    "图片": "照片",
    "信箱": "邮箱",
    "发票": "发票",
    "卖场": "店铺",
    "专员": "客服",
    "真人": "人工",
}
_REGIONAL_WORD = re.compile("|".join(sorted(_REGIONAL, key=len, reverse=True)))

_LINK = re.compile(r"https?://\S+|\S+@\S+\.\S+", re.IGNORECASE)
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\ud800-\udfff\x00-\x08\x0b-\x1f\x7f]")
_CODE = re.compile(r"#?\b[a-z]{0,5}[-_]?\d(?:[\da-z]|[-/](?=\d)){4,}")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
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
    text = _REGIONAL_WORD.sub(lambda m: _REGIONAL[m[0]], text)
    text = _LINK.sub(" 链接 ", text)
    text = _CODE.sub(" 编号 ", text)
    text = _NUMBER.sub("0", text)
    text = _REPEATED.sub(r"\1\1", text)
    text = _REPEATED_MARK.sub(r"\1", text)
    text = _SPACES.sub(" ", text).strip()
    text = _without_politeness(text)
    if len(text) > FEATURE_LIMIT:
        text = text[: FEATURE_LIMIT // 2] + " " + text[-FEATURE_LIMIT // 2 :]
    return text


def _without_politeness(text: str) -> str:
    bare = _POLITE_END.sub("", _POLITE_START.sub("", text)).strip()
    return bare if len(bare) >= _MIN_LEFT else text
