"""A list becomes contacts: read and judged, compared with what is kept, and written in one transaction.

What the preview says is found out before anything is written. The writing compares once more, in its transaction: what
has changed meanwhile is not lost.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from gateway.contacts import consents, groups, store, withdrawing
from gateway.contacts.columns import Columns, Named, columns_of
from gateway.contacts.comparing import Change, Fate
from gateway.contacts.consents import Said
from gateway.contacts.gathering import Gathered, gather
from gateway.contacts.row import Rules
from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.merge.cells import folded
from gateway.merge.layout import Layout
from gateway.merge.plan import Problem
from gateway.merge.preparing import Source, opened_list
from gateway.queue import db
from gateway.queue.rules import IntakeRules


@dataclass(frozen=True, slots=True)
class Intention:
    """What is to be done with the persons of the list, besides keeping them."""

    groups: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # that they have agreed to; none: nothing is noted
    source: str = field(default="", repr=False)  # of the consents: "paper form"
    at: datetime | None = None  # when they agreed; None: nobody has said


@dataclass(frozen=True, slots=True)
class List:
    """A list, read."""

    gathered: Gathered
    layout: Layout
    columns: Columns
    sheet: str
    other_sheets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written, or would be."""

    counts: dict[str, int]  # by fate
    consents: int = 0  # entries that are new
    joined: int = 0  # memberships that are new


def read(source: Source, named: Named, today: date, advance: Callable[[int, int], None] = lambda _a, _b: None) -> List:
    """Raises GatewayError: UsageProblem for an option that doesn't fit the list."""
    with opened_list(source, _wanted(named)) as (sheet, layout, rows):
        columns = columns_of(layout, named)
        rules = Rules(
            layout,
            columns,
            source.country,
            today,
            source.short_codes,
            sheet.hidden_rows,
            sheet.banner_rows,
            source.is_hidden_included,
        )
        gathered = gather(rows, rules)
    return List(gathered, layout, columns, sheet.name, sheet.other_sheets)


def _wanted(named: Named) -> list[str]:
    """Columns that the list must have: they tell which row is its heading."""
    single = (named.birth, named.language, named.timezone, named.consent)
    return [*named.key, *named.name, *(name for name in single if name is not None)]


def check(intention: Intention, *, is_of_consents: bool) -> None:
    """Raises UsageProblem for what says too little. `is_of_consents`: something was said of how they have agreed."""
    for name in intention.groups:
        groups.check_name(name)
    if intention.categories and not intention.source.strip():
        raise UsageProblem(_("Say where the consents come from, as in --consent-source 'paper form'."))
    if is_of_consents and not intention.categories:
        raise UsageProblem(_("Say what they agree to, as in --consent marketing."))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The list against what is kept."""

    changes: tuple[Change, ...]
    stamp: tuple[object, ...] = field(repr=False)  # what was kept then


NO_PHONE = _("There is no phone number, and the person is no contact yet.")


def reachable(connection: sqlite3.Connection, read_list: List) -> List:
    """The list without persons that have a number neither here nor from before: their rows are refused."""
    gathered = read_list.gathered
    bare = [person for person in gathered.persons if not person.numbers]
    known = store.known_keys(connection, [person.key for person in bare])
    lost = [person for person in bare if person.key not in known]
    if not lost:
        return read_list
    keys, column = {person.key for person in lost}, read_list.layout.phone.name
    refused = [Problem(person.row, column, "no_phone", NO_PHONE) for person in lost]
    persons = tuple(person for person in gathered.persons if person.key not in keys)
    in_order = sorted((*gathered.refused, *refused), key=lambda problem: problem.row)
    return replace(read_list, gathered=replace(gathered, persons=persons, refused=tuple(in_order)))


def compare(connection: sqlite3.Connection, read_list: List) -> Comparison:
    stamp = store.stamp(connection)
    return Comparison(tuple(store.compared(connection, read_list.gathered.persons)), stamp)


def keep(
    connection: sqlite3.Connection,
    read_list: List,
    compared: Comparison,
    intention: Intention,
    rules: IntakeRules,
    now: datetime,
) -> Outcome:
    """All of it in one transaction, in which it is compared once more if somebody else has written contacts since.

    What waits for those who have withdrawn goes out no more.
    """
    with db.write(connection):
        if store.stamp(connection) != compared.stamp:
            compared = compare(connection, read_list)
        ids = store.keep(connection, compared.changes, _field_names(read_list.columns), now)
        made = (groups.found_or_made(connection, name, now) for name in intention.groups)
        joined = sum(groups.join(connection, group, ids) for group in made)
        said = _said(read_list)
        noted = _note(connection, said, ids, intention, now)
        withdrawn = [person for person, word in zip(ids, said, strict=True) if word is False]
        for category in intention.categories:
            withdrawing.enforce(connection, withdrawn, category, rules, now)
    return Outcome(counts_of(compared.changes), noted, joined)


def counts_of(changes: Sequence[Change]) -> dict[str, int]:
    """How many are new, changed, the same."""
    counts = Counter(change.fate for change in changes)
    return {fate.value: counts[fate] for fate in Fate}


def _field_names(columns: Columns) -> dict[str, tuple[str, bool]]:
    return {folded(column.name): (column.name, column == columns.birth) for column in columns.fields}


def _note(
    connection: sqlite3.Connection, said: Sequence[bool | None], ids: Sequence[int], intention: Intention, now: datetime
) -> int:
    """What each person has said, where they said anything; how many entries are new.

    The same list may come again: without its date nobody knows whether a yes is younger than the no that is kept.
    """
    noted = 0
    for category in intention.categories:
        for is_given in (True, False):
            persons = [person for person, word in zip(ids, said, strict=True) if word is is_given]
            if is_given and intention.at is None:
                kept = consents.unwilling(connection, persons, category)
                persons = [person for person in persons if person not in kept]
            entry = Said(category, is_given, intention.source, intention.at or now)
            noted += consents.note(connection, persons, entry, now)
    return noted


def _said(read_list: List) -> list[bool | None]:
    """By the column of consents, each as the row says; without one all of the list have agreed."""
    has_column = read_list.columns.consent is not None
    return [person.consent if has_column else True for person in read_list.gathered.persons]
