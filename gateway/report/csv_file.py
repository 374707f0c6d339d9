"""The list with its added columns as a text file that spreadsheets open: UTF-8 with its mark, blank rows kept."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gateway.merge.cells import Cell, Flaw
from gateway.merge.formats import DOTTED, plain
from gateway.report.harmless import for_text_file, without_controls
from gateway.report.lines import FLAW, Line, Listing


def write(path: Path, listing: Listing, country: str) -> None:
    """With a semicolon where the country's spreadsheets expect one, for a comma stands in its numbers."""
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=";" if country in DOTTED else ",", lineterminator="\r\n")
        last = 0
        for line in listing.lines:
            for _blank in range(line.number - last - 1):
                writer.writerow([])
            writer.writerow(_cells(line, listing.width, country))
            last = line.number


def _cells(line: Line, width: int, country: str) -> Iterator[str]:
    padding = [None] * (width - len(line.cells)) if line.added else []
    for value in (*line.cells, *padding, *line.added):
        yield _text(value, country)


def _text(value: Cell, country: str) -> str:
    """A number or a date is harmless; what a person wrote may look like a formula."""
    if value is None:
        return ""
    if isinstance(value, Flaw):
        return FLAW
    if isinstance(value, str):
        return for_text_file(without_controls(value))
    return _moment(value, country) if isinstance(value, datetime) else plain(value, country)


def _moment(value: datetime, country: str) -> str:
    """As `plain` has it; those of the added columns differ in every row, and are many."""
    day = f"{value:%d.%m.%Y}" if country in DOTTED else value.date().isoformat()
    return f"{day} {value:%H:%M}"
