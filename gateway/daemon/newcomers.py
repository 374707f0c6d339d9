"""Modems that nobody configured: found on whichever port, named for good by their SIM, as if they were configured.

The name is the SIM's: sim-1 stays the SIM that was first called so, in whichever stick and at whichever port. A modem
whose SIM tells no number, because it is locked, is called by its device until it does.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Collection, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from gateway.modem import pool
from gateway.modem.probing import Found
from gateway.modem.readiness import Identity
from gateway.queue import db, lines, orders
from gateway.settings import ModemSettings

# At the first start names are given in the order of the ports, so the silent ones are waited for; but not for ever.
NAMING_S = 8.0
LOOK_S, LATER_S = 0.5, 10.0  # between two looks while something is unclear, and else
SETTLE_S = 30.0  # a SIM that has told no number for so long has none to tell
KEPT = timedelta(days=7)  # a modem that was seen within these is waited for, and missed when it does not come

SHAPES = (("iccid", re.compile(r"\d{18,22}")), ("imsi", re.compile(r"\d{6,15}")), ("imei", re.compile(r"\d{14,16}")))

log = structlog.get_logger("gateway.newcomers")


class Newcomers:
    """One thread's."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._since: dict[str, float] = {}  # monotonic: when a key was first seen
        self._next_at = 0.0  # monotonic

    def hurry(self) -> None:
        """A port has come."""
        self._next_at = 0.0

    def expected(self, now: datetime) -> list[ModemSettings]:
        """Those of the last days, before anybody has looked: whoever is missing shall be missed."""
        with closing(db.open_database(self._database)) as connection:
            known = [each for each in lines.known(connection) if each.name and now - each.last_seen_at < KEPT]
        found = (settings_for(each.name or "", Identity("", "", each.imei, each.imsi, each.iccid)) for each in known)
        return sorted((each for each in found if each), key=lambda modem: _number(modem.name))

    def look(self, configured: Collection[str], running: Collection[str], now: datetime) -> list[ModemSettings]:
        """Those that have answered and no carrier has, each under its name; the others' names are taken.

        Never waits: whoever has not answered yet is found at a later look.
        """
        if time.monotonic() < self._next_at:
            return []
        survey = pool.POOL.survey()
        settled = [each for each in survey.found if self._is_settled(each)]
        is_clear = survey.is_complete and len(settled) == len(survey.found)
        self._next_at = time.monotonic() + (LATER_S if is_clear else LOOK_S)
        if not settled:
            return []
        with closing(db.open_database(self._database)) as connection:
            ready = [each for each in settled if survey.is_complete or self._is_known(connection, each)]
            return [modem for each in ready if (modem := _named(connection, each, configured, running, now))]

    def _is_known(self, connection: db.Connection, found: Found) -> bool:
        return lines.name_of(connection, _key(found)) is not None or self._age_s(_key(found)) > NAMING_S

    def _is_settled(self, found: Found) -> bool:
        """Whether it is sure what its SIM will tell."""
        return found.is_settled or self._age_s(f"unsettled {found.port}") > SETTLE_S

    def _age_s(self, key: str) -> float:
        moment = time.monotonic()
        return moment - self._since.setdefault(key, moment)


def is_known_by_now(modem: ModemSettings, identity: Identity) -> bool:
    """Whether a found modem that is called by its device has told its SIM."""
    told = settings_for(modem.name, Identity("", "", None, identity.imsi, identity.iccid))
    return told is not None and not (modem.iccid or modem.imsi)


def renamed(
    database: Path,
    modem: ModemSettings,
    identity: Identity,
    running: Collection[str],
    configured: Collection[str],
    now: datetime,
) -> ModemSettings:
    """A found modem under its SIM's name, which may be that of a carrier that runs."""
    with closing(db.open_database(database)) as connection:
        name = rename(connection, modem.name, identity, running, configured, now)
    found = settings_for(name, identity)
    assert found is not None  # it has told its SIM
    return found


def rename(
    connection: sqlite3.Connection,
    before: str,
    identity: Identity,
    running: Collection[str],
    configured: Collection[str],
    now: datetime,
) -> str:
    """The name of this SIM, for what was called `before` by its device; its pause and orders go with it."""
    taken, line = {*running, *configured}, identity.line or ""
    with db.write(connection):
        name = lines.give_name(connection, line, now, taken=taken, configured=configured, imei=identity.imei)
        lines.give_up_name(connection, before, line)
        orders.follow(connection, before, name, now)
    return name


def absorbed(database: Path, before: str, after: str, now: datetime) -> None:
    """What was called `before` by its device is in service as `after`."""
    with closing(db.open_database(database)) as connection:
        absorb(connection, before, after, now)


def absorb(connection: sqlite3.Connection, before: str, after: str, now: datetime) -> None:
    """The name `before` is free, its pause and orders go on as those of `after`."""
    with db.write(connection):
        lines.give_up_name(connection, before, "")
        orders.follow(connection, before, after, now)


def settings_for(name: str, identity: Identity, port: str | None = None) -> ModemSettings | None:
    """As if configured by the SIM's number, else the device's, else its port; None where there is none of them."""
    numbers: Mapping[str, str | None] = {"iccid": identity.iccid, "imsi": identity.imsi, "imei": identity.imei}
    for key, shape in SHAPES:
        if shape.fullmatch(numbers[key] or ""):
            return ModemSettings.model_validate({"name": name, key: numbers[key]})
    return ModemSettings(name=name, port=port) if port else None


def _named(
    connection: db.Connection, found: Found, configured: Collection[str], running: Collection[str], now: datetime
) -> ModemSettings | None:
    imei = found.identity.imei
    name = lines.give_name(connection, _key(found), now, taken=running, configured=configured, imei=imei)
    if name in running:  # its carrier is there, and finds it by itself
        return None
    log.info("modem_found", carrier=name, port=found.port)
    return settings_for(name, found.identity, found.port)


def _key(found: Found) -> str:
    return found.identity.line or f"port {found.port}"


def _number(name: str) -> tuple[int, str]:
    """sim-2 before sim-10."""
    return len(name), name
