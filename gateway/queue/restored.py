"""A database that was put back from a copy knows nothing of what was sent since: its queue waits for a person.

A copy made by backup.py bears a mark, a table of its own. A database older than what the daemon of this place last saw
(lock.py remembers it) was put back from a copy that bears none, or was made anew.
A power cut before the commit changes nothing: mark and memory are still there at the next start.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from gateway.i18n import _
from gateway.queue import db, times

CODE = "restored"
# Ids that were given since the copy was made must not be given again: programs outside have them noted down.
ID_GAP = 1_000_000
COUNTED = ("outbox", "events", "inbox")

MAKE_MARK = ("CREATE TABLE copied (at TEXT NOT NULL)", "INSERT INTO copied (at) VALUES (:now)")
HAS_MARK = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'copied')"
MARK = "SELECT max(at) FROM copied"
REMOVE_MARK = "DROP TABLE copied"
HOLD = """
    UPDATE outbox SET state = 'held', error_code = :code, error_text = :text, updated_at = :now
    WHERE state = 'queued' AND created_at <= :at"""
# It stays uncertain until a report or a person settles it; nothing sends it again by itself.
STAY_UNCERTAIN = "UPDATE outbox SET next_attempt_at = NULL WHERE state = 'uncertain' AND created_at <= :at"
LAST_ID = "SELECT seq FROM sqlite_sequence WHERE name = :name"
SKIP_IDS = "UPDATE sqlite_sequence SET seq = seq + :gap WHERE name = :name"
SKIP_IDS_ANEW = "INSERT INTO sqlite_sequence (name, seq) SELECT :name, :gap WHERE changes() = 0"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done with the queue of a database that was put back."""

    copied_at: datetime
    held: int
    uncertain: int


def mark(connection: sqlite3.Connection, now: datetime) -> None:
    """This is a copy, as of now; a copy of a copy has the later time."""
    if copied_at(connection) is not None:
        connection.execute(REMOVE_MARK)
    for statement in MAKE_MARK:
        connection.execute(statement, {"now": times.to_text(now)})


def copied_at(connection: sqlite3.Connection) -> datetime | None:
    """When this copy was made; None for the database itself."""
    if not connection.execute(HAS_MARK).fetchone()[0]:
        return None
    found = connection.execute(MARK).fetchone()[0]
    return times.optional_time(found)


def last_event(connection: sqlite3.Connection) -> int:
    """The number of events that there have ever been: it only rises, also when retention takes old ones away."""
    found = connection.execute(LAST_ID, {"name": "events"}).fetchone()
    return 0 if found is None else int(found[0])


def put_right(connection: sqlite3.Connection, since: datetime, now: datetime) -> Restored:
    """What was queued at `since` may have been sent after it: held. Nothing that was written later is."""
    text = _("The database was restored from a backup: this may have been sent before. Release or cancel it.")
    values = {"code": CODE, "text": text, "at": times.to_text(since), "now": times.to_text(now)}
    with db.write(connection):
        skip_ids(connection)
        held = connection.execute(HOLD, values).rowcount
        uncertain = connection.execute(STAY_UNCERTAIN, values).rowcount
        if copied_at(connection) is not None:
            connection.execute(REMOVE_MARK)
    return Restored(since, held, uncertain)


def skip_ids(connection: sqlite3.Connection) -> None:
    """Before anything is changed: who follows the events by their ids is to hear of it. In the caller's transaction."""
    for name in COUNTED:
        values = {"name": name, "gap": ID_GAP}
        connection.execute(SKIP_IDS, values)
        connection.execute(SKIP_IDS_ANEW, values)
