"""Contacts in the database: persons with their numbers, fields and groups, read and written many at a time.

A list is written in one transaction: what a power cut leaves is all of it or nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from gateway.contacts.comparing import Change, Fate, Stored, compare
from gateway.contacts.person import Number, Person
from gateway.queue import many, times
from gateway.queue.adding import ROOMY_CACHE

AT_ONCE = 500  # persons per statement that reads

# Each column comes as one array: Python would make every text of its own, which takes three times as long.
STORED = """
    SELECT json_group_array(key), json_group_array(id), json_group_array(own_key), json_group_array(name),
           json_group_array(language), json_group_array(timezone)
    FROM persons WHERE key IN (SELECT value FROM json_each(?))"""
NUMBERS = """
    SELECT json_group_array(person), json_group_array(msisdn), json_group_array(kind) FROM (
        SELECT person, msisdn, kind FROM person_numbers WHERE person IN (SELECT value FROM json_each(?))
        ORDER BY person, rank)"""
FIELDS = """
    SELECT json_group_array(person), json_group_array(field), json_group_array(value), json_group_array(kind) FROM (
        SELECT person, field, value, kind FROM person_fields WHERE person IN (SELECT value FROM json_each(?))
        ORDER BY person, field)"""
WRITE_FIELD_NAME = """
    INSERT INTO fields (key, name, is_birth) VALUES (:key, :name, :is_birth)
    ON CONFLICT (key) DO UPDATE SET is_birth = 1 WHERE excluded.is_birth AND NOT is_birth"""
FIELD_NAMES = "SELECT id, key, name, is_birth FROM fields ORDER BY id"
LAST_ID = "SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = 'persons'"
WRITE_PERSON = """
    INSERT INTO persons (id, key, own_key, name, language, timezone, created_at, changed_at) VALUES {rows}"""
CHANGE_PERSON = "UPDATE persons SET name = ?, language = ?, timezone = ?, changed_at = ? WHERE id = ?"
FORGET_NUMBERS = "DELETE FROM person_numbers WHERE person = ?"
WRITE_NUMBER = "INSERT INTO person_numbers (person, msisdn, rank, kind) VALUES {rows}"
WRITE_FIELD = """
    INSERT INTO person_fields (person, field, value, kind, words, measure, sort) VALUES {rows}
    ON CONFLICT (person, field) DO UPDATE SET value = excluded.value, kind = excluded.kind, words = excluded.words,
        measure = excluded.measure, sort = excluded.sort"""
KNOWN = "SELECT key FROM persons WHERE key IN (SELECT value FROM json_each(?))"
# Another one whenever somebody else has written contacts meanwhile.
STAMP = "SELECT count(*), max(id), max(changed_at) FROM persons"
# How many of these numbers a contact has already: of new persons, a family or the same person under another key.
SHARED = "SELECT count(DISTINCT msisdn) FROM person_numbers WHERE msisdn IN (SELECT value FROM json_each(?))"
SHARED_AT_ONCE = 5000  # numbers


@dataclass(frozen=True, slots=True)
class FieldName:
    """A heading that some list had."""

    id: int
    key: str
    name: str
    is_birth: bool


def compared(connection: sqlite3.Connection, persons: Sequence[Person]) -> Iterator[Change]:
    """Each with what is kept under its key."""
    for some in _parted(persons):
        kept = _stored(connection, [person.key for person in some])
        yield from (compare(person, kept.get(person.key)) for person in some)


def known_keys(connection: sqlite3.Connection, keys: Sequence[str]) -> set[str]:
    """Those of the keys under which a contact is kept."""
    return {row[0] for row in connection.execute(KNOWN, (json.dumps(keys),))}


def count_shared(connection: sqlite3.Connection, changes: Iterable[Change]) -> int:
    """How many numbers of the new persons are another contact's already."""
    numbers = sorted({msisdn for change in changes if change.id is None for msisdn in change.person.msisdns})
    parts = (numbers[start : start + SHARED_AT_ONCE] for start in range(0, len(numbers), SHARED_AT_ONCE))
    return sum(int(connection.execute(SHARED, (json.dumps(part),)).fetchone()[0]) for part in parts)


def field_names(connection: sqlite3.Connection) -> list[FieldName]:
    """In the order in which lists brought them."""
    return [FieldName(row[0], row[1], row[2], bool(row[3])) for row in connection.execute(FIELD_NAMES)]


def stamp(connection: sqlite3.Connection) -> tuple[object, ...]:
    """What a comparison goes by: as long as it is the same, the comparison holds."""
    return tuple(connection.execute(STAMP).fetchone())


def keep(
    connection: sqlite3.Connection, changes: Sequence[Change], names: Mapping[str, tuple[str, bool]], now: datetime
) -> list[int]:
    """In the caller's transaction: the persons' ids. `names`: folded heading to heading, and is it births'."""
    rows = [{"key": key, "name": name, "is_birth": is_birth} for key, (name, is_birth) in names.items()]
    connection.execute(ROOMY_CACHE)
    connection.executemany(WRITE_FIELD_NAME, rows)
    fields = {each.key: each.id for each in field_names(connection)}
    free = count(int(connection.execute(LAST_ID).fetchone()[0]) + 1)
    ids = [next(free) if change.id is None else change.id for change in changes]
    for start in range(0, len(ids), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        _keep(connection, list(zip(ids[some], changes[some], strict=True)), fields, times.to_text(now))
    return ids


def _keep(
    connection: sqlite3.Connection, changes: Sequence[tuple[int, Change]], fields: Mapping[str, int], at: str
) -> None:
    """Many rows by each statement: one at a time costs twice as long, and nobody else can write meanwhile."""
    new = [(person, change) for person, change in changes if change.id is None]
    changed = [(person, change) for person, change in changes if change.fate is Fate.CHANGED]
    moved = [(person, change) for person, change in changed if change.has_other_numbers]
    people = [(person, each.person.key, each.person.own_key, *each.own, at, at) for person, each in new]
    many.run(connection, WRITE_PERSON, (), people)
    connection.executemany(CHANGE_PERSON, [(*change.own, at, person) for person, change in changed])
    connection.executemany(FORGET_NUMBERS, [(person,) for person, _change in moved])
    numbers = [row for person, change in (*new, *moved) for row in _numbers(person, change)]
    many.run(connection, WRITE_NUMBER, (), numbers)
    values = [row for person, change in changes for row in _fields(person, change, fields)]
    many.run(connection, WRITE_FIELD, (), values)


def _numbers(person: int, change: Change) -> Iterator[tuple[object, ...]]:
    return ((person, number.msisdn, rank, number.kind) for rank, number in enumerate(change.numbers))


def _fields(person: int, change: Change, fields: Mapping[str, int]) -> Iterator[tuple[object, ...]]:
    told = change.person.fields
    for key in change.fields:
        value = told[key]
        measure = None if value.measure is None else value.measure.value  # sqlite3 takes ten times as long for an enum
        yield person, fields[key], value.text, value.kind, value.words, measure, value.sort


def _stored(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Stored]:
    rows = list(_columns(connection, STORED, keys))
    ids = [row[1] for row in rows]
    numbers, fields = numbers_of(connection, ids), fields_of(connection, ids)
    return {
        key: Stored(person, own_key, name, language, zone, numbers.get(person, ()), fields.get(person, {}))
        for key, person, own_key, name, language, zone in rows
    }


def numbers_of(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, tuple[Number, ...]]:
    """Of each person in their rank."""
    found: dict[int, tuple[Number, ...]] = {}
    for person, msisdn, kind in _columns(connection, NUMBERS, ids):
        found[person] = (*found.get(person, ()), Number(msisdn, kind))
    return found


def fields_of(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, dict[str, tuple[str, str]]]:
    """Of each person: folded heading to text and kind."""
    values = list(_columns(connection, FIELDS, ids))
    keys = {each.id: each.key for each in field_names(connection)}  # later: another list may have brought new ones
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for person, field, text, kind in values:
        found.setdefault(person, {})[keys[field]] = text, kind
    return found


def _columns(connection: sqlite3.Connection, statement: str, keys: Sequence[object]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement whose columns are arrays."""
    return zip(*map(json.loads, connection.execute(statement, (json.dumps(keys),)).fetchone()), strict=True)


def _parted(persons: Sequence[Person]) -> Iterator[Sequence[Person]]:
    return (persons[start : start + AT_ONCE] for start in range(0, len(persons), AT_ONCE))
