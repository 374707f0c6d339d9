"""What each line has spent, whether its operator blocks it, and its balances: kept by the SIM, whatever carries it.

A row of `spent` is written in the commit that begins a segment, before its bytes leave, and taken back when they are
known not to have gone. So one in the air when the power fails counts, and one sent once more counts twice.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from gateway.plan import balance
from gateway.plan.balance import Balance, Point
from gateway.plan.blocking import Block
from gateway.plan.ledger import Spent
from gateway.queue import behind, db, many, times

IN_AIR = timedelta(hours=1)  # far longer than any SMS takes from its beginning until it is handed over
CUT = timedelta(milliseconds=1)  # a written time is cut to milliseconds; a limit may not end before its time
KEPT = timedelta(days=62)  # longer than any month that is counted
BALANCES_KEPT = timedelta(days=400)  # a year to look back on

NOTE = """
    INSERT OR IGNORE INTO spent (line, segment_id, at, recipient, place)
    SELECT ?1, column1, ?2, column2, (SELECT COALESCE(max(id), 0) FROM events) FROM (VALUES {rows})"""
TAKE_BACK = "DELETE FROM spent WHERE line = :line AND at = :begun_at AND segment_id = :key AND was_at = ''"
TAKE_BACK_MOVED = """
    DELETE FROM spent WHERE line = :line AND was_at = :begun_at AND was_at > '' AND segment_id = :key"""
# When the network had it is nearer to the truth than when it was begun, which is earlier: a limit is kept by the later.
# So a span counts what was begun in it, and what was begun shortly before and handed over in it.
_SPENT = """
    SELECT at, recipient, segment_id FROM spent WHERE line = :line AND at >= :since
    UNION ALL
    SELECT s.at, s.recipient, s.segment_id FROM spent AS s JOIN segments AS g ON g.id = s.segment_id
    WHERE s.line = :line AND s.at >= :before AND s.at < :since AND g.submitted_at >= :since"""
COUNT = f"SELECT count(*) FROM ({_SPENT})"
# One from before the digests were kept is known by its number, and without that counts as a person of its own.
_OF_BEFORE = "o.msisdn, CASE WHEN lately.recipient IS NULL AND o.msisdn IS NULL THEN -lately.segment_id END"
RECIPIENTS = f"""
    SELECT DISTINCT lately.recipient, {_OF_BEFORE}
    FROM ({_SPENT}) AS lately LEFT JOIN segments AS g ON lately.recipient IS NULL AND g.id = lately.segment_id
         LEFT JOIN outbox AS o ON o.id = g.outbox_id"""
LAST = f"""
    SELECT max(lately.at, COALESCE(g.submitted_at, lately.at)) AS last_at
    FROM ({_SPENT}) AS lately LEFT JOIN segments AS g ON g.id = lately.segment_id
    ORDER BY last_at DESC LIMIT :most"""
LAST_OF_EACH = f"""
    SELECT lately.recipient, {_OF_BEFORE} AS of_its_own,
           max(max(lately.at, COALESCE(g.submitted_at, lately.at))) AS last_at
    FROM ({_SPENT}) AS lately LEFT JOIN segments AS g ON g.id = lately.segment_id
         LEFT JOIN outbox AS o ON lately.recipient IS NULL AND o.id = g.outbox_id
    GROUP BY lately.recipient, o.msisdn, of_its_own ORDER BY last_at"""
# What a clock that was ahead has written, or what one that is behind takes for such: it is counted as of now. Once the
# clock says so much, it is counted where it stood.
IS_ODD = """
    SELECT EXISTS (SELECT 1 FROM spent WHERE line = :line AND at > :now)
        OR EXISTS (SELECT 1 FROM spent WHERE line = :line AND was_at > '' AND was_at <= :now)"""
# None of them may vanish: what a clock has passed twice would be one row is left as it is, and counts all the same, or
# goes a millisecond later.
SET_BACK = """
    UPDATE OR IGNORE spent SET was_at = iif(was_at = '', at, was_at), at = :now WHERE line = :line AND at > :now"""
PUT_BACK = """
    UPDATE OR IGNORE spent SET was_at = '', at = iif(
        EXISTS (SELECT 1 FROM spent AS s WHERE s.line = spent.line AND s.at = spent.was_at
                AND s.segment_id = spent.segment_id AND s.was_at = ''),
        strftime('%Y-%m-%dT%H:%M:%fZ', was_at, '+0.001 seconds'), was_at)
    WHERE line = :line AND was_at > '' AND was_at <= :now"""
# By a clock that was certainly wrong.
IS_OF_BEFORE = "SELECT EXISTS (SELECT 1 FROM spent WHERE line = :line AND at < :credible)"
IS_MOVED = "SELECT EXISTS (SELECT 1 FROM spent WHERE line = :line AND was_at > '')"
# Line by line: the rows of each are in the order of their times.
FORGET = """
    DELETE FROM spent WHERE at < :before AND was_at < :before AND line IN (
        WITH RECURSIVE known (line) AS (
            SELECT min(line) FROM spent
            UNION ALL
            SELECT (SELECT min(s.line) FROM spent AS s WHERE s.line > known.line)
            FROM known WHERE known.line IS NOT NULL)
        SELECT line FROM known WHERE line IS NOT NULL)"""

MEET = """
    INSERT INTO lines (line, kind, first_seen_at, last_seen_at) VALUES (:line, 'modem', :now, :now)
    ON CONFLICT (line) DO UPDATE SET first_seen_at = min(first_seen_at, :now)"""
FIRST_SEEN = "SELECT first_seen_at FROM lines WHERE line = :line"
BLOCK = (
    "SELECT blocked_code, blocked_at, blocked_until, blocks FROM lines WHERE line = :line AND blocked_at IS NOT NULL"
)
SET_BLOCK = """
    UPDATE lines SET blocked_code = :code, blocked_at = :at, blocked_until = :until, blocks = :times
    WHERE line = :line"""

KEEP_BALANCE = """
    INSERT INTO balances (line, at, balance, allowance, runs_out_at)
    VALUES (:line, :now, :balance, :allowance, :runs_out_at)"""
BALANCES = "SELECT at, balance, allowance FROM balances WHERE line = :line AND at >= :since ORDER BY at, id"
ASKED_AT = "SELECT max(at) FROM balances WHERE line = :line"
FORGET_BALANCES = "DELETE FROM balances WHERE at < :before"


@lru_cache(maxsize=64)  # asked several times on an SMS's way
def recipient_of(msisdn: str) -> int:
    """What stands for a number where only distinctness counts. No secret from whoever has the database."""
    return int.from_bytes(hashlib.blake2b(msisdn.encode(), digest_size=8).digest(), "big", signed=True)


def note(connection: sqlite3.Connection, line: str, key: int, msisdn: str, now: datetime) -> None:
    """A segment begins; in the caller's transaction."""
    note_all(connection, line, [(key, msisdn)], now)


def note_all(connection: sqlite3.Connection, line: str, begun: Iterable[tuple[int, str]], now: datetime) -> None:
    """These segments begin, each with its number; in the caller's transaction."""
    rows = [(key, recipient_of(msisdn)) for key, msisdn in begun]
    many.run(connection, NOTE, (line, times.to_text(now)), rows)


def take_back(connection: sqlite3.Connection, line: str, key: int, begun_at: str) -> None:
    """It is known not to have gone out; in the caller's transaction."""
    values = {"line": line, "key": key, "begun_at": begun_at}
    if not connection.execute(TAKE_BACK, values).rowcount:
        connection.execute(TAKE_BACK_MOVED, values)  # the clock was set back since it was begun


@dataclass(frozen=True, slots=True)
class Account:
    """What a line has spent, as its limits ask for it (plan/ledger.py); `now`: nothing was spent later."""

    connection: sqlite3.Connection
    line: str
    now: datetime
    is_moved: bool = False  # some of it counts as of now only until the clock goes forward

    def count(self, since: datetime) -> int:
        """How many SMS."""
        return int(self.connection.execute(COUNT, self._span(since)).fetchone()[0])

    def recipients(self, since: datetime) -> Iterator[int]:
        """Each of them; twice, if one of its SMS is from before the digests were kept."""
        return (_digest(*row) for row in self.connection.execute(RECIPIENTS, self._span(since)))

    def last(self, since: datetime, most: int) -> list[datetime]:
        """When the last SMS went out, at most so many, oldest first."""
        rows = self.connection.execute(LAST, self._span(since) | {"most": most}).fetchall()
        return [self._moment(at) for (at,) in reversed(rows)]

    def last_of_each(self, since: datetime) -> Iterator[Spent]:
        """The last SMS to each recipient, oldest first."""
        rows = self.connection.execute(LAST_OF_EACH, self._span(since))
        return (Spent(self._moment(at), _digest(*who)) for *who, at in rows)

    def _span(self, since: datetime) -> dict[str, object]:
        begun, before = times.to_text(since - CUT), times.to_text(since - CUT - IN_AIR)
        return {"line": self.line, "since": begun, "before": before}

    def _moment(self, at: str) -> datetime:
        return min(self.now, times.from_text(at) + CUT)


def account(connection: sqlite3.Connection, line: str, now: datetime) -> Account:
    """What the line has spent. What was written at a time that is still to come happened now, by this clock: it may
    have been set right, or be wrong until it is set.
    """
    if (
        times.is_credible(now)
        and connection.execute(IS_OF_BEFORE, {"line": line, "credible": times.CREDIBLE}).fetchone()[0]
    ):
        behind.put_right(connection, now)
    values = {"line": line, "now": times.to_text(now)}
    if connection.execute(IS_ODD, values).fetchone()[0]:
        with db.write(connection):
            connection.execute(PUT_BACK, values)
            connection.execute(SET_BACK, values)
    return Account(connection, line, now, bool(connection.execute(IS_MOVED, values).fetchone()[0]))


def _digest(recipient: int | None, msisdn: str | None, of_its_own: int | None) -> int:
    if recipient is not None:
        return recipient
    return recipient_of(msisdn) if msisdn else of_its_own or 0


def forget(connection: sqlite3.Connection, now: datetime) -> int:
    """Take away what no limit and no forecast counts any more; how much."""
    with db.write(connection):
        balances = connection.execute(FORGET_BALANCES, {"before": times.to_text(now - BALANCES_KEPT)}).rowcount
        return balances + connection.execute(FORGET, {"before": times.to_text(now - KEPT)}).rowcount


def first_seen(connection: sqlite3.Connection, line: str, now: datetime) -> datetime:
    """When the gateway met this SIM: now, if it never did, or if a wrong clock says that it is still to come."""
    row = connection.execute(FIRST_SEEN, {"line": line}).fetchone()
    if row is not None and row[0] <= times.to_text(now):
        return times.from_text(row[0])
    with db.write(connection):
        connection.execute(MEET, {"line": line, "now": times.to_text(now)})
    return now


def block_of(connection: sqlite3.Connection, line: str) -> Block | None:
    """Whether the operator blocks the line, as far as is known."""
    row = connection.execute(BLOCK, {"line": line}).fetchone()
    return None if row is None else Block(row[0] or "", times.from_text(row[1]), times.from_text(row[2]), row[3])


def set_block(connection: sqlite3.Connection, line: str, block: Block | None, now: datetime) -> None:
    """Keep the block over restarts; None ends it."""
    values: dict[str, object] = {"line": line, "code": None, "at": None, "until": None, "times": 0}
    if block is not None:
        at, until = times.to_text(block.at), times.to_text(block.until)
        values |= {"code": block.code, "at": at, "until": until, "times": block.times}
    with db.write(connection):
        connection.execute(MEET, {"line": line, "now": times.to_text(now)})
        connection.execute(SET_BLOCK, values)


def asked_at(connection: sqlite3.Connection, line: str) -> datetime | None:
    """When the line's balance was last read."""
    return times.optional_time(connection.execute(ASKED_AT, {"line": line}).fetchone()[0])


def keep_balance(connection: sqlite3.Connection, line: str, found: Balance, now: datetime) -> None:
    """What the operator has answered, and when it runs out at the rate of the last weeks."""
    values: dict[str, object] = {"line": line, "now": times.to_text(now)}
    values |= {"balance": found.balance, "allowance": found.allowance}
    with db.write(connection):
        ends = [balance.runs_out(points) for points in _history(connection, line, found, now)]
        soonest = min((end for end in ends if end is not None), default=None)
        connection.execute(KEEP_BALANCE, values | {"runs_out_at": times.optional_text(soonest)})


def _history(connection: sqlite3.Connection, line: str, found: Balance, now: datetime) -> list[list[Point]]:
    """The money of the last weeks, and the allowance."""
    values = {"line": line, "since": times.to_text(now - balance.LOOK_BACK)}
    rows = [(times.from_text(at), *left) for at, *left in connection.execute(BALANCES, values).fetchall()]
    rows.append((now, found.balance, found.allowance))
    return [[Point(row[0], row[which]) for row in rows if row[which] is not None] for which in (1, 2)]
