"""Taking a contact out: the person, their numbers, fields, groups and consents go, and are overwritten in the file.

What stays: that a number asked for no more messages (it is about the number), and messages, as long as retention keeps
them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from gateway.queue import db

REMOVE = "DELETE FROM persons WHERE id = ?"
# Until the first what was deleted stands in the file itself, until the second in the log beside it. Where somebody is
# busy with that for longer, the daemon's own tidying does it.
EMPTY_LOG = ("PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(TRUNCATE)")
PATIENCE = "PRAGMA busy_timeout = 500"  # milliseconds, in which nobody else can write


def remove(connection: sqlite3.Connection, persons: Iterable[int]) -> int:
    """All in one transaction; how many there were. The connection waits less for others afterwards: it is the end."""
    with db.write(connection):
        count = connection.executemany(REMOVE, ((person,) for person in persons)).rowcount
    connection.execute(PATIENCE)
    for statement in EMPTY_LOG:
        connection.execute(statement).fetchall()
    return count
