"""Modems that nobody configured come into service, and are called by their SIM: those found, and those expected.

The fleet's watch calls it; one change of the crew at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from gateway.carrier import CarrierStatus
from gateway.daemon import newcomers
from gateway.daemon.crew import Crew, Member
from gateway.daemon.newcomers import Newcomers
from gateway.daemon.sightings import IN_TOUCH
from gateway.life import Life
from gateway.modem.readiness import Identity
from gateway.modem.who import is_same
from gateway.settings import ModemSettings


class TakingUp:
    """`given`, here and below: the names that the configuration gives to carriers."""

    def __init__(self, database: Path, crew: Crew[ModemSettings]) -> None:
        self._database = database
        self._crew = crew
        self._newcomers = Newcomers(database)
        self._names: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Every name that a found modem was ever given."""
        return self._names

    def recall(self, names: frozenset[str]) -> None:
        """What earlier daemons have called them."""
        self._names |= names

    def hurry(self) -> None:
        """A port has come."""
        self._newcomers.hurry()

    def expect(self, given: Collection[str], now: datetime) -> None:
        """Those of the last days, before anybody has looked."""
        self._start(self._newcomers.expected(now), given)

    def look(self, given: Collection[str], now: datetime) -> None:
        """Those that have come."""
        self._rename(given, now)
        self._start(self._newcomers.look(given, self._crew.names, now), given)

    def _start(self, found: Sequence[ModemSettings], given: Collection[str]) -> None:
        for modem in found:
            if modem.name not in self._crew.names.union(given):
                self._names |= {modem.name}
                self._crew.start(modem, is_found=True)

    def _rename(self, given: Collection[str], now: datetime) -> None:
        """A modem that was called by its device is called by its SIM as soon as that is known."""
        for member in [member for member in self._crew.members if member.is_found]:
            identity = identity_of(member.worker.carrier.status())
            if newcomers.is_known_by_now(member.settings, identity):
                member.worker.stop()  # under its old name it is soon no longer paused
                self._call_by_its_sim(member, identity, given, now)
            elif other := self._taker(member):
                self._leave_to(other, member, now)

    def _call_by_its_sim(
        self, member: Member[ModemSettings], identity: Identity, given: Collection[str], now: datetime
    ) -> None:
        """Where the SIM has a name already, whoever waits for it under that name takes it."""
        others = self._crew.names - {member.name}
        modem = newcomers.renamed(self._database, member.settings, identity, others, given, now)
        self._names |= {modem.name}
        self._crew.dismiss(member.name, None if modem.name in others else modem, is_found=True)
        for other in self._crew.members:
            other.worker.heed()  # the one that waits may be paused from now on

    def _taker(self, member: Member[ModemSettings]) -> Member[ModemSettings] | None:
        """Who has the device by which this one is called, since it knew the SIM that is in it and was quicker."""
        if not member.settings.imei or member.worker.carrier.status().state != Life.ABSENT:
            return None
        others = ((other, other.worker.carrier.status()) for other in self._crew.members if other is not member)
        device = member.settings.imei
        return next((other for other, own in others if own.state in IN_TOUCH and is_same(device, own.imei)), None)

    def _leave_to(self, other: Member[ModemSettings], member: Member[ModemSettings], now: datetime) -> None:
        newcomers.absorbed(self._database, member.name, other.name, now)
        self._crew.dismiss(member.name)
        other.worker.heed()


def identity_of(status: CarrierStatus) -> Identity:
    """The numbers that a modem has told."""
    return Identity("", "", status.imei, status.imsi, status.iccid)
