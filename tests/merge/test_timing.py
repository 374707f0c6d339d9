"""When each row's message goes: at a time, spread, before an appointment, in the row's own zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UsageProblem
from gateway.merge.cells import Cell, Flaw
from gateway.merge.template import Column
from gateway.merge.timing import Slot, Untimely, Wishes
from gateway.merge.zones import UnknownZone, zone_of
from gateway.plan.hours import Hours

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # 12:00 in Moscow
HOURS = Hours.of(["09:00-20:00"])
COLUMNS = (Column("Приём", 0), Column("Время", 1), Column("Пояс", 2))
DAY = timedelta(days=1)


def wishes(**more: Any) -> Wishes:
    return Wishes(NOW, MOSCOW, HOURS, **more)


def reminder(lead: timedelta = DAY, **more: Any) -> Wishes:
    return wishes(before="Приём", lead=lead, **more)


def slot_of(wanted: Wishes, *cells: Cell) -> Slot:
    return wanted.bound(COLUMNS).of(cells)


def local(moment: datetime | None, zone: tzinfo = MOSCOW) -> str | None:
    return None if moment is None else moment.astimezone(zone).strftime("%d %H:%M")


BEFORE = {
    "a day before": (datetime(2026, 12, 5, 10, 30), DAY, "04 10:30"),
    "two hours before": (datetime(2026, 12, 5, 15, 0), timedelta(hours=2), "05 13:00"),
    "before the hours begin: as soon as they do": (datetime(2026, 12, 5, 8, 0), DAY, "04 09:00"),
    "too near then: the evening before": (datetime(2026, 12, 5, 9, 30), timedelta(hours=2), "04 19:00"),
    "in the night": (datetime(2026, 12, 5, 22, 0), DAY, "05 09:00"),
    "a day without a time": (date(2026, 12, 5), DAY, "04 09:00"),
    "a text that is a date": ("05.12.2026 10:30", DAY, "04 10:30"),
    "Excel's count of days": (46361.4375, DAY, "04 10:30"),
    "in the small hours": (datetime(2026, 12, 5, 3, 0), timedelta(days=3), "02 09:00"),
}


@pytest.mark.parametrize(("event", "lead", "expected"), BEFORE.values(), ids=BEFORE)
def test_a_reminder_goes_before_the_appointment_within_the_hours(event: Cell, lead: timedelta, expected: str) -> None:
    assert local(slot_of(reminder(lead), event).send_at) == expected


def test_it_never_goes_after_the_appointment() -> None:
    assert local(slot_of(reminder(), datetime(2026, 12, 5, 10, 30)).expires_at) == "05 10:30"


def test_the_time_may_stand_in_a_column_of_its_own() -> None:
    wanted = reminder(time_column="Время")
    assert local(slot_of(wanted, date(2026, 12, 5), time(10, 30)).send_at) == "04 10:30"
    assert local(slot_of(wanted, date(2026, 12, 5), "10:30").send_at) == "04 10:30"
    assert local(slot_of(wanted, datetime(2026, 12, 5), "10:30").send_at) == "04 10:30"
    assert local(slot_of(wanted, datetime(2026, 12, 5, 11, 0), "10:30").send_at) == "04 11:00"


def test_with_less_time_left_it_goes_at_once_and_that_is_said() -> None:
    slot = slot_of(reminder(), datetime(2026, 12, 1, 19, 0))
    assert (slot.send_at, slot.is_short_notice) == (None, True)


def test_in_the_evening_a_late_one_waits_for_the_morning() -> None:
    evening = replace(reminder(), now=datetime(2026, 12, 1, 19, 0, tzinfo=UTC))  # 22:00
    assert local(slot_of(evening, datetime(2026, 12, 2, 12, 0)).send_at) == "02 09:00"


UNTIMELY = {
    "over": ((datetime(2026, 12, 1, 11, 0),), "too_late", "Приём"),
    "what programmes write for always": ((datetime(1, 1, 1, 0, 10),), "too_late", "Приём"),
    "what programmes write for never": ((datetime(9999, 12, 31, 23, 59, 59),), "no_date", "Приём"),
    "empty": ((None,), "empty_value", "Приём"),
    "no date": (("скоро",), "no_date", "Приём"),
    "reads two ways": (("01/12/2026",), "no_date", "Приём"),
    "a time alone": ((time(10, 0),), "no_date", "Приём"),
    "an error": ((Flaw.CELL_ERROR,), "cell_error", "Приём"),
    "no time of day": ((date(2026, 12, 5), "утром"), "no_time", "Время"),
    "an empty time": ((date(2026, 12, 5), None), "empty_value", "Время"),
    "an unknown zone": ((datetime(2026, 12, 5, 10, 0), None, "Луна"), "unknown_zone", "Пояс"),
}


@pytest.mark.parametrize(("cells", "code", "column"), UNTIMELY.values(), ids=UNTIMELY)
def test_a_row_without_a_time_is_refused_with_its_column(cells: tuple[Cell, ...], code: str, column: str) -> None:
    with pytest.raises(Untimely) as caught:
        slot_of(reminder(time_column="Время", zone_column="Пояс"), *cells)
    assert (caught.value.code, caught.value.column) == (code, column)


def test_before_the_hours_begin_again_it_is_over() -> None:
    late = replace(reminder(), now=datetime(2026, 12, 1, 19, 0, tzinfo=UTC))
    with pytest.raises(Untimely, match="over"):
        slot_of(late, datetime(2026, 12, 2, 8, 30))


def test_a_day_before_is_the_same_time_over_a_clock_change() -> None:
    berlin = Wishes(NOW, BERLIN, before="Приём", lead=DAY)
    assert local(slot_of(berlin, datetime(2027, 3, 28, 10, 0)).send_at, BERLIN) == "27 10:00"
    hours = replace(berlin, lead=timedelta(hours=9))
    assert local(slot_of(hours, datetime(2027, 3, 28, 10, 0)).send_at, BERLIN) == "28 00:00"


def test_a_named_time_is_on_the_clock_of_the_row() -> None:
    wanted = wishes(send_at=datetime(2026, 12, 5, 10, 0), zone_column="Пояс")
    here, there = (slot_of(wanted, None, None, zone).send_at for zone in (None, "Екатеринбург"))
    assert (local(here), local(there)) == ("05 10:00", "05 08:00")


def test_a_named_time_is_kept_even_at_night() -> None:
    assert local(slot_of(wishes(send_at=datetime(2026, 12, 5, 23, 0))).send_at) == "05 23:00"


def test_nothing_goes_after_the_last_time() -> None:
    bound = wishes(send_at=datetime(2026, 12, 5, 10, 0), not_after=datetime(2026, 12, 5, 9, 0)).bound(COLUMNS)
    with pytest.raises(Untimely, match="not-after"):
        bound.refuse_late(bound.of(()))


def test_messages_are_spread_evenly_over_the_hours() -> None:
    bound = wishes(send_at=datetime(2026, 12, 5, 19, 0), spread=timedelta(hours=2)).bound(COLUMNS)
    slots = bound.spread([bound.of(())] * 4)
    assert [local(slot.send_at) for slot in slots] == ["05 19:00", "05 19:30", "06 09:00", "06 09:30"]


def test_without_a_beginning_they_are_spread_from_now_on() -> None:
    bound = wishes(spread=timedelta(hours=1)).bound(COLUMNS)
    assert [local(slot.send_at) for slot in bound.spread([bound.of(())] * 2)] == ["01 12:00", "01 12:30"]


def test_an_unknown_column_is_wrong_usage() -> None:
    with pytest.raises(UsageProblem, match="nearest: “Приём”"):
        reminder().__class__(NOW, MOSCOW, before="Прием дата").bound(COLUMNS)


@given(
    st.datetimes(datetime(2026, 12, 1, 13), datetime(2027, 12, 1)),
    st.timedeltas(timedelta(minutes=1), timedelta(days=10)),
)
def test_whatever_the_appointment_it_goes_before_it_and_within_the_hours(event: datetime, lead: timedelta) -> None:
    try:
        slot = slot_of(reminder(lead), event)
    except Untimely:
        assert event < datetime(2026, 12, 2, 9)
        return
    at = slot.send_at or NOW
    assert NOW <= at < event.replace(tzinfo=MOSCOW)
    assert time(9) <= at.astimezone(MOSCOW).time() < time(20)
    assert slot == slot_of(reminder(lead), event)


ZONES = {
    "Europe/Moscow": 3,
    "asia/yekaterinburg": 5,
    "Yekaterinburg": 5,
    "Екатеринбург": 5,
    "МСК+2": 5,
    "msk": 3,
    "UTC+5": 5,
    "GMT -3": -3,
    "+05:00": 5,
    "utc": 0,
    "北京": 8,
    "Hong Kong": 8,
    " Europe/Moscow ": 3,
}


@pytest.mark.parametrize(("cell", "hours"), ZONES.items(), ids=ZONES)
def test_a_zone_is_known_by_its_name_its_city_or_its_hours(cell: str, hours: int) -> None:
    assert NOW.astimezone(zone_of(cell, BERLIN)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("cell", ["Луна", "+5", "5", 5.0, "../etc/passwd", "UTC+25", "МСК+2+1", "/", True])
def test_what_names_no_zone_or_reads_two_ways_is_refused(cell: Cell) -> None:
    with pytest.raises(UnknownZone):
        zone_of(cell, BERLIN)


def test_an_empty_cell_is_the_clinic_s_zone() -> None:
    assert zone_of(None, BERLIN) is BERLIN
