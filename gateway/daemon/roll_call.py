"""What the dispatcher's beat writes down of the carriers: how each is, what it has sent today, where its SIM is."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.daemon.crew import Crew, Member
from gateway.daemon.sightings import Sightings
from gateway.plan.limits import day_start
from gateway.queue import db, heartbeat, lives, views
from gateway.settings import ModemSettings, SmppSettings
from gateway.worker.loop import Worker


class RollCall:
    """One thread's."""

    def __init__(self, modems: Crew[ModemSettings], binds: Crew[SmppSettings]) -> None:
        self._modems, self._binds = modems, binds
        self._shown: Mapping[str, str] = {}  # each carrier's state as it was last written down
        self._sightings = Sightings()

    def has_changed(self) -> bool:
        """Whether a carrier is in another state than the one last written down."""
        return {member.name: member.worker.state for member in self._everybody} != self._shown

    def beat(self, connection: sqlite3.Connection, timezone: ZoneInfo, now: datetime) -> bool:
        """One commit: the daemon lives, and how each carrier is; whether one is in another state than before."""
        before = self._shown
        with db.write(connection):
            heartbeat.beat(connection, os.getpid(), now)
            self._write_all(connection, timezone, now)
        return self._shown != before

    def _write_all(self, connection: sqlite3.Connection, timezone: ZoneInfo, now: datetime) -> None:
        """By the table, not by memory: whoever has gone is taken out of it also when the last commit failed."""
        everybody = self._everybody
        self._shown = {member.name: member.worker.state for member in everybody}
        for name in lives.names(connection) - self._shown.keys() - self._modems.names - self._binds.names:
            lives.dismiss(connection, name, now)
        for member in everybody:
            self._write(connection, member.worker, timezone, now)
        for member in everybody:  # once all are told of: who shares an account is seen by that
            carrier = member.worker.carrier
            self._sightings.note(connection, carrier.name, carrier.kind, carrier.status(), now)

    @property
    def _everybody(self) -> Sequence[Member[ModemSettings] | Member[SmppSettings]]:
        return (*self._modems.everybody, *self._binds.everybody)

    def _write(self, connection: sqlite3.Connection, worker: Worker, timezone: ZoneInfo, now: datetime) -> None:
        name, kind, status = worker.carrier.name, worker.carrier.kind, worker.status()
        standing = worker.leave.standing(now)  # which knows nothing before its SIM was seen
        sent_today = standing.used_today or views.sent_by(connection, name, day_start(now, timezone))
        heartbeat.report(connection, name, kind, status, sent_today, standing.limit_today, now)
