"""Rows with what is wrong or to be known of them, for a person: those with the same reason in one line.

A list of a hundred thousand may have ten thousand rows in one line of the table: how many there are and the first of
them stand there, in three lines at most. Which rows are refused is told in full all the same, above the table: a person
has to find each of them, and the contract has it so.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gateway import forms
from gateway.i18n import _, ngettext
from gateway.merge.plan import Problem

LINES = 20  # reasons of one code; the document has them all
ROWS_WIDTH = 22  # terminal columns for `16, 34-35, …`
ROW_LINES = 3  # of these
WIDER = 4  # columns that Chinese words take besides
MOST_SPANS = ROWS_WIDTH * ROW_LINES // len("1, ")  # more never fit
WIDE = 72  # terminal columns in which neither a code nor these need another line
INDENT = (0, 0, 0, 4)


def print_rows(console: Console, title: str, problems: Sequence[Problem], *, is_every_named: bool = False) -> None:
    """`is_every_named`: rows that the table has no room for are told above it; else --json has them."""
    if not problems:
        return
    console.print(Text(f"\n{title}"))
    table = problem_table(console, _("row"), _("column"), _("code"), _("reason"))
    cut = []
    for rows, problem in _together(problems):
        spans = forms.spans(rows)
        shown = _all(spans) or _first(spans, len(rows))
        table.add_row("\n".join(_wrapped(shown)), Text(problem.column or ""), problem.code, Text(problem.reason))
        cut += [] if _all(spans) else [(problem.code, spans)]
    for code, spans in cut if is_every_named else ():
        console.print(Padding(Text(f"{code}: {', '.join(spans)}\n"), INDENT, expand=False))
    console.print(aligned(table))
    if cut and not is_every_named:
        console.print(Text(_("Only the first rows are named here; --json lists them all.")))


def _all(spans: Sequence[str]) -> str | None:
    """Where there is room for them."""
    text = ", ".join(spans[:MOST_SPANS])
    return text if len(spans) <= MOST_SPANS and _fits(text) else None


def _first(spans: Sequence[str], rows: int) -> str:
    """How many there are, and as many as there is room for."""
    sentence = ngettext("{count} row: {rows}", "{count} rows: {rows}", rows)
    firsts = (f"{', '.join(spans[:shown])}, …" for shown in range(1, MOST_SPANS))
    texts = [sentence.format(count=forms.whole(rows), rows=first) for first in firsts]
    return [text for text in texts if _fits(text)][-1]


def _fits(text: str) -> bool:
    return len(_wrapped(text)) <= ROW_LINES


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, ROWS_WIDTH)


def _together(problems: Sequence[Problem]) -> Iterator[tuple[list[int], Problem]]:
    """The rows of each reason with one of their problems; all rows of a code that has too many reasons."""
    reasons: dict[str, set[str]] = {}
    for problem in problems:
        reasons.setdefault(problem.code, set()).add(problem.reason)
    groups: dict[tuple[str | None, str, str], list[Problem]] = {}
    for problem in problems:
        reason = problem.reason if len(reasons[problem.code]) <= LINES else ""
        groups.setdefault((problem.column, problem.code, reason), []).append(problem)
    for group in groups.values():
        yield [problem.row for problem in group], _of_all(group)


def _of_all(group: Sequence[Problem]) -> Problem:
    first = group[0]
    if all(problem.reason == first.reason for problem in group):
        return first
    return first._replace(reason=_("In the first of them: {reason}").format(reason=first.reason))


def problem_table(console: Console, *headings: str) -> Table:
    """Nothing in it is cut: a row's number or a code in part would be another one."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    table.columns[0].max_width = ROWS_WIDTH + WIDER
    table.columns[0].no_wrap = table.columns[2].no_wrap = console.width >= WIDE
    return table


def aligned(table: Table) -> Table:
    """Single rows to the right, so that ones stand under ones; a list of several reads from the left."""
    rows = table.columns[0]
    rows.justify = "right" if all(str(cell).isdecimal() for cell in rows.cells) else "left"
    return table
