"""[pure] Rows of a list -> persons, and every row that can't be one: nothing is written here.

The rows are judged as those of messages are: titles, totals and hidden ones are no persons, a number that can't be
trusted is refused with its reason. A person may stand in several rows (each with another number, say): what they say
is put together, and refused where they contradict each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from gateway.contacts.person import Person, laid_out
from gateway.contacts.row import Refused, Rules, numbers_of, person_of, readers, warnings_of
from gateway.i18n import _
from gateway.merge.cells import Cell, folded
from gateway.merge.plan import Problem
from gateway.merge.recipients import Recipients
from gateway.merge.rows import HEADING, passed_over, plain_numbers
from gateway.merge.template import Column

Row = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The whole list, looked at."""

    persons: tuple[Person, ...] = field(repr=False)
    refused: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    rows: int
    hidden: int
    passed_over: tuple[tuple[int, str], ...]


def gather(rows: Iterable[Row], rules: Rules) -> Gathered:
    """Look at every row."""
    draft = _Draft(rules)
    for number, cells in rows:
        draft.take(number, cells)
    return draft.gathered()


class _Draft:
    """Collects what becomes Gathered."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._plain = plain_numbers(rules.layout, rules.country, rules.banner_rows)
        self._fields = readers(rules.columns, rules.country)
        self._persons: dict[str, Person] = {}
        self._refused: list[Problem] = []
        self._warnings: list[Problem] = []
        self._passed_over: list[tuple[int, str]] = []
        self._counts: Counter[str] = Counter()

    def take(self, number: int, cells: Sequence[Cell]) -> None:
        rules = self._rules
        plain = self._plain(number, cells)
        if plain is None and (why := passed_over(number, cells, rules.layout, rules.banner_rows)):
            self._passed_over += [(number, why)] if why != HEADING else []
            return
        self._counts["rows"] += 1
        if number in rules.hidden_rows and not rules.is_hidden_included:
            self._counts["hidden"] += 1
            return
        try:
            found = Recipients((plain,)) if plain else numbers_of(cells, rules)
            self._add(person_of(number, cells, found, rules, self._fields))
        except Refused as problem:
            self._refused.append(Problem(number, problem.column, problem.code, str(problem)))
            return
        self._warnings += warnings_of(number, cells, found, rules)

    def _add(self, person: Person) -> None:
        """Raises Refused where a row above says something else of the same person."""
        first = self._persons.get(person.key)
        self._persons[person.key] = person if first is None else united(first, person, self._rules.columns.fields)

    def gathered(self) -> Gathered:
        return Gathered(
            tuple(self._persons.values()),
            tuple(self._refused),
            tuple(self._warnings),
            self._counts["rows"],
            self._counts["hidden"],
            tuple(self._passed_over),
        )


def united(first: Person, other: Person, fields: Sequence[Column]) -> Person:
    """What two rows say of one person. Raises Refused where they contradict each other."""
    of_first, of_other = first.fields, other.fields
    for column in fields:
        key = folded(column.name)
        one, two = of_first.get(key), of_other.get(key)
        if one is not None and two is not None and one.words != two.words:
            sentence = _("Row {first} says something else of the same person.")
            raise Refused(column.name, "contradiction", sentence.format(first=first.row))
    numbers = dict.fromkeys([*first.numbers, *(each for each in other.numbers if each.msisdn not in first.msisdns)])
    headings, values = laid_out({**of_other, **of_first})
    return replace(
        first,
        numbers=tuple(numbers),
        headings=headings,
        values=values,
        language=first.language or other.language,
        timezone=first.timezone or other.timezone,
        consent=_agreed(first.consent, other.consent),
    )


def _agreed(one: bool | None, two: bool | None) -> bool | None:
    """Whoever says no in one row has said no."""
    said = [each for each in (one, two) if each is not None]
    return all(said) if said else None
