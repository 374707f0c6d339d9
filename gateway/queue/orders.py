"""What people ask of carriers: pauses, which stay over restarts, and orders to the running daemon.

The command writes; the dispatcher sees by `stamp` that something was written; the carrier's worker takes and finishes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from gateway.i18n import _
from gateway.queue import db, times
from gateway.queue.lives import note
from gateway.queue.views import dicts

KEPT = timedelta(days=1)  # so long an answer can be read

PAUSE = "INSERT OR IGNORE INTO pauses (carrier, at, reason) VALUES (:carrier, :now, :reason)"
REWORD = "UPDATE pauses SET reason = :reason WHERE carrier = :carrier AND reason <> :reason"
RESUME = "DELETE FROM pauses WHERE carrier = :carrier"
PAUSED = "SELECT carrier, reason FROM pauses ORDER BY carrier"
PAUSE_OF = "SELECT at, reason FROM pauses WHERE carrier = :carrier"
PAUSE_FOLLOWS = "UPDATE OR IGNORE pauses SET carrier = :after WHERE carrier = :before"
ORDERS_FOLLOW = "UPDATE orders SET carrier = :after WHERE carrier = :before AND state = 'waiting'"
GIVE = "INSERT INTO orders (at, carrier, verb, word) VALUES (:now, :carrier, :verb, :word)"
FIRST = "SELECT id, verb, word FROM orders WHERE carrier = :carrier AND state = 'waiting' ORDER BY id LIMIT 1"
TAKE = "UPDATE orders SET state = 'taken' WHERE id = :id AND state = 'waiting'"
FINISH = """
    UPDATE orders SET state = :state, answer = :answer, done_at = :now, word = ''
    WHERE id = :id AND state IN ('waiting', 'taken')"""
WITHDRAW = """
    UPDATE orders SET state = 'failed', answer = :answer, done_at = :now, word = ''
    WHERE id = :id AND state = 'waiting'"""
FAIL_OPEN = """
    UPDATE orders SET state = 'failed', answer = :answer, done_at = :now, word = ''
    WHERE state IN ('waiting', 'taken')"""
FORGET = "DELETE FROM orders WHERE carrier = :carrier AND state IN ('done', 'failed') AND done_at < :before"
FORGET_ALL = "DELETE FROM orders WHERE state IN ('done', 'failed') AND done_at < :before"
FIND = "SELECT id, at, carrier, verb, state, answer, done_at FROM orders WHERE id = :id"
STAMP = "SELECT (SELECT max(id) FROM orders), (SELECT group_concat(carrier || ' ' || at || ' ' || reason) FROM pauses)"


@dataclass(frozen=True, slots=True)
class Order:
    """What the daemon's worker is to do for a person."""

    id: int
    verb: str  # reset, resume, ussd
    word: str  # the USSD code


class Pausing(Enum):
    """What became of the wish to pause a carrier."""

    DONE = "it was in service before"
    REWORDED = "it was paused, for another reason"
    KNOWN = "it was paused, and is as it was"


@dataclass(frozen=True, slots=True)
class Pause:
    """A carrier is out of service because a person wants it so."""

    at: datetime
    reason: str


# --- pauses ----------------------------------------------------------------------------------------------------------


def pause(connection: sqlite3.Connection, carrier: str, reason: str, now: datetime) -> Pausing:
    """Take it out of service. Of one that is paused already only the reason changes, if there is a new one."""
    values = {"carrier": carrier, "reason": reason, "now": times.to_text(now)}
    with db.write(connection):
        found = Pausing.DONE
        if not _has_changed(connection, PAUSE, values):
            found = Pausing.REWORDED if reason and _has_changed(connection, REWORD, values) else Pausing.KNOWN
        if found is not Pausing.KNOWN:
            note(connection, carrier, "pause", reason, now)
    return found


def _has_changed(connection: sqlite3.Connection, statement: str, values: Mapping[str, object]) -> bool:
    return connection.execute(statement, dict(values)).rowcount == 1


def resume(connection: sqlite3.Connection, carrier: str, now: datetime) -> bool:
    """End its pause; whether it was paused."""
    with db.write(connection):
        was_paused = connection.execute(RESUME, {"carrier": carrier}).rowcount == 1
        if was_paused:
            note(connection, carrier, "resume", "", now)
    return was_paused


def paused(connection: sqlite3.Connection) -> dict[str, str]:
    """The paused carriers, each with its reason."""
    return dict(connection.execute(PAUSED).fetchall())


def pause_of(connection: sqlite3.Connection, carrier: str) -> Pause | None:
    """Its pause, if it is paused."""
    row = connection.execute(PAUSE_OF, {"carrier": carrier}).fetchone()
    return None if row is None else Pause(times.from_text(row[0]), row[1])


def follow(connection: sqlite3.Connection, before: str, after: str, now: datetime) -> None:
    """A carrier is called otherwise from now on: its pause, and what waits for it, are that name's."""
    if before == after:
        return
    values = {"before": before, "after": after}
    with db.write(connection):
        pause = pause_of(connection, before)
        if pause is not None:
            connection.execute(PAUSE_FOLLOWS, values)
            connection.execute(RESUME, {"carrier": before})  # where the new name was paused already
            note(connection, after, "pause", pause.reason, now)
        connection.execute(ORDERS_FOLLOW, values)


# --- orders ----------------------------------------------------------------------------------------------------------


def give(connection: sqlite3.Connection, carrier: str, verb: str, word: str, now: datetime) -> int:
    """Ask the daemon for something; the order's id."""
    values = {"carrier": carrier, "verb": verb, "word": word, "now": times.to_text(now)}
    with db.write(connection):
        order_id = connection.execute(GIVE, values).lastrowid
    assert order_id is not None
    return order_id


def take(connection: sqlite3.Connection, carrier: str, now: datetime) -> Order | None:
    """The oldest order that waits for this carrier is taken; None when none waits."""
    if connection.execute(FIRST, {"carrier": carrier}).fetchone() is None:
        return None
    with db.write(connection):
        connection.execute(FORGET, {"carrier": carrier, "before": times.to_text(now - KEPT)})
        row = connection.execute(FIRST, {"carrier": carrier}).fetchone()
        if row is None:  # withdrawn a moment ago
            return None
        order = Order(*row)
        connection.execute(TAKE, {"id": order.id})
        note(connection, carrier, "order", order.verb, now)
    return order


def finish(connection: sqlite3.Connection, order_id: int, state: str, answer: str, now: datetime) -> None:
    """It is `done` or has `failed`; `answer` is for the person who waits. What was asked is forgotten."""
    with db.write(connection):
        connection.execute(FINISH, {"id": order_id, "state": state, "answer": answer, "now": times.to_text(now)})


def withdraw(connection: sqlite3.Connection, order_id: int, now: datetime) -> bool:
    """Nobody waits for it any more; whether it was still to be begun."""
    values = {"id": order_id, "answer": _("Withdrawn."), "now": times.to_text(now)}
    with db.write(connection):
        return connection.execute(WITHDRAW, values).rowcount == 1


def fail_open(connection: sqlite3.Connection, now: datetime) -> None:
    """What the last daemon left open is not done any more; at a start."""
    values = {"answer": _("The daemon was restarted meanwhile."), "now": times.to_text(now)}
    with db.write(connection):
        connection.execute(FAIL_OPEN, values)
        connection.execute(FORGET_ALL, {"before": times.to_text(now - KEPT)})


def find(connection: sqlite3.Connection, order_id: int) -> Mapping[str, Any] | None:
    """How it stands with an order."""
    return next(iter(dicts(connection, FIND, {"id": order_id})), None)


def stamp(connection: sqlite3.Connection) -> tuple[object, ...]:
    """Another one than before: somebody has ordered, paused or resumed something."""
    row: tuple[object, ...] = connection.execute(STAMP).fetchone()
    return row
