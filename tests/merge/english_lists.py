"""Lists of English-speaking administrators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlwt

from tests.merge.clinic_lists import BLANK, ClinicList
from tests.merge.lists import write_xlsx
from tests.merge.test_formats_of_files import write_csv

Rows = Sequence[Sequence[object]]
DAY = date(2026, 12, 1)


def _rota(path: Path, rows: Rows) -> Path:
    def finish(book: Any, page: Any) -> None:
        page.set_column(5, 5, None, None, {"hidden": True})  # the staff's own phones
        page.write_comment(4, 1, "moved from Monday")
        page.conditional_format(3, 0, 12, 5, {"type": "no_blanks", "format": book.add_format({"bold": True})})

    return write_xlsx(path, rows, sheet="Week 49", merged=[(0, 0, 0, 5)], finish=finish)


ROTA = ClinicList(
    "Week 49.xlsx",
    "the front desk: a title, a hidden column with the staff's phones, notes in cells",
    "Dear {First name}, see you on {Date:%A, %d %B} at {Time:%H:%M}{?Room:, room {Room}}.",
    [
        ("title", "Appointments, week 49"),
        (BLANK,),
        ("heading", "First name", "Mobile", "Date", "Time", "Room", "Doctor's phone"),
        ("+79000000101", "Anna", "+7 900 000-01-01", DAY, time(9, 0), 3, "+7 900 000-09-99"),
        ("+79000000102", "Ben", 79000000102, DAY, time(9, 30), None, "+7 900 000-09-99"),
        ("!no_phone", "Clara", "n/a", DAY, time(10, 0), 3, "+7 900 000-09-99"),
        ("!no_phone", "Dora", "+7 900 000-01-04 do not text", DAY, time(10, 30), 3, "+7 900 000-09-99"),
        ("+79000000105 ?several_numbers", "Emil", "+7 900 000-01-05 or +7 900 000-01-06", DAY, time(11, 0), 3, None),
        ("!empty_value", None, "+7 900 000-01-07", DAY, time(11, 30), 3, None),
        ("!invalid_recipient", "Fay", "fay@example.org", DAY, time(12, 0), 3, None),
        ("total", "Total", 7, None, None, None, None),
        ("signature", "Prepared by: G. Invented", None, None, None, None, None),
    ],
    _rota,
    {
        4: "Dear Anna, see you on Tuesday, 1 December at 09:00, room 3.",
        5: "Dear Ben, see you on Tuesday, 1 December at 09:30.",
    },
)

EXPORTED = ClinicList(
    "recalls.csv",
    "a practice system: commas, a mark at its beginning, days in the American and in the international way",
    "{Name}, your check-up is due on {Due:%d.%m.%Y}. Balance: {Balance:.2f}",
    [
        ("heading", "Name", "Phone", "Due", "Balance"),
        ("+79000000111", "Anna Invented", "+79000000111", "2026-12-05", "0"),
        ("!not_a_date", "Ben Madeup", "+79000000112", "12/05/2026", "15.5"),
        ("+79000000113", "Clara, jr.", "+7 (900) 000-01-13", "12/25/2026", "15.5"),
        ("!too_long", "Dora Fiction", "+790000001145", "2026-12-05", "15.5"),
        ("!not_a_number", "Emil Fabel", "+79000000115", "2026-12-05", "see file"),
        ("!duplicate", "Anna Invented", "79000000111", "2026-12-05", "0"),
        ("+79000000111", "Anna Invented", "79000000111", "2026-12-05", "5"),
    ],
    lambda path, rows: write_csv(path, rows, "utf-8-sig", ","),
    {
        2: "Anna Invented, your check-up is due on 05.12.2026. Balance: 0.00",
        4: "Clara, jr., your check-up is due on 25.12.2026. Balance: 15.50",
    },
)


def _of_1904(path: Path, rows: Rows) -> Path:
    """As Excel for the Macintosh counted days."""
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = True
    sheet = book.add_sheet("Recalls")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM")
    for number, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if value is not None:
                sheet.write(number, column, value, day if isinstance(value, date) else xlwt.Style.default_style)
    book.save(str(path))
    return path


OF_1904 = ClinicList(
    "old mac.xls",
    "a Macintosh of long ago, without a heading for the notes",
    "{Patient}: {When:%d %B, %H:%M}",
    [
        ("heading", "Patient", "When", "Tel", None),
        ("+79000000121", "Anna", datetime(2026, 12, 1, 9, 0), "8 900 000-01-21", None),
        ("+79000000122", "Ben", datetime(2026, 12, 1, 9, 30), 89000000122, "wants a late one"),
        ("!landline", "Clara", datetime(2026, 12, 1, 10, 0), "495 123 45 67", None),
        ("!too_short", "Dora", datetime(2026, 12, 1, 10, 30), "000-01-24", None),
    ],
    _of_1904,
    {2: "Anna: 1 December, 09:00", 3: "Ben: 1 December, 09:30"},
)

LISTS = (ROTA, EXPORTED, OF_1904)
