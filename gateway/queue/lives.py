"""How each carrier is and was: table carriers, and in events every change of its state and what was done about it.

Written by the dispatcher's beat, so a state that flickers makes one event for each change that a beat has seen.
"""

from __future__ import annotations

import sqlite3
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from gateway.carrier import CarrierStatus
from gateway.i18n import _
from gateway.life import Life, path
from gateway.queue import db, times
from gateway.queue.views import dicts

WAS = "SELECT state, since FROM carriers WHERE name = :name"
REPORT = """
    INSERT INTO carriers (name, kind, state, since, detail, port, imei, iccid, imsi, operator, signal_dbm, line, model,
                          storage_percent, has_service_centre, sent_today, limit_today, updated_at, balance,
                          allowance, runs_out_at)
    SELECT :name, :kind, :state, :since, :detail, :port, :imei, :iccid, :imsi, :operator, :signal_dbm, :line, :model,
            :storage_percent, :has_service_centre, :sent_today, :limit_today, :now, b.balance,
            b.allowance, b.runs_out_at
    FROM (SELECT 1) LEFT JOIN balances AS b
        ON b.id = (SELECT id FROM balances WHERE line = :line ORDER BY at DESC, id DESC LIMIT 1)
    WHERE true
    ON CONFLICT (name) DO UPDATE SET
        kind = excluded.kind, state = excluded.state, since = excluded.since, detail = excluded.detail,
        port = excluded.port, imei = excluded.imei, iccid = excluded.iccid, imsi = excluded.imsi,
        operator = excluded.operator, signal_dbm = excluded.signal_dbm, line = excluded.line, model = excluded.model,
        storage_percent = excluded.storage_percent, has_service_centre = excluded.has_service_centre,
        sent_today = excluded.sent_today, limit_today = excluded.limit_today,
        updated_at = excluded.updated_at, balance = excluded.balance,
        allowance = excluded.allowance, runs_out_at = excluded.runs_out_at"""
NOTE = """
    INSERT INTO events (carrier, at, event, from_state, to_state, detail)
    VALUES (:carrier, :now, :event, :from_state, :to_state, :detail)"""
# By the index, and no more rows than count; the event of the newest one.
LATELY = """
    SELECT count(*), (SELECT event FROM events INDEXED BY events_carrier
                      WHERE carrier = :carrier ORDER BY id DESC LIMIT 1)
    FROM (SELECT at FROM events INDEXED BY events_carrier WHERE carrier = :carrier ORDER BY id DESC LIMIT :most)
    WHERE at >= :since"""
LEFT = "SELECT name, state FROM carriers WHERE state <> 'stopped'"
OF_STATUS = tuple(field.name for field in fields(CarrierStatus))
FLICKER_SPAN = timedelta(hours=1)
MOST_IN_SPAN = 120  # events about one carrier; a modem at the edge of its network changes its state every few seconds

KEEP_ERROR = """
    INSERT INTO last_errors (carrier, at, text) VALUES (:name, :at, :text)
    ON CONFLICT (carrier) DO UPDATE SET at = excluded.at, text = excluded.text WHERE at <> excluded.at"""
NAMES = "SELECT name FROM carriers"
FORGET_ALL = "DELETE FROM carriers"
FORGET = "DELETE FROM carriers WHERE name = :name"
HISTORY = """
    SELECT id, at, event, from_state, to_state, detail FROM events INDEXED BY events_carrier
    WHERE carrier = :carrier ORDER BY id DESC LIMIT :limit"""


def report(
    connection: sqlite3.Connection,
    name: str,
    kind: str,
    status: CarrierStatus,
    sent_today: int,
    limit_today: int | None,
    now: datetime,
) -> None:
    """How a carrier is now; a change of its state is an event."""
    at = times.to_text(now)
    with db.write(connection):
        was, since = connection.execute(WAS, {"name": name}).fetchone() or (None, None)
        if status.state != was:
            since = at
            _note_change(connection, name, was, status, now)
        own = {field: getattr(status, field) for field in OF_STATUS}  # a whole fleet's every 2 s: asdict copies each
        counts = {"sent_today": sent_today, "limit_today": limit_today}
        values = {"name": name, "kind": kind, **own, **counts, "since": since or at, "now": at}
        connection.execute(REPORT, values)
        if status.last_error_at is not None:
            error = {"name": name, "at": times.to_text(status.last_error_at), "text": status.last_error}
            connection.execute(KEEP_ERROR, error)


def begin(connection: sqlite3.Connection, now: datetime, *, is_ended: bool) -> None:
    """A daemon starts: what the last one knew of carriers is no longer so; one that has ended in order has said so."""
    with db.write(connection):
        if not is_ended:
            _note_stopped(connection, _("The daemon ended without a word."), now)
        connection.execute(FORGET_ALL)


def end(connection: sqlite3.Connection, now: datetime) -> None:
    """The daemon ends in order: so the history of its carriers says; what ails one stays to be seen meanwhile."""
    _note_stopped(connection, "", now)


def _note_stopped(connection: sqlite3.Connection, detail: str, now: datetime) -> None:
    for name, state in connection.execute(LEFT).fetchall():
        _note(connection, name, "state", detail, now, state, Life.STOPPED.value)


def names(connection: sqlite3.Connection) -> set[str]:
    """Of the carriers that the daemon has told of."""
    return {name for (name,) in connection.execute(NAMES)}


def dismiss(connection: sqlite3.Connection, name: str, now: datetime) -> None:
    """A carrier that the daemon has no longer."""
    with db.write(connection):
        was, _since = connection.execute(WAS, {"name": name}).fetchone() or (Life.STOPPED.value, None)
        if was != Life.STOPPED:
            _note(connection, name, "state", _("It is no longer one of the gateway's."), now, was, Life.STOPPED.value)
        connection.execute(FORGET, {"name": name})


def note(connection: sqlite3.Connection, carrier: str, event: str, detail: str, now: datetime) -> None:
    """An event about a carrier, beside its changes of state."""
    with db.write(connection):
        _note(connection, carrier, event, detail, now)


def history(connection: sqlite3.Connection, carrier: str, limit: int = 50) -> list[dict[str, Any]]:
    """What happened to a carrier, the newest first."""
    return dicts(connection, HISTORY, {"carrier": carrier, "limit": limit})


def _note_change(
    connection: sqlite3.Connection, name: str, was: str | None, status: CarrierStatus, now: datetime
) -> None:
    """One event for the change, or two when the beat has missed the state between."""
    if (was is None and status.state == Life.STOPPED) or _flickers(connection, name, now):
        return
    for to_state in _path(name, was, status.state):
        _note(connection, name, "state", status.detail if to_state == status.state else "", now, was, to_state)
        was = to_state


def _flickers(connection: sqlite3.Connection, name: str, now: datetime) -> bool:
    """Whether so much is known of the last hour that more tells nothing new; said once, when it begins."""
    values = {"carrier": name, "since": times.to_text(now - FLICKER_SPAN), "most": MOST_IN_SPAN}
    count, last = connection.execute(LATELY, values).fetchone()
    if count < MOST_IN_SPAN:
        return False
    if last != "flicker":
        _note(connection, name, "flicker", _("Its state changes all the time; not every change is noted."), now)
    return True


def _path(name: str, was: str | None, to_state: str) -> tuple[str, ...]:
    try:
        steps = path(None if was is None else Life(was), Life(to_state))
    except ValueError:  # no such state: our mistake, and shown all the same
        steps = None
    if steps is None:
        _say_illegal(name, was, to_state)
        return (to_state,)
    return tuple(step.value for step in steps)


def _say_illegal(name: str, was: str | None, to_state: str) -> None:
    """Our mistake. structlog is imported here because the command, too, uses this module."""
    import structlog

    log = structlog.get_logger("gateway.carriers")
    log.error("illegal_state", carrier=name, from_state=was, to_state=to_state)


def _note(
    connection: sqlite3.Connection,
    carrier: str,
    event: str,
    detail: str,
    now: datetime,
    from_state: str | None = None,
    to_state: str | None = None,
) -> None:
    values = {"carrier": carrier, "event": event, "from_state": from_state, "to_state": to_state}
    connection.execute(NOTE, values | {"detail": detail, "now": times.to_text(now)})
