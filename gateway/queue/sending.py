"""Claim and begin: a carrier takes the first message that is due; each segment is noted before its bytes leave."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.carrier import Submission
from gateway.queue import (
    cutting,
    db,
    progress,
    spending,
    standstill,
    statements,
    storm,
    times,
    withdrawals,
)
from gateway.queue.alone import attempt
from gateway.queue.asked import Asked, Due
from gateway.queue.rules import IntakeRules
from gateway.sms.message import Alphabet, Concatenation, Segment

LEFT_FOR = timedelta(minutes=15)  # so long a message waits that can't be written to be taken
LEAVE = """
    UPDATE outbox SET due = 0, next_attempt_at = :until, updated_at = :now
    WHERE id = :id AND state = 'queued' AND due = 1"""
AT_ONCE = 50  # messages that expire or are held in one transaction, some milliseconds; then others may write


@dataclass(frozen=True, slots=True)
class Address:
    """What a segment has of its message beside its text."""

    msisdn: str = field(repr=False)
    sender: str | None
    expires: str | None
    rank: int


def claim(connection: sqlite3.Connection, rules: IntakeRules, asked: Asked, now: datetime) -> Submission | None:
    """The first due message for this carrier goes to `sending`, and its next segment is begun. None: nothing is due.

    Inside the caller's transaction it may end with None after AT_ONCE messages that expired or were held: the
    dispatcher then calls again.
    """
    while True:
        with db.write(connection):
            submission, is_more = _claim_some(connection, rules, asked, now)
        if not is_more or connection.in_transaction:
            return submission


def _claim_some(
    connection: sqlite3.Connection, rules: IntakeRules, asked: Asked, now: datetime
) -> tuple[Submission | None, bool]:
    """One transaction's work; whether there may be more to look at."""
    take = _take_or_leave if asked.singly else _take_and_begin
    left = AT_ONCE
    while left > 0:
        due = asked.first(connection, now)
        if due is None:
            return None, False
        put_aside, submission = take(connection, rules, asked, due, now)
        if submission is not None:
            return submission, False
        left -= max(1, put_aside)
    return None, True


def _take_or_leave(
    connection: sqlite3.Connection, rules: IntakeRules, asked: Asked, due: Due, now: datetime
) -> tuple[int, Submission | None]:
    """One that refuses to be taken holds up nobody: it is tried again later."""
    found: list[tuple[int, Submission | None]] = []
    if attempt(
        connection,
        f"message {due.id}",
        lambda: found.append(_take_and_begin(connection, rules, asked, due, now)),
    ):
        return found[0]
    until = times.to_text(now + LEFT_FOR)
    connection.execute(LEAVE, {"id": due.id, "until": until, "now": times.to_text(now)})
    return 1, None


def _take_and_begin(
    connection: sqlite3.Connection, rules: IntakeRules, asked: Asked, due: Due, now: datetime
) -> tuple[int, Submission | None]:
    """How many messages were put aside instead, and the segment that was begun, if one was."""
    put_aside = _take(connection, rules, asked.carrier, due, now)
    if put_aside or not _is_cut(connection, rules, due, asked.carrier, now):
        return put_aside, None
    way = asked.carrier, asked.line, now
    return 0, begin(connection, rules, due.id, *way) or _begin_again(connection, rules, due.id, *way)


def begin(
    connection: sqlite3.Connection, rules: IntakeRules, message: int, carrier: str, line: str, now: datetime
) -> Submission | None:
    """Write down that the message's next segment leaves now; None when none is open. In the caller's transaction."""
    row = connection.execute(statements.NEXT_OPEN, {"id": message}).fetchone()
    if row is None:
        return None
    key, number, total, reference, is_wide, alphabet, body, *address = row
    values = {"id": key, "carrier": carrier, "line": line, "now": times.to_text(now)}
    progress.guarded(connection, statements.BEGIN_SEGMENT, values)
    progress.note(connection, message, "begun", f"{number}/{total} {carrier}", now)
    concatenation = None if reference is None else Concatenation(reference, total, number, bool(is_wide))
    segment = Segment(body, Alphabet(alphabet), concatenation)
    to = Address(*address)
    spending.note(connection, line, key, to.msisdn, now)
    return submission(rules, key, segment, to, now)


def _begin_again(
    connection: sqlite3.Connection, rules: IntakeRules, message: int, carrier: str, line: str, now: datetime
) -> Submission | None:
    """Somebody queued it anew by hand: what isn't out is sent once more, and if all is out it is sent."""
    connection.execute(statements.SEGMENTS_REOPENED, {"id": message})
    submission = begin(connection, rules, message, carrier, line, now)
    if submission is None:
        progress.to_sent(connection, message, now)
    return submission


def _take(connection: sqlite3.Connection, rules: IntakeRules, carrier: str, due: Due, now: datetime) -> int:
    """queued -> sending, 0; or how many were put aside: whoever is too late expires instead, a storm is held, a
    campaign that is stopped waits, and what came back to the queue may not be wanted any more."""
    at = times.to_text(now)
    if due.expires is not None and times.is_over(due.expires, at):
        progress.run_out(connection, due.id, now)
        return 1
    if due.attempts and withdrawals.enforce(connection, due.id, rules, now):
        return 1  # its number asked for no more, or its contact withdrew, while a carrier had it
    if put_aside := standstill.set_aside(connection, due.campaign, due.id, due.attempts):
        return put_aside
    if held := storm.stop(connection, rules.safety, due.id, due.msisdn, now, is_new=due.is_new):
        return held
    progress.guarded(connection, statements.TAKE, {"id": due.id, "carrier": carrier, "now": at})
    return 0


def _is_cut(connection: sqlite3.Connection, rules: IntakeRules, due: Due, carrier: str, now: datetime) -> bool:
    """Cut the message into segments, once. A text that can't be cut after all doesn't hold up the others."""
    if due.attempts and progress.segment_states(connection, due.id):
        return True
    body = connection.execute(statements.BODY, {"id": due.id}).fetchone()[0]
    segments = cutting.cut(connection, rules, due, body, carrier, now)
    if not segments:
        return False
    rows = [cutting.segment_row(due.id, number, segments) for number in range(1, len(segments) + 1)]
    connection.executemany(statements.WRITE_SEGMENT, rows)
    if len(segments) != due.segments:
        connection.execute(statements.SEGMENTS_TAKEN, {"id": due.id, "segments": len(segments)})
    return True


def _validity_s(expires: str | None, now: datetime) -> int | None:
    """None: as long as the network likes; also where a clock that was wrong has said until when."""
    left_s = None if expires is None else int((times.from_text(expires) - now).total_seconds())
    is_unknown = expires is None or (expires < times.CREDIBLE and times.is_credible(now))
    return None if left_s is None or is_unknown else max(1, left_s)


def submission(
    rules: IntakeRules,
    key: int,
    segment: Segment,
    address: Address,
    now: datetime,
) -> Submission:
    """A segment as it is handed over."""
    name = (address.sender or "").strip()
    return Submission(
        key=key,
        recipient=address.msisdn,
        segment=segment,
        validity_s=_validity_s(address.expires, now),
        sender=name if name and name not in rules.carriers else None,
        rank=address.rank,
    )
