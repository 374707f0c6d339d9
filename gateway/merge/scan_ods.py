"""[pure] The marks of one sheet of an .ods file: a regular expression over content.xml.

OpenDocument 1.3 part 3: 19.749 table:visibility, 19.675/19.677 table:number-columns/rows-repeated.
"""

from __future__ import annotations

import re
from html import unescape
from zipfile import ZipFile

from gateway.merge.cells import Flaw
from gateway.merge.marks import MAX_COLUMNS, Marks

CONTENT = "content.xml"
TABLE = re.compile(r"<table:table\s([^>]*)>(.*?)</table:table>", re.DOTALL)
NAME = re.compile(r'table:name="([^"]*)"')
COLUMN = re.compile(r"<table:table-column\b([^>]*)>")
ROW = re.compile(r"<table:table-row\b([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
CELL = re.compile(r"<table:(?:covered-)?table-cell\b([^>]*?)(?:/>|>(?:.*?)</table:(?:covered-)?table-cell>)", re.DOTALL)
HIDDEN = re.compile(r'table:visibility="(?:collapse|filter)"')
REPEATED = re.compile(r'table:number-(?:rows|columns)-repeated="(\d+)"')
SPANNED = re.compile(r'table:number-(rows|columns)-spanned="(\d+)"')
NEWS = re.compile(r'value-type="error"|table:formula|-spanned')  # a row without any needs no counting of cells


def scan(archive: ZipFile, sheet: str) -> Marks:
    """Raises KeyError when the file has no content."""
    text = archive.read(CONTENT).decode("utf-8", "replace")
    marks = Marks()
    for attributes, body in TABLE.findall(text):
        name = NAME.search(attributes)
        if name and unescape(name[1]) == sheet:
            _scan_columns(body, marks)
            _scan_rows(body, marks)
            break
    return marks


def _scan_columns(body: str, marks: Marks) -> None:
    column = 0
    for attributes in COLUMN.findall(body):
        end = column + _times(attributes)
        if HIDDEN.search(attributes):
            marks.hidden_columns.update(range(column, min(end, MAX_COLUMNS)))
        column = end


def _scan_rows(body: str, marks: Marks) -> None:
    row = 1
    last = body.rfind("office:value-type")  # rows after the last value: a million of them may be "hidden"
    for match in ROW.finditer(body, 0, max(body.find("</table:table-row>", last), 0) + len("</table:table-row>")):
        end = row + _times(match[1])
        if HIDDEN.search(match[1]):
            marks.hidden_rows.update(range(row, end))
        if match[2] and NEWS.search(match[2]):
            _scan_cells(match[2], row, marks)
        row = end


def _scan_cells(cells: str, row: int, marks: Marks) -> None:
    column = 0
    for attributes in CELL.findall(cells):
        if 'calcext:value-type="error"' in attributes:
            marks.add_flaw(row, column, Flaw.CELL_ERROR)
        elif "table:formula" in attributes and "office:value-type" not in attributes:
            marks.add_flaw(row, column, Flaw.FORMULA_WITHOUT_VALUE)
        elif "-spanned" in attributes:
            span = {name: int(count) for name, count in SPANNED.findall(attributes)}
            last = (row + span.get("rows", 1) - 2, column + span.get("columns", 1) - 1)
            marks.merged.append(((row - 1, column), last))
        column += _times(attributes)


def _times(attributes: str) -> int:
    repeated = REPEATED.search(attributes)
    return int(repeated[1]) if repeated else 1
