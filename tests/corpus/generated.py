"""Some hundreds of awkward files: every sort of list in every format, then damaged, and what is meant to do harm."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from random import Random
from typing import Any

from tests.merge.lists import HEADINGS, NINE, person, write_xlsx
from tests.merge.test_bad_files import CONTENT, MANIFEST, compound
from tests.merge.test_formats_of_files import write_csv, write_ods, write_xls
from tests.merge.xlsb import write_xlsb

SEED = 1
TENTHS = range(1, 10)
SPOILT = 16  # copies of one file, each with other octets spoilt
MOST_SPOILT = 40  # octets
PEOPLE = [person(f"8 900 000-{number:04}", f"Анна {number}") for number in range(60)]
MOMENTS = (date(1900, 1, 1), date(9999, 12, 31), datetime(2026, 12, 1, 9, 0), time(23, 59, 59))
LONG = "я" * 32_000  # a cell of Excel holds 32,767 characters

LISTS: dict[str, list[tuple[Any, ...]]] = {
    "plain": [HEADINGS, *PEOPLE],
    "no heading": PEOPLE,
    "heading alone": [HEADINGS],
    "one cell": [("8 900 000-00-01",)],
    "titles": [("Поликлиника",), ("Список на приём",), HEADINGS, *PEOPLE, ("Итого", "60")],
    "many titles": [*[(f"Строка {number}",) for number in range(60)], HEADINGS, *PEOPLE],
    "sections": [HEADINGS, ("Терапия",), *PEOPLE[:9], ("Хирургия",), HEADINGS, *PEOPLE[9:]],
    "ragged": [HEADINGS[: number % 6 + 1] for number in range(40)],
    "blank rows": [row for each in PEOPLE for row in (("",), (" ", "\u00a0"), each)],
    "numbers": [tuple(float(10**column + row) for column in range(1, 16)) for row in range(30)],
    "twins": [("Телефон",) * 9, *[(f"8 900 000-{number:04}",) * 9 for number in range(20)]],
    "long texts": [HEADINGS, *[person("8 900 000-00-01", LONG) for _row in range(20)]],
    "strange signs": [HEADINGS, *[person(sign * 9, sign * 5) for sign in "\u202e\ufeff\u200b😀{}'\"=;|"]],
    "formulas as text": [HEADINGS, *[person(text) for text in ("=1+1", "+7", "@SUM(A1)", "-1", "=HYPERLINK(1)")]],
}


def write(folder: Path) -> Iterator[Path]:
    """The files, each made when it is its turn."""
    for name, rows in LISTS.items():
        yield from _in_every_format(folder / name, rows)
    yield write_xlsx(folder / "moments.xlsx", [HEADINGS, *[person("1", day=day, at=NINE) for day in MOMENTS]])
    yield write_xlsx(folder / "from 1904.xlsx", LISTS["plain"], date_1904=True)
    for path in list(_in_every_format(folder / "whole", LISTS["plain"])):
        yield from _cut(path)
        yield from _spoilt(path)
    for path in _in_every_format(folder / "part", LISTS["plain"]):
        if zipfile.is_zipfile(path):
            yield from without_each_part(path)
    for name, harm in HARMFUL.items():
        yield harm(folder / name)


def _in_every_format(stem: Path, rows: list[tuple[Any, ...]]) -> Iterator[Path]:
    texts = [tuple(None if cell is None else str(cell) for cell in row) for row in rows]
    yield write_xlsx(stem.with_suffix(".xlsx"), rows)
    yield write_xlsb(stem.with_suffix(".xlsb"), texts)
    yield write_ods(stem.with_suffix(".ods"), texts)
    yield write_csv(stem.with_suffix(".csv"), texts, "utf-8")
    if all(len(text or "") < len(LONG) for row in texts for text in row):  # xlwt takes no longer ones
        yield write_xls(stem.with_suffix(".xls"), texts)


def _cut(path: Path) -> Iterator[Path]:
    whole = path.read_bytes()
    for tenth in TENTHS:
        cut = path.with_stem(f"cut {tenth}")
        cut.write_bytes(whole[: len(whole) * tenth // 10])
        yield cut


def _spoilt(path: Path) -> Iterator[Path]:
    random = Random(f"{SEED}{path.suffix}")
    for number in range(SPOILT):
        octets = bytearray(path.read_bytes())
        for _octet in range(random.randint(1, MOST_SPOILT)):
            octets[random.randrange(len(octets))] = random.randrange(256)
        spoilt = path.with_stem(f"spoilt {number}")
        spoilt.write_bytes(octets)
        yield spoilt


def without_each_part(path: Path) -> Iterator[Path]:
    """Once without each part of the archive, once with that part empty."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for number, missing in enumerate(parts):
        for what, content in (("missing", None), ("empty", b"")):
            odd = path.with_stem(f"part {number} {what}")
            _pack(odd, {name: content if name == missing else octets for name, octets in parts.items()})
            yield odd


def _pack(path: Path, parts: dict[str, bytes | None]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if content is not None:
                archive.writestr(name, content)
    return path


# -- harm -------------------------------------------------------------------------------------------------------------


def _far_cell(row: int, column: int) -> Callable[[Path], Path]:
    def write_it(path: Path) -> Path:
        return write_xlsx(path, LISTS["plain"], finish=lambda _book, page: page.write(row, column, "x"))

    return write_it


def _ods(rows: str) -> Callable[[Path], Path]:
    parts: dict[str, bytes | None] = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": MANIFEST.encode(),
        "content.xml": CONTENT.format(rows=rows).encode(),
    }
    return lambda path: _pack(path, parts)


def _xlsx_with(part: str, content: Callable[[], bytes]) -> Callable[[Path], Path]:
    def write_it(path: Path) -> Path:
        with zipfile.ZipFile(write_xlsx(path, LISTS["plain"])) as archive:
            parts: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
        return _pack(path, {**parts, part: content()})

    return write_it


def _bytes(content: Callable[[], bytes]) -> Callable[[Path], Path]:
    def write_it(path: Path) -> Path:
        path.write_bytes(content())
        return path

    return write_it


SHEET = "xl/worksheets/sheet1.xml"
CELL = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="{columns}"/>'
REPEATED = '<table:table-row table:number-rows-repeated="{rows}">' + CELL + "</table:table-row>"
ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "lol">{ENTITIES}]><worksheet>&l9;</worksheet>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY f SYSTEM "file:///etc/hostname">]><worksheet>&f;</worksheet>'
MERGED = '<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells>{cells}</mergeCells>'

HARMFUL: dict[str, Callable[[Path], Path]] = {
    "last cell.xlsx": _far_cell(1048575, 16383),
    "last row.xlsx": _far_cell(1048575, 0),
    "column 200.xlsx": _far_cell(1048575, 199),
    "a million repeated rows.ods": _ods(REPEATED.format(rows=1048576, columns=190)),
    "more rows than there are.ods": _ods(REPEATED.format(rows=2**40, columns=1)),
    "more columns than there are.ods": _ods(REPEATED.format(rows=1, columns=2**31)),
    "a zip bomb.xlsx": _xlsx_with(SHEET, lambda: b"<worksheet><sheetData>" + b" " * (620 << 20)),
    "a smaller one.xlsx": _xlsx_with(SHEET, lambda: b"<worksheet><sheetData>" + b"<row/>" * (30 << 20)),
    "many shared texts.xlsx": _xlsx_with("xl/sharedStrings.xml", lambda: b"<sst>" + b"<si><t>a</t></si>" * (4 << 20)),
    "laughs.xlsx": _xlsx_with(SHEET, lambda: LAUGHS.encode()),
    "a file from outside.xlsx": _xlsx_with(SHEET, lambda: OUTSIDE.encode()),
    "deep.xlsx": _xlsx_with(SHEET, lambda: b"<a>" * 300_000),
    "everything merged.xlsx": _xlsx_with(
        SHEET, lambda: (MERGED.format(cells='<mergeCell ref="A1:XFD1048576"/>' * 500) + "</worksheet>").encode()
    ),
    "deep content.ods": _ods("<table:table-row>" * 100_000),
    "one line of quotes.csv": _bytes(lambda: b'"' * (4 << 20)),
    "one endless line.csv": _bytes(lambda: b"1;" * (4 << 20)),
    "zeros.csv": _bytes(lambda: bytes(1 << 20)),
    "noise.csv": _bytes(lambda: Random(SEED).randbytes(1 << 20)),
    "noise.xlsx": _bytes(lambda: b"PK\x03\x04" + Random(SEED).randbytes(1 << 16)),
    "records without end.xls": _bytes(lambda: compound("Workbook", struct.pack("<HH", 0x0809, 0) * 9000)),
    "noise.xls": _bytes(lambda: compound("Workbook", Random(SEED).randbytes(1 << 16))),
}
