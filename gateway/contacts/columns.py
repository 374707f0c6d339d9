"""[pure] What the columns of a list are to a contact: the key, the name, numbers, language, zone, consent, and fields.

Found by their headings where nobody names them, and always said in the preview.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gateway.contacts import age, naming, preferences
from gateway.merge.cells import folded
from gateway.merge.layout import Layout
from gateway.merge.template import Column, named_column


@dataclass(frozen=True, slots=True)
class Named:
    """Columns that a person named; empty ones are found, or there are none."""

    key: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    birth: str | None = None
    language: str | None = None
    timezone: str | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Which is which."""

    key: tuple[Column, ...]
    name: tuple[Column, ...]
    birth: Column | None
    language: Column | None
    timezone: Column | None
    consent: Column | None
    fields: tuple[Column, ...]  # what is kept: every column with a heading but the numbers and those of a report
    nameless: tuple[Column, ...]  # columns without a heading, which are not kept


def columns_of(layout: Layout, named: Named) -> Columns:
    """Raises UsageProblem, with the nearest there is, for a column that there is not."""
    find = partial(_find, layout.columns)
    passed = {*layout.phones, *layout.of_report}
    kept = [column for column in layout.columns if column not in passed]
    headed = tuple(column for column in kept if _is_headed(column, layout))
    return Columns(
        tuple(named_column(name, layout.columns) for name in named.key),
        tuple(named_column(name, layout.columns) for name in named.name) or naming.name_columns(layout.columns),
        find(named.birth, age.is_birth_heading),
        find(named.language, lambda name: preferences.LANGUAGE_HEADING.match(folded(name)) is not None),
        find(named.timezone, lambda name: preferences.ZONE_HEADING.match(folded(name)) is not None),
        None if named.consent is None else named_column(named.consent, layout.columns),
        headed,
        tuple(column for column in kept if column not in headed),
    )


def _find(columns: Sequence[Column], name: str | None, fits: Callable[[str], bool]) -> Column | None:
    if name is not None:
        return named_column(name, columns)
    return next((column for column in columns if fits(column.name)), None)


def _is_headed(column: Column, layout: Layout) -> bool:
    return column.index < len(layout.headings) and layout.headings[column.index] != ""
