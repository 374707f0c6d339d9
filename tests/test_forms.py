"""Dates and numbers in the forms of each language, as tables; what is shown as a date can be typed again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import forms
from gateway.forms import NARROW, Forms, forms_of
from gateway.merge.dates import text_moment

MOSCOW = ZoneInfo("Europe/Moscow")
AT = datetime(2026, 11, 22, 11, 5, 9, tzinfo=UTC)
EN, RU, ZH = (forms_of(language) for language in ("en", "ru", "zh-Hans-CN"))
EACH = {"English": EN, "Russian": RU, "Chinese": ZH}
each_language = pytest.mark.parametrize("own", EACH.values(), ids=EACH)

# English, Russian, Chinese; `_` stands for the narrow blank
DATES = {
    "a day": (lambda own: forms.day(date(2026, 3, 4), own), "2026-03-04", "04.03.2026", "2026-03-04"),
    "a moment": (
        lambda own: forms.moment(AT, MOSCOW, forms=own),
        "2026-11-22 14:05", "22.11.2026 14:05", "2026-11-22 14:05",
    ),
    "a moment to the second": (
        lambda own: forms.moment(AT, MOSCOW, to_seconds=True, forms=own),
        "2026-11-22 14:05:09", "22.11.2026 14:05:09", "2026-11-22 14:05:09",
    ),
    "a cell with a day": (lambda own: forms.cell(date(2026, 12, 1), own), "2026-12-01", "01.12.2026", "2026-12-01"),
    "a cell with both": (
        lambda own: forms.cell(datetime(2026, 12, 1, 9, 30), own),
        "2026-12-01 09:30", "01.12.2026 09:30", "2026-12-01 09:30",
    ),
    "a cell with seconds": (
        lambda own: forms.cell(datetime(2026, 12, 1, 9, 30, 7), own),
        "2026-12-01 09:30:07", "01.12.2026 09:30:07", "2026-12-01 09:30:07",
    ),
    "a cell with a time": (lambda own: forms.cell(time(9, 30), own), "09:30", "09:30", "09:30"),
    "a cell with a number": (lambda own: forms.cell(1234567.5, own), "1234567.5", "1234567,5", "1234567.5"),
    "a cell with a card": (lambda own: forms.cell(1234567.0, own), "1234567", "1234567", "1234567"),
}  # fmt: skip
NUMBERS = {
    "nothing": (lambda own: forms.whole(0, own), "0", "0", "0"),
    "three digits": (lambda own: forms.whole(999, own), "999", "999", "999"),
    "four digits": (lambda own: forms.whole(5000, own), "5,000", "5000", "5,000"),
    "five digits": (lambda own: forms.whole(12345, own), "12,345", "12_345", "12,345"),
    "millions": (lambda own: forms.whole(1234567, own), "1,234,567", "1_234_567", "1,234,567"),
    "less than nothing": (lambda own: forms.whole(-12345, own), "-12,345", "-12_345", "-12,345"),
    "money": (lambda own: forms.money(12345.6, own), "12,345.60", "12_345,60", "12,345.60"),
    "little money": (lambda own: forms.money(0.05, own), "0.05", "0,05", "0.05"),
    "a rate": (lambda own: forms.decimal(218.14, 1, own), "218.1", "218,1", "218.1"),
    "a rate without decimals": (lambda own: forms.decimal(12000.4, 0, own), "12,000", "12_000", "12,000"),
    "less than one, and owed": (lambda own: forms.decimal(-0.5, 1, own), "-0.5", "-0,5", "-0.5"),
    "rounded up to more digits": (lambda own: forms.money(9999.996, own), "10,000.00", "10_000,00", "10,000.00"),
    "a percent": (lambda own: forms.percent(47, own), "47%", "47_%", "47%"),
    "a share": (lambda own: forms.share(6349, own), "63.49%", "63,49_%", "63.49%"),
    "a small share": (lambda own: forms.share(5, own), "0.05%", "0,05_%", "0.05%"),
    "all of it": (lambda own: forms.share(10_000, own), "100.00%", "100,00_%", "100.00%"),
}  # fmt: skip
CASES = DATES | NUMBERS


@pytest.mark.parametrize(("shown", "english", "russian", "chinese"), CASES.values(), ids=CASES)
def test_each_language_has_its_own_form(shown: object, english: str, russian: str, chinese: str) -> None:
    assert callable(shown)
    assert [shown(own).replace(NARROW, "_") for own in EACH.values()] == [english, russian, chinese]


LANGUAGES = {"en": EN, "ru": RU, "ru_RU": RU, "ru-RU": RU, "zh_Hans_CN": ZH, "zh": ZH, "fr": EN, "": EN}


@pytest.mark.parametrize(("language", "own"), LANGUAGES.items())
def test_a_language_is_known_by_its_code_and_every_other_one_has_the_english_forms(language: str, own: Forms) -> None:
    assert forms_of(language) == own


@each_language
@given(st.datetimes(datetime(1990, 1, 1), datetime(2098, 12, 31)).map(lambda at: at.replace(microsecond=0)))
def test_what_is_shown_as_a_date_can_be_typed(own: Forms, at: datetime) -> None:
    assert text_moment(forms.cell(at, own)) == at
    assert text_moment(forms.day(at.date(), own)) == at.date()


@each_language
@given(st.integers(-(10**12), 10**12))
def test_no_digit_of_a_number_is_lost(own: Forms, count: int) -> None:
    assert int(forms.whole(count, own).replace(own.between_thousands, "")) == count


ROWS = {"one": ((5,), "row 5"), "several": ((1, 2, 3, 38), "rows 1-3, 38"), "21": (range(1, 22), "rows 1-21")}


@pytest.mark.parametrize(("rows", "told"), ROWS.values(), ids=ROWS)
def test_rows_are_named_as_one_or_as_several(rows: Sequence[int], told: str) -> None:
    assert forms.named(rows) == told


def test_in_russian_21_rows_are_several_too() -> None:
    """`21 строка` has the form of one; here the count isn't said."""
    command = [sys.executable, "-c", "from gateway import forms; print(forms.named([5]), forms.named(range(1, 22)))"]
    environment = {**os.environ, "LANGUAGE": "ru", "PYTHONUTF8": "1"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout == "строка 5 строки 1-21\n"


ENDS = {
    "a heading with a dot": ("It has: Каб..", "It has: Каб."),
    "a list cut short": ("rows 1, 3, ….", "rows 1, 3, …"),
    "a plain end": ("It has: Имя.", "It has: Имя."),
    "three dots": ("Wait...", "Wait..."),
    "dots within": ("Каб.. is one", "Каб.. is one"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("sentence", "told"), ENDS.values(), ids=ENDS)
def test_a_sentence_has_one_full_stop_whatever_its_last_word_is(sentence: str, told: str) -> None:
    assert forms.ended(sentence) == told
