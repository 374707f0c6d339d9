"""Messages claimed many at a time, as a link with a window takes them. What is sent for the first time and to a number
of its own, as nearly everything is, shares its statements; any other message is claimed by itself, in its turn
(sending.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.carrier import Submission
from gateway.queue import cutting, db, many, progress, sending, spending, standstill, statements, storm, times
from gateway.queue.asked import Asked, Due
from gateway.queue.rules import IntakeRules
from gateway.queue.sending import Address
from gateway.queue.ways import Seeker
from gateway.sms.message import Segment

_SOME = """
    id, expires, msisdn, segments, attempts, COALESCE(taken_at, released_at) IS NULL, rank, campaign,
    CAST(body AS TEXT), CAST(sender AS TEXT)"""
# As statements.FIRST_DUE, but several.
SOME_DUE = f"""
    SELECT * FROM (
        SELECT * FROM (SELECT {_SOME} FROM outbox INDEXED BY outbox_due
            WHERE state = 'queued' AND due = 1 AND route = '' AND rank >= :least_shared AND shunned IS NOT :carrier
            ORDER BY rank DESC, id LIMIT :most)
        UNION ALL
        SELECT * FROM (SELECT {_SOME} FROM outbox INDEXED BY outbox_due
            WHERE state = 'queued' AND due = 1 AND route = :carrier
            ORDER BY rank DESC, id LIMIT :most))
    ORDER BY rank DESC, id LIMIT :most"""
# As ways.FIRST, but several.
SOME_IN_WAY = f"""
    SELECT {_SOME} FROM outbox INDEXED BY outbox_due
    WHERE state = 'queued' AND due = 1 AND route = :way AND rank >= :floor AND shunned IS NOT :carrier
    ORDER BY rank DESC, id LIMIT :most"""
ID, RANK = 0, 6  # columns
# A statement for many rows does not tell the keys that it gives: these are given here. SQLite goes on behind them.
LAST_KEY = "SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = 'segments'"
WRITE_BEGUN = """
    INSERT INTO segments (id, outbox_id, number, total, reference, is_wide, alphabet, body, state, begun_at, attempts,
                          carrier, line)
    SELECT column1, column2, 1, column3, column4, column5, column6, column7, 'begun', ?3, 1, ?1, ?2
    FROM (VALUES {rows})"""


@dataclass(frozen=True, slots=True)
class Plain:
    """A message to be taken, with its words."""

    due: Due
    body: str = field(repr=False)
    sender: str | None


@dataclass(frozen=True, slots=True)
class Begun:
    """A message whose first segment has this key."""

    key: int
    plain: Plain
    segments: tuple[Segment, ...]


def claim(
    connection: sqlite3.Connection, rules: IntakeRules, asked: Asked, now: datetime, most: int
) -> list[Submission]:
    """The messages that `most` calls of sending.claim would take, with their next segments begun.

    Fewer: no more are due, or so many were put aside that the dispatcher calls again.
    """
    claimed: list[Submission] = []
    is_more = True
    with db.write(connection):
        while is_more and len(claimed) < most:
            found, is_more = _some(connection, rules, _less(asked, claimed), now, most - len(claimed))
            claimed += found
    return claimed


def _less(asked: Asked, claimed: Sequence[Submission]) -> Asked:
    """What is left of a limit."""
    if asked.room is None:
        return asked
    return replace(asked, room=asked.room - sum(each.sms_left for each in claimed))


def _some(
    connection: sqlite3.Connection, rules: IntakeRules, asked: Asked, now: datetime, most: int
) -> tuple[list[Submission], bool]:
    """The plain ones that come first, else the first message by itself; whether there may be more."""
    due = _due(connection, asked, now, most)
    if due is not None and not due:
        return [], False
    plain = due or []
    suspects = storm.suspects(connection, rules.safety, [each.due.msisdn for each in plain], now)
    stopped = {each for each in {each.due.campaign for each in plain} if standstill.is_stopped(connection, each)}
    group = list(_first(plain, asked, suspects, stopped, now))
    if group:
        return _take(connection, rules, asked, group, now), True
    single = sending.claim(connection, rules, asked, now)
    return ([], False) if single is None else ([single], True)


def _due(connection: sqlite3.Connection, asked: Asked, now: datetime, most: int) -> list[Plain] | None:
    """In the order of the queue; None where bounds, or what a better carrier has left, let a later one go first, and
    where a row has refused.
    """
    if asked.singly or asked.least_rank or _has_left(connection, asked, now):
        return None
    rows = connection.execute(SOME_DUE, asked.values | {"most": most}).fetchall()
    openings = [each for each in asked.openings if each.is_first]
    for each in openings:
        way = {"way": each.way, "floor": asked.least_shared if each.is_shared else 0}
        rows += connection.execute(SOME_IN_WAY, {"carrier": asked.carrier, "most": most, **way}).fetchall()
    if openings:
        rows.sort(key=lambda row: (-row[RANK], row[ID]))
    return [Plain(Due(*of_due), body, sender) for *of_due, body, sender in rows[:most]]


def _has_left(connection: sqlite3.Connection, asked: Asked, now: datetime) -> bool:
    """Whether it may take something of a way in which another carrier is better."""
    others = [each for each in asked.openings if not each.is_first]
    return bool(others) and any(True for _row in Seeker(asked.carrier, now).rows(connection, others))


def _first(
    due: Sequence[Plain], asked: Asked, suspects: set[str], stopped: set[object], now: datetime
) -> Iterator[Plain]:
    """Those that come before the first that is not plain."""
    at = times.to_text(now)
    numbers = set(suspects)
    room = asked.room
    for each in due:
        is_late = each.due.expires is not None and each.due.expires <= at
        if is_late or each.due.attempts or each.due.msisdn in numbers or each.due.campaign in stopped:
            return
        if room is not None and (room := room - each.due.segments) < 0:
            return
        numbers.add(each.due.msisdn)
        yield each


def _take(
    connection: sqlite3.Connection, rules: IntakeRules, asked: Asked, group: Sequence[Plain], now: datetime
) -> list[Submission]:
    """queued -> sending; cut, and the first segment of each begun."""
    taken: dict[str, object] = {"carrier": asked.carrier, "now": times.to_text(now)}
    many.guarded_by_id(connection, statements.TAKE, taken, [each.due.id for each in group])
    cut = [(each, cutting.cut(connection, rules, each.due, each.body, asked.carrier, now)) for each in group]
    following = connection.execute(LAST_KEY).fetchone()[0] + 1
    sound = [(each, segments) for each, segments in cut if segments]
    begun = [Begun(key, each, segments) for key, (each, segments) in enumerate(sound, following)]
    _begin(connection, asked, begun, now)
    return [sending.submission(rules, each.key, each.segments[0], _address(each.plain), now) for each in begun]


def _begin(connection: sqlite3.Connection, asked: Asked, begun: Sequence[Begun], now: datetime) -> None:
    """Each statement once for all of them."""
    many.run(connection, WRITE_BEGUN, (asked.carrier, asked.line, times.to_text(now)), [_row(each) for each in begun])
    others = [
        cutting.segment_row(each.plain.due.id, number, each.segments)
        for each in begun
        for number in range(2, len(each.segments) + 1)
    ]
    connection.executemany(statements.WRITE_SEGMENT, others)
    counts = [(each.plain.due, len(each.segments)) for each in begun]
    differing = [{"id": due.id, "segments": count} for due, count in counts if count != due.segments]
    connection.executemany(statements.SEGMENTS_TAKEN, differing)
    details = [(due.id, f"1/{count} {asked.carrier}") for due, count in counts]
    progress.note_all(connection, "begun", details, now)
    spending.note_all(connection, asked.line, [(each.key, each.plain.due.msisdn) for each in begun], now)


def _row(begun: Begun) -> many.Row:
    first = begun.segments[0]
    place = first.concatenation
    reference, is_wide = (None, False) if place is None else (place.reference, place.is_wide)
    return begun.key, begun.plain.due.id, len(begun.segments), reference, is_wide, first.alphabet.value, first.text


def _address(plain: Plain) -> Address:
    return Address(plain.due.msisdn, plain.sender, plain.due.expires, plain.due.rank)
