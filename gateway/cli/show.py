"""How verbs print: one JSON document for programs, aligned tables and sentences for people."""

from __future__ import annotations

import json
import math
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO
from zoneinfo import ZoneInfo

import click

from gateway import forms

if TYPE_CHECKING:
    from gateway.cli.checks.finding import Finding
    from gateway.cli.columns import Columns
    from gateway.forms import Forms
    from gateway.settings import Settings

# What an SMS may hold and a terminal must not be told: control codes, and marks that turn the direction of writing.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
GAP = 2  # terminal columns between the two columns of facts, and of a table
STYLES: Mapping[str, str] = {
    "ready": "green",
    "delivered": "green",
    "failed": "red",
    "rejected": "red",
    "undelivered": "red",
    "uncertain": "yellow",
    "held": "yellow",
    "expired": "yellow",
    "absent": "red",
    "blocked": "red",
    "needs_pin": "red",
    "paused": "yellow",
    "recovering": "yellow",
    "searching": "yellow",
}


def as_json(document: Any) -> None:
    """One JSON document on standard output and nothing else."""
    is_unicode = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "").startswith("utf")
    click.echo(json.dumps(document, ensure_ascii=not is_unicode, indent=2, default=_as_text))


def say(sentence: str) -> None:
    """Words for a person, on standard error."""
    click.echo(sentence, err=True)


def broken(sentence: str, stream: TextIO) -> str:
    """A long sentence in the lines that a terminal has room for; whole in a file or pipe, and around a command, which
    people copy."""
    if not stream.isatty() or "`" in sentence:
        return sentence
    return "\n".join(in_lines(sentence, shutil.get_terminal_size().columns))


def in_lines(sentence: str, width: int) -> list[str]:
    """Broken at blanks, and where there are none, as in Chinese, between signs: else a terminal cuts words in two."""
    from rich.console import Console
    from rich.text import Text

    text = sentence.lstrip(" ")
    indent = " " * (len(sentence) - len(text))
    room = max(width - len(indent), 1)
    return [f"{indent}{line.plain.rstrip()}" for line in Text(text).wrap(Console(width=room), room)]


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    long: Sequence[str] = (),
    spare: Sequence[str] = (),
    is_whole: bool = False,
) -> None:
    """An aligned table on standard output, figures to the right, without the columns that are empty.

    On a narrow terminal columns named in `long` give way, then those in `spare` are left out, one after the other; when
    that is not enough, each row becomes a block with everything. `is_whole`: no cell is cut short.
    """
    from gateway.cli.columns import Columns

    cells = [[shown(value) for value in row] for row in rows]
    if not cells:
        return
    _print(Columns(headings, cells).used(), long, spare, is_whole=is_whole)


def _print(used: Columns, long: Sequence[str], spare: Sequence[str], *, is_whole: bool) -> None:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else math.inf
    fitting = used.fitting(long, spare, width)
    if fitting is None:
        _print_blocks(used)
    elif width == math.inf:
        _print_lines(fitting)
    else:
        _print_table(fitting, long, int(width), is_whole)


def _print_lines(columns: Columns) -> None:
    """Into a file or a pipe: a row is a line, however long, with nothing cut."""
    for line in columns.padded():
        print(line)  # not click's: that overrules the letters that the reader takes


def _print_table(columns: Columns, long: Sequence[str], width: int, is_whole: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False)
    for name, is_right in zip(columns.names, columns.are_figures(), strict=True):
        grid.add_column(name, no_wrap=name not in long, overflow="fold", justify="right" if is_right else "left")
    for line in columns.lines:
        grid.add_row(*(Text(cell if is_whole else _cut(cell, width), style=STYLES.get(cell, "")) for cell in line))
    Console(width=width, height=1, highlight=False).print(grid)  # without a height rich takes 80 for a dumb terminal


def _cut(cell: str, width: int) -> str:
    """On a terminal a cell takes a few lines at most; `outbox show` has the whole text."""
    return cell if len(cell) <= width else cell[: width - 1] + "…"


def _print_blocks(columns: Columns) -> None:
    for line in columns.lines:
        facts(zip(columns.names, line, strict=True))
        click.echo()


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """`name   value` lines on standard output, without those that have no value."""
    from rich.cells import cell_len

    kept = [(name, shown(value)) for name, value in pairs if value not in (None, "")]
    width = max((cell_len(name) for name, _value in kept), default=0)
    for name, value in kept:
        click.echo(f"{name}{' ' * (width - cell_len(name) + GAP)}{value}")


def finding(found: Finding) -> None:
    """One line on standard output, and an arrow with what to do."""
    from gateway.i18n import _

    mark = click.style(_("ok"), fg="green") if found.ok else click.style(_("problem"), fg="red")
    click.echo(f"{mark}  {found.check}: {shown(found.finding)}")
    if found.remedy:
        click.echo(f"    -> {shown(found.remedy)}")


def shown(value: object) -> str:
    """The value on one line, harmless to a terminal; empty for None."""
    return "" if value is None else UNPRINTABLE.sub(" ", _as_text(value))


def _as_text(value: object) -> str:
    """A writer may have stored octets where text belongs."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def local(moment: object, settings: Settings, own: Forms = forms.ISO) -> str | None:
    """A time of a row in the clinic's own zone: `2026-11-22 09:30:00`; None for none.

    One without an offset, which only a writer leaves out, is in that zone; what is no time, or stands for never, stays.
    """
    from gateway.queue import times

    if not isinstance(moment, str):
        return None
    zone = ZoneInfo(settings.gateway.timezone)
    try:
        read = times.read(moment, zone)
    except ValueError:
        return moment
    is_never = read in (times.EARLIEST, times.LATEST)
    return moment if is_never else forms.moment(read, zone, to_seconds=True, forms=own)


def read_at(moment: object, settings: Settings) -> str | None:
    """The same as the reader's own language writes it."""
    return local(moment, settings, forms.HERE)


def ago(seconds: float) -> str:
    """How long since, in one unit: `2 h ago`."""
    from gateway.i18n import _

    spans = ((86_400, _("{count} d ago")), (3600, _("{count} h ago")), (60, _("{count} min ago")))
    length, words = next((span for span in spans if seconds >= 2 * span[0]), (1, _("{count} s ago")))
    return words.format(count=max(0, int(seconds // length)))


def examples(*lines: str) -> str:
    """The end of a verb's help."""
    from gateway.i18n import _

    return "\b\n" + "\n".join([_("Examples:"), *(f"  {line}" for line in lines)])
