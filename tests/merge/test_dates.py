"""What a text says of a day or an hour, as people of three languages write them; two readings are none."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from gateway.merge.dates import Moment, moment_of, text_moment

READ: dict[str, Moment | None] = {
    "9:30": time(9, 30),
    "10:30:00.5": time(10, 30),
    "2:30 PM": time(14, 30),
    "2:30pm": time(14, 30),
    "9am": time(9),
    "9 a.m.": time(9),
    "12:15 AM": time(0, 15),
    "12:15 PM": time(12, 15),
    "14:30 PM": time(14, 30),
    "上午9点": time(9),
    "下午2:30": time(14, 30),
    "下午2点30分": time(14, 30),
    "14时05分": time(14, 5),
    "12/25/2026 9:30 AM": datetime(2026, 12, 25, 9, 30),
    "2026/12/5 下午2:30": datetime(2026, 12, 5, 14, 30),
    "2026年12月5日上午9:30": datetime(2026, 12, 5, 9, 30),
    "01.12.2026 в 9:30": datetime(2026, 12, 1, 9, 30),
    "2026-12-01": date(2026, 12, 1),
    "2026.12.07": date(2026, 12, 7),
    "2026.12-07": None,
    "14:30 AM": None,
    "0:30 PM": None,
    "上午12:00": None,  # noon or midnight
    "25:00": None,
    "12/05/2026 9am": None,  # May or December
    "上": None,
    "10": None,
}

BY_HAND = {
    "9.30": time(9, 30),
    "14.00": time(14),
    "9-45": time(9, 45),
    "9.05": time(9, 5),
    "10.10": time(10, 10),
    "9-05": None,  # from nine to five as well
    "10-14": None,  # from ten to two as well
    "24.30": None,
    "9.3": None,
    "9.60": None,
    "9ч30м": time(9, 30),
    "9 ч. 30 мин.": time(9, 30),
    "14 часов 5 минут": time(14, 5),
    "2 ч": None,  # how long it lasts as well
    "25ч10м": None,
    "9ч75м": None,
    "noon": time(12),
    "12 noon": time(12),
    "Полдень": time(12),
    "正午": time(12),
    "中午": None,  # from eleven to one
    "midnight": None,  # of which day
}

WITHOUT_DIVIDERS: dict[str, Moment | None] = {
    "20261205": date(2026, 12, 5),
    "19800229": date(1980, 2, 29),
    "20260229": None,  # there is no such day
    "05122026": None,
    "20122026": None,
    "202612": None,
    "89000000": None,
    "2026120510": None,
}


WORDED = {
    "5 декабря 2026": date(2026, 12, 5),
    "5 декабря 2026 г. в 9:30": datetime(2026, 12, 5, 9, 30),
    "5 Декабря 2026 г.": date(2026, 12, 5),
    "1 мая 2026 года": date(2026, 5, 1),
    "1 дек. 2026, 10:00": datetime(2026, 12, 1, 10),
    "5 December 2026": date(2026, 12, 5),
    "5-Dec-2026": date(2026, 12, 5),
    "Dec 5, 2026 at 9:30 AM": datetime(2026, 12, 5, 9, 30),
    "December 5th, 2026": date(2026, 12, 5),
    "31 июня 2026": None,
    "5 декабря": None,  # of which year
    "5 раза 2026": None,
}


WITH_WEEKDAY = {
    "05.12.2026 (сб)": date(2026, 12, 5),
    "сб, 05.12.2026": date(2026, 12, 5),
    "Сб. 05.12.26": date(2026, 12, 5),
    "суббота 5 декабря 2026 г.": date(2026, 12, 5),
    "05.12.2026 (сб) 14:30": datetime(2026, 12, 5, 14, 30),
    "Saturday, December 5, 2026": date(2026, 12, 5),
    "Sat 12/25/2026": None,  # a Friday
    "Fri 12/25/2026 9:30 AM": datetime(2026, 12, 25, 9, 30),
    "2026年12月5日星期六": date(2026, 12, 5),
    "2026年12月6日（星期天）下午2:30": datetime(2026, 12, 6, 14, 30),
    "2026-12-05 周六 14:30": datetime(2026, 12, 5, 14, 30),
    "05.12.2026 (вс)": None,
    "Sat 12/05/2026": None,  # which fits December alone, and yet it is a guess
    "суббота": None,
    "Sat 9:30": None,
    "05.12.2026 сбор": None,
}


@pytest.mark.parametrize("text", WITH_WEEKDAY)
def test_a_weekday_beside_a_date_may_stand_there_where_it_is_that_date_s(text: str) -> None:
    assert (moment_of(text, wants_day=True), text_moment(text)) == (WITH_WEEKDAY[text], None)


def test_a_weekday_is_not_looked_for_in_a_cell_as_long_as_excel_lets_it_be() -> None:
    assert moment_of("05.12.2026 (сб) " + "сб " * 10_000, wants_day=True) is None


@pytest.mark.parametrize("text", WORDED)
def test_a_month_in_words_makes_a_date_where_one_is_asked_for(text: str) -> None:
    assert (moment_of(text, wants_day=True), text_moment(text)) == (WORDED[text], None)


@pytest.mark.parametrize("text", READ)
def test_a_text_is_the_moment_that_it_reads_as_in_one_way_only(text: str) -> None:
    assert text_moment(text) == READ[text]


@pytest.mark.parametrize("text", BY_HAND)
def test_a_dot_or_dash_makes_a_time_only_where_one_is_asked_for(text: str) -> None:
    assert (moment_of(text, wants_day=False), moment_of(text, wants_day=True)) == (BY_HAND[text], None)


@pytest.mark.parametrize("text", WITHOUT_DIVIDERS)
def test_eight_digits_make_a_date_only_where_one_is_asked_for(text: str) -> None:
    assert moment_of(text, wants_day=True) == WITHOUT_DIVIDERS[text]
    assert moment_of(float(text), wants_day=True) == WITHOUT_DIVIDERS[text]
    assert (moment_of(text, wants_day=False), text_moment(text)) == (None, None)


@pytest.mark.parametrize("written", ["01.12.2026 0:00:00", "2026-12-01 00:00", "2026-12-01T00:00:00"])
@pytest.mark.parametrize("wants_day", [True, False])
def test_a_day_with_a_time_of_nought_as_programs_export_it_has_no_time(written: str, wants_day: bool) -> None:
    moment = moment_of(written, wants_day)
    assert (moment, type(moment)) == (date(2026, 12, 1), date)


def test_midnight_on_a_clock_of_its_own_is_a_time() -> None:
    assert moment_of("0:00", wants_day=False) == time(0)
