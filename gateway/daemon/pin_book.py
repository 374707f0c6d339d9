"""Remembers in the database which SIM refused which PIN, so that no PIN is ever tried twice (modem.pin.PinMemory)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from gateway.queue import db, pins


class PinBook:
    """Any thread may call it: each call opens the database for itself, since PINs are seldom asked for."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def is_refused(self, keys: Sequence[str]) -> bool:
        with closing(db.open_database(self._database)) as connection:
            return pins.is_refused(connection, keys)

    def begin(self, keys: Sequence[str]) -> None:
        with closing(db.open_database(self._database)) as connection:
            pins.begin(connection, keys)

    def remember(self, keys: Sequence[str]) -> None:
        with closing(db.open_database(self._database)) as connection:
            pins.refused(connection, keys)

    def withdraw(self, keys: Sequence[str]) -> None:
        with closing(db.open_database(self._database)) as connection:
            pins.withdraw(connection, keys)

    def forget(self, keys: Iterable[str]) -> None:
        with closing(db.open_database(self._database)) as connection:
            pins.forget(connection, keys)
