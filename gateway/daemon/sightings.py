"""Where each carrier's SIM is, written into table lines; for the dispatcher's beat, which comes every few seconds."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime

from gateway.carrier import CarrierStatus
from gateway.life import Life
from gateway.queue import lines
from gateway.queue.lines import Sighting

AGAIN_S = 60.0  # what was written may not have been committed, on a full disk say: it is looked at again
IN_TOUCH = frozenset({Life.READY, Life.SEARCHING})  # the modem's own states in which what it tells is of now


class Sightings:
    """What was written down last: the database is asked only when something is new, or now and then."""

    def __init__(self) -> None:
        self._written: dict[str, tuple[Sighting, float]] = {}  # by carrier; when, monotonic

    def note(self, connection: sqlite3.Connection, name: str, kind: str, status: CarrierStatus, now: datetime) -> None:
        """In the caller's transaction. `status`: the carrier's own."""
        if status.state not in IN_TOUCH or not status.line:
            return
        sighting = Sighting(status.line, name, kind, status.imei, status.imsi, status.iccid, status.port)
        before, written_at = self._written.get(name, (None, 0.0))
        if sighting != before or time.monotonic() - written_at > AGAIN_S:
            lines.seen(connection, sighting, now)
            self._written[name] = sighting, time.monotonic()
