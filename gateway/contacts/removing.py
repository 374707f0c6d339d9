"""Taking a contact out: the person, their numbers, fields, groups and consents go, and are overwritten in the file.

What stays: that a number asked for no more messages (it is about the number), and messages, as long as retention keeps
them. What the contact has withdrawn by word would go with the consents: it stays as an opt-out of each number that
nobody else has. What others of a family have said of theirs goes on counting.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from gateway.queue import db, times

SOURCE = "contact"  # of the opt-out that stays
# As of the day on which it was said, so that a later START of the number goes on counting. Not where it is out already.
KEEP = """
    INSERT INTO opt_outs (msisdn, is_out, source, at, noted_at)
    SELECT n.msisdn, 1, :source, max(s.at), :now FROM person_numbers AS n JOIN (
        SELECT is_given, at, row_number() OVER (PARTITION BY category ORDER BY at DESC, id DESC) AS place
        FROM consents WHERE person = :person AND category <> '') AS s ON s.place = 1 AND NOT s.is_given
    WHERE n.person = :person
      AND NOT EXISTS (SELECT 1 FROM person_numbers WHERE msisdn = n.msisdn AND person <> :person)
      AND NOT COALESCE((SELECT is_out FROM opt_outs WHERE msisdn = n.msisdn ORDER BY at DESC, id DESC LIMIT 1), 0)
    GROUP BY n.msisdn"""
REMOVE = "DELETE FROM persons WHERE id = ?"
# Until the first what was deleted stands in the file itself, until the second in the log beside it. Where somebody is
# busy with that for longer, the daemon's own tidying does it.
EMPTY_LOG = ("PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(TRUNCATE)")
PATIENCE = "PRAGMA busy_timeout = 500"  # milliseconds, in which nobody else can write


def remove(connection: sqlite3.Connection, persons: Iterable[int], now: datetime) -> int:
    """All in one transaction; how many there were. The connection waits less for others afterwards: it is the end."""
    with db.write(connection):
        count = sum(_remove(connection, person, now) for person in persons)
    connection.execute(PATIENCE)
    for statement in EMPTY_LOG:
        connection.execute(statement).fetchall()
    return count


def _remove(connection: sqlite3.Connection, person: int, now: datetime) -> int:
    connection.execute(KEEP, {"person": person, "source": SOURCE, "now": times.to_text(now)})
    return connection.execute(REMOVE, (person,)).rowcount
