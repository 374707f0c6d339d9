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
TABLE = re.compile(r"<table:table\s([^>]*)>")
TABLE_END, ROW_END = "</table:table>", "</table:table-row>"
FIRST_ROW = "<table:table-row"
NAME = re.compile(r'table:name="([^"]*)"')
COLUMN = re.compile(r"<table:table-column(?=[\s/>])([^>]*)>")  # as with rows
ROW = re.compile(r"<table:table-row(?=[\s/>])([^>]*)>")  # a group of rows has another tag
CELL = re.compile(r"<table:(?:covered-)?table-cell\b([^>]*?)(?:/>|>(?:.*?)</table:(?:covered-)?table-cell>)", re.DOTALL)
HIDDEN = re.compile(r'table:visibility="(?:collapse|filter)"')
REPEATED = re.compile(r'table:number-(?:rows|columns)-repeated="(\d+)"')
SPANNED = re.compile(r'table:number-(rows|columns)-spanned="(\d+)"')
NEWS = re.compile(r'value-type="error"|table:formula|-spanned')  # a row without any needs no counting of cells


def scan(archive: ZipFile, sheet: str) -> Marks:
    """Raises KeyError when the file has no content."""
    text = archive.read(CONTENT).decode("utf-8", "replace")
    marks = Marks()
    for table in TABLE.finditer(text):
        name = NAME.search(table[1])
        if name and unescape(name[1]) == sheet:
            body = text[table.end() : text.find(TABLE_END, table.end())]
            _scan_columns(body.partition(FIRST_ROW)[0], marks)
            _scan_rows(body, marks)
            break
    return marks


def _scan_columns(head: str, marks: Marks) -> None:
    """`head`: what stands before the rows."""
    column = 0
    for attributes in COLUMN.findall(head):
        end = column + _times(attributes)
        if HIDDEN.search(attributes):
            marks.hidden_columns.update(range(column, min(end, MAX_COLUMNS)))
        column = end


def _scan_rows(body: str, marks: Marks) -> None:
    row = 1
    last = body.rfind("office:value-type")  # rows after the last value: a million of them may be "hidden"
    for match in ROW.finditer(body, 0, max(body.find(ROW_END, last), 0) + len(ROW_END)):
        end = row + _times(match[1])
        if HIDDEN.search(match[1]):
            marks.hidden_rows.update(range(row, end))
        cells = "" if match[1].endswith("/") else body[match.end() : body.find(ROW_END, match.end())]
        if NEWS.search(cells):
            _scan_cells(cells, row, marks)
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
