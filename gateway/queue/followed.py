"""The next SMS of long messages, begun for many at once: the one before each was accepted over the same carrier."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.carrier import Submission
from gateway.queue import many, progress, sending, spending, statements, times, withdrawals
from gateway.queue.progress import SegmentRow
from gateway.queue.rules import IntakeRules
from gateway.queue.sending import Address
from gateway.sms.message import Alphabet, Concatenation, Segment

# Of each message the first that is open. As statements.NEXT_OPEN.
FIRST_OPEN = """
    SELECT s.outbox_id, s.id, min(s.number), s.total, s.reference, s.is_wide, s.alphabet, s.body,
           o.msisdn, CAST(o.sender AS TEXT), o.expires, o.rank
    FROM json_each(:messages) AS k CROSS JOIN segments AS s ON s.outbox_id = k.value AND s.state = 'open'
    JOIN outbox AS o ON o.id = s.outbox_id
    GROUP BY s.outbox_id"""


@dataclass(frozen=True, slots=True)
class Next:
    """The SMS that follows one that was accepted."""

    before: SegmentRow
    key: int
    number: int
    segment: Segment = field(repr=False)
    address: Address


def find(
    connection: sqlite3.Connection, rules: IntakeRules, accepted: Sequence[SegmentRow], now: datetime
) -> list[Next]:
    """What follows these, of those that went over the same carrier and line, whose time is not over and whose owner has
    not asked for no more.
    """
    going = [each for each in accepted if each.total > 1 and not each.is_expired(now)]
    if not going:
        return []
    way = going[0].carrier, going[0].line
    before = {each.message: each for each in going if (each.carrier, each.line) == way}
    rows = connection.execute(FIRST_OPEN, {"messages": json.dumps(list(before))}).fetchall()
    found = [_next(before[message], *row) for message, *row in rows]
    messages = {each.before.message: (each.before.category, each.address.msisdn) for each in found}
    refused = withdrawals.refused(connection, messages, rules)
    return [each for each in found if each.before.message not in refused]


def begin(connection: sqlite3.Connection, rules: IntakeRules, found: Sequence[Next], now: datetime) -> list[Submission]:
    """Write down that they leave now. In the caller's transaction."""
    if not found:
        return []
    carrier, line = found[0].before.carrier or "", found[0].before.line or ""
    values: dict[str, object] = {"carrier": carrier, "line": line, "now": times.to_text(now)}
    many.guarded_by_id(connection, statements.BEGIN_SEGMENT, values, [each.key for each in found])
    details = [(each.before.message, f"{each.number}/{each.before.total} {carrier}") for each in found]
    progress.note_all(connection, "begun", details, now)
    spending.note_all(connection, line, [(each.key, each.address.msisdn) for each in found], now)
    return [sending.submission(rules, each.key, each.segment, each.address, now) for each in found]


def _next(
    before: SegmentRow,
    key: int,
    number: int,
    total: int,
    reference: int | None,
    is_wide: int,
    alphabet: str,
    body: str,
    *address: Any,
) -> Next:
    place = None if reference is None else Concatenation(reference, total, number, bool(is_wide))
    return Next(before, key, number, Segment(body, Alphabet(alphabet), place), Address(*address))
