"""The gateway's own bind in a simulation: only its sockets and clocks are simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.carrier import Answer, CarrierStatus, Inbound, Remedy, Submission
from gateway.settings import SmppSettings
from gateway.smpp.carrier import SmppCarrier
from tests.simulation.link import SimWire
from tests.simulation.network import Try
from tests.simulation.smsc import Smsc
from tests.simulation.world import World


@dataclass
class Bind:
    """One [[smpp]] table, and the SMSC at its other end."""

    settings: SmppSettings
    smsc: Smsc

    @property
    def name(self) -> str:
        return self.settings.name


class SimBind:
    """gateway.carrier.Windowed for one run of the gateway: the real bind, whose every call the power may fail in."""

    kind = "smpp"

    def __init__(self, bind: Bind, world: World) -> None:
        self.name = bind.name
        self._world, self._smsc = world, bind.smsc
        self._flying: dict[int, Try] = {}  # by sequence number, until the SMSC has heard it
        self._tries: dict[int, Try] = {}  # by key: the last one
        self._handed_at: dict[int, float] = {}  # by key: when it was given them
        self._carrier = SmppCarrier(
            bind.settings,
            clock=lambda: world.moment,
            now=world.now,
            wire=lambda: SimWire(world, bind.smsc, world.call_point),  # type: ignore[arg-type,return-value]
            seed=1,
        )
        encode = self._carrier._sender._encode

        def noting(submission: Submission, sequence: int) -> bytes:
            octets = encode(submission, sequence)
            self._flying[sequence] = self._tries[submission.key] = self._try(submission.key)
            return octets

        self._carrier._sender._encode = noting
        self._state = ""

    def _try(self, key: int) -> Try:
        handed_at = self._handed_at.get(key)
        return Try(key, self.name, self.line, self._world.moment, self._world.now(), "", "", handed_at=handed_at)

    @property
    def line(self) -> str:
        return self._carrier.line

    def open(self) -> None:
        self._world.call_point()
        self._flying = {}  # the last link's may still arrive
        self._smsc.on_submit = self._flying.pop
        try:
            self._carrier.open()
        finally:
            self._say()

    def room(self) -> int:
        return self._carrier.room()

    def room_in_s(self) -> float:
        return self._carrier.room_in_s()

    def hand_over(self, submissions: Sequence[Submission]) -> None:
        self._world.call_point()
        self._handed_at |= {each.key: self._world.moment for each in submissions}
        self._carrier.hand_over(submissions)
        self._world.call_point()

    def drain(self) -> None:
        self._carrier.drain()

    def receive(self, wait_s: float) -> Sequence[Answer | Inbound]:
        self._world.call_point()
        try:
            came = self._carrier.receive(wait_s)
        finally:
            self._say()
        self._world.call_point()  # here the power may fail before anybody is told
        for each in came:
            if isinstance(each, Answer):
                self._told(each)
        return came

    def _told(self, answer: Answer) -> None:
        tried = self._tries.pop(answer.key, None)
        if tried is not None:
            tried.told = type(answer.outcome).__name__.lower()
            self._world.say("answer", key=answer.key, told=tried.told)
        self._world.touched.set()

    def acknowledge(self, inbound: Inbound) -> None:
        self._world.call_point()
        self._carrier.acknowledge(inbound)
        self._world.call_point()

    def wake(self) -> None:
        self._carrier.wake()

    def status(self) -> CarrierStatus:
        return self._carrier.status()

    def close(self) -> None:
        self._carrier.close()
        self._say()

    @property
    def remedies(self) -> Sequence[Remedy]:
        return self._carrier.remedies

    def mend(self, remedy: Remedy) -> None:
        self._carrier.mend(remedy)

    def ussd(self, code: str) -> str:
        return self._carrier.ussd(code)

    def _say(self) -> None:
        state = self.status().state
        if state != self._state:
            self._world.touched.set()
            self._world.say("bind", state=state)
        self._state = state
