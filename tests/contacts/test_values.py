"""What is kept of a cell gives the cell back; ages, languages, zones and names are read as people write them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contacts import age, asking, preferences
from gateway.contacts.asking import Held
from gateway.contacts.naming import name_columns
from gateway.contacts.values import cell_of, value_of
from gateway.contacts.where import parse
from gateway.merge.cells import Cell, Flaw, folded
from gateway.merge.formats import plain
from gateway.merge.template import Column

CELLS = (
    st.text(min_size=1, max_size=40)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1))
    | st.dates(min_value=date(1900, 1, 1))
    | st.times()
    | st.timedeltas(min_value=timedelta(), max_value=timedelta(days=9))
)


@given(CELLS)
def test_a_template_gets_back_what_stood_in_the_cell(cell: Cell) -> None:
    value = value_of(cell, "Поле", "RU")
    assert value is not None
    again = cell_of(value.text, value.kind)
    assert (type(again), again) == (type(cell), cell)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["Карта", "Время"]))
def test_a_number_is_searched_as_people_write_it_and_compared_as_it_is(number: float, heading: str) -> None:
    value = value_of(number, heading, "RU")
    assert value is not None
    assert (value.words, value.measure, value.sort) == (folded(plain(number)), "number", number)


@pytest.mark.parametrize("cell", [None, Flaw.CELL_ERROR, Flaw.FORMULA_WITHOUT_VALUE])
def test_of_a_cell_without_a_value_nothing_is_kept(cell: Cell) -> None:
    assert value_of(cell, "Поле", "RU") is None


def test_a_bare_number_is_a_day_only_under_a_heading_that_says_so() -> None:
    day, count = value_of(46000.0, "Дата приёма", "RU"), value_of(46000.0, "Сумма", "RU")
    assert day is not None
    assert count is not None
    assert (day.measure, day.sort) == ("day", "2025-12-09")
    assert (count.measure, count.sort) == ("number", 46000.0)


@given(st.dates(date(1900, 1, 1), date(2020, 12, 31)), st.integers(1, 100))
def test_an_age_rises_by_one_on_the_birthday_and_not_a_day_before(born: date, years: int) -> None:
    is_leap_day = (born.month, born.day) == (2, 29)
    birthday = date(born.year + years, 3, 1) if is_leap_day and (born.year + years) % 4 else None
    birthday = birthday or born.replace(year=born.year + years)
    assert age.age_on(birthday, born) == years
    assert age.age_on(birthday - timedelta(days=1), born) == years - 1


BIRTH_HEADINGS = {
    "Дата рождения": True, "дата  рожд.": True, "Д.р.": True, "ДР": True, "Birth date": True, "DOB": True,
    "出生日期": True, "Место рождения": False, "Дата приёма": False, "Адрес": False, "Birthplace": False,
}  # fmt: skip
LANGUAGES = {"русский": "ru", "Рус.": "ru", "EN": "en", "en-GB": "en", "中文": "zh", "sw": "sw", "клингонский": None}
ZONES = {
    "Asia/Omsk": "Asia/Omsk", "Омск": "Asia/Omsk", "МСК+2": "UTC+05:00", "UTC+3": "UTC+03:00", "+5": None,
    "Мордор": None,
}  # fmt: skip
NAMES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("Карта", "ФИО", "Врач"): ("ФИО",),
    ("Имя", "Отчество", "Фамилия"): ("Фамилия", "Имя", "Отчество"),
    ("ФИО врача", "Пациент"): ("Пациент",),
    ("Пациент", "Фамилия"): ("Фамилия",),
    ("First name", "Last name"): ("Last name", "First name"),
    ("姓名", "医生"): ("姓名",),
    ("Телефон", "Врач"): (),
}


@pytest.mark.parametrize(("heading", "is_birth"), BIRTH_HEADINGS.items(), ids=str)
def test_birth_dates_are_found_by_their_heading(heading: str, is_birth: bool) -> None:
    assert age.is_birth_heading(heading) is is_birth


@pytest.mark.parametrize(("written", "code"), LANGUAGES.items(), ids=str)
def test_a_language_is_known_by_its_name_or_code(written: str, code: str | None) -> None:
    assert preferences.language_code(written) == code


@pytest.mark.parametrize(("written", "zone"), ZONES.items(), ids=str)
def test_a_time_zone_is_kept_as_an_import_reads_it_again(written: str, zone: str | None) -> None:
    assert preferences.zone_name(written) == zone
    assert zone is None or preferences.zone_name(zone) == zone


@pytest.mark.parametrize(("headings", "names"), NAMES.items(), ids=str)
def test_the_name_is_in_columns_that_say_so_and_are_no_doctors(
    headings: tuple[str, ...], names: tuple[str, ...]
) -> None:
    columns = [Column(heading, index) for index, heading in enumerate(headings)]
    assert tuple(column.name for column in name_columns(columns)) == names


def test_a_birth_date_in_the_future_or_of_somebody_too_old_is_not_believed() -> None:
    today = date(2026, 11, 22)
    assert [age.is_believable(date(year, 1, 1), today) for year in (1850, 1930, 2026, 2058)] == [
        False,
        True,
        True,
        False,
    ]


def test_times_keep_what_they_are() -> None:
    value = value_of(time(9, 5), "Время", "RU")
    assert value is not None
    assert (value.measure, value.sort, value.words) == ("clock", "09:05:00", "09:05")


DOTTED = {
    "a time under its heading": ("Время", "9.05", ("clock", "09:05:00")),
    "a time in English": ("Time", "14.30", ("clock", "14:30:00")),
    "a price": ("Сумма", "9.05", ("number", 9.05)),
    "a price that could be an hour": ("Сумма", "12.50", ("number", 12.5)),
    "a time with a colon, wherever it stands": ("Приём", "9:05", ("clock", "09:05:00")),
}


@pytest.mark.parametrize(("heading", "cell", "kept"), DOTTED.values(), ids=DOTTED)
def test_with_a_dot_it_is_a_time_only_under_a_heading_of_times(
    heading: str, cell: str, kept: tuple[str, float | str]
) -> None:
    value = value_of(cell, heading, "RU")
    assert value is not None
    assert (value.measure, value.sort) == kept


@pytest.mark.parametrize(("condition", "is_fitting"), [("Время >= 9.05", True), ("Время > 9:05", False)])
def test_a_condition_on_times_may_have_a_dot_too(condition: str, is_fitting: bool) -> None:
    value = value_of("9.05", "Время", "RU")
    assert value is not None
    assert asking.test_of(parse(condition))(Held(value.words, value.measure, value.sort)) is is_fitting
