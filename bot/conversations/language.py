"""A cheap guess of the script, for the desk's own few lines. The understanding itself is Rasa's."""

import re

from bot.words import Language

_PAIRS = (
    "货貨订訂单單还還钱錢吗嗎买買卖賣这這没沒么麼说說话話请請问問谢謝给給错錯损損颜顏质質码碼号號运運费費证證图圖视視频頻换換补補"
    "试試认認识識东東裤褲选選择擇谁誰为為从從众眾处處罚罰办辦务務员員经經历歷报報价價优優惠惠长長宽寬几幾样樣对對关關开開间間门門"
    "见見现現实實习習惯慣觉覺让讓轻輕远遠进進达達遗遺应應该該账帳户戶银銀误誤赔賠偿償续續联聯系係帮幫厂廠爱愛岁歲坏壞发發后後来來"
    "个個退退线線级級纸紙红紅绿綠时時间間过過车車马馬鱼魚鸟鳥点點热熱当當学學听聽声聲体體会會产產业業专專书書写寫电電脑腦机機气氣"
    "汤湯满滿温溫湿濕灯燈连連边邊头頭两兩张張强強总總数數据據标標签簽条條块塊决決况況净淨冻凍盘盤盖蓋种種积積称稱稳穩紧緊结結细細"
)
_SIMPLIFIED = frozenset(_PAIRS[::2]) - frozenset(_PAIRS[1::2])
# 系 and 后 are also whole characters of their own in Taiwan (系統, 皇后): they say nothing alone.
_ONLY_SIMPLIFIED = _SIMPLIFIED - frozenset("系后")
_ONLY_TRADITIONAL = frozenset(_PAIRS[1::2]) - frozenset(_PAIRS[::2])

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"(?<![\w-])[A-Za-z']{2,}(?![\w-])")
_A_WORD_ON_ITS_OWN = 4
"""Letters from which one Latin word says English: "ok" and "XL" are written by everybody."""


def guess(text: str, current: Language) -> Language:
    """The language of `text`; `current` when it shows none (a number, "ok", characters both scripts share)."""
    if _HAN.search(text):
        simplified = sum(character in _ONLY_SIMPLIFIED for character in text)
        traditional = sum(character in _ONLY_TRADITIONAL for character in text)
        if simplified != traditional:
            return Language.ZH_HANS if simplified > traditional else Language.ZH_HANT
        return Language.ZH_HANS if current is Language.EN else current
    words = _WORD.findall(text)
    if len(words) >= 2 or any(len(word) >= _A_WORD_ON_ITS_OWN and not word.isupper() for word in words):
        return Language.EN
    return current


def as_language(value: str | None, default: Language = Language.ZH_HANS) -> Language:
    """`value` as one of our languages; browsers say zh-TW, zh-HK, zh-CN, en-US."""
    tag = (value or "").strip().lower().replace("_", "-")
    if tag.startswith("zh"):
        return Language.ZH_HANT if any(part in tag for part in ("hant", "tw", "hk", "mo")) else Language.ZH_HANS
    return Language.EN if tag.startswith("en") else default
