"""Workbooks with all that an administrator may have put into them, and what of one can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from tests.merge.lists import HEADINGS, person

HEADING_ROW = 3
PHONES = [f"8 900 000-00-{number:02}" for number in range(1, 7)]
STYLES = ("font", "fill", "border", "alignment", "protection", "number_format")


def rich(path: Path) -> Path:
    """A list under two title rows, with formats, a filter, merged and hidden cells, rules, notes, a chart, a plan."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Приём & «люди»"
    sheet["A1"] = "Поликлиника № 1"
    sheet.merge_cells("A1:F1")
    sheet["A1"].font = Font(name="Times New Roman", size=18, bold=True, color="FF1F4E79")
    sheet["A1"].alignment = Alignment(horizontal="center", vertical="center")
    sheet["A2"] = "Составила: Петрова"
    for column, name in enumerate(HEADINGS, start=1):
        cell = sheet.cell(HEADING_ROW, column, name)
        cell.fill = PatternFill("solid", fgColor="FFDDEBF7")
        cell.font = Font(bold=True, italic=True)
        cell.border = Border(bottom=Side("double"), left=Side("thin", color="FF00B050"))
    for row, phone in enumerate(PHONES, start=HEADING_ROW + 1):
        for column, value in enumerate(person(phone, f"Анна{row}"), start=1):
            sheet.cell(row, column, value)
        sheet.cell(row, 4).number_format = "dd.mm.yyyy"
        sheet.cell(row, 5).number_format = "[$-419]h:mm;@"
    sheet.cell(HEADING_ROW + 2, 1).font = Font(strike=True, color="FFFF0000")
    sheet.cell(HEADING_ROW + 2, 2).comment = Comment("позвонить", "Петрова")
    sheet.cell(HEADING_ROW + 3, 6).hyperlink = "https://example.org/"
    sheet.cell(HEADING_ROW + 4, 6).value = '=CONCATENATE(B7," ",A7)'
    sheet.cell(HEADING_ROW + 4, 1).protection = Protection(locked=False)
    sheet.row_dimensions[HEADING_ROW + 5].hidden = True
    sheet.row_dimensions[1].height = 33
    sheet.column_dimensions["A"].hidden = True
    sheet.column_dimensions["B"].width = 27.5
    sheet.column_dimensions.group("D", "E", outline_level=1)
    sheet.auto_filter.ref = f"A{HEADING_ROW}:F{HEADING_ROW + len(PHONES)}"
    sheet.freeze_panes = f"B{HEADING_ROW + 1}"
    sheet.conditional_formatting.add("A4:A9", CellIsRule("equal", ['"Иванова"'], fill=PatternFill("solid", "FFFFC7CE")))
    sheet.conditional_formatting.add("E4:E9", ColorScaleRule("min", None, "FFF8696B", "max", None, "FF63BE7B"))
    rule = DataValidation("list", formula1='"Белова Н. П.,Серов П. Р."', allow_blank=True)
    sheet.add_data_validation(rule)
    rule.add("F4:F9")
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    sheet.print_area = "A1:F9"
    sheet.page_setup.orientation = "landscape"
    sheet.oddFooter.center.text = "стр. &P"
    _plan(book)
    book.defined_names["врачи"] = DefinedName("врачи", attr_text="План!$A$1:$A$3")
    book.active = 1
    book.save(path)
    return path


def _plan(book: Any) -> None:
    """A sheet behind the list, with numbers and a chart of them."""
    plan = book.create_sheet("План")
    for row in (("Белова", 12), ("Серов", 7), ("Выдумкина", 9)):
        plan.append(row)
    chart = BarChart()
    chart.add_data(Reference(plan, min_col=2, min_row=1, max_row=3))
    plan.add_chart(chart, "D2")
    plan["A5"] = datetime(2026, 12, 1, 9, 30)
    plan["A6"] = date(2026, 12, 2)
    plan["A7"] = time(23, 59)


def cells_of(path: Path, columns: int = 6) -> Mapping[tuple[str, str], tuple[object, ...]]:
    """Sheet and address -> value and everything that openpyxl knows of how it looks."""
    found = {}
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows(max_col=columns):
            for cell in row:
                looks = [repr(getattr(cell, name)) for name in STYLES]
                extras = (cell.comment and cell.comment.text, cell.hyperlink and cell.hyperlink.target)
                found[sheet.title, cell.coordinate] = (cell.value, *looks, *extras)
    return found


def frame_of(sheet: Any, columns: int = 6) -> Mapping[str, object]:
    """What belongs to a sheet as a whole."""
    widths = {name: (each.width, each.hidden, each.outlineLevel) for name, each in sheet.column_dimensions.items()}
    return {
        "widths": {
            name: each for name, each in widths.items() if openpyxl.utils.column_index_from_string(name) <= columns
        },
        "rows": {number: (each.height, each.hidden) for number, each in sheet.row_dimensions.items()},
        "merged": sorted(map(str, sheet.merged_cells.ranges)),
        "filter": sheet.auto_filter.ref,
        "frozen": sheet.freeze_panes,
        "rules": [(str(area.sqref), rule.type) for area in sheet.conditional_formatting for rule in area.rules],
        "choices": [(str(each.sqref), each.formula1) for each in sheet.data_validations.dataValidation],
        "print": (sheet.print_area, sheet.print_title_rows, sheet.page_setup.orientation, sheet.oddFooter.center.text),
        "charts": len(sheet._charts),
    }


def parts_of(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The package with other parts: what `change` gives for each; None: left out."""
    parts = {name: change(name, octets) for name, octets in parts_of(path).items()}
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, octets in parts.items():
            if octets is not None:
                archive.writestr(name, octets)
    return path


def with_prefix(name: str, octets: bytes) -> bytes:
    """Every element of the workbook, its sheets and its styles with a prefix, as some programmes write them."""
    if not re.fullmatch(r"xl/(workbook|styles|sharedStrings|worksheets/[^/]*)\.xml", name):
        return octets
    octets = re.sub(rb"<(/?)([A-Za-z])", rb"<\1x:\2", octets)
    return octets.replace(
        b' xmlns="http://schemas.openxmlformats.org/spr', b' xmlns:x="http://schemas.openxmlformats.org/spr'
    )


def added(path: Path, name: str, octets: bytes) -> None:
    with ZipFile(path, "a") as archive:
        archive.writestr(name, octets)
