"""Other [[route]] tables than those by which messages were examined: what has not begun gets its way anew.

By a stamp of the tables, kept in the database, it is known at the start and after a reload whether there is anything
to do; then all that waits is gone through once, some at a time. What is out in part stays where it is.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from gateway.queue import db, progress
from gateway.queue.rules import IntakeRules, category_name
from gateway.queue.states import State
from gateway.routing import Facts

AT_ONCE = 300  # messages in one transaction, some milliseconds
STATES = (State.QUEUED, State.HELD)

STAMP = "SELECT routes FROM daemon WHERE id = 1"
SET_STAMP = "UPDATE daemon SET routes = :stamp WHERE id = 1"
WAITING = """
    SELECT id, route, msisdn, segments, CAST(category AS TEXT), trim(COALESCE(CAST(sender AS TEXT), '')), attempts
    FROM outbox INDEXED BY outbox_state
    WHERE state = :state AND id > :after AND due IS NOT NULL AND msisdn IS NOT NULL ORDER BY id LIMIT :limit"""
REROUTE = """
    UPDATE outbox SET route = :way, wish_until = NULL
    WHERE id = :id AND state = :state AND route IS NOT :way AND NOT (:way = '' AND wish_until IS NOT NULL)"""
TEXT = "SELECT CAST(body AS TEXT) FROM outbox WHERE id = :id"
EXAMINE_ANEW = "UPDATE outbox SET due = NULL WHERE id = :id AND state = 'queued' AND attempts = 0"


class Rerouting:
    """One pass; the dispatcher's thread calls it until it is done."""

    def __init__(self, rules: IntakeRules) -> None:
        self._rules = rules
        self._stamp = stamp(rules)
        self._left = list(STATES)
        self._after = 0
        self._is_begun = False
        self.is_done = False

    def go_on(self, connection: sqlite3.Connection) -> None:
        """The next messages."""
        if not self._is_begun:
            self._is_begun, self.is_done = True, _kept(connection) == self._stamp
        elif self._left:
            self._go_through_some(connection, self._left[0])
        else:
            with db.write(connection):
                connection.execute(SET_STAMP, {"stamp": self._stamp})
            self.is_done = True

    def _go_through_some(self, connection: sqlite3.Connection, state: State) -> None:
        with db.write(connection):
            rows = connection.execute(WAITING, {"state": state, "after": self._after, "limit": AT_ONCE}).fetchall()
            for row in rows:
                self._reroute(connection, state, *row)
        self._after = rows[-1][0] if rows else 0
        if not rows:
            self._left.pop(0)

    def _reroute(
        self,
        connection: sqlite3.Connection,
        state: State,
        message: int,
        before: str | None,
        msisdn: str,
        segments: int,
        category: str | None,
        sender: str,
        attempts: int,
    ) -> None:
        rules = self._rules
        if sender in rules.carriers or (sender and sender not in rules.senders):
            return  # its writer has named the carrier
        way = rules.way(Facts(msisdn, category_name(category), sender, segments))
        if way is not None and rules.lacking:
            way = rules.able_way(way, connection.execute(TEXT, {"id": message}).fetchone()[0] or "")
        if way is None:
            connection.execute(EXAMINE_ANEW, {"id": message})
        elif way != before and not (attempts and progress.is_part_out(connection, message)):
            connection.execute(REROUTE, {"id": message, "state": state, "way": way})


def stamp(rules: IntakeRules) -> str | None:
    """What tells these routes from others; None when there are none."""
    if not (rules.has_ways or rules.lacking):
        return None
    told = json.dumps(_told(rules), sort_keys=True, default=_plain)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def _told(rules: IntakeRules) -> list[Any]:
    told: list[Any] = [[asdict(route) for route in rules.routes], dict(rules.senders)]
    return [*told, dict(rules.lacking)] if rules.lacking else told


def _plain(value: Any) -> Any:
    assert isinstance(value, Collection)
    return sorted(value)


def _kept(connection: sqlite3.Connection) -> str | None:
    row = connection.execute(STAMP).fetchone()
    found: str | None = row[0] if row else None
    return found
