"""Which contacts are meant: those of the groups that fit every condition.

A contact without a value in a field fits only `empty`: nobody is written to for what the clinic doesn't know.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.contacts import age, groups, store
from gateway.contacts.asking import Held, Test, age_test_of, test_of
from gateway.contacts.store import FieldName
from gateway.contacts.where import Condition, Operator
from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.merge.cells import folded
from gateway.merge.template import nearest

ABOUT_EMPTY = frozenset({Operator.EMPTY, Operator.FILLED})  # can be asked of everybody
EVERYBODY = "SELECT id FROM persons"
HELD = "SELECT person, words, measure, sort FROM person_fields WHERE field = ?"


@dataclass(frozen=True, slots=True)
class Note:
    """What a person should know of a condition."""

    condition: str  # its field
    births: str  # the birth dates that an age is counted from; "" for others
    unknown: int  # contacts that it could not be asked of


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom it comes to."""

    persons: frozenset[int] = field(repr=False)
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Question:
    """A condition, with the fields that it is about."""

    condition: Condition
    fields: tuple[FieldName, ...]
    test: Test
    births: str = ""


def find(
    connection: sqlite3.Connection, group_names: Sequence[str], conditions: Sequence[Condition], today: date
) -> Segment:
    """Raises UsageProblem for a group or field that there is not, and for a value that doesn't fit its operator."""
    names = store.field_names(connection)
    questions = [_question(condition, names, today) for condition in conditions]
    persons, notes = _of_groups(connection, group_names), []
    for question in questions:
        fitting, known = _asked(connection, question)
        operator = question.condition.operator
        unknown = 0 if operator in ABOUT_EMPTY else len(persons - known)
        notes.append(Note(question.condition.name, question.births, unknown))
        persons = persons - known if operator is Operator.EMPTY else persons & fitting
    return Segment(frozenset(persons), tuple(notes))


def _of_groups(connection: sqlite3.Connection, names: Sequence[str]) -> set[int]:
    """Of several groups whoever is in one of them; without any everybody."""
    if not names:
        return {int(row[0]) for row in connection.execute(EVERYBODY)}
    return set().union(*(groups.members(connection, groups.find(connection, name)) for name in names))


def _question(condition: Condition, names: Sequence[FieldName], today: date) -> _Question:
    own = tuple(each for each in names if each.key == folded(condition.name))
    if own:
        return _Question(condition, own, test_of(condition))
    births = tuple(each for each in names if each.is_birth)
    if births and age.is_age(condition.name):
        return _Question(condition, births, age_test_of(condition, today), ", ".join(each.name for each in births))
    raise UsageProblem(_unknown(condition.name, names))


def _asked(connection: sqlite3.Connection, question: _Question) -> tuple[set[int], set[int]]:
    """Those who fit, and those who could be asked."""
    answers = [(person, question.test(held)) for person, held in _held(connection, question)]
    return {person for person, fits in answers if fits}, {person for person, fits in answers if fits is not None}


def _held(connection: sqlite3.Connection, question: _Question) -> Iterator[tuple[int, Held]]:
    for each in question.fields:
        for person, words, measure, sort in connection.execute(HELD, (each.id,)):
            yield person, Held(words, measure, sort)


def _unknown(name: str, names: Sequence[FieldName]) -> str:
    if age.is_age(name):
        return _("No list had a birth date to count ages from: `smsgw contacts import --birth-column` names it.")
    if not names:
        return _("There are no contacts yet: `smsgw contacts import` brings them.")
    near = nearest(name, [each.name for each in names])
    hint = _(" Did you mean “{name}”?").format(name=near) if near else ""
    sentence = _("Contacts have no field “{name}”.{hint} They have: {names}.")
    return sentence.format(name=name, hint=hint, names=", ".join(each.name for each in names))
