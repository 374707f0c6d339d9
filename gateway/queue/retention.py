"""How long the past is kept: first the words and numbers of finished messages go, later their rows; the inbox too.

What goes and what stays:
- texts: body and recipient of a finished message (`sent` counts as finished), its number, the texts of its segments,
  the number in its reports. State, times, carrier and reasons stay.
- rows: the message with its segments and reports. Its events stay, they hold nothing private; so does its external_id,
  and a writer that repeats it is told that the message is known.
- what a SIM has spent: kept for two months whatever else goes, with a digest in the place of each number, so that the
  month's limits stay true.
- inbox: the message, and the sender of its parts. Their fingerprints stay, so that an SMS which a SIM has held all the
  time is not taken for a new one.

What is deleted is overwritten in the file (PRAGMA secure_delete, db.py), and in the write-ahead log when that is given
back, once an hour. Its room is used again; the file is not made smaller, since VACUUM would shut all writers out for as
long as it takes.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import Protocol

from gateway.queue import db, spending, times

AT_ONCE = 50  # messages in one transaction: some 5 ms, also with long ones
SAME_RUN = timedelta(minutes=10)  # calls so near each other are one run
LONGEST_STEP = timedelta(days=1)  # that the clock of retention goes forward from run to run

_FINISHED = "state <> 'queued' AND state <> 'held' AND state <> 'sending' AND state <> 'uncertain'"
EMPTY = f"""
    UPDATE outbox SET recipient = NULL, body = NULL WHERE id IN (
        SELECT id FROM outbox INDEXED BY outbox_kept
        WHERE {_FINISHED} AND COALESCE(recipient, body) IS NOT NULL AND updated_at <= :before
        ORDER BY updated_at LIMIT :limit)"""
# Reports that fit no message: their line and time are all that is left to be told of them.
EMPTY_REPORTS = """
    UPDATE reports SET recipient = NULL WHERE id IN (
        SELECT id FROM reports INDEXED BY reports_unmatched
        WHERE segment_id IS NULL AND recipient IS NOT NULL AND received_at <= :before LIMIT :limit)"""
DELETE_EMPTIED = f"""
    DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox INDEXED BY outbox_emptied
        WHERE {_FINISHED} AND COALESCE(recipient, body) IS NULL AND updated_at <= :before
        ORDER BY updated_at LIMIT :limit)"""
DELETE_KEPT = DELETE_EMPTIED.replace("outbox_emptied", "outbox_kept").replace("IS NULL AND", "IS NOT NULL AND")
DELETE_REPORTS = """
    DELETE FROM reports WHERE id IN (
        SELECT id FROM reports INDEXED BY reports_unmatched
        WHERE segment_id IS NULL AND received_at <= :before LIMIT :limit)"""
FORGET_SENDERS = """
    UPDATE parts SET sender = '' WHERE sender <> '' AND inbox_id IN (
        SELECT id FROM inbox INDEXED BY inbox_received
        WHERE received_at <= :before ORDER BY received_at LIMIT :limit)"""
DELETE_INBOX = """
    DELETE FROM inbox WHERE id IN (
        SELECT id FROM inbox INDEXED BY inbox_received
        WHERE received_at <= :before ORDER BY received_at LIMIT :limit)"""

# Key of the configuration -> what is done by it; the statements of one group belong into one transaction.
STEPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "texts": ((EMPTY,), (EMPTY_REPORTS,)),
    "rows": ((DELETE_EMPTIED,), (DELETE_KEPT,), (DELETE_REPORTS,)),
    "inbox": ((FORGET_SENDERS, DELETE_INBOX),),
}
CLOCK = "SELECT seen_at, trusted_at FROM retention WHERE id = 1"
SET_CLOCK = """
    INSERT INTO retention (id, seen_at, trusted_at) VALUES (1, :seen, :trusted)
    ON CONFLICT (id) DO UPDATE SET seen_at = :seen, trusted_at = :trusted"""


class Kept(Protocol):
    """How long each is kept, in seconds; None for ever."""

    @property
    def texts(self) -> float | None: ...

    @property
    def rows(self) -> float | None: ...

    @property
    def inbox(self) -> float | None: ...


def run(connection: sqlite3.Connection, kept: Kept, now: datetime, limit: int = AT_ONCE) -> int:
    """Some of what has been kept long enough, at most `limit` of each kind, in short transactions; how many rows.

    Call it until it says 0, with a breath between.
    """
    moment = _trusted(connection, now)
    spans = {name: span_s for name in STEPS if (span_s := getattr(kept, name)) is not None}
    changed = sum(
        _change(connection, statements, moment - timedelta(seconds=span_s), limit)
        for name, span_s in spans.items()
        for statements in STEPS[name]
    )
    return changed if changed > 0 else spending.forget(connection, moment)


def trusted(previous: tuple[datetime, datetime] | None, now: datetime) -> tuple[datetime, datetime]:
    """The wall clock seen and the clock to go by, after those of the last run.

    It follows the wall clock by at most a day per run: one that is years ahead for some hours costs some days, and
    one that stood still for weeks is caught up with.
    """
    if previous is None:
        return now, now
    seen, moment = previous
    if timedelta() <= now - seen <= SAME_RUN:
        return seen, min(now, moment)
    return now, min(now, moment + LONGEST_STEP)


def _trusted(connection: sqlite3.Connection, now: datetime) -> datetime:
    row = connection.execute(CLOCK).fetchone()
    previous = None if row is None else (times.from_text(row[0]), times.from_text(row[1]))
    clock = trusted(previous, now)
    if clock != previous:
        with db.write(connection):
            connection.execute(SET_CLOCK, {"seen": times.to_text(clock[0]), "trusted": times.to_text(clock[1])})
    return clock[1]


def _change(connection: sqlite3.Connection, statements: tuple[str, ...], before: datetime, limit: int) -> int:
    """One transaction; how many rows its last statement concerned, 0 where SQLite doesn't say (a rowcount of -1)."""
    values = {"before": times.to_text(before), "limit": limit}
    with db.write(connection):
        return max(0, [connection.execute(statement, values).rowcount for statement in statements][-1])
