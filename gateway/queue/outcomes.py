"""A carrier's answers, many at a time. Nearly all accept the only SMS of their message, or one of a long message that
goes on with the next: these share their statements.

Any other one is written down by itself (recording.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.carrier import Accepted, Outcome, Submission, Uncertain
from gateway.queue import db, followed, many, progress, recording, statements, times
from gateway.queue.progress import SegmentRow
from gateway.queue.rules import IntakeRules
from gateway.queue.states import State

# As statements.SEGMENT_SENT, for many that never were in doubt: each is still in the hands of who began it.
SEGMENTS_SENT = """
    UPDATE segments SET state = 'sent', message_reference = f.column2, submitted_at = COALESCE(submitted_at, ?1),
                        error_code = NULL
    FROM (VALUES {rows}) AS f WHERE id = f.column1 AND state = 'begun'"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A segment with its only acceptance."""

    segment: SegmentRow
    reference: str


def record(
    connection: sqlite3.Connection,
    rules: IntakeRules,
    outcomes: Sequence[tuple[int, Outcome]],
    now: datetime,
    *,
    go_on: bool,
) -> list[Submission]:
    """As recording.record does it with one after the other; the segments that are begun now."""
    if len(outcomes) == 1:
        following = recording.record(connection, rules, *outcomes[0], now, go_on=go_on)
        return [] if following is None else [following]
    with db.write(connection):
        plain = _plain(connection, outcomes)
        going_on = followed.find(connection, rules, [each.segment for each in plain], now) if go_on else []
        continued = {each.before.key for each in going_on}
        shared = [each for each in plain if each.segment.total == 1 or each.segment.key in continued]
        keys = {each.segment.key for each in shared}
        left = (each for each in outcomes if each[0] not in keys)
        others = [recording.record(connection, rules, *each, now, go_on=go_on) for each in left]
        _accepted(connection, shared, now)
        begun = followed.begin(connection, rules, going_on, now)
        if shared:
            recording.match_early(connection, [each.segment for each in shared], now)
    return [*begun, *(each for each in others if each is not None)]


def _plain(connection: sqlite3.Connection, outcomes: Sequence[tuple[int, Outcome]]) -> list[Sent]:
    references = {key: outcome.message_reference for key, outcome in outcomes if isinstance(outcome, Accepted)}
    if len(references) < 2 or len({key for key, _outcome in outcomes}) < len(outcomes):
        return []
    if any(isinstance(outcome, Uncertain) for _key, outcome in outcomes):
        return []  # what a waiting receipt is about depends on which of the others are still in the air
    rows = connection.execute(statements.BEGUN, {"keys": json.dumps(list(references))}).fetchall()
    return [Sent(segment, references[segment.key]) for segment in (SegmentRow(*row) for row in rows)]


def _accepted(connection: sqlite3.Connection, shared: Sequence[Sent], now: datetime) -> None:
    """The only SMS of a message ends it."""
    if not shared:
        return
    references = [(each.segment.key, each.reference) for each in shared]
    many.guarded(connection, SEGMENTS_SENT, (times.to_text(now),), references)
    alone = [each.segment.message for each in shared if each.segment.total == 1]
    progress.move_all(connection, alone, State.SENDING, State.SENT, now)
