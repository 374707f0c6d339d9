"""What comes in over one modem: routed messages, announced ones that must be read, and those that a sweep finds.

Nothing is acknowledged or deleted here before `acknowledge` says that it is stored safely. A message that arrives by
two ways has the same fingerprint both times; whoever stores knows it again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.carrier import Inbound
from gateway.errors import CarrierLost
from gateway.modem import inbound
from gateway.modem.chores import Chore
from gateway.modem.readiness import Setup, restarted
from gateway.modem.session import GsmSession
from gateway.modem.storage import Storage
from gateway.modem.stored import Stored
from gateway.modem.urc import Kind, Unsolicited, stored_at
from gateway.modem.watch import Watch

MOST_ANNOUNCED = 50  # what is told of beyond that, a look through the storage finds


@dataclass(frozen=True, slots=True)
class Routed:
    """Came straight from the network, to the SIM `line`."""

    line: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Lies in a storage, as it was with the SIM `line`: with another one something else may lie there."""

    storage: str
    index: int
    line: str


@dataclass(frozen=True, slots=True)
class Announced:
    """A stored message to read; some devices tell of it before it can be read."""

    kept: Kept
    due_at: float  # time.monotonic()
    tries_left: int


class Receiver:
    """The receiving half of one open modem; the worker's thread only."""

    def __init__(
        self, session: GsmSession, setup: Setup, line: str, storage: Storage, sweep: Chore, watch: Watch
    ) -> None:
        self._storage, self._sweep = storage, sweep
        self._session, self._setup, self._line = session, setup, line
        self._ready: deque[Inbound] = deque()
        self._announced: list[Announced] = []
        self._on: dict[Kind, Callable[[Unsolicited], None]] = {
            Kind.DELIVER: self._routed,
            Kind.REPORT: self._routed,
            Kind.STORED_DELIVER: self._announce,
            Kind.STORED_REPORT: self._announce,
            Kind.MEMORY_FULL: lambda _event: self._sweep.want(),
            Kind.REGISTRATION: lambda _event: watch.want(),
            Kind.SIM: lambda _event: watch.doubt_sim(),
            Kind.RESTARTED: lambda _event: self.note_restart(),
        }
        self.lost: CarrierLost | None = None  # nothing more can be had of this session

    def put(self, found: Inbound) -> None:
        self._ready.append(found)

    def put_left_over(self, found: Inbound) -> None:
        """What came in before the modem was set up anew. What lies in a storage since another SIM was there is passed
        over: it comes again with that SIM, or with the next look through the device's own storage.
        """
        if not isinstance(found.handle, Kept) or found.handle.line == self._line:
            self.put(found)

    def collect(self) -> list[Inbound]:
        """Everything that is there now, oldest first. Raises CarrierLost, but only when nothing is left to give."""
        try:
            for each in self._session.mail.take_unsolicited():
                self._on.get(each.kind, _pass_over)(each)
            self._read_announced()
        except CarrierLost as lost:
            self.lost = lost
        if self.lost and not self._ready:
            raise self.lost
        return self.taken()

    def note_restart(self) -> None:
        self.lost = self.lost or restarted()

    def taken(self) -> list[Inbound]:
        found = list(self._ready)
        self._ready.clear()
        return found

    def forget_noise(self) -> None:
        """Before the modem was set up, signs of its start meant nothing."""
        for each in self._session.mail.take_unsolicited():
            if each.kind is not Kind.RESTARTED:
                self._on.get(each.kind, _pass_over)(each)

    def next_due_at(self) -> float:
        """When the next announced message is to be read, by time.monotonic(); far away when there is none."""
        return min((each.due_at for each in self._announced), default=float("inf"))

    def sweep(self) -> None:
        """Look through every storage."""
        for name in self._storage.names:
            for message in self._storage.list(name):
                self._found(Kept(name, message.index, self._line), message)

    def acknowledge(self, handle: object) -> None:
        """A modem that is lost or has another SIM is left alone: what it isn't told comes again, and is known again."""
        if self.lost:
            return
        match handle:
            case Kept(storage, index, self._line):
                self._storage.delete(storage, index)
            case Routed(self._line) if self._setup.needs_acknowledgement:
                self._acknowledge_routed()

    def _acknowledge_routed(self) -> None:
        """Too late, and the modem routes nothing more until it is told to (27.005, 3.4.4): so it is told again."""
        if not self._session.ask("AT+CNMA").is_ok:
            self.renew_notifications()

    def renew_notifications(self) -> None:
        if self._setup.notifications:
            self._session.ask(f"AT+CNMI={self._setup.notifications}")

    def _routed(self, event: Unsolicited) -> None:
        self.put(inbound.decode(event.pdu, inbound.length_in(event.line), self._line, Routed(self._line)))

    def _announce(self, event: Unsolicited) -> None:
        place = stored_at(event.line)
        if place is None or not self._storage.names or len(self._announced) >= MOST_ANNOUNCED:
            self._sweep.want()
        elif all(Kept(*place, self._line) != each.kept for each in self._announced):
            self._announced.append(
                Announced(Kept(*place, self._line), time.monotonic(), self._setup.quirks.read_retries)
            )

    def _read_announced(self) -> None:
        now = time.monotonic()
        due = [each for each in self._announced if each.due_at <= now]
        for each in due:
            self._announced.remove(each)
            self._read(each, now)

    def _read(self, announced: Announced, now: float) -> None:
        message = self._storage.read(announced.kept.storage, announced.kept.index)
        if message:
            self._found(announced.kept, message)
        elif announced.tries_left > 0:
            wait_s = self._setup.quirks.read_retry_s
            self._announced.append(replace(announced, due_at=now + wait_s, tries_left=announced.tries_left - 1))

    def _found(self, kept: Kept, message: Stored) -> None:
        self.put(inbound.decode(message.pdu, message.length, self._line, kept))


def _pass_over(_event: Unsolicited) -> None:
    """Noise."""
