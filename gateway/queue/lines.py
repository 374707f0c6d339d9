"""The lines, each a SIM (or a bind) with what is known of it: its name for good, and where it was last seen.

A line keeps its limits, its open reports and its block whichever stick it is in and whatever that is called. Every
change of place is an event of its carrier, for whoever wonders next week.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from gateway.i18n import _
from gateway.queue import db, stranded, times

SEEN_EVERY = timedelta(hours=1)  # last_seen_at is no finer than this: one write an hour

READ = "SELECT carrier, imei, port, last_seen_at FROM lines WHERE line = :line"
UNKNOWN: tuple[str | None, str | None, str | None, str] = (None, None, None, "")
SEE = """
    INSERT INTO lines (line, kind, carrier, imei, imsi, iccid, port, first_seen_at, last_seen_at)
    VALUES (:line, :kind, :carrier, :imei, :imsi, :iccid, :port, :now, :now)
    ON CONFLICT (line) DO UPDATE SET carrier = :carrier, imei = COALESCE(:imei, imei), imsi = COALESCE(:imsi, imsi),
        iccid = COALESCE(:iccid, iccid), port = COALESCE(:port, port), last_seen_at = :now"""
BEFORE = "SELECT line FROM lines WHERE carrier = :carrier AND line <> :line ORDER BY last_seen_at DESC LIMIT 1"
LET_GO = "UPDATE lines SET carrier = NULL WHERE carrier = :carrier AND line <> :line"
BIND = "smpp"
# Whether the bind that had the account has it still: it was told of a moment ago.
SHARED = """
    SELECT EXISTS (SELECT 1 FROM carriers
                   WHERE name = :before AND name <> :carrier AND line = :line AND updated_at >= :since)"""
TOLD_WITHIN = timedelta(seconds=30)  # the daemon tells of each carrier every second or two
NAME = "SELECT name FROM lines WHERE line = :line"
TAKE_NAME = "UPDATE lines SET name = NULL WHERE line = :line"
GIVE_NAME = """
    INSERT INTO lines (line, kind, name, imei, first_seen_at, last_seen_at)
    VALUES (:line, :kind, :name, :imei, :now, :now)
    ON CONFLICT (line) DO UPDATE SET name = :name"""
GIVE_UP_NAME = "UPDATE lines SET name = NULL WHERE name = :name AND line <> :line"
NAMES = "SELECT name FROM lines WHERE name IS NOT NULL"
KNOWN = """
    SELECT line, name, carrier, imei, imsi, iccid, port, last_seen_at FROM lines
    WHERE kind = 'modem' ORDER BY last_seen_at, line"""
NOTE = "INSERT INTO events (at, carrier, event, detail) VALUES (:now, :carrier, :event, :detail)"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A line as a carrier has it now."""

    line: str
    carrier: str
    kind: str = "modem"
    imei: str | None = None  # the device that it is in
    imsi: str | None = None
    iccid: str | None = None
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A modem's line as it was last seen."""

    line: str
    name: str | None  # given for good to one that nobody configured
    carrier: str | None  # who had it last
    imei: str | None
    imsi: str | None
    iccid: str | None
    port: str | None
    last_seen_at: datetime


def seen(connection: sqlite3.Connection, sighting: Sighting, now: datetime) -> None:
    """Write down where a line is, with an event for each change. In the caller's transaction if there is one.

    An account is no SIM: several binds may have it at the same time. It stays with the first as long as that is there.
    """
    with db.write(connection):
        carrier, imei, port, last_seen_at = connection.execute(READ, {"line": sighting.line}).fetchone() or UNKNOWN
        is_there = carrier == sighting.carrier and sighting.imei in (None, imei) and sighting.port in (None, port)
        if is_there and timedelta(0) <= now - times.from_text(last_seen_at) < SEEN_EVERY:
            return
        if sighting.kind == BIND and _is_shared(connection, sighting, carrier, now):
            return
        for event, detail in _changes(connection, sighting, carrier, imei, port):
            note(connection, sighting.carrier, event, detail, now)
        values = {field: getattr(sighting, field) for field in Sighting.__dataclass_fields__}
        connection.execute(SEE, {**values, "now": times.to_text(now)})
        connection.execute(LET_GO, {"carrier": sighting.carrier, "line": sighting.line})
        if carrier != sighting.carrier:
            only = carrier if sighting.kind == BIND else None
            stranded.follow(connection, sighting.line, sighting.carrier, now, only=only)


def _is_shared(connection: sqlite3.Connection, sighting: Sighting, before: str | None, now: datetime) -> bool:
    values = {"before": before, "carrier": sighting.carrier, "line": sighting.line}
    row = connection.execute(SHARED, {**values, "since": times.to_text(now - TOLD_WITHIN)}).fetchone()
    return bool(row[0])


def _changes(
    connection: sqlite3.Connection, new: Sighting, carrier: str | None, imei: str | None, port: str | None
) -> list[tuple[str, str]]:
    """What is another than it was, as (event, detail): what follows the SIM, and the carrier's name; nobody
    moves an account.
    """
    if new.kind == BIND:
        return []
    before = connection.execute(BEFORE, {"carrier": new.carrier, "line": new.line}).fetchone()
    found = []
    if before and carrier != new.carrier:
        sentence = _("It has another SIM: {line} instead of {before}. Limits, balance and open reports follow the SIM.")
        found.append(("sim", sentence.format(line=new.line, before=before[0])))
    elif carrier is None:
        found.append(("sim", _("It has the SIM {line}.").format(line=new.line)))
    if carrier not in (None, new.carrier):
        found.append(("sim", _("SIM {line} was {carrier}'s before.").format(line=new.line, carrier=carrier)))
    if imei and new.imei and imei != new.imei:
        sentence = _("Its SIM is in another device: {imei} instead of {before}.")
        found.append(("device", sentence.format(imei=new.imei, before=imei)))
    elif port and new.port and port != new.port:
        found.append(("port", _("It is at {port} now.").format(port=new.port)))
    return found


def note(connection: sqlite3.Connection, carrier: str, event: str, detail: str, now: datetime) -> None:
    """An event about a carrier."""
    values = {"now": times.to_text(now), "carrier": carrier, "event": event, "detail": detail}
    connection.execute(NOTE, values)


def known(connection: sqlite3.Connection) -> list[Known]:
    """Every modem's line, the one seen last at the end."""
    return [_known(*row) for row in connection.execute(KNOWN)]


def _known(line: str, name: str, carrier: str, imei: str, imsi: str, iccid: str, port: str, at: str) -> Known:
    return Known(line, name, carrier, imei, imsi, iccid, port, times.from_text(at))


def name_of(connection: sqlite3.Connection, line: str) -> str | None:
    """The name that the line was given for good."""
    row = connection.execute(NAME, {"line": line}).fetchone()
    return None if row is None else row[0]


def names(connection: sqlite3.Connection) -> frozenset[str]:
    """Every name that was given."""
    return frozenset(name for (name,) in connection.execute(NAMES))


def give_name(
    connection: sqlite3.Connection,
    line: str,
    now: datetime,
    *,
    taken: Collection[str] = (),
    configured: Collection[str] = (),
    imei: str | None = None,
    kind: str = "modem",
) -> str:
    """The line's name; at first sight the lowest sim-N that is neither another line's nor `taken`.

    A modem whose SIM was locked is called by its device; the SIM that is seen in it first inherits that name. A name
    that a person has given to another modem since, in `configured`, is no longer the line's.
    """
    barred = {*taken, *configured}
    with db.write(connection):
        if (own := name_of(connection, line)) is not None and own not in configured:
            return own
        name = _inherited_name(connection, line, imei, barred) or _free_name(connection, barred)
        values = {"line": line, "kind": kind, "name": name, "imei": imei, "now": times.to_text(now)}
        connection.execute(GIVE_NAME, values)
        return name


def _inherited_name(connection: sqlite3.Connection, line: str, imei: str | None, barred: Collection[str]) -> str | None:
    """That of the device, which then is the device's no more."""
    name = name_of(connection, imei) if imei and imei != line else None
    if name is None or name in barred:
        return None
    connection.execute(TAKE_NAME, {"line": imei})
    return name


def _free_name(connection: sqlite3.Connection, barred: Collection[str]) -> str:
    used = names(connection).union(barred)
    return next(name for name in (f"sim-{number}" for number in count(1)) if name not in used)


def give_up_name(connection: sqlite3.Connection, name: str, line: str) -> None:
    """Nobody but this line, '' nobody at all, has the name any more: the device called so is called by its SIM now."""
    with db.write(connection):
        connection.execute(GIVE_UP_NAME, {"name": name, "line": line})
