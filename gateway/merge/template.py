"""[pure] A text with placeholders, bound to a list's headings.

`{Column}`, `{Column:format}`, `{Column|default}`, `{?Column: text}` and `{?Column: text|otherwise}`. A heading may hold
any sign but braces, `:` and `|` too: the longest heading that fits is meant. It is looked up in a table and nothing
else is evaluated: no attribute, no index, no call. Filling it with a row's values is another matter (filling.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.merge.cells import Flaw, folded
from gateway.merge.formats import FormatMistake, check_format, is_date_format
from gateway.merge.parsing import Optional, Part, Placeholder, parse
from gateway.merge.words import Language, language_of, parted

LIKENESS = 0.5  # of a wrong name to one that there is
BY_DAY = re.compile(r"%(-?d|e)$")  # a format that ends with the day of the month
BY_WORD = re.compile(r"%[AB]")  # a format that begins with a name in words
BLANKS = " \u00a0"
SIGN = re.compile("[:|：｜]")  # also as a Chinese keyboard writes them
# By the colon before it, what the bar is: behind `:` the full-width one is a sign of the text, as it always was.
BARS = {":": re.compile("[|]"), "：": re.compile("[|｜]")}
FLAW_REASONS = {
    Flaw.CELL_ERROR: _("The cell holds an error."),
    Flaw.FORMULA_WITHOUT_VALUE: _("The formula was never calculated: open the list in Excel and save it."),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list that can be used: visible, with a heading or else its letter."""

    name: str  # as people and templates call it
    index: int  # from 0
    also: tuple[str, ...] = ()  # other names that count, folded: the same in other languages


@dataclass(frozen=True, slots=True)
class Hole:
    """One placeholder."""

    column: Column
    spec: str = ""
    default: str | None = None
    lead: str = ""  # the preposition before it, whose form depends on the word that comes


@dataclass(frozen=True, slots=True)
class Conditional:
    """A conditional piece: `then` where the column's cell holds something, else `otherwise`."""

    column: Column
    then: tuple[Piece, ...] = field(repr=False)
    otherwise: tuple[Piece, ...] = field(default=(), repr=False)


Piece = str | Hole | Conditional


@dataclass(frozen=True, slots=True)
class Template:
    """Compiled: texts, holes and conditional pieces in turn."""

    pieces: tuple[Piece, ...] = field(repr=False)
    country: str = "RU"  # dates without a format are written as there
    language: Language = Language.RUSSIAN  # of months and weekdays
    date_holes: tuple[Hole, ...] = ()  # ask for a date or time: a bare number in their column is read as one


def names_in(text: str) -> list[str]:
    """The placeholders' names, as far as they can be told without the headings. Raises UsageProblem."""
    return [name for inner in _inners(parse(text)) if (name := _shortest(inner))]


def _inners(parts: Iterable[Part]) -> Iterator[str]:
    """What names a column: the inside of each placeholder, and the words that begin a conditional piece."""
    for part in parts:
        if isinstance(part, Placeholder):
            yield part.inner
        elif isinstance(part, Optional):
            yield _head(part)
            yield from _inners(part.parts)


def _head(part: Optional) -> str:
    return part.parts[0] if part.parts and isinstance(part.parts[0], str) else ""


def compile_template(text: str, columns: Sequence[Column], country: str = "RU") -> Template:
    """Bind `text` to the columns. Raises UsageProblem that names every unknown column with the nearest there is."""
    parts = parse(text)
    _check_known(list(_inners(parts)), columns)
    pieces = tuple(_pieces(parts, columns))
    dates = tuple(hole for hole in holes(pieces) if is_date_format(hole.spec))
    return Template(pieces, country, _language(pieces), dates)


def _language(pieces: Sequence[Piece]) -> Language:
    """That of the words; of a template without any that of its headings."""
    names = " ".join(column.name for column in columns_of(pieces))
    return language_of(" ".join(_words(pieces))) or language_of(names) or Language.ENGLISH


def _words(pieces: Iterable[Piece]) -> Iterator[str]:
    """What the template itself says: its language is told by this, not by the headings."""
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, Conditional):
            yield from _words((*piece.then, *piece.otherwise))
        else:
            yield f"{piece.lead} {piece.default or ''}"


def _check_known(inners: Iterable[str], columns: Sequence[Column]) -> None:
    missing = [inner for inner in inners if _resolved(inner, columns) is None]
    if missing:
        names = [column.name for column in columns]
        wrong = "; ".join(_with_nearest(name, names) for name in dict.fromkeys(map(_shortest, missing)))
        sentence = _("The list has no column {wrong}. It has: {names}.")
        raise UsageProblem(sentence.format(wrong=wrong, names=", ".join(names)))


def _shortest(inner: str) -> str:
    return SIGN.split(inner, maxsplit=1)[0].strip()


def _with_nearest(name: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    sentence = _("“{name}” (nearest: “{nearest}”)") if near else _("“{name}”")
    return sentence.format(name=name, nearest=near)


def nearest(name: str, names: Sequence[str]) -> str | None:
    """What was probably meant by a name that there is not."""
    by_folded = {folded(each): each for each in names}
    near = get_close_matches(folded(name), by_folded, n=1, cutoff=LIKENESS)
    return by_folded[near[0]] if near else None


def find_column(name: str, columns: Sequence[Column]) -> Column | None:
    """The column of that name: spelt exactly so, else but for case and blanks. Raises UsageProblem when two fit."""
    exact = [column for column in columns if column.name == name]
    fitting = exact or [column for column in columns if folded(name) in (folded(column.name), *column.also)]
    if len(fitting) > 1 or (not fitting and _is_numbered(name, columns)):
        sentence = _("The list has several columns “{name}”: write “{name} (1)” for the first.")
        raise UsageProblem(sentence.format(name=name))
    return fitting[0] if fitting else None


def named_column(name: str, columns: Sequence[Column]) -> Column:
    """As `find_column`; raises UsageProblem, with the nearest there is, for one that there is not."""
    _check_known([name], columns)
    column = find_column(name, columns)
    if column is None:
        raise UsageProblem(_("The list has no column “{name}”.").format(name=name))
    return column


def _is_numbered(name: str, columns: Sequence[Column]) -> bool:
    return any(folded(column.name) == f"{folded(name)} (1)" for column in columns)


def _resolved(inner: str, columns: Sequence[Column]) -> tuple[Column, str] | None:
    """The column with the longest name that fits, and what follows the name."""
    ends = [len(inner), *(match.start() for match in SIGN.finditer(inner))]
    for end in sorted(ends, reverse=True):
        if column := find_column(inner[:end].strip(), columns):
            return column, inner[end:]
    return None


def _pieces(parts: Sequence[Part], columns: Sequence[Column]) -> Iterator[Piece]:
    """A preposition before a date in words, and the day before a month, go into its hole: they decide on its form."""
    waiting: str | None = None  # words whose last one may be such a preposition
    day_of: Column | None = None  # whose day of the month has just been written
    for part in parts:
        if isinstance(part, str):
            if waiting is not None:
                yield waiting
            waiting, day_of = part, day_of if part.strip(BLANKS) == "" else None
            continue
        piece = _hole(part.inner, columns) if isinstance(part, Placeholder) else _conditional(part, columns)
        text, waiting = waiting or "", None
        if isinstance(piece, Hole) and BY_WORD.match(piece.spec):
            if piece.column == day_of:
                piece = replace(piece, spec=piece.spec.replace("%B", "%EB"))
            text, lead = parted(text)
            piece = replace(piece, lead=lead)
        yield text
        yield piece
        day_of = piece.column if isinstance(piece, Hole) and BY_DAY.search(piece.spec) else None
    if waiting is not None:
        yield waiting


def _hole(inner: str, columns: Sequence[Column]) -> Hole:
    resolved = _resolved(inner, columns)
    assert resolved is not None, "compile_template has checked it"
    column, rest = resolved
    bar = BARS.get(rest[:1])
    spec, default = _at_first(BARS["："], rest) if bar is None else _at_first(bar, rest[1:])
    try:
        check_format(spec)
    except FormatMistake as mistake:
        raise UsageProblem(_("In {{{inner}}}: {mistake}.").format(inner=inner, mistake=mistake)) from mistake
    return Hole(column, spec, default)


def _conditional(part: Optional, columns: Sequence[Column]) -> Conditional:
    head = _head(part)
    resolved = _resolved(head, columns)
    assert resolved is not None, "compile_template has checked it"
    column, rest = resolved
    bar = BARS.get(rest[:1])
    if bar is None:
        sentence = _("In {{?{name}}}: a colon and the text that it is for must follow, as in {{?{name}: text}}.")
        raise UsageProblem(sentence.format(name=column.name))
    then, otherwise = _at_bar(bar, (rest[1:], *part.parts[1:]))
    return Conditional(column, tuple(_pieces(then, columns)), tuple(_pieces(otherwise, columns)))


def _at_bar(bar: re.Pattern[str], parts: Sequence[Part]) -> tuple[Sequence[Part], Sequence[Part]]:
    """What stands before the first bar that belongs to no placeholder, and what behind it."""
    for place, part in enumerate(parts):
        before, after = _at_first(bar, part) if isinstance(part, str) else ("", None)
        if after is not None:
            return (*parts[:place], before), (after, *parts[place + 1 :])
    return parts, ()


def _at_first(bar: re.Pattern[str], text: str) -> tuple[str, str | None]:
    """What stands before it, and what behind; None without any."""
    before, *after = bar.split(text, maxsplit=1)
    return before, after[0] if after else None


def holes(pieces: Iterable[Piece]) -> Iterator[Hole]:
    """Every placeholder, those in conditional pieces too."""
    for piece in pieces:
        if isinstance(piece, Hole):
            yield piece
        elif isinstance(piece, Conditional):
            yield from holes((*piece.then, *piece.otherwise))


def columns_of(pieces: Iterable[Piece]) -> Iterator[Column]:
    """Every column that is asked for a value or for whether it has one."""
    for piece in pieces:
        if isinstance(piece, Conditional):
            yield from columns_of((*piece.then, *piece.otherwise))
        if not isinstance(piece, str):
            yield piece.column
