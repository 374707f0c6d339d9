"""Lists as clinics make them, written by an independent library, and what the merge makes of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from gateway.merge.plan import Plan
from gateway.merge.preparing import Prepared, Source, prepare

HEADINGS = ("Фамилия", "Имя", "Телефон", "Дата приёма", "Время", "Врач")
TEMPLATE = "{Имя}, ждём вас {Дата приёма:%d.%m} в {Время:%H:%M}"
GOOD = "8 900 000-00-01"
DAY, NINE = date(2026, 12, 1), time(9, 0)
FORMATS = {datetime: "dd.mm.yyyy hh:mm", date: "dd.mm.yyyy", time: "hh:mm"}

Rows = Sequence[Sequence[object]]


def person(phone: object, name: object = "Анна", day: object = DAY, at: object = NINE) -> tuple[object, ...]:
    return ("Иванова", name, phone, day, at, "Белова Н. П.")


def write_xlsx(
    path: Path,
    rows: Rows,
    *,
    sheet: str = "Лист1",
    hidden_rows: Collection[int] = (),
    hidden_columns: Collection[int] = (),
    merged: Collection[tuple[int, int, int, int]] = (),
    more: Mapping[str, Rows] | None = None,
    hidden_sheets: Collection[str] = (),
    finish: Callable[[Any, Any], None] = lambda _book, _sheet: None,
    **options: Any,
) -> Path:
    """`hidden_rows` count from 1, as people count them; `merged` are (row, column, row, column) from 0."""
    with xlsxwriter.Workbook(path, options) as book:
        formats = {kind: book.add_format({"num_format": form}) for kind, form in FORMATS.items()}
        for name, content in {sheet: rows, **(more or {})}.items():
            page = book.add_worksheet(name)
            for number, cells in enumerate(content):
                for column, value in enumerate(cells):
                    _write(page, number, column, value, formats)
            if name in hidden_sheets:
                page.hide()
            elif hidden_sheets:
                page.activate()
            if name == sheet:
                for row in hidden_rows:
                    page.set_row(row - 1, None, None, {"hidden": True})
                for column in hidden_columns:
                    page.set_column(column, column, None, None, {"hidden": True})
                for top, left, bottom, right in merged:
                    page.merge_range(top, left, bottom, right, "")
                    _write(page, top, left, rows[top][left], formats)
                finish(book, page)
    return path


def _write(page: Any, row: int, column: int, value: object, formats: Mapping[type, Any]) -> None:
    if value is None:
        return
    if type(value) in formats:
        page.write_datetime(row, column, value, formats[type(value)])
    elif isinstance(value, str) and value.startswith("="):
        page.write_formula(row, column, value, None, "")
    elif isinstance(value, str):
        page.write_string(row, column, value)
    else:
        page.write(row, column, value)


def prepared(path: Path, template: str = TEMPLATE, **source: Any) -> Prepared:
    return prepare(Source(path, **{"country": "RU", **source}), template)


def plan_of(folder: Path, rows: Rows, template: str = TEMPLATE, country: str = "RU", **options: Any) -> Plan:
    """The plan for a workbook with these rows, headings included."""
    return prepared(write_xlsx(folder / "list.xlsx", rows, **options), template, country=country).plan


def plan_of_people(folder: Path, *people: Sequence[object], **options: Any) -> Plan:
    return plan_of(folder, [HEADINGS, *people], **options)


def refused(plan: Plan) -> list[tuple[int, str | None, str]]:
    return [(problem.row, problem.column, problem.code) for problem in plan.refused]


def warned(plan: Plan) -> list[tuple[int, str | None, str]]:
    return [(problem.row, problem.column, problem.code) for problem in plan.warnings]


def sent(plan: Plan) -> list[tuple[int, str]]:
    return [(message.row, message.msisdn) for message in plan.messages]


@dataclass(frozen=True)
class Read:
    """What became of one row of a table."""

    msisdn: str | None
    body: str | None
    refused: list[tuple[str | None, str]]
    warned: list[tuple[str | None, str]]
    is_person: bool


def read_each(folder: Path, rows: Iterable[Sequence[object]]) -> list[Read]:
    """Each row's outcome, from one workbook in which good people stand between them."""
    listed: list[Sequence[object]] = [HEADINGS]
    for number, row in enumerate(rows):
        listed += [person(f"8 900 111-{number:04}", "Зоя"), person(f"8 900 112-{number:04}", "Зоя"), row]
    plan = plan_of(folder, listed)
    return [_outcome(plan, number) for number in range(4, len(listed) + 1, 3)]


def _outcome(plan: Plan, row: int) -> Read:
    message = next((each for each in plan.messages if each.row == row), None)
    return Read(
        message.msisdn if message else None,
        message.body if message else None,
        [(column, code) for number, column, code in refused(plan) if number == row],
        [(column, code) for number, column, code in warned(plan) if number == row],
        row not in dict(plan.passed_over) and bool(message or row in {number for number, *_ in refused(plan)}),
    )
