"""Money and moments as a buyer reads them."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.words import Language

_SYMBOLS = {
    "CNY": "¥",
    "TWD": "NT$",
    "HKD": "HK$",
    "USD": "US$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "JP¥",
    "KRW": "₩",
}
_NO_MINOR_UNITS = frozenset({"JPY", "KRW"})
"""ISO 4217: these have no minor unit; every other currency we take has two digits."""
_SHORT_WHEN_ROUND = frozenset({"TWD"})
"""Two digits in ISO 4217, but nobody in Taiwan writes them."""

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

ZONE_NAMES: dict[str, dict[Language, str]] = {
    zone: {Language.ZH_HANS: hans, Language.ZH_HANT: hant, Language.EN: english}
    for zone, hans, hant, english in (
        ("Asia/Shanghai", "北京时间", "北京時間", "Beijing time"),
        ("Asia/Taipei", "台湾时间", "台灣時間", "Taiwan time"),
        ("Asia/Hong_Kong", "香港时间", "香港時間", "Hong Kong time"),
        ("Europe/Berlin", "中欧时间", "中歐時間", "Central European time"),
        ("Europe/London", "英国时间", "英國時間", "UK time"),
        ("America/New_York", "美国东部时间", "美國東部時間", "US Eastern time"),
    )
}


def money_text(minor: int, currency: str, language: Language) -> str:
    """`minor` units with the currency's sign: ¥299.00, NT$1,280, US$45.00; a minus goes first.

    A currency without a sign of its own is written by its code. The language changes nothing today:
    all three write the sign first and group by thousands.
    """
    sign = "-" if minor < 0 else ""
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    size = abs(minor)
    if currency in _NO_MINOR_UNITS:
        return f"{sign}{symbol}{size:,}"
    whole, rest = divmod(size, 100)
    if rest == 0 and currency in _SHORT_WHEN_ROUND:
        return f"{sign}{symbol}{whole:,}"
    return f"{sign}{symbol}{whole:,}.{rest:02d}"


def day_text(day: date, language: Language) -> str:
    """A calendar day: 2026年9月11日, 11 September 2026."""
    if language is Language.EN:
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def time_text(at: datetime, zone: str, language: Language) -> str:
    """A moment in `zone` with the zone's name; the last moment of a day is 24:00 of that day."""
    local = at.astimezone(ZoneInfo(zone))
    clock = "24:00" if local.time() >= time(23, 59, 59) else f"{local:%H:%M}"
    name = ZONE_NAMES[zone][language] if zone in ZONE_NAMES else zone
    if language is Language.EN:
        return f"{day_text(local.date(), language)}, {clock} ({name})"
    return f"{day_text(local.date(), language)} {clock}（{name}）"
