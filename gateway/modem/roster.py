"""Which modem each carrier is to have, last had, and has now: a stick that one carrier has is no other's.

Ports are compared by their sticks, SIMs by the number that was told of them first. Nothing is opened here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gateway.modem import usb, who
from gateway.modem.probing import Found
from gateway.modem.readiness import Identity
from gateway.modem.session import GsmSession
from gateway.modem.who import is_for, is_glob, is_same_sim
from gateway.settings import ModemSettings


@dataclass(frozen=True, slots=True)
class Met:
    """The modem that a carrier last was in service with."""

    identity: Identity
    port: str


class Roster:
    """Any thread may call it."""

    def __init__(self, sysfs: Path) -> None:
        self._sysfs = sysfs
        self._changing = threading.Lock()
        self._held: dict[str, tuple[str, GsmSession]] = {}  # a stick, the carrier that has it, its line
        self._met: dict[str, Met] = {}  # by the carrier's name
        self._without_device: frozenset[str] = frozenset()  # carriers whose last device has another one's SIM now
        self._without_sim: frozenset[str] = frozenset()  # carriers whose last SIM is another one's now
        self._sims: dict[str, Identity] = {}  # by ICCID as it was first told
        self._configured: dict[str, ModemSettings] = {}  # by the carrier's name

    # What it is told.

    def reserve(self, modems: Iterable[ModemSettings]) -> None:
        """The configured modems: a port named there, and what is found by numbers there, is no other carrier's."""
        self._configured = {modem.name: modem for modem in modems}

    def remember(self, name: str, identity: Identity, port: str = "") -> None:
        """Which modem a carrier had when it last was in service; who had its device, or its SIM, has it no more."""
        with self._changing:
            before, self._met = self._met.get(name), {**self._met, name: Met(identity, port)}
            others = {
                other: met.identity for other, met in self._met.items() if other != name and other not in self._busy
            }
            # Two sticks may have one IMEI: each of them is there again and again, and is nobody else's.
            is_new = before is None or not who.is_same_device(before.identity, identity)
            devices = {other for other, had in others.items() if is_new and who.is_same_device(had, identity)}
            sims = {other for other, had in others.items() if who.is_same_card(had, identity)}
            self._without_device = self._without_device - {name} | devices
            self._without_sim = self._without_sim - {name} | sims

    def know(self, identity: Identity) -> None:
        """A SIM by its numbers: devices differ in how many digits of its ICCID they tell, and some tell none."""
        sim = self.known(identity)
        if sim.iccid:
            self._sims = {**self._sims, sim.iccid: sim}

    def take(self, name: str, port: str, session: GsmSession) -> str:
        """The stick at this port is this carrier's until the line is closed; else the name of who has it already."""
        with self._changing:
            if holder := self.holder(port):
                return holder
            session.alive = True  # being opened: `holder` sees it so
            self._held[self.stick(port)] = name, session
            return ""

    # What it knows.

    def known(self, identity: Identity) -> Identity:
        """With the SIM's number as it was told first."""
        return who.known_as(identity, self._sims.values())

    def met(self, name: str) -> Met | None:
        return self._met.get(name)

    def stick(self, port: str) -> str:
        return usb.stick_or_port(port, self._sysfs)

    def holder(self, port: str) -> str:
        """The carrier that has this port's stick; empty: nobody."""
        name, session = self._held.get(self.stick(port), ("", None))
        return name if session is not None and _is_held(session) else ""

    def free(self, paths: Iterable[str], name: str) -> list[str]:
        """Those that carrier `name` may speak to: no other's, and not plainly something else."""
        ports = {modem.port for owner, modem in self._configured.items() if owner != name}
        others = {self.stick(port) for port in ports if port and not is_glob(port)}
        free = (path for path in paths if self.stick(path) not in others and not self.holder(path))
        return [path for path in free if not usb.is_no_modem(path, self._sysfs)]

    def is_awaited(self, found: Found) -> bool:
        """Whether it is one that a configured carrier looks for, or had before it was pulled out."""
        names = self._configured.keys() & self._met.keys()
        return any(is_for(found.identity, found.port, modem) for modem in self._configured.values()) or any(
            is_same_sim(found.identity, self._met[name].identity) for name in names
        )

    def has_no_device(self, name: str) -> bool:
        """Whether the device that it last had is another carrier's by now."""
        return name in self._without_device

    def has_no_sim(self, name: str) -> bool:
        """Whether the SIM that it last had is another carrier's by now."""
        return name in self._without_sim

    @property
    def _busy(self) -> set[str]:
        """The carriers that have a line."""
        return {name for name, session in self._held.values() if _is_held(session)}


def _is_held(session: GsmSession) -> bool:
    """From before it is opened until it is closed; a line that is lost and not closed yet is still held."""
    return bool(session.alive or getattr(getattr(session, "serial", None), "is_open", False))
