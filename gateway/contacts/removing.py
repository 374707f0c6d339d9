"""Taking a contact out: the person, their numbers, fields, groups and consents go, and are overwritten in the file.

What stays: that a number asked for no more messages (it is about the number), and messages, as long as retention keeps
them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from gateway.queue import db

REMOVE = "DELETE FROM persons WHERE id = ?"


def remove(connection: sqlite3.Connection, persons: Iterable[int]) -> int:
    """All in one transaction; how many there were."""
    with db.write(connection):
        return connection.executemany(REMOVE, ((person,) for person in persons)).rowcount
