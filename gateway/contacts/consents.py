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

from gateway.queue import many, opt_outs, times, views, withdrawals

WRITE = """
    INSERT INTO consents (person, category, is_given, source, at, noted_at)
    SELECT column1, ?1, ?2, ?3, ?4, ?5 FROM (VALUES {rows}) WHERE TRUE ON CONFLICT DO NOTHING"""
# Numbers of these persons about which anything was ever said.
OPTED = """
    SELECT DISTINCT n.msisdn FROM opt_outs AS o JOIN person_numbers AS n ON n.msisdn = o.msisdn
    WHERE n.person IN (SELECT value FROM json_each(?))"""
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
    new = many.run(connection, WRITE, entry, [(person,) for person in persons])
    if said.is_given and new > 0:
        _bring_back(connection, persons, said, now)
    return new


def _bring_back(connection: sqlite3.Connection, persons: Sequence[int], said: Said, now: datetime) -> None:
    """Numbers that were out: the entry counts from the day of the consent, so an opt-out after it still holds."""
    for msisdn in sorted(opt_outs.among(connection, _opted(connection, persons))):
        opt_outs.note_back(connection, msisdn, said.source, said.at, now)


def unwilling(connection: sqlite3.Connection, persons: Collection[int], category: str) -> set[int]:
    """Those of the persons who have withdrawn, or of whom a number wants no more."""
    out = opt_outs.among(connection, _opted(connection, persons))
    holders = {person for _msisdn, person in _holders(connection, out)}
    return (withdrawals.said_no(connection, category) | holders).intersection(persons)


def refusing(connection: sqlite3.Connection, msisdns: Collection[str], category: str) -> set[str]:
    """Those of the numbers that only contacts have who have withdrawn: of a family everybody."""
    out = withdrawals.said_no(connection, category, every=category)  # whether a STOP still holds, opt_outs knows
    if not out:
        return set()
    rows = _holders(connection, msisdns)
    return {msisdn for msisdn, _person in rows} - {msisdn for msisdn, person in rows if person not in out}


def _opted(connection: sqlite3.Connection, persons: Collection[int]) -> set[str]:
    return {row[0] for row in connection.execute(OPTED, (json.dumps(list(persons)),))}


def _holders(connection: sqlite3.Connection, msisdns: Collection[str]) -> list[tuple[str, int]]:
    return connection.execute(PERSONS, (json.dumps(list(msisdns)),)).fetchall()


def history(connection: sqlite3.Connection, person: int) -> list[dict[str, Any]]:
    """From the first."""
    rows = views.dicts(connection, HISTORY, {"person": person})
    return [row | {"is_given": bool(row["is_given"])} for row in rows]
