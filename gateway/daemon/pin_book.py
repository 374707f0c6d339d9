"""Remembers in the database which SIM refused which PIN, so that no PIN is ever tried twice (modem.pin.PinMemory)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from gateway.queue import db, heartbeat


class PinBook:
    """Any thread may call it: each call opens the database for itself, since PINs are seldom asked for."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def is_refused(self, key: str) -> bool:
        with closing(db.open_database(self._database)) as connection:
            return heartbeat.is_pin_refused(connection, key)

    def remember(self, key: str) -> None:
        with closing(db.open_database(self._database)) as connection:
            heartbeat.remember_refused_pin(connection, key)
