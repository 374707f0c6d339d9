"""What time alone brings: messages expire, silence ends, incomplete incoming messages are handed over as they are."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from functools import partial

from gateway.queue import (
    db,
    listening,
    progress,
    put_off,
    receiving,
    recording,
    recovery,
    resending,
    statements,
    stranded,
    times,
)
from gateway.queue.alone import FAULTS, attempt
from gateway.queue.rules import IntakeRules
from gateway.queue.states import State

LEASE = timedelta(minutes=15)  # far beyond the deadline of any submission
AT_ONCE = 200  # rows per transaction, so that a carrier's own commit hardly waits
# As statements.EXPIRE and OUT_OF_TIME, to be gone through one by one.
TOO_LATE = """
    SELECT id, state FROM outbox INDEXED BY outbox_expiry
    WHERE state IN ('queued', 'held') AND expires IS NOT NULL AND expires <= :now
    LIMIT :limit"""


def tick(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> None:
    """Call it every few seconds, or at `next_due`."""
    while _expire(connection, now) == AT_ONCE:
        pass
    while _bring_back(connection, rules, now) >= put_off.AT_ONCE:
        pass
    with db.write(connection):
        _end_leases(connection, rules, now)
        _take_back(connection, now)
        for (message,) in connection.execute(statements.SILENT, _batch(now)).fetchall():
            attempt(connection, f"message {message}", partial(_end_silence, connection, rules, message, now))
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
    """How many, all at once; where one refuses, those of this batch one by one."""
    try:
        return _expire_some(connection, now)
    except FAULTS:
        with db.write(connection):
            for message, state in connection.execute(TOO_LATE, _batch(now)).fetchall():
                attempt(connection, f"message {message}", partial(_expire_one, connection, message, state, now))
        return 0


def _expire_one(connection: sqlite3.Connection, message: int, state: str, now: datetime) -> None:
    if state == State.QUEUED:
        progress.run_out(connection, message, now)
    else:
        progress.move(connection, message, State.HELD, State.EXPIRED, now, "expired", progress.expired_text())


def _expire_some(connection: sqlite3.Connection, now: datetime) -> int:
    with db.write(connection):
        expired = connection.execute(statements.EXPIRE, _batch(now) | {"text": progress.expired_text()}).rowcount
        if not expired:
            for (message,) in connection.execute(statements.OUT_OF_TIME, _batch(now)).fetchall():
                progress.run_out(connection, message, now)
        return expired


def _bring_back(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> int:
    """How many of those that a clock that was ahead has put off; where one refuses, the other limits are kept."""
    try:
        return put_off.bring_back(connection, rules, now)
    except FAULTS:
        return 0


def _end_leases(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> None:
    """No carrier keeps a segment so long: its worker has failed, and nobody will record an outcome."""
    before = {"before": times.to_text(now - LEASE)}
    for (key,) in connection.execute(statements.ABANDONED, before).fetchall():
        attempt(connection, f"segment {key}", partial(recording.interrupted, connection, rules, key, now))


def _take_back(connection: sqlite3.Connection, now: datetime) -> None:
    """A claim begins a segment in the same commit, so these were made `sending` by another program's hand."""
    for (message,) in connection.execute(statements.IN_NO_HANDS).fetchall():
        attempt(connection, f"message {message}", partial(recovery.go_on, connection, message, now))


def _end_silence(connection: sqlite3.Connection, rules: IntakeRules, message: int, now: datetime) -> None:
    """Neither an answer nor a report came: once more, or given up; not while its carrier could not receive one."""
    if listening.is_put_off(connection, rules, message, now):
        return
    keys = connection.execute(statements.UNCERTAIN_SEGMENTS, {"id": message}).fetchall()
    segments = [segment for (key,) in keys if (segment := progress.read_segment(connection, key)) is not None]
    for segment in segments:
        resending.after_silence(connection, rules, segment, now)
    if not segments:
        progress.advance(connection, message, now)
