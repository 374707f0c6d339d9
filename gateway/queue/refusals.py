"""What people have refused since a backup was made: kept when the backup is put in the database's place.

Who answered STOP, or said by phone that they want no more, must not be written to because a disk failed. So all that
the database that is replaced knows of wishes goes into the copy, before that takes its place: whatever is cut short,
there is no moment at which it stands there without them. Both tables are histories in which the latest entry counts,
so it does no harm when the copy knows an entry already.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.queue import backup, db, opt_outs, restored, taking_back, times, withdrawals
from gateway.queue.rules import IntakeRules

CONTACT = "contact"  # source of an opt-out: what a contact withdrew by word, when there is no such contact any more

HAS_WISHES = "SELECT count(*) = 2 FROM sqlite_master WHERE type = 'table' AND name IN ('opt_outs', 'consents')"
OPT_OUTS = "SELECT msisdn, is_out, source, at, noted_at FROM opt_outs ORDER BY id"
CONSENTS = """
    SELECT c.category, c.is_given, c.source, c.at, c.noted_at, p.key
    FROM consents AS c JOIN persons AS p ON p.id = c.person ORDER BY c.id"""
# The numbers that only one contact has, who has withdrawn something: as removing.py keeps them.
WITHDRAWN = """
    SELECT p.key, n.msisdn, max(s.at) FROM persons AS p JOIN person_numbers AS n ON n.person = p.id JOIN (
        SELECT person, is_given, at,
               row_number() OVER (PARTITION BY person, category ORDER BY at DESC, id DESC) AS place
        FROM consents WHERE category <> '') AS s ON s.person = p.id AND s.place = 1 AND NOT s.is_given
    WHERE NOT EXISTS (SELECT 1 FROM person_numbers WHERE msisdn = n.msisdn AND person <> p.id)
    GROUP BY p.id, n.msisdn"""
KEEP_OPT_OUT = """
    INSERT INTO opt_outs (msisdn, is_out, source, at, noted_at)
    SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
        SELECT 1 FROM opt_outs WHERE msisdn = ?1 AND at = ?4 AND is_out = ?2 AND source = ?3)"""
KEEP_CONSENT = """
    INSERT INTO consents (person, category, is_given, source, at, noted_at)
    SELECT id, ?1, ?2, ?3, ?4, ?5 FROM persons WHERE key = ?6 ON CONFLICT DO NOTHING"""
KEYS = "SELECT key FROM persons"
WAITING = "SELECT id, state, CAST(category AS TEXT) FROM outbox WHERE state IN ('queued', 'held')"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a database knows of them."""

    opt_outs: list[tuple[str, int, str, str, str]]
    consents: list[tuple[str, int, str, str, str, str]]
    withdrawn: list[tuple[str, str, str]]  # key of the contact, number, when


def read(database: Path) -> Wishes | None:
    """None when there is no database, or it is too damaged to tell. One from before there were wishes has none."""
    if not database.exists():
        return None
    try:
        with closing(backup.source(database)) as connection:
            if not connection.execute(HAS_WISHES).fetchone()[0]:
                return Wishes([], [], []) if db.is_ours(connection) else None
            found = (connection.execute(query).fetchall() for query in (OPT_OUTS, CONSENTS, WITHDRAWN))
            return Wishes(*found)
    except sqlite3.DatabaseError:
        return None


def keep(copied: Path, wishes: Wishes, rules: IntakeRules, now: datetime) -> int:
    """Write them into the copy, which is brought to this version's schema; how many refusals are new to it.

    What waits in it for whoever wants no more goes out no more. Afterwards it is one file, on the disk.
    """
    db.create_or_upgrade(copied)
    with closing(db.open_database(copied)) as connection:
        count = write_down(connection, wishes, rules, now)
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    backup.sync(copied)
    return count


def write_down(connection: sqlite3.Connection, wishes: Wishes, rules: IntakeRules, now: datetime) -> int:
    """All of them, and what follows from them, or nothing."""
    with db.write(connection):
        restored.skip_ids(connection)
        count = _keep(connection, wishes, times.to_text(now))
        _take_back(connection, rules, now)
    return count


def _keep(connection: sqlite3.Connection, wishes: Wishes, now: str) -> int:
    known = {key for (key,) in connection.execute(KEYS)}
    refused = _new(connection, KEEP_OPT_OUT, ((row, row[1]) for row in wishes.opt_outs))
    refused += _new(connection, KEEP_CONSENT, ((row, not row[1]) for row in wishes.consents))
    lost = [(msisdn, 1, CONTACT, at, now) for key, msisdn, at in wishes.withdrawn if key not in known]
    out = opt_outs.among(connection, [row[0] for row in lost])
    return refused + _new(connection, KEEP_OPT_OUT, ((row, True) for row in lost if row[0] not in out))


def _new(connection: sqlite3.Connection, statement: str, rows: Iterable[tuple[tuple[object, ...], object]]) -> int:
    """Each with whether it is a refusal; how many of these were not known. In their order, in which they were noted."""
    counts = [(connection.execute(statement, row).rowcount, is_refusal) for row, is_refusal in rows]
    return sum(count for count, is_refusal in counts if is_refusal)


def _take_back(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> None:
    for message, state, category in connection.execute(WAITING).fetchall():
        if opt_outs.is_refusable(rules, category):
            found = withdrawals.refusal(connection, message, rules)
            if found is not None:
                taking_back.end(connection, message, state, *found, now)
