"""A campaign's report: gathered from the database in one go, then written as whichever file the person names."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path
from zipfile import ZipFile

from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.merge import reading
from gateway.merge.cells import Cell, printable
from gateway.merge.file_kind import Kind
from gateway.merge.head import Problem
from gateway.merge.workbook import open_sheet
from gateway.queue import campaigns, overview, results, times
from gateway.queue.overview import Campaign
from gateway.report import columns, csv_file, grafting, lines, new_workbook, page, spool, summary_sheet
from gateway.report.lines import Listing, Stored
from gateway.report.parts import NotKept
from gateway.report.summary import Summary, summarize
from gateway.report.tables import Subject
from gateway.report.verdicts import Entry, Note, Result, entries
from gateway.report.verdicts import results as results_of
from gateway.retelling import retold

MACROS = ".xlsm"
MACRO_TYPE = b"macroEnabled"
TYPES = "[Content_Types].xml"
ENDINGS = _("A report is an .xlsx, .xlsm, .csv or .html file: {file} is none of them.")
WITH_MACROS = _("The list has macros: name the report {name}, so that they stay in it.")
WITHOUT_MACROS = _("The report will have no macros: name it {name}.")
NEW_BOOK = _(
    "{file}: only an .xlsx or .xlsm can be handed back as it is. The report is a new workbook with its values."
)
NOT_KEPT = _(
    "{file}: columns cannot be added to this workbook without harm ({why}). The report is a new one with its values."
)
STORED = _("The list itself is not in the report: it has what the gateway keeps of each row.")


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of a campaign at one moment."""

    campaign: Campaign = field(repr=False)
    subject: Subject
    entries: list[Entry] = field(repr=False)
    summary: Summary
    stored: Stored  # empty unless it is asked for

    @property
    def results(self) -> list[Result]:
        return results_of(self.entries)

    @property
    def is_of_contacts(self) -> bool:
        """Its rows are the contacts' ids."""
        return not self.campaign.row["file"]

    def with_columns(self, headings: Sequence[str], cells: Mapping[int, Sequence[Cell]]) -> Report:
        """With what is known of whom the rows are about."""
        return replace(self, stored=replace(self.stored, headings=headings, cells=cells))


@dataclass(frozen=True, slots=True)
class Target:
    """Which file is wanted, and from which list."""

    path: Path  # by its ending it is known what is wanted
    original: Path | None  # None: from what is stored
    country: str


def gather(
    connection: sqlite3.Connection, name: str, zone: tzinfo, now: datetime, *, with_texts: bool = False
) -> Report:
    """A campaign that came from no file has nothing but its texts. Raises GatewayError when there is no such one."""
    campaign = overview.one(connection, campaigns.find(connection, name).id)
    notes = [
        Note(row["row"], row["verdict"], row["code"], row["column"], retold(row["reason"]))
        for row in overview.rows(connection, campaign.id)
    ]
    messages = results.messages(connection, campaign.id)
    found = entries(messages, notes, campaign.stage)
    file, made = Path(campaign.row["file"]).name, times.from_text(campaign.row["created_at"])
    stored = Stored("")
    if with_texts or not file:
        bodies = dict(results.texts(connection, campaign.id))
        texts = {message.row: bodies[message.id] for message in reversed(messages) if message.id in bodies}
        stored = Stored(_("Row of the list") if file else _("Contact"), texts=texts)
    return Report(
        campaign,
        Subject(campaign.row["name"], file, campaign.row["sheet"], made, now, zone),
        found,
        summarize(found, results.operators(connection), zone, campaign.removed),
        stored,
    )


def check_ending(path: Path) -> None:
    """Raises UsageProblem."""
    if path.suffix.lower() not in WRITERS:
        raise UsageProblem(ENDINGS.format(file=printable(path.name)))


def needs_list(path: Path) -> bool:
    """Whether the list itself is part of the file."""
    return WRITERS[path.suffix.lower()] is not _page


def check_form(target: Target) -> None:
    """What can be told before anything is gathered. Raises UsageProblem for a name that does not fit the list."""
    if WRITERS[target.path.suffix.lower()] is not _workbook:
        return
    if target.original is None or _kind(target.original) is not Kind.XLSX:
        _refuse_macros(target.path)
    else:
        _check_macros(target.original, target.path)


def write(part: Path, report: Report, target: Target) -> list[str]:
    """Fill the file `part`; what a person has to know of it. Raises GatewayError."""
    return WRITERS[target.path.suffix.lower()](part, report, target)


def _page(part: Path, report: Report, _target: Target) -> list[str]:
    part.write_text(page.render(report.subject, report.summary), "utf-8", "replace")
    return []


def _csv(part: Path, report: Report, target: Target) -> list[str]:
    with _listing(report, target, part.parent) as listing:
        csv_file.write(part, listing, target.country)
    return _remarks(report, target)


def _workbook(part: Path, report: Report, target: Target) -> list[str]:
    if target.original is None:
        return _new_workbook(part, report, target, *_remarks(report, target))
    if _kind(target.original) is not Kind.XLSX:
        return _new_workbook(part, report, target, NEW_BOOK.format(file=printable(target.original.name)))
    _check_macros(target.original, target.path)
    where = grafting.List(report.campaign.row["sheet"], report.campaign.row["heading_row"])
    found = {result.row: result for result in report.results}
    try:
        grafting.write(part, target.original, where, found, report.subject, report.summary)
    except NotKept as problem:
        remark = NOT_KEPT.format(file=printable(target.original.name), why=problem)
        return _new_workbook(part, report, target, remark)
    return []


WRITERS: Mapping[str, Callable[[Path, Report, Target], list[str]]] = {
    ".xlsx": _workbook,
    MACROS: _workbook,
    ".csv": _csv,
    ".html": _page,
    ".htm": _page,
}


def _remarks(report: Report, target: Target) -> list[str]:
    """Where there is a list, that it is missing."""
    return [STORED] if report.campaign.row["file"] and target.original is None else []


def _new_workbook(part: Path, report: Report, target: Target, *said: str) -> list[str]:
    _refuse_macros(target.path)
    with _listing(report, target, part.parent) as listing:
        new_workbook.write(part, listing, report.subject, report.summary)
    return list(said)


def _kind(path: Path) -> Kind | None:
    try:
        return reading.kind_of(path)
    except Problem:
        return None  # whoever reads it says what is wrong


def _refuse_macros(target: Path) -> None:
    """Raises UsageProblem."""
    if target.suffix.lower() == MACROS:
        raise UsageProblem(WITHOUT_MACROS.format(name=target.with_suffix(".xlsx").name))


def _check_macros(original: Path, target: Path) -> None:
    """Excel opens no workbook whose ending says something else than what is in it. Raises UsageProblem."""
    try:
        with ZipFile(original) as package, package.open(TYPES) as types:
            has_macros = MACRO_TYPE in types.read(grafting.MAX_WHOLE)
    except grafting.BROKEN:
        return  # what is odd about it, grafting says
    if not has_macros:
        _refuse_macros(target)
    elif target.suffix.lower() != MACROS:
        raise UsageProblem(WITH_MACROS.format(name=target.with_suffix(MACROS).name))


@contextmanager
def _listing(report: Report, target: Target, folder: Path) -> Iterator[Listing]:
    """The rows of a new list; those of the old one are laid aside in the private folder until their width is known."""
    row, zone, results = report.campaign.row, report.subject.zone, report.results
    name, added = summary_sheet.fitting(row["sheet"]), columns.widths(results)
    if target.original is None:
        yield Listing(name, report.stored.widths, report.stored.lines(results, zone), added)
        return
    with spool.Spool(folder) as kept:
        with open_sheet(target.original, row["sheet"] or None, target.country) as sheet:
            kept.fill(sheet.rows)
        listed = lines.of_list(kept.rows(), row["heading_row"], results, zone)
        yield Listing(name, kept.widths, listed, added)
