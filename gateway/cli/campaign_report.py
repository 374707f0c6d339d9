"""`smsgw campaign report`: the list handed back with what became of each row, and the figures of the whole."""

from __future__ import annotations

import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from gateway import forms
from gateway.cli import show, tidy
from gateway.cli.context import load_settings, now, opened
from gateway.cli.options import as_json
from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.paths import whole

if TYPE_CHECKING:
    from gateway.report.making import Report, Target
    from gateway.report.summary import Group
    from gateway.report.tables import Table
    from gateway.settings import Settings

BAR_WIDTH = 20  # terminal columns


@click.command(
    "report",
    help=_(
        "What became of each row of the list. Without --to the figures are shown here. With --to result.xlsx the list"
        " itself is handed back, as it was, with columns added for the verdict, its reason, the number, SMS, times and"
        " reply, and a summary sheet; .csv has the rows, .html the figures with charts."
    ),
    epilog=show.examples(
        "smsgw campaign report 'Reminders December'",
        "smsgw campaign report 'Reminders December' --to result.xlsx",
        "smsgw campaign report 'Reminders December' --to result.html --force",
        "smsgw campaign report 'Reminders December' --to result.csv --list moved/list.csv",
    ),
)
@click.argument("name", metavar="NAME")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("The file to be made: .xlsx, .xlsm, .csv or .html."),
)
@click.option(
    "--list",
    "listed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Where the list is now, if it was moved; it must be the one that was imported."),
)
@click.option(
    "--stored",
    "is_stored",
    is_flag=True,
    help=_("Without the list: a new one with what the gateway keeps of each row."),
)
@click.option("--force", is_flag=True, help=_("Replace the file if it is there; never the list itself."))
@as_json
@click.pass_context
def report(ctx: click.Context, /, name: str, target: Path | None, is_json: bool, **given: Any) -> None:
    settings = load_settings(ctx)

    from gateway.report import document, making

    _check(target, given)
    target = target and whole(target)
    with opened(settings) as connection:
        files = None if target is None else _files(connection, name, target, settings, **given)
        zone = ZoneInfo(settings.gateway.timezone)
        found = making.gather(connection, name, zone, now(), with_texts=given["is_stored"])
        if found.is_of_contacts:
            found = _with_contacts(connection, found)
    if files is not None:
        _write(found, files)
    if is_json:
        campaign = found.campaign.document()
        sys.stdout.writelines(document.pieces(campaign, found.summary, found.entries, is_ascii=not _is_unicode()))
    elif target is None:
        _print(found)


def _check(target: Path | None, given: dict[str, Any]) -> None:
    """Raises UsageProblem."""
    from gateway.report import making

    if target is not None:
        making.check_ending(target)
    if given["is_stored"] and given["listed"] is not None:
        raise UsageProblem(_("Give --list or --stored, not both."))
    if target is None and (given["is_stored"] or given["listed"] is not None):
        raise UsageProblem(_("--list and --stored say what stands in the file: name it with --to."))


def _with_contacts(connection: sqlite3.Connection, found: Report) -> Report:
    """A report of ids alone would tell a person nothing."""
    from gateway.contacts import handing_back

    about = handing_back.columns(connection, {entry.row for entry in found.entries})
    return found.with_columns(about.headings, about.cells)


@dataclass(frozen=True, slots=True)
class Files:
    """What is written, from what, and what must not be written to."""

    target: Target
    protected: Path | None  # the list, wherever it is
    force: bool


def _files(
    connection: sqlite3.Connection,
    name: str,
    target: Path,
    settings: Settings,
    *,
    listed: Path | None,
    is_stored: bool,
    force: bool,
) -> Files:
    """Looked at before anything is gathered, which takes seconds. Raises GatewayError."""
    from gateway.queue import campaigns, overview
    from gateway.report import making, original, putting

    row = overview.one(connection, campaigns.find(connection, name).id).row
    is_needed = making.needs_list(target) and row["file"] and not is_stored
    source = original.find(row["file"], row["digest"], listed) if is_needed else None
    protected = source or (Path(row["file"]) if row["file"] else None)
    putting.refuse(target, protected, force=force)
    found = making.Target(target, source, settings.gateway.country)
    making.check_form(found)
    return Files(found, protected, force)


def _write(found: Report, files: Files) -> None:
    from gateway.report import making
    from gateway.report.putting import put

    with tidy.when_ended(), put(files.target.path, files.protected, force=files.force) as part:
        remarks = making.write(part, found, files.target)
    for remark in remarks:
        show.say(remark)
    show.say(_("The report is written: {path}.").format(path=files.target.path))


def _print(found: Report) -> None:
    """The figures for a person."""
    from gateway.cli.campaign_show import waits
    from gateway.report.tables import facts, heading, remarks, tables, verdicts, written

    summary = found.summary
    for line in heading(found.subject):
        click.echo(show.broken(show.shown(line), sys.stdout))
    click.echo()
    show.facts((name, written(value)) for name, value in facts(summary, found.subject.zone))
    counts = verdicts(summary)
    if counts:
        click.echo()
        most = max(number for _word, number, _share, _mood in counts)
        lines = [(word, forms.whole(number), share, _bar(number / most)) for word, number, share, _mood in counts]
        show.table((_("Verdict"), _("Rows and messages"), _("Share"), ""), lines, spare=("",))
    for table in tables(summary):
        click.echo()
        show.table((*table.headings, ""), _lines(table), long=table.headings[:1], spare=("",))
    for line in (*waits(found.campaign), *remarks(summary)):
        show.say(show.broken(line, sys.stderr))


def _lines(table: Table) -> list[tuple[str, ...]]:
    """Each row with a bar for the share delivered."""
    from gateway.report.tables import written

    return [(*map(written, row), _rate(group)) for row, group in zip(table.rows, table.groups, strict=True)]


def _rate(group: Group) -> str:
    return "" if group.rate is None else _bar(group.rate)


def _bar(share: float) -> str:
    """`share` of the whole width; at least something of what there is."""
    sign = "█" if _is_unicode() else "#"
    return sign * (max(1, round(share * BAR_WIDTH)) if share else 0)


def _is_unicode() -> bool:
    return (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
