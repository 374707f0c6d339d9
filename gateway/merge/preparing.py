"""From a file and a template to a plan: opens the sheet, finds the list, looks at every row. Nothing is queued."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import NoReturn

from gateway.clock import thread_s
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _
from gateway.merge.cells import folded, printable
from gateway.merge.choosing import Templates, Texts
from gateway.merge.finishing import AS_WRITTEN, Finish
from gateway.merge.layout import SAMPLE_ROWS, Layout, Row, find_layout
from gateway.merge.plan import Plan, Planned, Rules, build
from gateway.merge.recipients import Choice
from gateway.merge.savings import Saving, savings
from gateway.merge.template import Column, columns_of, compile_template, named_column, names_in
from gateway.merge.timing import Timing, Wishes
from gateway.merge.workbook import Reader, Sheet, open_sheet, refuse_slow


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
    reader: Reader | None = field(default=None, repr=False, compare=False)  # of the same sheet, where it has begun


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plan, and what of the file it is about."""

    plan: Plan
    layout: Layout
    sheet: str  # "" for a text file
    other_sheets: tuple[str, ...]
    unused: tuple[str, ...] = ()  # columns that no template asks for
    savings: tuple[Saving, ...] = field(default=(), repr=False)


# Of the processor, for all that is done with the rows: 100,000 need 2 s, and ten times as many 20. A cell of 32,767 odd
# signs may take 0.05 s, so that 65,536 of them would take an hour.
LOOKING_S = 25.0
ROWS_AT_ONCE = 50

# The row that was looked at, how many there are (0: not known), and all messages so far.
Advance = Callable[[int, int, Sequence[Planned]], None]


def prepare(
    source: Source,
    texts: Texts | str,
    advance: Advance = lambda _row, _rows, _messages: None,
    finish: Finish = AS_WRITTEN,
    wishes: Wishes | None = None,
) -> Prepared:
    """Raises GatewayError: UsageProblem for a template or option that doesn't fit the list."""
    texts = Texts(texts) if isinstance(texts, str) else texts
    wanted = [*names_wanted(texts), *(wishes.names if wishes else ())]
    with opened_list(source, wanted) as (sheet, layout, rows), _naming_sheet(sheet):
        templates = _bound(texts, layout, source.country)
        timing = None if wishes is None else wishes.bound(layout.columns)
        rules = _rules(source, sheet, layout, templates, finish, timing)
        plan = build(rows, rules, lambda row, messages: advance(row, sheet.height, messages))
    return _prepared(plan, layout, (sheet.name, sheet.other_sheets), _unused(layout, templates, texts, wishes))


def _rules(
    source: Source, sheet: Sheet, layout: Layout, templates: Templates, finish: Finish, timing: Timing | None
) -> Rules:
    """Of a sheet: what is hidden in it is known."""
    hidden = (sheet.hidden_rows, sheet.banner_rows, source.is_hidden_included)
    return Rules(layout, templates, source.country, source.short_codes, *hidden, source.phones, finish, timing)


def prepare_rows(
    rows: Iterable[Row],
    layout: Layout,
    texts: Texts,
    country: str,
    phones: Choice,
    finish: Finish = AS_WRITTEN,
    wishes: Wishes | None = None,
) -> Prepared:
    """Of rows that come from no file. Raises UsageProblem for a template or option that doesn't fit them."""
    names_wanted(texts)
    templates = _bound(texts, layout, country)
    timing = None if wishes is None else wishes.bound(layout.columns)
    plan = build(rows, Rules(layout, templates, country, phones=phones, finish=finish, timing=timing))
    return _prepared(plan, layout, ("", ()), _unused(layout, templates, texts, wishes))


def _prepared(plan: Plan, layout: Layout, sheets: tuple[str, tuple[str, ...]], unused: tuple[str, ...]) -> Prepared:
    saved = savings((message.body, message.segments) for message in plan.messages if message.segments > 1)
    return Prepared(plan, layout, *sheets, unused, saved)


def names_wanted(texts: Texts) -> list[str]:
    """The placeholders of every template, and the column that names templates. Raises UsageProblem."""
    if texts.default is not None and not texts.default.strip():
        raise UsageProblem(_("The template is empty."))
    names = [name for text in texts for name in names_in(text)]
    return names if texts.column is None else [*names, texts.column]


def _bound(texts: Texts, layout: Layout, country: str) -> Templates:
    default = None if texts.default is None else compile_template(texts.default, layout.columns, country)
    column = None if texts.column is None else named_column(texts.column, layout.columns)
    return Templates(default, column, texts.saved, layout.columns, country)


def _unused(layout: Layout, templates: Templates, texts: Texts, wishes: Wishes | None) -> tuple[str, ...]:
    """Columns with a heading that nothing asks for: one of them may have been forgotten."""
    used = {column for template in templates.used() for column in columns_of(template.pieces)}
    named = {folded(name) for name in (texts.column or "", *(wishes.names if wishes else ()))}
    others = {column for column in layout.columns if folded(column.name) in named}
    others |= {*layout.phones, *layout.of_report}
    return tuple(column.name for column in layout.columns if column not in used | others and _is_headed(column, layout))


def _is_headed(column: Column, layout: Layout) -> bool:
    return column.index < len(layout.headings) and layout.headings[column.index] != ""


def refuse_without_template(source: Source) -> NoReturn:
    """Raises what is said when there is no template: the placeholders that the list offers.

    Where a program spreads its columns over several of the sheet's, those in between hold nothing.
    """
    with opened_list(source, ()) as (_sheet, layout, rows):
        sample = [cells for _number, cells in islice(rows, SAMPLE_ROWS)]
        filled = {index for cells in sample for index, cell in enumerate(cells) if cell is not None}
        names = " ".join(f"{{{column.name}}}" for column in layout.columns if column.index in filled)
        raise UsageProblem(_("Give the text with --template. The list has: {names}").format(names=names))


@contextmanager
def opened_list(source: Source, wanted: Sequence[str]) -> Iterator[tuple[Sheet, Layout, Iterator[Row]]]:
    """The sheet, where the list stands in it, and its rows; `wanted`: columns that it must have."""
    with open_sheet(source.path, source.sheet, source.country, reader=source.reader) as sheet:
        sample = list(islice(sheet.rows, SAMPLE_ROWS))
        if not sample:
            raise GatewayError(_("{file}: there is nothing in it.").format(file=source.path))
        with _naming_damage(sample):
            with _naming_sheet(sheet):
                layout = find_layout(sample, wanted, source.country, sheet.hidden_columns, source.phone_columns)
            yield sheet, layout, in_time(chain(sample, sheet.rows), source.path)


def in_time(rows: Iterator[Row], path: Path, spent_s: Callable[[], float] = thread_s) -> Iterator[Row]:
    """The rows. Raises GatewayError, between two of them, when looking at them takes as long as with no list."""
    end = spent_s() + LOOKING_S
    while some := list(islice(rows, ROWS_AT_ONCE)):
        if spent_s() > end:
            refuse_slow(path)
        yield from some


@contextmanager
def _naming_damage(sample: Sequence[Row]) -> Iterator[None]:
    """A column that is missing may well be there, and nobody can read its heading."""
    try:
        yield
    except UsageProblem as problem:
        from gateway.merge import damage  # hardly any list needs it

        if not damage.is_in_headings(sample):
            raise
        raise UsageProblem(f"{problem} {damage.SAVE_ANEW}") from problem


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
