"""The clock: day 1 is the day after receipt, the last day ends at 24:00 in the market's zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.packs import load_packs
from bot.policy.rules import Calendar, Holiday, Stage, Window
from bot.policy.windows import add_months, end_of_day, period
from bot.words import Market, Reason, Verdict
from tests.policy.build import PACKS, POLICIES, ask, claim, order

SHANGHAI = ZoneInfo("Asia/Shanghai")
TAIPEI = ZoneInfo("Asia/Taipei")


def last_moment(year: int, month: int, day: int, zone: ZoneInfo) -> datetime:
    return datetime(year, month, day, tzinfo=zone).astimezone(UTC) + timedelta(days=1, microseconds=-1)


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_signed_on_4_september_the_notice_counts_until_11_september_24_00(hour: int) -> None:
    received = datetime(2026, 9, 4, hour, 30, tzinfo=SHANGHAI)
    end = last_moment(2026, 9, 11, SHANGHAI)
    shirt = order(received=received)

    allowed = ask(shirt, claim(intact=True), now=end)
    refused = ask(shirt, claim(intact=True), now=end + timedelta(microseconds=1))

    assert allowed.verdict is Verdict.ALLOW
    assert [d.at for d in allowed.deadlines if d.kind == "return_window_ends"] == [end]
    assert refused.verdict is Verdict.DENY
    # 168 hours from 00:00 of the day after signing is the same moment.
    assert end + timedelta(microseconds=1) == datetime(2026, 9, 5, tzinfo=SHANGHAI) + timedelta(hours=168)


def test_a_last_day_on_national_day_moves_to_the_first_working_day_and_says_so() -> None:
    received = datetime(2026, 9, 24, 15, tzinfo=SHANGHAI)
    shirt = order(received=received)
    end = last_moment(2026, 10, 8, SHANGHAI)

    allowed = ask(shirt, claim(intact=True), now=end)

    assert allowed.verdict is Verdict.ALLOW
    assert [d.at for d in allowed.deadlines if d.kind == "return_window_ends"] == [end]
    rolled = next(line for line in allowed.trace if line.rule_id == "CN.CC203")
    assert rolled.met
    assert rolled.verified
    assert rolled.fact == "2026-10-01 is a day off: last day 2026-10-08, the more favourable end"
    assert ask(shirt, claim(intact=True), now=end + timedelta(seconds=1)).verdict is Verdict.DENY


def test_an_expected_holiday_lengthens_a_window_and_is_marked_unverified() -> None:
    shirt = order(received=datetime(2027, 9, 24, 15, tzinfo=SHANGHAI))

    decision = ask(shirt, claim(intact=True), now=datetime(2027, 10, 8, 12, tzinfo=SHANGHAI))

    assert decision.verdict is Verdict.ALLOW
    assert [line.verified for line in decision.trace if line.rule_id == "CN.CC203"] == [False]


def test_an_ordinary_weekend_does_not_move_the_end_in_cn() -> None:
    shirt = order(received=datetime(2026, 9, 5, 12, tzinfo=SHANGHAI))

    assert ask(shirt, claim(intact=True), now=datetime(2026, 9, 12, 23, 59, tzinfo=SHANGHAI)).verdict is Verdict.ALLOW
    assert ask(shirt, claim(intact=True), now=datetime(2026, 9, 13, 0, 0, tzinfo=SHANGHAI)).verdict is Verdict.DENY


def test_taiwan_informed_ends_on_day_seven() -> None:
    box = order(Market.TW, received=datetime(2026, 9, 4, 20, tzinfo=TAIPEI))
    end = last_moment(2026, 9, 11, TAIPEI)

    assert ask(box, claim(intact=True), now=end).verdict is Verdict.ALLOW
    assert ask(box, claim(intact=True), now=end + timedelta(seconds=1)).verdict is Verdict.DENY


def test_taiwan_last_day_on_a_rest_day_moves_to_the_next_working_day() -> None:
    """Received on Saturday 5 September: day seven is a Saturday, so Monday counts (Civil Code art. 122)."""
    box = order(Market.TW, received=datetime(2026, 9, 5, 12, tzinfo=TAIPEI))
    end = last_moment(2026, 9, 14, TAIPEI)

    allowed = ask(box, claim(intact=True), now=end)

    assert allowed.verdict is Verdict.ALLOW
    assert "TW.CC122" in allowed.rule_ids
    assert [d.at for d in allowed.deadlines if d.kind == "return_window_ends"] == [end]
    assert ask(box, claim(intact=True), now=end + timedelta(seconds=1)).verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("told", "last_day"),
    [
        (date(2026, 9, 4), date(2026, 9, 11)),
        (date(2026, 10, 1), date(2026, 10, 8)),
        (date(2027, 1, 2), date(2027, 1, 4)),
        (None, date(2027, 1, 4)),
    ],
    ids=["told with the goods", "told later", "told near the hard stop", "never told"],
)
def test_taiwan_uninformed_runs_from_the_day_told_up_to_four_months(told: date | None, last_day: date) -> None:
    window = Window(days=7, uninformed_months=4, uninformed_rule="TW.19.3")
    received = datetime(2026, 9, 4, 12, tzinfo=TAIPEI)

    run = period(received, window, now=received, zone="Asia/Taipei", calendar=Calendar(), told=told)

    assert run.last_day == last_day


def test_taiwan_shop_that_began_to_tell_later_names_the_rule() -> None:
    shop = PACKS.shop.model_copy(update={"notice_since": {Market.TW: date(2026, 10, 1)}})
    packs = PACKS.model_copy(update={"shop": shop})
    box = order(Market.TW, received=datetime(2026, 9, 4, 12, tzinfo=TAIPEI))

    decision = ask(box, claim(intact=True), now=datetime(2026, 10, 8, 23, 59, tzinfo=TAIPEI), packs=packs)

    assert decision.verdict is Verdict.ALLOW
    told = next(line for line in decision.trace if line.rule_id == "TW.19.3")
    assert told.fact == "told on 2026-10-01, after receipt on 2026-09-04: last day 2026-10-08"


def test_a_shop_that_never_tells_eu_buyers_cannot_refuse_after_fourteen_days() -> None:
    packs = PACKS.model_copy(update={"shop": PACKS.shop.model_copy(update={"notice_since": {}})})

    decision = ask(order("eu", days=40), claim(intact=True), packs=packs)

    assert decision.verdict is Verdict.ALLOW


def test_eu_last_parcel_on_4_september_ends_on_18_september() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    box = order("eu", received=datetime(2026, 9, 4, 10, tzinfo=berlin))
    end = last_moment(2026, 9, 18, berlin)

    assert ask(box, claim(intact=True), now=end).verdict is Verdict.ALLOW
    assert ask(box, claim(intact=True), now=end + timedelta(seconds=1)).verdict is Verdict.DENY


def test_goods_not_signed_for_have_no_window_and_never_zero_days_left() -> None:
    decision = ask(order(shipped=True), claim())

    assert decision.verdict is Verdict.ALLOW
    assert "return_window_ends" not in {deadline.kind for deadline in decision.deadlines}
    assert any("window has not started" in line.fact or "goods shipped" in line.fact for line in decision.trace)


def test_delivered_without_a_recorded_time_cannot_be_too_late_and_is_not_automatic() -> None:
    shirt = order(days=3).model_copy(update={"delivered_at": None})

    decision = ask(shirt, claim(intact=True))

    assert decision.verdict is Verdict.ALLOW
    assert not decision.automatic
    assert "return_window_ends" not in {deadline.kind for deadline in decision.deadlines}


def test_quality_on_day_five_and_day_twenty() -> None:
    day_five = ask(order(days=5), claim(Reason.QUALITY_DEFECT))
    day_twenty = ask(order(days=20), claim(Reason.QUALITY_DEFECT))

    assert [option.resolution.value for option in day_five.options] == ["return_and_refund", "exchange", "repair"]
    assert [option.resolution.value for option in day_twenty.options] == ["exchange", "repair"]
    assert {option.freight_payer.value for option in (*day_five.options, *day_twenty.options)} == {"seller"}


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 9, 4), 4, date(2027, 1, 4)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_a_window_from_dispatch_waits_for_the_dispatch() -> None:
    packs = load_packs(POLICIES)
    rule = next(rule for rule in packs.for_market(Market.CN).promises if rule.id == "SHOP.undelivered")

    assert rule.window is not None
    assert rule.window.start is Stage.SHIPPED


MOMENTS = st.timedeltas(timedelta(0), timedelta(days=365 * 5)).map(
    lambda later: datetime(2024, 1, 1, tzinfo=UTC) + later
)
ZONES = st.sampled_from(["America/New_York", "Europe/Berlin", "Europe/London", "Asia/Shanghai", "Asia/Taipei"])


@given(start=MOMENTS, zone=ZONES, days=st.integers(1, 60), later=st.timedeltas(timedelta(0), timedelta(days=90)))
def test_a_window_ends_at_local_midnight_after_exactly_its_days(
    start: datetime, zone: str, days: int, later: timedelta
) -> None:
    """Also across the nights in which a clock is changed."""
    run = period(start, Window(days=days), now=start + later, zone=zone, calendar=Calendar())
    local_end = (run.ends_at + timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
    local_start = start.astimezone(ZoneInfo(zone)).date()

    assert (local_end.hour, local_end.minute, local_end.second, local_end.microsecond) == (0, 0, 0, 0)
    assert local_end.date() == local_start + timedelta(days=days + 1)
    assert run.is_open(start)
    assert run.is_open(start + later) is (run.day <= days)


@given(start=MOMENTS, off=st.sets(st.dates(date(2024, 1, 1), date(2029, 12, 31)), max_size=40))
def test_holidays_never_shorten_a_window_and_never_end_it_on_one(start: datetime, off: set[date]) -> None:
    calendar = Calendar(
        rule="X.1",
        citation={"zh-Hans": "甲", "zh-Hant": "甲", "en": "a"},
        holidays=tuple(Holiday(first=day, last=day) for day in off),
    )
    plain = period(start, Window(days=7), now=start, zone="Asia/Shanghai", calendar=Calendar())
    rolled = period(start, Window(days=7, roll=True), now=start, zone="Asia/Shanghai", calendar=calendar)

    assert rolled.ends_at >= plain.ends_at
    assert rolled.last_day not in off


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("America/New_York", date(2026, 11, 1), datetime(2026, 11, 2, 4, 59, 59, 999999, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 8), datetime(2026, 3, 9, 3, 59, 59, 999999, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 25), datetime(2026, 10, 25, 22, 59, 59, 999999, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 29, 21, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_the_day_on_which_the_clock_changes_ends_at_its_own_midnight(zone: str, day: date, end: datetime) -> None:
    assert end_of_day(day, zone) == end
