"""A TCP connection under virtual time: what the gateway's own `Link` takes for a socket, and a `Wire` over it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from gateway.errors import CarrierLost, Cause
from gateway.smpp.wire import Link
from tests.simulation.world import World

ARRIVE_S = 0.2  # at most, from one end to the other
DOWN_S = 300.0  # so seldom an SMSC that is away is looked for: its hours cost less so


class Peer(Protocol):
    """The SMSC's side."""

    is_up: bool

    def connected(self, pipe: Pipe) -> None: ...

    def closed(self, pipe: Pipe) -> None: ...

    def heard(self, pipe: Pipe, octets: bytes) -> None: ...


class Pipe:
    """One connection. It takes `room` octets at a time; broken, what was sent may or may not have arrived."""

    def __init__(self, world: World, peer: Peer, woken: threading.Event) -> None:
        self.is_broken = False
        self.room: int | None = None  # None: all that comes
        self._world, self._peer, self._woken = world, peer, woken
        self._incoming = bytearray()
        self._arrives_at = 0.0  # in order

    # As the gateway's Link has it.

    def send(self, octets: bytes | bytearray) -> int:
        if self.is_broken:
            raise ConnectionResetError(104, "Connection reset by peer")
        taken = bytes(octets if self.room is None else octets[: self.room])
        if not taken:
            raise BlockingIOError
        self.room = None if self.room is None else self.room - len(taken)
        self._arrives_at = max(self._arrives_at, self._world.moment + self._world.chance.uniform(0.001, ARRIVE_S))
        self._world.at(self._arrives_at, lambda: self._peer.heard(self, taken))
        return len(taken)

    def recv(self, most: int) -> bytes:
        if self._incoming:
            taken = bytes(self._incoming[:most])
            del self._incoming[:most]
            return taken
        if self.is_broken:
            raise ConnectionResetError(104, "Connection reset by peer")
        raise BlockingIOError

    def close(self) -> None:
        """What was sent still arrives."""
        self.is_broken = True
        self._world.after(ARRIVE_S, lambda: self._peer.closed(self))

    @property
    def has_something(self) -> bool:
        """Whether there is something to read, or its end to be seen."""
        return bool(self._incoming) or self.is_broken

    # As the SMSC has it.

    def say(self, octets: bytes) -> None:
        """To the gateway, at once."""
        if not self.is_broken:
            self._incoming += octets
            self._woken.set()

    def fall(self) -> None:
        """Both ends are cut off."""
        self.is_broken = True
        self._woken.set()

    def flow(self) -> None:
        """It takes all again."""
        self.room = None
        self._woken.set()


class SimWire:
    """What gateway.smpp.wire.Wire is to a carrier; made anew at each opening."""

    def __init__(self, world: World, peer: Peer, on_wait: Callable[[], None]) -> None:
        self._world, self._peer, self._on_wait = world, peer, on_wait
        self._woken = threading.Event()
        self._links: list[tuple[Link, Pipe]] = []

    def connect(self, host: str, port: int, tls: object = None, server_name: str | None = None) -> Link:
        if not self._peer.is_up:
            self._world.baton.sleep(self._world.chance.uniform(0.0, DOWN_S))
            raise CarrierLost(f"{host} cannot be reached at port {port}.", Cause.UNREACHABLE)
        pipe = Pipe(self._world, self._peer, self._woken)
        link = Link(pipe, lambda: self._world.moment)  # type: ignore[arg-type]
        self._links.append((link, pipe))
        self._peer.connected(pipe)
        return link

    def wait(self, wait_s: float) -> None:
        """As the real one: write, wait, read."""
        self._world.baton.check()
        self._on_wait()
        live = [(link, pipe) for link, pipe in self._links if not link.fault]
        for link, _pipe in live:
            link.write()
        self._woken.clear()
        if wait_s > 0 and not any(link.fault or pipe.has_something for link, pipe in live):
            self._world.baton.wait(self._woken, wait_s)
        for link, _pipe in live:
            link.write()
            link.read()

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        for link, _pipe in self._links:
            link.close()
