"""[pure] A compiled template and one row -> the text; or why the row can't have one."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.i18n import _
from gateway.merge.cells import Cell, Flaw, cell_at
from gateway.merge.formats import Unsuitable, formatted, plain
from gateway.merge.template import BLANKS, FLAW_REASONS, Conditional, Hole, Piece, Template
from gateway.sms.message import Alphabet
from gateway.sms.segmentation import MOST_SEGMENTS, PART, TooLong

PART_SEPTETS = PART[Alphabet.GSM7, False]
MOST_SIGNS = MOST_SEGMENTS * PART_SEPTETS  # that a message can have; what grows longer is given up at once
STOPS = ".,;:!?)»”…。，；：！？）"


class Unfilled(ValueError):
    """A row can't fill a hole; `str()` is the reason."""

    def __init__(self, column: str, code: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.code = code


def render(template: Template, cells: Sequence[Cell]) -> str:
    """The text for one row, without blanks at its ends. Raises Unfilled for a hole that stays empty, or TooLong."""
    return _filled(template.pieces, cells, template).strip()


def _filled(pieces: Sequence[Piece], cells: Sequence[Cell], template: Template) -> str:
    """Without a conditional piece there is no seam to be mended: so most templates are, for every row of a list."""
    if any(isinstance(piece, Conditional) for piece in pieces):
        return _mended(pieces, cells, template)
    texts = [piece if isinstance(piece, str) else _text_of(piece, cells, template) for piece in pieces]
    signs = sum(map(len, texts))
    if signs > MOST_SIGNS:
        raise TooLong(-(-signs // PART_SEPTETS))
    return "".join(texts)


def _mended(pieces: Sequence[Piece], cells: Sequence[Cell], template: Template) -> str:
    signs, is_seam = 0, False
    texts: list[str] = []
    for piece in pieces:
        text = piece if isinstance(piece, str) else _text_of(piece, cells, template)
        if texts and (is_seam or isinstance(piece, Conditional)):
            texts[-1], text = _seamless(texts[-1], text)
        is_seam = isinstance(piece, Conditional) or (is_seam and not text)
        signs += len(text)
        if signs > MOST_SIGNS:
            raise TooLong(-(-signs // PART_SEPTETS))
        texts += [text] if text else []
    return "".join(texts)


def _seamless(before: str, text: str) -> tuple[str, str]:
    """Where a conditional piece begins, ends or is left out, no two blanks meet, and none stands before a full stop."""
    if text[:1] in STOPS and text:
        return before.rstrip(BLANKS), text
    if before[-1:].isspace() and text[:1].isspace():
        text = text.lstrip(BLANKS)
    return before, text[1:] if before[-1:] == "\n" == text[:1] else text


def _text_of(piece: Hole | Conditional, cells: Sequence[Cell], template: Template) -> str:
    if isinstance(piece, Hole):
        return _value(piece, cells, template)
    value = cell_at(cells, piece.column.index)
    if isinstance(value, Flaw):
        raise Unfilled(piece.column.name, value.value, FLAW_REASONS[value])
    has_value = value is not None and value is not False
    return _filled(piece.then if has_value else piece.otherwise, cells, template)


def _value(hole: Hole, cells: Sequence[Cell], template: Template) -> str:
    value = cell_at(cells, hole.column.index)
    if isinstance(value, str) and not hole.spec:
        return value
    if value is None or isinstance(value, Flaw):
        return hole.lead + _default(hole, value)
    try:
        if not hole.spec:
            return plain(value, template.country)
        return formatted(value, hole.spec, template.language, hole.lead)
    except Unsuitable as problem:
        raise Unfilled(hole.column.name, problem.code, str(problem)) from problem


def _default(hole: Hole, value: Flaw | None) -> str:
    if hole.default is not None:
        return hole.default
    if value is None:
        raise Unfilled(hole.column.name, "empty_value", _("The cell is empty, and the template needs it."))
    raise Unfilled(hole.column.name, value.value, FLAW_REASONS[value])
