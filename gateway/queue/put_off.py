"""The waits of messages go by the wall clock: where that was ahead and is set back, they would grow by as much.

Nothing is remembered for it. A wait that began at a time still to come was begun by a clock that was ahead, so it
begins anew, now, and is as long as it was: seconds, where a network was busy. The wait for an answer that never came is
never shorter than `uncertain_wait`, for the report may be coming; a longer one than that is no gateway's either.
Only what the gateway has written is moved. What a writer or a person has said of a message's time stays.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from gateway.queue import db, times
from gateway.queue.rules import IntakeRules

AHEAD = timedelta(minutes=1)  # less is a correction, or a thread that came late to its turn
AT_ONCE = 200  # rows per transaction, so that a carrier's own commit hardly waits

# Word for word the condition of the index. What no carrier has had yet waits for its writer's time, if that names one.
_PUT_OFF = """
        SELECT id FROM outbox INDEXED BY outbox_put_off
        WHERE state = 'queued' AND next_attempt_at IS NOT NULL AND (attempts > 0 OR not_before IS NULL)
          AND updated_at > :ahead"""
_UNANSWERED = """
        SELECT id FROM outbox INDEXED BY outbox_uncertain WHERE state = 'uncertain' AND next_attempt_at > :beyond"""
IS_AHEAD = f"SELECT EXISTS ({_PUT_OFF}) OR EXISTS ({_UNANSWERED})"
BEGIN_ANEW = f"""
    UPDATE outbox SET updated_at = :now, next_attempt_at = COALESCE(strftime('%Y-%m-%dT%H:%M:%fZ',
        julianday(:now) + julianday(next_attempt_at) - julianday(updated_at)), :now)
    WHERE id IN ({_PUT_OFF}
        LIMIT :limit)"""
LISTEN_ANEW = f"""
    UPDATE outbox SET next_attempt_at = :until WHERE id IN ({_UNANSWERED}
        LIMIT :limit)"""


def bring_back(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> int:
    """Some of them, in one transaction; how many. There are nearly always none: two looks at indexes."""
    until = now + timedelta(seconds=rules.uncertain_wait_s)
    moments = {"now": now, "ahead": now + AHEAD, "until": until, "beyond": until + AHEAD}
    values = {name: times.to_text(moment) for name, moment in moments.items()}
    if not connection.execute(IS_AHEAD, values).fetchone()[0]:
        return 0
    with db.write(connection):
        changed = [connection.execute(each, {**values, "limit": AT_ONCE}) for each in (BEGIN_ANEW, LISTEN_ANEW)]
        return sum(cursor.rowcount for cursor in changed)
