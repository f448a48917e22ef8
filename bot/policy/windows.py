"""Calendar arithmetic in the market's own zone.

The day a period starts from is not counted; the period ends with the last day, at 24:00 local time.
`ends_at` is that last moment: one microsecond before the next midnight, in UTC.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.policy.rules import Calendar, Window

_WEEKEND = (5, 6)


@dataclass(frozen=True)
class Period:
    """A window that has begun. `day` counts today: 1 is the day after `start`."""

    start: date
    day: int
    days: int
    last_day: date
    ends_at: datetime
    rolled_from: date | None = None
    """The last day before a day off moved it."""
    restarted: date | None = None
    """The day the buyer was told, if that came after receipt."""

    def is_open(self, now: datetime) -> bool:
        return now <= self.ends_at


def local_day(at: datetime, zone: str) -> date:
    """The calendar day of an aware time in `zone`."""
    return at.astimezone(ZoneInfo(zone)).date()


def end_of_day(day: date, zone: str) -> datetime:
    """24:00 of `day` in `zone`, as its last microsecond, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period(
    start: datetime, window: Window, *, now: datetime, zone: str, calendar: Calendar, told: date | None = None
) -> Period:
    """The period of `window` that began at `start`.

    `told`: the day the buyer was told of the right; a later day than the receipt restarts the days, up
    to the window's `uninformed_months`. None: not told, so only that outer limit counts.
    """
    first = local_day(start, zone)
    last = first + timedelta(days=window.days)
    restarted: date | None = None
    if window.uninformed_months is not None and (told is None or told > first):
        limit = add_months(first, window.uninformed_months)
        restarted = told
        last = limit if told is None else min(told + timedelta(days=window.days), limit)
    nominal = last
    if window.roll and (calendar.holiday(nominal) or nominal.weekday() in calendar.weekly_rest):
        last = _next_working_day(nominal, calendar)
    return Period(
        start=first,
        day=(local_day(now, zone) - first).days,
        days=window.days,
        last_day=last,
        ends_at=end_of_day(last, zone),
        rolled_from=nominal if last != nominal else None,
        restarted=restarted,
    )


def _next_working_day(day: date, calendar: Calendar) -> date:
    """The first day after a holiday that is neither a holiday nor at a weekend.

    A weekend day that was made a working day is skipped too: that is a day in the buyer's favour.
    """
    while calendar.holiday(day) or day.weekday() in _WEEKEND:
        day += timedelta(days=1)
    return day
