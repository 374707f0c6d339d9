"""The people at the clinic's desk: they look through what is stuck, decide about some of it, and pause modems."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from gateway.errors import GatewayError
from gateway.queue import desk, orders

if TYPE_CHECKING:
    from tests.simulation.clinic import Clinic


class Desk:
    """Of one clinic."""

    def __init__(self, clinic: Clinic) -> None:
        self.paused: dict[str, list[tuple[float, float]]] = defaultdict(list)  # by carrier: from and until
        self._paused_at: dict[str, float] = {}  # those that are paused now
        self._clinic = clinic
        self._world, self._rules, self._chance = clinic.world, clinic.rules, clinic.chance

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._clinic.connection

    def pauses(self, end: float) -> Mapping[str, list[tuple[float, float]]]:
        """From when until when each carrier was paused; `end` is now."""
        found = defaultdict(list, {carrier: list(spans) for carrier, spans in self.paused.items()})
        for carrier, since in self._paused_at.items():
            found[carrier].append((since, end))
        return found

    def look_through(self) -> None:
        """Somebody looks at what is stuck, and decides about some of it."""
        rows = self._connection.execute("SELECT id, state FROM outbox WHERE state IN ('held', 'uncertain', 'failed')")
        for message, state in rows.fetchall():
            if self._chance.random() < 0.3:
                with suppress(GatewayError):
                    self._decisions[state](message)
        if self._chance.random() < 0.1:
            self._pause()
        self._world.touched.set()

    def _pause(self) -> None:
        """Somebody takes a modem out of service for a while."""
        carrier = self._chance.choice(sorted(self._rules.carriers))
        orders.pause(self._connection, carrier, "", self._world.now())
        self._paused_at.setdefault(carrier, self._world.moment)
        self._world.after(self._chance.uniform(60.0, 3 * 3600.0), partial(self._resume, carrier))

    def _resume(self, carrier: str) -> None:
        if carrier in self._paused_at:
            self.paused[carrier].append((self._paused_at.pop(carrier), self._world.moment))
        orders.resume(self._connection, carrier, self._world.now())
        orders.give(self._connection, carrier, "resume", "", self._world.now())
        self._world.touched.set()

    @property
    def _decisions(self) -> dict[str, Callable[[int], None]]:
        return {"held": self._let_go, "uncertain": self._settle, "failed": self._retry}

    def _let_go(self, message: int) -> None:
        if self._chance.random() < 0.5:
            desk.cancel(self._connection, message, self._world.now())
            self._clinic.taken_back.add(message)
            return
        desk.release(self._connection, message, self._world.now())
        self._clinic.asked[message].is_released = True

    def _settle(self, message: int) -> None:
        """They have called the patient, and know."""
        keys = "SELECT id FROM segments WHERE outbox_id = ? AND state = 'uncertain'"
        asked = {key for (key,) in self._connection.execute(keys, (message,))}
        out = {tried.key for tried in self._clinic.network.tries if tried.is_accepted}
        desk.settle(self._connection, message, "sent" if asked <= out else "failed", self._world.now())

    def _retry(self, message: int) -> None:
        """What nobody is sure about, they leave as it is."""
        uncertain = "SELECT 1 FROM events WHERE outbox_id = ? AND to_state = 'uncertain'"
        if self._connection.execute(uncertain, (message,)).fetchone() is None:
            desk.retry(self._connection, message, self._world.now(), self._rules)
