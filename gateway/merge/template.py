"""[pure] A text with placeholders, bound to a list's headings: `{Column}`, `{Column:format}`, `{Column|default}`, `{{`.

A heading may hold any sign but braces, `:` and `|` too: the longest heading that fits is meant. It is looked up in a
table and nothing else is evaluated: no attribute, no index, no call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.merge.cells import Cell, Flaw, cell_at, folded
from gateway.merge.formats import FormatMistake, Unsuitable, check_format, formatted, is_date_format, plain

PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
LIKENESS = 0.5  # of a wrong name to one that there is


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list that can be used: visible, with a heading or else its letter."""

    name: str  # as people and templates call it
    index: int  # from 0


@dataclass(frozen=True, slots=True)
class Hole:
    """One placeholder."""

    column: Column
    spec: str = ""
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """Compiled: texts and holes in turn."""

    pieces: tuple[str | Hole, ...] = field(repr=False)
    country: str = "RU"  # dates without a format are written as there
    is_russian: bool = True  # the language of %B and %A


class Unfilled(ValueError):
    """A row can't fill a hole; `str()` is the reason."""

    def __init__(self, column: str, code: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.code = code


SINGLE = {
    "{": _("The template has a single {{ at character {place}: where is its }}? A brace of the text is written twice."),
    "}": _("The template has a single }} at character {place}: where is its {{? A brace of the text is written twice."),
}
FLAW_REASONS = {
    Flaw.CELL_ERROR: _("The cell holds an error."),
    Flaw.FORMULA_WITHOUT_VALUE: _("The formula was never calculated: open the list in Excel and save it."),
}


def names_in(text: str) -> list[str]:
    """The placeholders' names, as far as they can be told without the headings. Raises UsageProblem."""
    return [name for inner in _inners(text) if (name := _shortest(inner))]


def _inners(text: str) -> Iterator[str]:
    for match in PIECE.finditer(text):
        if match[0] in ("{", "}"):
            raise UsageProblem(SINGLE[match[0]].format(place=match.start() + 1))
        if match[1] is not None:
            yield match[1]


def compile_template(text: str, columns: Sequence[Column], country: str = "RU") -> Template:
    """Bind `text` to the columns. Raises UsageProblem that names every unknown column with the nearest there is."""
    _check_known(list(_inners(text)), columns)
    return Template(tuple(_pieces(text, columns)), country, CYRILLIC.search(text) is not None)


def _check_known(inners: Iterable[str], columns: Sequence[Column]) -> None:
    missing = [inner for inner in inners if _resolved(inner, columns) is None]
    if missing:
        names = [column.name for column in columns]
        wrong = "; ".join(_with_nearest(name, names) for name in dict.fromkeys(map(_shortest, missing)))
        sentence = _("The list has no column {wrong}. It has: {names}.")
        raise UsageProblem(sentence.format(wrong=wrong, names=", ".join(names)))


def _shortest(inner: str) -> str:
    return re.split("[:|]", inner, maxsplit=1)[0].strip()


def _with_nearest(name: str, names: Sequence[str]) -> str:
    by_folded = {folded(each): each for each in names}
    near = get_close_matches(folded(name), by_folded, n=1, cutoff=LIKENESS)
    return _("“{name}” (nearest: “{nearest}”)").format(name=name, nearest=by_folded[near[0]]) if near else f"“{name}”"


def find_column(name: str, columns: Sequence[Column]) -> Column | None:
    """The column of that name: spelt exactly so, else but for case and blanks. Raises UsageProblem when two fit."""
    exact = [column for column in columns if column.name == name]
    fitting = exact or [column for column in columns if folded(column.name) == folded(name)]
    if len(fitting) > 1 or (not fitting and _is_numbered(name, columns)):
        sentence = _("The list has several columns “{name}”: write “{name} (1)” for the first.")
        raise UsageProblem(sentence.format(name=name))
    return fitting[0] if fitting else None


def _is_numbered(name: str, columns: Sequence[Column]) -> bool:
    return any(folded(column.name) == f"{folded(name)} (1)" for column in columns)


def _resolved(inner: str, columns: Sequence[Column]) -> tuple[Column, str] | None:
    """The column with the longest name that fits, and what follows the name."""
    ends = [len(inner), *(match.start() for match in re.finditer("[:|]", inner))]
    for end in sorted(ends, reverse=True):
        if column := find_column(inner[:end].strip(), columns):
            return column, inner[end:]
    return None


def _pieces(text: str, columns: Sequence[Column]) -> Iterator[str | Hole]:
    end = 0
    for match in PIECE.finditer(text):
        yield text[end : match.start()] + (match[0][0] if match[1] is None else "")
        if match[1] is not None:
            yield _hole(match[1], columns)
        end = match.end()
    yield text[end:]


def _hole(inner: str, columns: Sequence[Column]) -> Hole:
    resolved = _resolved(inner, columns)
    assert resolved is not None, "compile_template has checked it"
    column, rest = resolved
    spec, bar, default = rest.removeprefix(":").partition("|")
    try:
        check_format(spec)
    except FormatMistake as mistake:
        raise UsageProblem(_("In {{{inner}}}: {mistake}.").format(inner=inner, mistake=mistake)) from mistake
    return Hole(column, spec, default if bar else None)


def render(template: Template, cells: Sequence[Cell]) -> str:
    """The text for one row, without blanks at its ends. Raises Unfilled for a hole that stays empty."""
    pieces = [piece if isinstance(piece, str) else _value(piece, cells, template) for piece in template.pieces]
    return "".join(pieces).strip()


def _value(hole: Hole, cells: Sequence[Cell], template: Template) -> str:
    value = cell_at(cells, hole.column.index)
    if isinstance(value, str) and not hole.spec:
        return value
    if value is None or isinstance(value, Flaw):
        return _default(hole, value)
    try:
        return formatted(value, hole.spec, template.is_russian) if hole.spec else plain(value, template.country)
    except Unsuitable as problem:
        raise Unfilled(hole.column.name, problem.code, str(problem)) from problem


def _default(hole: Hole, value: Flaw | None) -> str:
    if hole.default is not None:
        return hole.default
    if value is None:
        raise Unfilled(hole.column.name, "empty_value", _("The cell is empty, and the template needs it."))
    raise Unfilled(hole.column.name, value.value, FLAW_REASONS[value])


def date_holes(template: Template) -> list[Hole]:
    """The holes that ask for a date or time: a bare number in their column is read as one."""
    return [piece for piece in template.pieces if isinstance(piece, Hole) and is_date_format(piece.spec)]
