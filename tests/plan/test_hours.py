"""The clinic's hours: when they begin, what passes within them, and clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.plan.hours import Hours

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = Hours.of(["09:00-20:00"])
PARTED = Hours.of(["14:00-18:00", "09:00-13:00"])
NIGHT = Hours.of(["22:00-02:00"])
ALWAYS = Hours.of(["00:00-00:00"])


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


OPENS = {
    "within": (DAY, "2026-12-01 10:00", "2026-12-01 10:00"),
    "before": (DAY, "2026-12-01 07:00", "2026-12-01 09:00"),
    "after": (DAY, "2026-12-01 20:00", "2026-12-02 09:00"),
    "a pause at noon": (PARTED, "2026-12-01 13:30", "2026-12-01 14:00"),
    "past midnight": (NIGHT, "2026-12-01 01:30", "2026-12-01 01:30"),
    "before the night": (NIGHT, "2026-12-01 03:00", "2026-12-01 22:00"),
    "all day": (ALWAYS, "2026-12-01 03:00", "2026-12-01 03:00"),
    "no hours": (Hours(), "2026-12-01 03:00", "2026-12-01 03:00"),
}


@pytest.mark.parametrize(("hours", "moment", "expected"), OPENS.values(), ids=OPENS)
def test_the_hours_begin_next(hours: Hours, moment: str, expected: str) -> None:
    assert hours.opens(at(moment), MOSCOW) == at(expected)


AFTER = {
    "on the same day": (DAY, "2026-12-01 10:00", 120, "2026-12-01 12:00"),
    "over the night": (DAY, "2026-12-01 19:00", 120, "2026-12-02 10:00"),
    "to the very end": (DAY, "2026-12-01 19:00", 60, "2026-12-02 09:00"),
    "several days": (DAY, "2026-12-01 09:00", 3 * 11 * 60 + 30, "2026-12-04 09:30"),
    "over a pause": (PARTED, "2026-12-01 12:00", 90, "2026-12-01 14:30"),
    "without hours": (Hours(), "2026-12-01 23:00", 120, "2026-12-02 01:00"),
}


@pytest.mark.parametrize(("hours", "moment", "minutes", "expected"), AFTER.values(), ids=AFTER)
def test_only_time_within_the_hours_passes(hours: Hours, moment: str, minutes: int, expected: str) -> None:
    assert hours.after(at(moment), timedelta(minutes=minutes), MOSCOW) == at(expected)


BEFORE = {
    "the evening before": (DAY, "2026-12-02 05:30", "2026-12-01 19:00"),
    "within": (DAY, "2026-12-01 12:00", "2026-12-01 11:00"),
    "right after the beginning": (DAY, "2026-12-01 09:30", "2026-12-01 09:00"),
    "a pause at noon": (PARTED, "2026-12-01 13:30", "2026-12-01 12:00"),
    "without hours": (Hours(), "2026-12-02 05:30", "2026-12-02 05:30"),
}


@pytest.mark.parametrize(("hours", "moment", "expected"), BEFORE.values(), ids=BEFORE)
def test_the_last_good_time_before_a_moment(hours: Hours, moment: str, expected: str) -> None:
    assert hours.before(at(moment), MOSCOW) == at(expected)


CHANGES = {
    "spring: the night is an hour shorter": ("2026-03-28 19:00", "2026-03-29 12:00", 16),
    "autumn: it is an hour longer": ("2026-10-24 19:00", "2026-10-25 12:00", 18),
}


@pytest.mark.parametrize(("moment", "noon", "hours_apart"), CHANGES.values(), ids=CHANGES)
def test_the_hours_keep_to_the_wall_clock_over_a_clock_change(moment: str, noon: str, hours_apart: int) -> None:
    found = DAY.after(at(moment, BERLIN), timedelta(hours=4), BERLIN)
    assert found == at(noon, BERLIN)
    assert (found - at(moment, BERLIN).astimezone(UTC)) == timedelta(hours=hours_apart)


def test_the_same_hours_are_another_moment_in_another_zone() -> None:
    moment = at("2026-12-01 06:00")
    assert DAY.opens(moment, ZoneInfo("Asia/Yekaterinburg")) == at("2026-12-01 07:00")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(BERLIN)),
    st.integers(0, 5_000),
    st.sampled_from([DAY, PARTED, NIGHT]),
)
def test_whatever_passes_ends_within_the_hours_and_not_before_the_moment(
    moment: datetime, minutes: int, hours: Hours
) -> None:
    found = hours.after(moment, timedelta(minutes=minutes), BERLIN)
    assert found >= moment
    assert any(window.has(found.astimezone(BERLIN).time()) for window in hours.windows)
