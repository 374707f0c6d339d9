"""One carrier opened, closed and mended: what treatment.py decides is done here, and told to people.

Its worker's thread alone; who only looks may read `is_open`.
"""

from __future__ import annotations

import sqlite3

import structlog

from gateway.carrier import OneByOne, Remedy, Windowed
from gateway.errors import CarrierLost, Cause
from gateway.queue import lives
from gateway.worker.errands import Errands
from gateway.worker.pulse import Pulse
from gateway.worker.treatment import Treatment

IN_PLACE = frozenset({Remedy.RESYNC, Remedy.REINIT, Remedy.RADIO})  # on the open line

log = structlog.get_logger("gateway.worker")


class Care:
    """Of one carrier."""

    def __init__(self, carrier: OneByOne | Windowed, treatment: Treatment, errands: Errands, pulse: Pulse) -> None:
        self.is_open = False
        self.is_lost = False  # open, and waiting for a remedy on the open line
        self._carrier = carrier
        self._treatment = treatment
        self._errands = errands
        self._pulse = pulse

    @property
    def serves(self) -> bool:
        return self.is_open and not self.is_lost

    @property
    def wait_s(self) -> float:
        """How long it waits, unable to serve, for what is due next; 0.0: it doesn't."""
        return 0.0 if self.serves else self._treatment.wait_s()

    def open(self, connection: sqlite3.Connection) -> float:
        """Raises CarrierLost; how long it is watched before it is given messages, in seconds."""
        self._pulse.beat()
        self._carrier.open()
        self.is_open = True
        log.info("carrier_ready", carrier=self._carrier.name)
        self._errands.opened(connection)
        return self._treatment.opened()

    def close(self) -> None:
        self._carrier.close()
        self.is_open = self.is_lost = False

    def fell(self, connection: sqlite3.Connection, lost: CarrierLost) -> None:
        """It was lost, or could not be opened."""
        log.warning("carrier_lost", carrier=self._carrier.name, reason=str(lost))
        self._errands.fell(connection, lost)
        with_sms = lost.cause is Cause.GATEWAY and self._pulse.is_busy
        step = self._treatment.fell(lost.cause, str(lost), self._carrier.remedies, with_sms=with_sms)
        self.is_lost = self.is_open and step.remedy in IN_PLACE
        listens = lost.cause is Cause.LOCKED and not self.is_open  # a modem may tell when its SIM has come
        if not (self.is_lost or listens):
            self.close()

    def treat(self, connection: sqlite3.Connection) -> None:
        """What is due is done; without a remedy the carrier is opened anew, also one that waited on its open line."""
        remedy = self._treatment.take()
        if remedy is None:
            if self.is_lost:
                self.close()
            return
        reason = self._treatment.trouble
        log.warning("remedy", carrier=self._carrier.name, remedy=remedy.value, reason=reason)
        self._note(connection, "remedy", f"{remedy.value}: {reason}")
        self._treatment.is_applied = True
        try:
            self._apply(connection, remedy)
        finally:
            self._treatment.is_applied = False

    def _apply(self, connection: sqlite3.Connection, remedy: Remedy) -> None:
        """Raises no CarrierLost: a remedy that fails is a fall of its own."""
        self._pulse.beat()
        try:
            if remedy is not Remedy.REOPEN:
                self._carrier.mend(remedy)
        except CarrierLost as lost:
            if lost.cause is not Cause.PLANNED:
                self._failed(connection, remedy, lost)
            self.close()
            return
        if remedy in IN_PLACE:
            self._treatment.mended()
            self.is_lost = False
        else:
            self.close()

    def _failed(self, connection: sqlite3.Connection, remedy: Remedy, lost: CarrierLost) -> None:
        log.warning("remedy_failed", carrier=self._carrier.name, remedy=remedy.value, reason=str(lost))
        self._note(connection, "remedy_failed", f"{remedy.value}: {lost}")
        self._errands.remedy_failed(connection, lost)
        has = () if self._pulse.is_stopping else self._carrier.remedies
        self._treatment.remedy_failed(lost.cause, str(lost), has)

    def _note(self, connection: sqlite3.Connection, event: str, detail: str) -> None:
        """For people who look back; a database that is locked keeps no remedy waiting."""
        try:
            lives.note(connection, self._carrier.name, event, detail, self._pulse.time.now())
        except sqlite3.OperationalError as fault:
            log.error("database_not_writable", carrier=self._carrier.name, reason=str(fault))
