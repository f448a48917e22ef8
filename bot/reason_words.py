"""The names of the reasons as a buyer would put them: titles of buttons, and the words read back before a yes."""

from bot.words import Language, Reason

_H, _T, _E = Language.ZH_HANS, Language.ZH_HANT, Language.EN

REASON_WORDS: dict[Reason, dict[Language, str]] = {
    Reason.QUALITY_DEFECT: {_H: "质量问题", _T: "商品瑕疵", _E: "It is faulty"},
    Reason.DAMAGED_IN_TRANSIT: {_H: "运输途中损坏", _T: "運送途中損壞", _E: "Damaged in transit"},
    Reason.WRONG_ITEM: {_H: "发错货了", _T: "寄錯商品", _E: "Wrong item sent"},
    Reason.MISSING_PARTS: {_H: "少件或缺配件", _T: "缺件或少配件", _E: "Something is missing"},
    Reason.NOT_AS_DESCRIBED: {_H: "与描述不符", _T: "與描述不符", _E: "Not as described"},
    Reason.SIZE_MISMATCH: {_H: "尺码不合适", _T: "尺寸不合", _E: "Size does not fit"},
    Reason.COUNTERFEIT: {_H: "怀疑是假货", _T: "懷疑是仿冒品", _E: "I think it is fake"},
    Reason.NOT_RECEIVED: {_H: "没有收到货", _T: "沒有收到貨", _E: "It never arrived"},
    Reason.LATE_SHIPMENT: {_H: "迟迟不发货", _T: "遲遲未出貨", _E: "Shipped too late"},
    Reason.EXPIRED_OR_UNSAFE: {_H: "过期或有安全问题", _T: "過期或有安全疑慮", _E: "Expired or unsafe"},
    Reason.NO_LONGER_WANTED: {_H: "不想要了", _T: "不想要了", _E: "No longer want it"},
    Reason.ORDERED_BY_MISTAKE: {_H: "拍错了", _T: "下錯單", _E: "Ordered by mistake"},
    Reason.PRICE_CHANGED: {_H: "降价了", _T: "降價了", _E: "The price dropped"},
    Reason.DUPLICATE_CHARGE: {_H: "重复扣款", _T: "重複扣款", _E: "Charged twice"},
    Reason.SELLER_AGREED: {_H: "卖家答应退款", _T: "賣家同意退款", _E: "The seller agreed"},
    Reason.OTHER: {_H: "其他原因", _T: "其他原因", _E: "Another reason"},
}
"""Channels cut long titles: at most 10 characters of Chinese, 24 of English."""
