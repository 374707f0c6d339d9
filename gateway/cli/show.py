"""How verbs print: one JSON document for programs, aligned tables and sentences for people."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from rich.text import Text

    from gateway.settings import Settings

# What an SMS may hold and a terminal must not be told: control codes, and marks that turn the direction of writing.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
NO_TERMINAL_COLUMNS = 1000  # into a file or pipe nothing is cut
STYLES: Mapping[str, str] = {
    "ready": "green",
    "delivered": "green",
    "failed": "red",
    "rejected": "red",
    "undelivered": "red",
    "uncertain": "yellow",
    "held": "yellow",
    "expired": "yellow",
}


def as_json(document: Any) -> None:
    """One JSON document on standard output and nothing else."""
    is_unicode = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "").startswith("utf")
    click.echo(json.dumps(document, ensure_ascii=not is_unicode, indent=2, default=str))


def say(sentence: str) -> None:
    """Words for a person, on standard error."""
    click.echo(sentence, err=True)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, long: Sequence[str] = ()) -> None:
    """An aligned table on standard output; columns named in `long` give way when the terminal is narrow."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        grid.add_column(
            heading, no_wrap=True, overflow="ellipsis", ratio=None, min_width=12 if heading in long else None
        )
    for row in rows:
        grid.add_row(*map(_cell, row))
    Console(width=None if sys.stdout.isatty() else NO_TERMINAL_COLUMNS, highlight=False).print(grid)


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """`name   value` lines on standard output, without those that have no value."""
    kept = [(name, shown(value)) for name, value in pairs if value not in (None, "")]
    width = max((len(name) for name, _value in kept), default=0)
    for name, value in kept:
        click.echo(f"{name:<{width}}  {value}")


def shown(value: object) -> str:
    """The value on one line, harmless to a terminal; empty for None."""
    return "" if value is None else UNPRINTABLE.sub(" ", str(value))


def local(moment: object, settings: Settings) -> str | None:
    """A stored time in the clinic's own zone: `2026-11-22 09:30:00`; None for none."""
    if not isinstance(moment, str):
        return None
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        return moment  # what a writer wrote and nobody could read
    return parsed.astimezone(ZoneInfo(settings.gateway.timezone)).strftime("%Y-%m-%d %H:%M:%S")


def _cell(value: object) -> Text:
    from rich.text import Text

    text = shown(value)
    return Text(text, style=STYLES.get(text, ""))


def examples(*lines: str) -> str:
    """The end of a verb's help."""
    from gateway.i18n import _

    return "\b\n" + "\n".join([_("Examples:"), *(f"  {line}" for line in lines)])
