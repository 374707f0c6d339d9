"""Who has agreed to what: a history of which the latest entry counts, each with its source and the day it was said.

An entry without a category, which an answer of STOP leaves, is about every category.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.queue import opt_outs, times, views, withdrawals

WRITE = """
    INSERT INTO consents (person, category, is_given, source, at, noted_at)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
# Numbers of these persons about which anything was ever said.
OPTED = """
    SELECT DISTINCT n.msisdn FROM opt_outs AS o JOIN person_numbers AS n ON n.msisdn = o.msisdn
    WHERE n.person IN (SELECT value FROM json_each(?))"""
NUMBERS = "SELECT msisdn, person FROM person_numbers WHERE person IN (SELECT value FROM json_each(?))"
PERSONS = "SELECT msisdn, person FROM person_numbers WHERE msisdn IN (SELECT value FROM json_each(?))"
HISTORY = """
    SELECT category, is_given, source, at, noted_at FROM consents WHERE person = :person ORDER BY at, id"""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of a category."""

    category: str
    is_given: bool
    source: str = field(repr=False)  # "paper form", "by phone"
    at: datetime = field(repr=False)


def note(connection: sqlite3.Connection, persons: Sequence[int], said: Said, now: datetime) -> int:
    """In the caller's transaction; how many entries are new. Whoever agrees anew may be written to again."""
    entry = (said.category, said.is_given, said.source, times.to_text(said.at), times.to_text(now))
    new = connection.executemany(WRITE, ((person, *entry) for person in persons)).rowcount
    if said.is_given and new > 0:
        _bring_back(connection, persons, said, now)
    return max(0, new)


def _bring_back(connection: sqlite3.Connection, persons: Sequence[int], said: Said, now: datetime) -> None:
    """Numbers that were out: the entry counts from the day of the consent, so an opt-out after it still holds."""
    numbers = {row[0] for row in connection.execute(OPTED, (json.dumps(list(persons)),))}
    for msisdn in sorted(opt_outs.among(connection, numbers)):
        opt_outs.note_back(connection, msisdn, said.source, said.at, now)


def unwilling(connection: sqlite3.Connection, persons: Collection[int], category: str) -> set[int]:
    """Those of the persons who have withdrawn, or of whom a number wants no more."""
    said = withdrawals.latest(connection, category)
    rows = connection.execute(NUMBERS, (json.dumps(list(persons)),)).fetchall()
    out = opt_outs.among(connection, {msisdn for msisdn, _person in rows})
    return {each for each in persons if said.get(each) is False} | {person for msisdn, person in rows if msisdn in out}


def refusing(connection: sqlite3.Connection, msisdns: Collection[str], category: str) -> set[str]:
    """Those of the numbers that only contacts have who have withdrawn: of a family everybody."""
    said = withdrawals.latest(connection, category, every=category)  # whether a STOP still holds, opt_outs knows
    if False not in said.values():
        return set()
    rows = connection.execute(PERSONS, (json.dumps(list(msisdns)),)).fetchall()
    return {msisdn for msisdn, _person in rows} - {msisdn for msisdn, person in rows if said.get(person) is not False}


def history(connection: sqlite3.Connection, person: int) -> list[dict[str, Any]]:
    """From the first."""
    rows = views.dicts(connection, HISTORY, {"person": person})
    return [row | {"is_given": bool(row["is_given"])} for row in rows]
