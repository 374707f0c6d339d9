"""A program in a loop writes the same text to one number: until it is held, and how others overtake it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial

from scripts.benchmarks.rig import BODY, Rig, running
from scripts.benchmarks.rows import Row

SIZE = 100_000
MODEMS = 4
RADIO_S = 1.0
SAFETY = {"same_text_limit": 3, "daily_limit": 20, "backlog_limit": 0}
LOOP, BEHIND, URGENT = "+79000001234", "+79000005678", "+79000005679"  # invented
INTO_IT_S = 0.5  # after the loop's commit the code is written
LOOK_S = 0.02
PATIENCE_S = 600.0

INSERT = "INSERT INTO outbox (recipient, body, category) VALUES (?, ?, ?)"
IS_TAKEN = "SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ? AND attempts > 0)"
TAKEN_AFTER_S = "SELECT (julianday(taken_at) - julianday(created_at)) * 86400 FROM outbox WHERE id = ?"
ARE_UNEXAMINED = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'queued' AND due IS NULL)"
PASSED = "SELECT count(*) FROM outbox WHERE msisdn = ? AND state <> 'held'"


def measure(size: int) -> list[Row]:
    with (
        running(MODEMS, RADIO_S, safety=SAFETY) as rig,
        closing(sqlite3.connect(rig.installation.database, timeout=30.0)) as connection,
    ):
        with connection:
            connection.executemany(INSERT, ((LOOP, BODY, "notification") for _row in range(size)))
        began_at = time.monotonic()
        behind = _insert(connection, BEHIND, "notification")
        time.sleep(INTO_IT_S)
        urgent = _insert(connection, URGENT, "otp")
        held_s = _wait(rig, lambda: not _is(connection, ARE_UNEXAMINED)) - began_at
        for message in (behind, urgent):
            _wait(rig, partial(_is, connection, IS_TAKEN, message))
        behind_s, urgent_s = (_value(connection, TAKEN_AFTER_S, message) for message in (behind, urgent))
        passed = connection.execute(PASSED, (LOOP,)).fetchone()[0]
    return [
        Row(f"storm of {size}, until all but the first are held", (held_s,), "s"),
        Row("storm, of these go out", (float(passed),), "", (3.0,), (3.0,)),
        Row("storm, a notification written behind it is taken after", (behind_s,), "s"),
        Row("storm, a code written while it lasts is taken after", (urgent_s,), "s"),
    ]


def _insert(connection: sqlite3.Connection, recipient: str, category: str) -> int:
    with connection:
        row = connection.execute(INSERT, (recipient, "4711", category)).lastrowid
    assert row is not None
    return row


def _is(connection: sqlite3.Connection, query: str, *values: object) -> bool:
    return bool(_value(connection, query, *values))


def _value(connection: sqlite3.Connection, query: str, *values: object) -> float:
    return float(connection.execute(query, values).fetchone()[0])


def _wait(rig: Rig, is_so: Callable[[], bool]) -> float:
    """Until it is so; when, by the monotonic clock."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, f"never: the end of the storm; {rig.installation.states()}"
        time.sleep(LOOK_S)
    return time.monotonic()
