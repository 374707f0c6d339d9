"""The administrator's own workbook with the added columns and a summary sheet: a copy of the package, part by part.

Only five parts are changed, by text put into them, and all else is as it was, whatever programme knows it: charts,
pictures, macros, pivot tables, comments, printing. The summary and every new style come from XlsxWriter. What was
changed is read once more by an XML parser before it counts; where anything is not as expected, NotKept says so, and
nothing is guessed.
"""

from __future__ import annotations

import re
import shutil
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from gateway.merge import scan_xlsx
from gateway.merge.cells import letters
from gateway.merge.reading import MAX_UNPACKED
from gateway.report import cell_xml, columns, drawings, list_sheet, looks, package, styles, summary_sheet
from gateway.report.list_sheet import CellsOf, Extent
from gateway.report.looks import Look
from gateway.report.parts import NotKept
from gateway.report.summary import Summary
from gateway.report.tables import Subject
from gateway.report.verdicts import Result

PIECE = 1 << 20  # octets of a part in one go
COMPRESSION = 4  # of 9: half as long as the usual 6, for files that are a few hundredths larger
OWN_STYLES = "xl/worksheets/sheet1.xml"  # in our own small workbook: a cell for each Look
OWN_SUMMARY = "xl/worksheets/sheet2.xml"
STYLE_OF_SAMPLE = re.compile(rb'<c r="A\d+" s="(\d+)"')
OWN_FOLDERS = ("xl/worksheets/_rels/", "xl/drawings/", "xl/charts/")
# What a damaged or odd package makes the libraries raise: LookupError for an encoding that nobody knows, StopIteration
# for a sheet that the workbook does not name.
BROKEN = (
    BadZipFile,
    zlib.error,
    struct.error,
    ElementTree.ParseError,
    expat.ExpatError,
    LookupError,
    StopIteration,
    ValueError,
    RuntimeError,
    EOFError,
)
# Octets of a part that is read as a whole, into a tree that takes some ten times as much. Styles of workbooks that were
# copied together for years have some MB.
MAX_WHOLE = 32 << 20
READ_WHOLE = frozenset({package.TYPES, package.WORKBOOK, package.RELATIONS, package.STYLES})


@dataclass(frozen=True, slots=True)
class List:
    """Where in the workbook the list is."""

    sheet: str
    heading_row: int  # 0: it has none


@dataclass(frozen=True, slots=True)
class Own:
    """What XlsxWriter made."""

    parts: Mapping[str, bytes]
    name: str  # of the summary's sheet
    styles: Mapping[Look, int]


def write(
    path: Path, original: Path, where: List, found: Mapping[int, Result], subject: Subject, summary: Summary
) -> None:
    """`found` by rows of the list. Raises NotKept for a workbook that can't be added to; OSError."""
    try:
        with ZipFile(original) as source, ZipFile(path, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as target:
            own = _own(subject, summary, _sheets(source), path.parent)
            _Graft(source, where, found, subject.zone, own).write(target)
    except BROKEN as problem:
        raise NotKept(type(problem).__name__) from problem


class _Graft:
    """One workbook on its way."""

    def __init__(self, source: ZipFile, where: List, found: Mapping[int, Result], zone: tzinfo, own: Own) -> None:
        self._source, self._where, self._found, self._zone, self._own = source, where, found, zone, own
        self._workbook = source.read(package.WORKBOOK)
        self._suffix = package.free_suffix(source.namelist())
        self._styles = styles.merged(source.read(package.STYLES), own.parts[package.STYLES])

    def write(self, target: ZipFile) -> None:
        list_part = scan_xlsx.part_of(self._source, self._where.sheet)
        changed, added = self._changed(), self._added()
        for part in self._source.infolist():
            if part.filename == list_part:
                self._write_list(target, part)
            elif part.filename in changed:
                target.writestr(_like(part), _sound(changed[part.filename]))
            else:
                _copy(self._source, target, part)
        for name, octets in added.items():
            target.writestr(name, _sound(octets))

    def _added(self) -> dict[str, bytes]:
        """Our parts under names that are free: the sheet, its drawing and charts, the relations between them."""
        own = {
            name: octets
            for name, octets in self._own.parts.items()
            if name == OWN_SUMMARY or name.startswith(OWN_FOLDERS)
        }
        own[OWN_SUMMARY] = self._styles.renumbered(own[OWN_SUMMARY])
        return {
            package.renamed(name, self._suffix): package.renamed(octets.decode(), self._suffix).encode()
            if name.endswith(".rels")
            else octets
            for name, octets in own.items()
        }

    def _changed(self) -> dict[str, bytes]:
        read, sheet = self._source.read, package.renamed(OWN_SUMMARY, self._suffix)
        relations, key = package.with_relation(read(package.RELATIONS), sheet)
        return {
            package.TYPES: package.with_types(read(package.TYPES), list(self._added())),
            package.WORKBOOK: package.with_sheet(self._workbook, self._own.name, key),
            package.RELATIONS: relations,
            package.STYLES: self._styles.xml,
        }

    def _write_list(self, target: ZipFile, part: ZipInfo) -> None:
        with self._source.open(part) as stream:
            tags, pieces = scan_xlsx.pieces(stream, PIECE)
            extent = self._beside(part, list_sheet.extent(pieces, tags, self._where.heading_row))
        placed: set[int] = set()
        check = expat.ParserCreate()
        with self._source.open(part) as stream, target.open(_like(part), "w") as file:
            tags, pieces = scan_xlsx.pieces(stream, PIECE)
            cells_of = self._cells_of(extent, placed)
            for piece in list_sheet.written(pieces, tags, extent, columns.widths(self._found.values()), cells_of):
                check.Parse(piece, False)
                file.write(piece)
        check.Parse(b"", True)
        if missing := len(self._found.keys() - placed):
            raise NotKept(f"{missing} rows")

    def _beside(self, part: ZipInfo, extent: Extent) -> Extent:
        """Behind a chart or picture that covers the columns where cells are to be added."""
        rows = {self._where.heading_row, *self._found} - {0} or {0}
        span, width = (min(rows), max(rows)), len(columns.HEADINGS)
        free = drawings.columns_before(self._source, part.filename, span, extent.columns, width)
        return replace(extent, columns=free)

    def _cells_of(self, extent: Extent, placed: set[int]) -> CellsOf:
        numbers = {look: number + self._styles.offset for look, number in self._own.styles.items()}
        heading = numbers[Look.HEADING_OF_ADDED] if extent.heading_style is None else extent.heading_style
        names = [letters(extent.columns + place) for place in range(len(columns.HEADINGS))]
        is_1904 = package.is_1904(self._workbook)

        def cells_of(row: int) -> bytes:
            if row == self._where.heading_row:
                return cell_xml.heading(row, names, columns.HEADINGS, heading)
            result = self._found.get(row)
            if result is None or row in placed:
                return b""
            placed.add(row)
            values = columns.cells(result, self._zone)
            return cell_xml.row(row, names, values, result.mood, numbers, is_1904)

        return cells_of


def _sheets(source: ZipFile) -> list[str]:
    """The names of the workbook's sheets. Raises NotKept for one that is not to be touched."""
    package.check(source.namelist())
    sizes = {each.filename: each.file_size for each in source.infolist()}
    if sum(sizes.values()) > MAX_UNPACKED or max(sizes[name] for name in READ_WHOLE) > MAX_WHOLE:
        raise NotKept("size")
    return package.sheet_names(source.read(package.WORKBOOK))


def _own(subject: Subject, summary: Summary, others: list[str], folder: Path) -> Own:
    """A small workbook: a sheet that has each style once, and the summary, with its texts in place."""
    octets, name = BytesIO(), summary_sheet.name_beside(others)
    with looks.new_book(octets, folder) as book:
        formats = looks.formats(book)
        sample, about = book.add_worksheet(), book.add_worksheet(name)
        for row, look in enumerate(Look):
            sample.write_blank(row, 0, None, formats[look])
        summary_sheet.write(book, about, formats, subject, summary)
    with ZipFile(octets) as package_:
        parts = {each: package_.read(each) for each in package_.namelist()}
    numbers = (int(number) for number in STYLE_OF_SAMPLE.findall(parts[OWN_STYLES]))
    return Own(parts, name, dict(zip(Look, numbers, strict=True)))


def _copy(source: ZipFile, target: ZipFile, part: ZipInfo) -> None:
    with source.open(part) as old, target.open(_like(part), "w") as new:
        shutil.copyfileobj(old, new, PIECE)


def _like(part: ZipInfo) -> ZipInfo:
    """The same name and time; pictures, which don't shrink, stay as they are stored."""
    info = ZipInfo(part.filename, part.date_time)
    info.compress_type = part.compress_type if part.compress_type == ZIP_STORED else ZIP_DEFLATED
    info.external_attr = part.external_attr
    return info


def _sound(xml: bytes) -> bytes:
    """The part, if it is XML still."""
    expat.ParserCreate().Parse(xml, True)
    return xml
