"""How long an SMS without an answer is waited for: its report can come only while its carrier is in service.

So the waiting time is counted from when the carrier that had it was last able to receive: after a power cut, while the
network is away or the stick unplugged the report still lies with the network, and a second copy would be a double. But
a carrier that stays away must not keep a reminder for ever: LIMIT waiting times after the SMS went out, or after the
daemon has started, it is decided as if nothing could come any more.

Everything is asked of the tables when the time is over, so a restart changes nothing but the start that it counts from.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from gateway.life import Life
from gateway.queue import times
from gateway.queue.rules import IntakeRules

LIMIT = 6  # waiting times: an hour, as shipped
RECEIVES = (Life.READY.value, Life.PAUSED.value, Life.BLOCKED.value)

# Nothing without a daemon. A SIM that is in another stick now, and each bind of an account, is the same line.
HEARD = f"""
    SELECT max(s.submitted_at), daemon.started_at, min(carriers.since), count(carriers.name)
    FROM segments AS s CROSS JOIN daemon
    LEFT JOIN carriers ON carriers.line = s.line AND carriers.state IN {RECEIVES}
    WHERE s.outbox_id = :id AND s.state = 'uncertain' AND s.line IS NOT NULL
    GROUP BY daemon.id"""
POSTPONE = "UPDATE outbox SET next_attempt_at = :until WHERE id = :id AND state = 'uncertain'"


def is_put_off(connection: sqlite3.Connection, rules: IntakeRules, message: int, now: datetime) -> bool:
    """In the caller's transaction: whether its report may still come; then it is looked at again later."""
    until = _until(connection, timedelta(seconds=rules.uncertain_wait_s), message, now)
    if until <= now:
        return False
    connection.execute(POSTPONE, {"id": message, "until": times.to_text(until)})
    return True


def _until(connection: sqlite3.Connection, wait: timedelta, message: int, now: datetime) -> datetime:
    """A time that is still to come, since a clock was set back, tells nothing: it is not counted from.

    Whatever the clock did meanwhile, it is never less than the wait from when the SMS went out.
    """
    row = connection.execute(HEARD, {"id": message}).fetchone()
    if row is None:
        return now
    submitted, started, since = (times.optional_time(text) for text in row[:3])
    begun = max((at for at in (submitted, started) if at is not None and at <= now), default=now - LIMIT * wait)
    if not row[3]:
        return min(now + wait, begun + LIMIT * wait)
    in_service = since if since is not None and since <= now else now - wait
    out = submitted if submitted is not None and submitted <= now else now - wait
    return min(max(in_service, out) + wait, begun + LIMIT * wait)
