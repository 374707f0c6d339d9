"""What could not be written together, because one row refused, is written row by row (alone.py).

What can be kept of a row that refuses is kept: its SMS is out although its message does not say so yet, a report stands
in the record although nothing follows from it. So nothing is sent twice, and nobody waits for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from gateway.carrier import Inbound, Outcome, Report, Submission
from gateway.queue import db, recording, reporting
from gateway.queue.alone import attempt
from gateway.queue.rules import IntakeRules


def record(
    connection: sqlite3.Connection,
    rules: IntakeRules,
    outcomes: Sequence[tuple[int, Outcome]],
    now: datetime,
    *,
    go_on: bool,
) -> list[Submission]:
    """As outcomes.record; of a message that refuses, what its segment says."""
    begun: list[Submission | None] = []

    def write(key: int, outcome: Outcome) -> None:
        begun.append(recording.record(connection, rules, key, outcome, now, go_on=go_on))

    with db.write(connection):
        for key, outcome in outcomes:
            if not attempt(connection, f"segment {key}", partial(write, key, outcome)):
                attempt(connection, f"segment {key} alone", partial(recording.keep, connection, key, outcome, now))
    return [each for each in begun if each is not None]


def store(
    connection: sqlite3.Connection,
    carrier: str,
    line: str,
    inbound: Sequence[Inbound],
    write: Callable[[Inbound], None],
    now: datetime,
) -> list[Inbound]:
    """Those that are kept, and so may be acknowledged; of the others each comes again."""
    return [item for item in inbound if _store(connection, carrier, line, item, write, now)]


def _store(
    connection: sqlite3.Connection,
    carrier: str,
    line: str,
    item: Inbound,
    write: Callable[[Inbound], None],
    now: datetime,
) -> bool:
    kind = type(item).__name__.lower()
    if attempt(connection, kind, lambda: write(item)):
        return True
    return isinstance(item, Report) and attempt(
        connection, f"{kind} alone", lambda: reporting.keep(connection, carrier, line, item, None, now)
    )
