"""The first thing that a daemon does: what was `sending` when the last one ended is put right (states.py says how)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gateway.queue import db, progress, recording
from gateway.queue.alone import attempt
from gateway.queue.retry import Again
from gateway.queue.rules import IntakeRules
from gateway.queue.states import SegmentState, State

IN_HANDS = """
    SELECT o.id, (SELECT min(s.id) FROM segments AS s WHERE s.outbox_id = o.id AND s.state = 'begun')
    FROM outbox AS o WHERE o.state = 'sending' ORDER BY o.id"""


@dataclass(frozen=True, slots=True)
class Recovery:
    """How many messages were found in which condition."""

    queued: int = 0  # nothing of them had gone out
    continued: int = 0  # part-sent: they go on with the next segment
    sent: int = 0  # every segment was out
    uncertain: int = 0  # a segment's bytes may have gone out


def recover(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> Recovery:
    """Only for the one daemon of this database, before its carriers start."""
    with db.write(connection):
        fates: list[str] = []

        def put_right(message: int, begun: int | None) -> None:
            fates.append(_recover(connection, rules, message, begun, now))

        for message, begun in connection.execute(IN_HANDS).fetchall():
            attempt(connection, f"message {message}", partial(put_right, message, begun))
    return Recovery(**{fate: fates.count(fate) for fate in set(fates)})


def _recover(connection: sqlite3.Connection, rules: IntakeRules, message: int, begun: int | None, now: datetime) -> str:
    """Put one message right; the name of the count that it belongs to."""
    if begun is not None:
        recording.interrupted(connection, rules, begun, now)
        return "uncertain"
    return go_on(connection, message, now)


def go_on(connection: sqlite3.Connection, message: int, now: datetime) -> str:
    """`sending` with no segment begun: nothing is in the air, so its progress is known."""
    found = progress.segment_states(connection, message)
    if found and SegmentState.OPEN not in found:
        progress.to_sent(connection, message, now)
        return "sent"
    part_out = progress.is_part_out(connection, message)
    progress.to_queue(connection, message, State.SENDING, now, Again(0.0))
    return "continued" if part_out else "queued"
