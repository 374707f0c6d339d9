"""Rows that nobody has examined yet are examined, and those whose time has come are made due."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from gateway.i18n import _
from gateway.queue import db, statements, times
from gateway.queue.examining import Fit, Unfit, Written, examine
from gateway.queue.routing import Router
from gateway.queue.rules import IntakeRules

AT_ONCE = 100  # rows per transaction: some milliseconds, so that a carrier's own commit hardly waits

Row = tuple[int, int, Written]  # id, revision, what was written


def intake(connection: sqlite3.Connection, rules: IntakeRules, now: datetime, limit: int) -> int:
    """Examine up to `limit` rows; how many there were. Examining stands outside the transactions."""
    done = 0
    while done < limit:
        rows = _unexamined(connection, min(AT_ONCE, limit - done))
        if not rows:
            break
        router = Router.of(connection, rules)
        changes = [_change(connection, row, router, now) for row in rows]
        with db.write(connection):
            for statement, values in changes:
                connection.execute(statement, values)
        done += len(rows)
    return done


def ripen(connection: sqlite3.Connection, now: datetime) -> int:
    """Make rows due whose time has come; how many. A full batch means that there may be more."""
    values = {"now": times.to_text(now), "limit": AT_ONCE}
    with db.write(connection):
        ripened = connection.execute(statements.RIPEN, values).rowcount
        return ripened + connection.execute(statements.UNSHUN, values).rowcount


def _unexamined(connection: sqlite3.Connection, limit: int) -> list[Row]:
    rows = connection.execute(statements.UNEXAMINED, {"limit": limit}).fetchall()
    return [(row[0], row[1], Written(*row[2:])) for row in rows]


def _change(connection: sqlite3.Connection, row: Row, router: Router, now: datetime) -> tuple[str, dict[str, object]]:
    """The statement that writes down what examining the row came to."""
    message, revision, written = row
    values: dict[str, object] = {"id": message, "revision": revision, "now": times.to_text(now)}
    try:
        fit = examine(written, router.rules, now)
        return statements.EXAMINED, values | _fit_values(fit, now) | _way(connection, fit, router, now)
    except Unfit as reason:
        unfit = reason
    except Exception as fault:  # noqa: BLE001 - one row that nobody foresaw must not hold up the others
        unfit = Unfit(
            "not_understood", _("The gateway could not examine it: {fault}.").format(fault=type(fault).__name__)
        )
    return statements.UNFIT, values | {"state": unfit.state, "code": unfit.code, "text": unfit.text}


def _fit_values(fit: Fit, now: datetime) -> dict[str, object]:
    waits = fit.not_before is not None and fit.not_before > now
    return {
        "msisdn": fit.msisdn,
        "segments": fit.segments,
        "rank": fit.rank,
        "expires": times.to_text(fit.expires),
        "not_before": times.optional_text(fit.not_before),
        "due": 0 if waits else 1,
    }


def _way(connection: sqlite3.Connection, fit: Fit, router: Router, now: datetime) -> dict[str, object]:
    """Over which carrier: the one that the writer names, else the one wished for, for a while."""
    wish = router.wish(connection, fit, now)
    return {"route": wish or fit.route, "wish_until": times.to_text(router.until(fit, now)) if wish else None}
