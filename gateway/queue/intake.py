"""Rows that nobody has examined yet are examined, and those whose time has come are made due."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from gateway.i18n import _
from gateway.queue import db, many, opt_outs, standstill, statements, times
from gateway.queue.alone import FAULTS, attempt
from gateway.queue.examining import Fit, Unfit, Written, examine
from gateway.queue.flood import Arrival, Flood
from gateway.queue.fresh import Fresh, trace
from gateway.queue.routing import Router
from gateway.queue.rules import IntakeRules, category_name, is_emergency
from gateway.queue.storm import Storm

AT_ONCE = 300  # rows per transaction: some milliseconds, so that a carrier's own commit hardly waits

# Only if the writer has not changed the row meanwhile. For many rows at a time, of these columns.
COLUMNS = ("id", "revision", "msisdn", "segments", "rank", "route", "expires", "wish_until", "not_before", "due")
EXAMINED = """
    UPDATE outbox NOT INDEXED
    SET msisdn = f.column3, segments = f.column4, rank = f.column5, route = f.column6, expires = f.column7,
        wish_until = f.column8, next_attempt_at = f.column9, due = f.column10, updated_at = ?1
    FROM (VALUES {rows}) AS f
    WHERE id = f.column1 AND state = 'queued' AND due IS NULL AND revision = f.column2"""


# What a program in a loop has written by the hundred thousand takes a minute to be held: whoever writes behind it is
# examined with the next ones all the same.
FRESH_AT_ONCE = 30
FRESH_LOOKED = 1000  # of the newest rows, whatever their state
NEWEST = f"""{statements.WRITTEN} FROM outbox NOT INDEXED
    WHERE id > (SELECT max(id) FROM outbox) - :looked AND state = 'queued' AND due IS NULL
    ORDER BY id DESC LIMIT :limit"""


@dataclass(frozen=True, slots=True)
class Row:
    """One to be examined."""

    id: int
    revision: int
    is_released: bool  # a person has let it go: no breaker holds it a second time
    written: Written


Examined = tuple[Row, Fit | Unfit]
Change = tuple[str, dict[str, object]]


def intake(
    connection: sqlite3.Connection,
    rules: IntakeRules,
    flood: Flood,
    now: datetime,
    limit: int,
    fresh: Fresh | None = None,
) -> int:
    """Examine up to `limit` rows; how many there were. Examining stands outside the transactions."""
    done = 0
    while done < limit:
        rows = _unexamined(connection, min(AT_ONCE, limit - done), fresh or Fresh())
        written = _take_in(connection, rules, flood, now, rows) if rows else 0
        if not written:
            break
        done += written
    return done


def _take_in(
    connection: sqlite3.Connection, rules: IntakeRules, flood: Flood, now: datetime, rows: Sequence[Row]
) -> int:
    """All at once, or one by one where one refuses; how many."""
    found = [(row, _examined(row, rules, now)) for row in rows]
    changes, asked = _changes(connection, found, rules, flood, now), _who_may_refuse(found, rules)
    try:
        with db.write(connection):
            _write(connection, changes, now)
            opt_outs.enforce(connection, asked, rules, now)
    except FAULTS:
        return _write_singly(connection, changes, asked, rules, now)
    return len(rows)


def ripen(connection: sqlite3.Connection, now: datetime) -> int:
    """Make rows due whose time has come; how many. A full batch means that there may be more. And what is to be done
    with the messages of a campaign."""
    changed = 0 if (count := standstill.go_on(connection, now)) is None else max(1, count)
    values = {"now": times.to_text(now), "limit": AT_ONCE}
    if not connection.execute(statements.IS_RIPE, values).fetchone()[0]:
        return changed
    with db.write(connection):
        ripened = connection.execute(statements.RIPEN, values).rowcount
        return changed + ripened + connection.execute(statements.UNSHUN, values).rowcount


def _unexamined(connection: sqlite3.Connection, limit: int, fresh: Fresh) -> list[Row]:
    """The weightiest and oldest; where more wait than are taken at once, the newest too, at their end."""
    rows = [_row(*each) for each in connection.execute(statements.UNEXAMINED, {"limit": limit})]
    if len(rows) < limit:
        fresh.forget()
        return rows
    ahead = _ahead(connection, {row.id for row in rows}, fresh) if limit > FRESH_AT_ONCE else []
    taken, left = rows[: limit - len(ahead)], rows[limit - len(ahead) :]
    behind = {trace(row.written.recipient) for row in left}
    return taken + [row for row in ahead if trace(row.written.recipient) not in behind]


def _ahead(connection: sqlite3.Connection, known: Collection[int], fresh: Fresh) -> list[Row]:
    """The newest, but for those to whose number an earlier one waits, oldest first."""
    newest = connection.execute(NEWEST, {"looked": FRESH_LOOKED, "limit": FRESH_AT_ONCE}).fetchall()
    rows = [_row(*each) for each in reversed(newest)]
    if not rows or not fresh.look(connection, rows[0].id - 1):
        return []
    return [row for row in rows if row.id not in known and fresh.may_go_ahead(row.written.recipient)]


def _row(message: int, revision: int, is_released: int, *written: Any) -> Row:
    return Row(message, revision, bool(is_released), Written(*written))


def _examined(row: Row, rules: IntakeRules, now: datetime) -> Fit | Unfit:
    try:
        return examine(row.written, rules, now)
    except Unfit as reason:
        return reason
    except Exception as fault:  # noqa: BLE001 - one row that nobody foresaw must not hold up the others
        sentence = _("The gateway could not examine it: {fault}.")
        return Unfit("not_understood", sentence.format(fault=type(fault).__name__))


def _who_may_refuse(found: Sequence[Examined], rules: IntakeRules) -> list[str]:
    """The numbers of messages in a category that people may refuse."""
    categories = opt_outs.heeding(rules)
    return [
        verdict.msisdn
        for row, verdict in found
        if isinstance(verdict, Fit) and category_name((row.written.category or b"").decode()) in categories
    ]


def _changes(
    connection: sqlite3.Connection, found: Sequence[Examined], rules: IntakeRules, flood: Flood, now: datetime
) -> list[Change]:
    """For each row the statement that writes down what examining it came to."""
    router = Router.of(connection, rules)
    storms = flood.find([arrival for each in found if (arrival := _arrival(*each, now))], now)
    changes = []
    for row, verdict in found:
        values: dict[str, object] = {"id": row.id, "revision": row.revision, "now": times.to_text(now)}
        if isinstance(verdict, Unfit):
            values |= {"state": verdict.state, "code": verdict.code, "text": verdict.text}
            changes.append((statements.UNFIT, values))
        elif storm := storms.get(row.id):
            values |= _fit_values(verdict, now) | _held_values(row, verdict, storm)
            changes.append((statements.EXAMINED_HELD, values))
        else:
            values |= _fit_values(verdict, now) | _way(connection, verdict, router, now)
            changes.append((EXAMINED, values))
    return changes


def _write(connection: sqlite3.Connection, changes: Sequence[Change], now: datetime) -> None:
    """Nearly all are fit: these share a statement."""
    fit = [[values[name] for name in COLUMNS] for statement, values in changes if statement == EXAMINED]
    many.run(connection, EXAMINED, (times.to_text(now),), fit)
    for statement, values in changes:
        if statement != EXAMINED:
            connection.execute(statement, values)


def _write_singly(
    connection: sqlite3.Connection, changes: Sequence[Change], asked: Sequence[str], rules: IntakeRules, now: datetime
) -> int:
    """How many; one that refuses stays as it is, and is tried again with the next ones."""
    with db.write(connection):
        written = sum(
            attempt(connection, f"message {change[1]['id']}", partial(_write, connection, [change], now))
            for change in changes
        )
        for msisdn in asked:
            attempt(connection, "of a number", partial(opt_outs.enforce, connection, [msisdn], rules, now))
    return written


def _arrival(row: Row, verdict: Fit | Unfit, now: datetime) -> Arrival | None:
    """What may be one too many: not what waits for its time, nor what a person has let go."""
    if isinstance(verdict, Unfit) or row.is_released or verdict.waits(now):
        return None
    written = row.written
    urgent = is_emergency((written.category or b"").decode())
    return Arrival(row.id, verdict.msisdn, (written.body or b"").decode("utf-8"), urgent)


def _fit_values(fit: Fit, now: datetime) -> dict[str, object]:
    return {
        "msisdn": fit.msisdn,
        "segments": fit.segments,
        "rank": fit.rank,
        "expires": times.to_text(fit.expires),
        "not_before": times.optional_text(fit.not_before),
        "due": 0 if fit.waits(now) else 1,
    }


def _held_values(row: Row, fit: Fit, storm: Storm) -> dict[str, object]:
    return {"route": fit.route, "wish_until": None, "code": storm.code, "text": storm.words(row.id)}


def _way(connection: sqlite3.Connection, fit: Fit, router: Router, now: datetime) -> dict[str, object]:
    """Over which carrier: the one that the writer names, else the one wished for, for a while."""
    wish = router.wish(connection, fit, now)
    return {"route": wish or fit.route, "wish_until": times.to_text(router.until(fit, now)) if wish else None}
