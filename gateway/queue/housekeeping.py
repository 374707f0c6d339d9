"""What time alone brings: messages expire, silence ends, incomplete incoming messages are handed over as they are."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from gateway.queue import db, progress, receiving, recording, recovery, resending, statements, stranded, times
from gateway.queue.rules import IntakeRules

LEASE = timedelta(minutes=15)  # far beyond the deadline of any submission
AT_ONCE = 200  # rows per transaction, so that a carrier's own commit hardly waits


def tick(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> None:
    """Call it every few seconds, or at `next_due`."""
    while _expire(connection, now) == AT_ONCE:
        pass
    with db.write(connection):
        _end_leases(connection, rules, now)
        _take_back(connection, now)
        for (message,) in connection.execute(statements.SILENT, _batch(now)).fetchall():
            _end_silence(connection, rules, message, now)
        receiving.deliver_stale(connection, rules, now)
    if rules.are_carriers_known and rules.carriers:
        stranded.settle(connection, rules, now)


def next_due(connection: sqlite3.Connection, rules: IntakeRules) -> datetime | None:
    """The next moment at which time alone changes something; None when nothing waits for its time."""
    queue = times.optional_time(connection.execute(statements.NEXT_DUE).fetchone()[0])
    moments = [moment for moment in (queue, receiving.next_stale(connection, rules)) if moment is not None]
    return min(moments, default=None)


def _batch(now: datetime) -> dict[str, object]:
    return {"now": times.to_text(now), "limit": AT_ONCE}


def _expire(connection: sqlite3.Connection, now: datetime) -> int:
    with db.write(connection):
        expired = connection.execute(statements.EXPIRE, _batch(now) | {"text": progress.expired_text()}).rowcount
        if not expired:
            for (message,) in connection.execute(statements.OUT_OF_TIME, _batch(now)).fetchall():
                progress.run_out(connection, message, now)
        return expired


def _end_leases(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> None:
    """No carrier keeps a segment so long: its worker has failed, and nobody will record an outcome."""
    before = {"before": times.to_text(now - LEASE)}
    for (key,) in connection.execute(statements.ABANDONED, before).fetchall():
        recording.interrupted(connection, rules, key, now)


def _take_back(connection: sqlite3.Connection, now: datetime) -> None:
    """A claim begins a segment in the same commit, so these were made `sending` by another program's hand."""
    for (message,) in connection.execute(statements.IN_NO_HANDS).fetchall():
        recovery.go_on(connection, message, now)


def _end_silence(connection: sqlite3.Connection, rules: IntakeRules, message: int, now: datetime) -> None:
    """Neither an answer nor a report came: once more, or given up."""
    keys = connection.execute(statements.UNCERTAIN_SEGMENTS, {"id": message}).fetchall()
    segments = [segment for (key,) in keys if (segment := progress.read_segment(connection, key)) is not None]
    for segment in segments:
        resending.after_silence(connection, rules, segment, now)
    if not segments:
        progress.advance(connection, message, now)
