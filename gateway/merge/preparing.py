"""From a file and a template to a plan: opens the sheet, finds the list, looks at every row. Nothing is queued."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _
from gateway.merge.cells import printable
from gateway.merge.layout import SAMPLE_ROWS, Layout, Row, find_layout
from gateway.merge.plan import Plan, Rules, build
from gateway.merge.recipients import Choice
from gateway.merge.template import compile_template, names_in
from gateway.merge.workbook import Sheet, open_sheet


@dataclass(frozen=True, slots=True)
class Source:
    """Which list, and how it is to be read."""

    path: Path
    country: str
    sheet: str | None = None
    phone_columns: tuple[str, ...] = ()
    phones: Choice = Choice.FIRST  # which numbers of a row are written to
    short_codes: tuple[str, ...] = ()
    is_hidden_included: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plan, and what of the file it is about."""

    plan: Plan
    layout: Layout
    sheet: str  # "" for a text file
    other_sheets: tuple[str, ...]
    template: str = field(repr=False)


Advance = Callable[[int, int], None]  # the row that was looked at, and how many there are (0: not known)


def prepare(source: Source, template: str, advance: Advance = lambda _row, _rows: None) -> Prepared:
    """Raises GatewayError: UsageProblem for a template or option that doesn't fit the list."""
    if not template.strip():
        raise UsageProblem(_("The template is empty."))
    wanted = names_in(template)
    with _opened(source, wanted) as (sheet, layout, rows), _naming_sheet(sheet):
        rules = Rules(
            layout,
            compile_template(template, layout.columns, source.country),
            source.country,
            source.short_codes,
            sheet.hidden_rows,
            sheet.banner_rows,
            source.is_hidden_included,
            source.phones,
        )
        plan = build(rows, rules, lambda row: advance(row, sheet.height))
    return Prepared(plan, layout, sheet.name, sheet.other_sheets, template)


def refuse_without_template(source: Source) -> UsageProblem:
    """What to say when there is no template: the placeholders that the list offers."""
    with _opened(source, ()) as (_sheet, layout, _rows):
        names = " ".join(f"{{{column.name}}}" for column in layout.columns)
    return UsageProblem(_("Give the text with --template. The list has: {names}").format(names=names))


@contextmanager
def _opened(source: Source, wanted: list[str] | tuple[()]) -> Iterator[tuple[Sheet, Layout, Iterator[Row]]]:
    with open_sheet(source.path, source.sheet, source.country) as sheet:
        sample = list(islice(sheet.rows, SAMPLE_ROWS))
        if not sample:
            raise GatewayError(_("{file}: there is nothing in it.").format(file=source.path))
        with _naming_sheet(sheet):
            layout = find_layout(sample, wanted, source.country, sheet.hidden_columns, source.phone_columns)
        yield sheet, layout, chain(sample, sheet.rows)


@contextmanager
def _naming_sheet(sheet: Sheet) -> Iterator[None]:
    """What doesn't fit this sheet may fit another one of the workbook."""
    try:
        yield
    except UsageProblem as problem:
        if not sheet.other_sheets:
            raise
        hint = _("This is sheet “{name}”; --sheet chooses another one: {names}.")
        names = printable(", ".join(sheet.other_sheets))
        raise UsageProblem(f"{problem} {hint.format(name=printable(sheet.name), names=names)}") from problem
