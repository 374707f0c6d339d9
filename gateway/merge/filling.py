"""[pure] A compiled template and one row -> the text; or why the row can't have one.

A list has a hundred thousand rows, and their doctors, days and rooms repeat: each placeholder is made ready once, with
the texts that its last values gave.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import zip_longest

from gateway.i18n import _
from gateway.merge.cells import Cell, Flaw, cell_at, holds
from gateway.merge.formats import CACHED, Unsuitable, formatted, plain
from gateway.merge.mojibake import ORDINARY, is_misread
from gateway.merge.template import BLANKS, FLAW_REASONS, Conditional, Hole, Piece, Template
from gateway.sms.message import Alphabet
from gateway.sms.segmentation import MOST_SEGMENTS, PART, TooLong

PART_SEPTETS = PART[Alphabet.GSM7, False]
MOST_SIGNS = MOST_SEGMENTS * PART_SEPTETS  # that a message can have; what grows longer is given up at once
STOP = "."
STOPS = ".,;:!?)»”…。，；：！？）"


class Unfilled(ValueError):
    """A row can't fill a hole; `str()` is the reason."""

    def __init__(self, column: str, code: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.code = code
        self.reason = reason


Fill = Callable[[Sequence[Cell]], str]
Part = str | Fill  # what a piece gives: always the same, or each row its own
Slot = tuple[int, bool, Callable[[Cell], str]]  # of a placeholder: its column, whether a text stays as it is, the rest


class Filling:
    """A template made ready for many rows."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._fill = _filling(template.pieces, template)

    def of(self, cells: Sequence[Cell]) -> str:
        """The text for one row, without blanks at its ends. Raises Unfilled for a hole that stays empty, or TooLong."""
        return self._fill(cells).strip()


def render(template: Template, cells: Sequence[Cell]) -> str:
    """For one row alone, as `Filling.of`."""
    return Filling(template).of(cells)


def _filling(pieces: Sequence[Piece], template: Template) -> Fill:
    """Without a conditional piece there is no seam to be mended: so most templates are, for every row of a list."""
    followed = zip_longest(pieces, pieces[1:], fillvalue="")
    parts = [_part(piece, template, is_last=_begins_with_stop(next_)) for piece, next_ in followed]
    seams = [isinstance(piece, Conditional) for piece in pieces]
    if any(seams):
        return partial(_mended, list(zip(parts, seams, strict=True)))
    return partial(_quick, _frame(pieces), _slots(pieces, template), partial(_joined, parts))


def _frame(pieces: Sequence[Piece]) -> str:
    """The template for the operator %."""
    return "".join(piece.replace("%", "%%") if isinstance(piece, str) else "%s" for piece in pieces)


def _slots(pieces: Sequence[Piece], template: Template) -> list[Slot]:
    followed = zip_longest(pieces, pieces[1:], fillvalue="")
    return [
        _slot(piece, template, is_last=_begins_with_stop(next_)) for piece, next_ in followed if isinstance(piece, Hole)
    ]


def _quick(frame: str, slots: Sequence[Slot], thorough: Fill, cells: Sequence[Cell]) -> str:
    """As `thorough`, which also has the row where something is amiss: the texts of all cells are looked at as one."""
    try:
        texts = [
            value if isinstance(value := cells[index], str) and is_as_it_stands else write(value)
            for index, is_as_it_stands, write in slots
        ]
    except (Unfilled, IndexError):
        return thorough(cells)
    if not ORDINARY.fullmatch("".join(texts)):
        return thorough(cells)
    whole = frame % tuple(texts)
    _check_length(len(whole))
    return whole


def _joined(parts: Sequence[Part], cells: Sequence[Cell]) -> str:
    texts = [part if isinstance(part, str) else part(cells) for part in parts]
    _check_length(sum(map(len, texts)))
    return "".join(texts)


def _check_length(signs: int) -> None:
    if signs > MOST_SIGNS:
        raise TooLong(-(-signs // PART_SEPTETS))


def _mended(parts: Sequence[tuple[Part, bool]], cells: Sequence[Cell]) -> str:
    """Each part with whether it is a conditional piece."""
    whole, is_seam = "", False
    for part, is_conditional in parts:
        text = part if isinstance(part, str) else part(cells)
        if whole and (is_seam or is_conditional):
            whole, text = _seamless(whole, text)
        is_seam = is_conditional or (is_seam and not text)
        _check_length(len(whole) + len(text))
        whole += text
    return whole


def _seamless(before: str, text: str) -> tuple[str, str]:
    """Where a conditional piece begins, ends or is left out, no two blanks or full stops meet, and no blank stands
    before a full stop."""
    if text[:1] in STOPS and text:
        before = before.rstrip(BLANKS)
        return before, text[1:] if before.endswith(STOP) and _begins_with_stop(text) else text
    if before[-1:].isspace() and text[:1].isspace():
        text = text.lstrip(BLANKS)
    return before, text[1:] if before[-1:] == "\n" == text[:1] else text


def _begins_with_stop(piece: Piece) -> bool:
    """With the full stop of a sentence, that is, and not with three dots."""
    return isinstance(piece, str) and piece.startswith(STOP) and not piece.startswith(STOP + STOP)


def _part(piece: Piece, template: Template, *, is_last: bool) -> Part:
    """`is_last`: in its sentence, so that the dot of an abbreviation would meet the full stop: one of them stays."""
    if isinstance(piece, Conditional):
        return _conditional(piece, template)
    if isinstance(piece, str):
        return piece
    index, is_as_it_stands, write = _slot(piece, template, is_last=is_last)

    def fill(cells: Sequence[Cell]) -> str:
        value = cell_at(cells, index)
        return value if is_as_it_stands and isinstance(value, str) and ORDINARY.fullmatch(value) else write(value)

    return fill


def _slot(hole: Hole, template: Template, *, is_last: bool) -> Slot:
    return hole.column.index, not hole.spec and not is_last, _writing(hole, template, is_last=is_last)


def _writing(hole: Hole, template: Template, *, is_last: bool) -> Callable[[Cell], str]:
    written = partial(_written, hole, template)
    return lru_cache(CACHED, typed=True)((lambda value: written(value).removesuffix(STOP)) if is_last else written)


def _conditional(piece: Conditional, template: Template) -> Fill:
    column = piece.column
    then, otherwise = _filling(piece.then, template), _filling(piece.otherwise, template)

    def fill(cells: Sequence[Cell]) -> str:
        value = cell_at(cells, column.index)
        if isinstance(value, Flaw):
            raise Unfilled(column.name, value.value, FLAW_REASONS[value])
        return then(cells) if holds(value) else otherwise(cells)

    return fill


def _written(hole: Hole, template: Template, value: Cell) -> str:
    if isinstance(value, str) and is_misread(value):
        value = Flaw.CELL_ERROR
    if value is None or isinstance(value, Flaw):
        return hole.lead + _default(hole, value)
    try:
        if not hole.spec:
            return plain(value, template.country)
        return formatted(value, hole.spec, template.language, hole.lead)
    except Unsuitable as problem:
        raise Unfilled(hole.column.name, problem.code, _with_way_out(str(problem), hole)) from problem


def _with_way_out(reason: str, hole: Hole) -> str:
    """Most formats are there for looks alone."""
    sentence = _("{reason} {placeholder} without the format writes the cell as it stands.")
    return sentence.format(reason=reason, placeholder=f"{{{hole.column.name}}}")


def _default(hole: Hole, value: Flaw | None) -> str:
    if hole.default is not None:
        return hole.default
    if value is None:
        raise Unfilled(hole.column.name, "empty_value", _("The cell is empty, and the template needs it."))
    raise Unfilled(hole.column.name, value.value, FLAW_REASONS[value])
