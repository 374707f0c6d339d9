"""Periods, times and receipts' dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import times
from gateway.smpp.times import Zone

HOUR_S, DAY_S = 3600, 86400
MOSCOW = timezone(timedelta(hours=3))
NOW = datetime(2026, 11, 22, 7, 30, 40, tzinfo=UTC)

PERIODS = {
    "an hour": (HOUR_S, "000000010000000R"),
    "two days": (2 * DAY_S, "000002000000000R"),
    "an hour, two minutes and three seconds": (HOUR_S + 123, "000000010203000R"),
    "a month of 31 days": (31 * DAY_S, "000100000000000R"),
    "seven weeks": (49 * DAY_S, "000118000000000R"),
    "less than a minute": (5, "000000000100000R"),
    "over already": (-5, "000000000100000R"),
    "for ever": (10**12, "990000000000000R"),
}


@pytest.mark.parametrize(("seconds", "text"), PERIODS.values(), ids=PERIODS)
def test_a_period_is_written_in_sixteen_characters(seconds: int, text: str) -> None:
    assert times.relative(seconds) == text


@given(st.integers(60, 90 * 366 * DAY_S))
def test_a_period_never_ends_later_than_it_should(seconds: int) -> None:
    text = times.relative(seconds)
    years, months, days, hours, minutes, rest = (int(text[at : at + 2]) for at in range(0, 12, 2))
    assert (months < 12, days < 31, hours < 24, minutes < 60, rest < 60) == (True,) * 5
    most_s = ((years * 366 + months * 31 + days) * 24 + hours) * HOUR_S + minutes * 60 + rest
    assert most_s == seconds


ABSOLUTES = {
    "UTC": ("261122073040000+", NOW),
    "Moscow": ("261122103040012+", NOW),
    "west of Greenwich": ("261122023040020-", NOW),
    "too few characters": ("261122073040", None),
    "month 13": ("261322073040000+", None),
    "a zone that there is not": ("261122073040049+", None),
    "relative": ("000001000000000R", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("text", "at"), ABSOLUTES.values(), ids=ABSOLUTES)
def test_an_absolute_time_is_read_with_its_zone(text: str, at: datetime | None) -> None:
    assert times.read_absolute(text) == at


@given(st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(MOSCOW)))
def test_a_time_comes_back_to_the_second(at: datetime) -> None:
    text = times.absolute(at)
    assert len(text) == 16
    assert times.read_absolute(text) == at.replace(microsecond=0)


DATES = {
    "without seconds": ("2611221030", datetime(2026, 11, 22, 10, 30)),
    "with seconds": ("261122103005", datetime(2026, 11, 22, 10, 30, 5)),
    "with the century": ("202611221030", datetime(2026, 11, 22, 10, 30)),
    "with century and seconds": ("20261122103005", datetime(2026, 11, 22, 10, 30, 5)),
    "with signs between": ("2026-11-22 10:30:05", datetime(2026, 11, 22, 10, 30, 5)),
    "with fewer signs": ("26/11/22 10:30", datetime(2026, 11, 22, 10, 30)),
    "no leap year": ("2602291030", None),
    "zeros": ("0000000000", None),
    "the first year of all": ("00010101000000", None),
    "the last one": ("99991231235959", None),
    "words": ("yesterday", None),
    "other digits": ("٢٦١١٢٢١٠٣٠", None),
    "powers": ("²²²²²²²²²²", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("text", "at"), DATES.values(), ids=DATES)
def test_a_receipts_date_is_read_in_the_usual_forms(text: str, at: datetime | None) -> None:
    assert times.read_date(text) == at


ZONES = [timedelta(hours=3), timedelta(hours=-8), timedelta(hours=5, minutes=30), timedelta(), timedelta(hours=12)]


@pytest.mark.parametrize("offset", ZONES, ids=str)
def test_the_zone_of_an_smsc_is_found_out_from_prompt_receipts(offset: timedelta) -> None:
    zone, there = Zone(), timezone(offset)
    for delay_s in (7 * HOUR_S, 20 * 60, 12, 5 * HOUR_S, 3 * DAY_S):  # most phones are on, some are not
        done = (NOW - timedelta(seconds=delay_s)).astimezone(there).replace(tzinfo=None)
        zone.came(done, NOW)
    assert zone.zone.utcoffset(None) == offset
    assert zone.at(datetime(2026, 11, 22, 10, 0)) == datetime(2026, 11, 22, 10, 0, tzinfo=there)
    assert zone.at(None) is None


def test_a_receipt_that_comes_late_tells_nothing() -> None:
    zone = Zone(MOSCOW)
    zone.came(datetime(2026, 11, 22, 10, 13), NOW)  # seventeen minutes ago
    assert zone.zone == MOSCOW


def test_a_clock_that_is_years_off_is_no_zone() -> None:
    zone = Zone(MOSCOW)
    zone.came(datetime(2030, 1, 1, 7, 30), NOW)
    assert zone.zone == MOSCOW


def test_a_zone_that_changes_in_autumn_is_found_again() -> None:
    zone = Zone()
    for hours in [3] * 50 + [2] * Zone.REMEMBERED:
        zone.came(NOW.replace(tzinfo=None) + timedelta(hours=hours), NOW)
    assert zone.zone == timezone(timedelta(hours=2))
