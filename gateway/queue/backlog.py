"""The backlog breaker: what an outage has left is not blasted at people once the sending is back.

Stale is what has been due for as long as an outage lasts, at least. With more stale messages than backlog_limit each
goes by its category's in_backlog; what was written or fell due later goes on, and so does what is out in part.
A message that a person has let go, or has queued anew, is never part of a backlog, nor is one of a campaign that a
person has stopped.

`daemon.backlog_at` says that one is being gone through, and up to which moment: a power cut in between leaves it there,
and the next start goes on with the rest, however few they are.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.i18n import _
from gateway.queue import db, progress, times
from gateway.queue.rules import InBacklog, IntakeRules
from gateway.queue.states import State

CODE = "backlog"
AT_ONCE = 100  # messages in one transaction: some milliseconds

# One that was never tried fell due when it was written, or at its not_before; one that was, when it was first tried.
_STALE = """state = 'queued' AND due = 1 AND released_at IS NULL AND retries = 0
    AND COALESCE(taken_at, max(created_at, COALESCE(next_attempt_at, created_at))) <= :before
    AND NOT (attempts > 0 AND EXISTS (SELECT 1 FROM segments AS s WHERE s.outbox_id = outbox.id
                                      AND s.state IN ('sent', 'delivered', 'undelivered')))
    AND NOT EXISTS (SELECT 1 FROM campaigns AS c WHERE c.id = campaign AND c.state <> 'running')"""
COUNT = f"SELECT count(*) FROM (SELECT 1 FROM outbox INDEXED BY outbox_state WHERE {_STALE} LIMIT :limit)"
SOME = f"""
    SELECT id, CAST(category AS TEXT) FROM outbox INDEXED BY outbox_state
    WHERE {_STALE} AND id > :after ORDER BY id LIMIT :limit"""
ABLE_AT = "SELECT able_at FROM daemon WHERE id = 1"
NOTE_ABLE = "UPDATE daemon SET able_at = :now WHERE id = 1"
FOUND_AT = "SELECT backlog_at FROM daemon WHERE id = 1"
BEGIN = "UPDATE daemon SET backlog_at = :before WHERE id = 1"
END = "UPDATE daemon SET backlog_at = NULL, able_at = :now WHERE id = 1"

FATES = {InBacklog.HOLD: State.HELD, InBacklog.DROP: State.EXPIRED}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backlog has been gone through: the last message looked at, and what became of those before it."""

    last: int = 0
    held: int = 0
    dropped: int = 0
    sent: int = 0
    is_done: bool = False


def able_at(connection: sqlite3.Connection) -> datetime | None:
    """When a daemon on this database last could send; None when none ever could."""
    return _moment(connection, ABLE_AT)


def note_able(connection: sqlite3.Connection, now: datetime) -> None:
    """The gateway can send. In the caller's transaction, if there is one."""
    with db.write(connection):
        connection.execute(NOTE_ABLE, {"now": times.to_text(now)})


def found_at(connection: sqlite3.Connection) -> datetime | None:
    """Up to which moment a backlog is being gone through; None when none is."""
    return _moment(connection, FOUND_AT)


def find(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> datetime | None:
    """Whether there is a backlog; then it is written down that it is being gone through, up to which moment."""
    limit = rules.safety.backlog_limit
    before = now - timedelta(seconds=rules.safety.outage_s)
    values = {"before": times.to_text(before), "limit": limit + 1}
    if not limit or connection.execute(COUNT, values).fetchone()[0] <= limit:
        return None
    with db.write(connection):
        connection.execute(BEGIN, values)
    return before


def go_through(
    connection: sqlite3.Connection, rules: IntakeRules, before: datetime, done: Progress, now: datetime
) -> Progress:
    """Some more of it, in one transaction."""
    values = {"before": times.to_text(before), "after": done.last, "limit": AT_ONCE}
    with db.write(connection):
        rows = connection.execute(SOME, values).fetchall()
        fates = [_judge(connection, rules, message, category, now) for message, category in rows]
    return Progress(
        last=max((message for message, _category in rows), default=done.last),
        held=done.held + fates.count(InBacklog.HOLD),
        dropped=done.dropped + fates.count(InBacklog.DROP),
        sent=done.sent + fates.count(InBacklog.SEND),
        is_done=len(rows) < AT_ONCE,
    )


def end(connection: sqlite3.Connection, done: Progress, before: datetime, now: datetime) -> None:
    """All of it has been looked at: the sending goes on."""
    detail = f"due before {times.to_text(before)}: {done.held} held, {done.dropped} dropped, {done.sent} sent"
    with db.write(connection):
        progress.note(connection, None, CODE, detail, now)
        connection.execute(END, {"now": times.to_text(now)})


def _judge(
    connection: sqlite3.Connection, rules: IntakeRules, message: int, name: str | None, now: datetime
) -> InBacklog:
    category = rules.category(name)
    fate = InBacklog.HOLD if category is None else category.in_backlog
    if fate in FATES:
        progress.move(connection, message, State.QUEUED, FATES[fate], now, CODE, _words(fate, message))
    return fate


def _words(fate: InBacklog, message: int) -> str:
    if fate == InBacklog.DROP:
        return _("It was to go while nothing could be sent, and is dropped: so in_backlog has it for its category.")
    sentence = _(
        "It was to go while nothing could be sent, and with it many others. `smsgw outbox release {id}` lets it go,"
        " `smsgw outbox release --code backlog` all of them."
    )
    return sentence.format(id=message)


def _moment(connection: sqlite3.Connection, query: str) -> datetime | None:
    row = connection.execute(query).fetchone()
    return None if row is None else times.optional_time(row[0])
