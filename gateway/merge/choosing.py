"""[pure] Which template a row gets: the one that there is, or the saved one that its cell in a column names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.merge.cells import Cell, Flaw, cell_at, folded
from gateway.merge.filling import Filling, Unfilled
from gateway.merge.formats import plain
from gateway.merge.template import FLAW_REASONS, Column, Template, compile_template, nearest

UNKNOWN = "unknown_template"


@dataclass(frozen=True, slots=True)
class Texts:
    """What the command was given: one text, or saved ones by name and the column that names them."""

    default: str | None = field(default=None, repr=False)
    column: str | None = None
    saved: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __iter__(self) -> Iterator[str]:
        yield from ([] if self.default is None else [self.default])
        yield from self.saved.values()


class Templates:
    """Chooses by a row's cells. A saved template is bound to the list's columns when a row first names it."""

    def __init__(
        self,
        default: Template | None,
        column: Column | None = None,
        saved: Mapping[str, str] | None = None,
        columns: Sequence[Column] = (),
        country: str = "RU",
    ) -> None:
        self._default = None if default is None else Filling(default)
        self._column = column
        self._names = {folded(name): name for name in saved or {}}
        self._saved = saved or {}
        self._columns = columns
        self._country = country
        self._bound: dict[str, Filling] = {}

    def of(self, cells: Sequence[Cell]) -> Filling:
        """Raises Unfilled when the row names none, UsageProblem when the list lacks a column of the one it names."""
        if self._column is None:
            assert self._default is not None, "without a column there is but one template"
            return self._default
        value = cell_at(cells, self._column.index)
        if value is None and self._default is not None:
            return self._default
        return self._named(self._column.name, value)

    def used(self) -> tuple[Template, ...]:
        """Those that rows have got so far, the one for all rows first."""
        fillings = (*([] if self._default is None else [self._default]), *self._bound.values())
        return tuple(filling.template for filling in fillings)

    def _named(self, column: str, value: Cell) -> Filling:
        if value is None:
            raise Unfilled(column, "empty_value", _("The cell is empty: it must name a saved template."))
        if isinstance(value, Flaw):
            raise Unfilled(column, value.value, FLAW_REASONS[value])
        key = folded(plain(value, self._country))
        if key not in self._bound:
            self._bound[key] = self._bind(column, key)
        return self._bound[key]

    def _bind(self, column: str, key: str) -> Filling:
        name = self._names.get(key)
        if name is None:
            raise Unfilled(column, UNKNOWN, self._hint(key))
        try:
            return Filling(compile_template(self._saved[name], self._columns, self._country))
        except UsageProblem as problem:
            sentence = _("Saved template “{name}”: {problem}")
            raise UsageProblem(sentence.format(name=name, problem=problem)) from problem

    def _hint(self, key: str) -> str:
        """Names what is saved, never what stands in the cell."""
        near = nearest(key, list(self._names.values()))
        if near:
            return _("There is no saved template of that name; the nearest is “{name}”.").format(name=near)
        return _("There is no saved template of that name; `smsgw template list` shows which there are.")
