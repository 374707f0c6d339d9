"""The carrier that the gateway's worker sees of a simulated modem: real PDUs, radio times, falls and cures."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.carrier import CarrierStatus, Inbound, LateAnswer, Outcome, Remedy, Report, ReportStatus, Submission
from gateway.errors import CarrierLost, Cause, GatewayError
from gateway.life import Life
from gateway.modem import inbound, pdu
from gateway.modem.submit import MODEM_GONE
from tests.fake_modem import codec
from tests.simulation import mishaps
from tests.simulation.modem import Modem
from tests.simulation.network import Item, Network, Sim, Try
from tests.simulation.world import World

LAST_REFERENCE = 255  # the next one is 0
NO_PORT_S = 60.0  # so seldom an absent stick is looked for: its hours cost less so


@dataclass(eq=False)
class SimCarrier:
    """gateway.carrier.Carrier for one run of the gateway."""

    modem: Modem
    network: Network
    world: World
    name: str = ""
    kind: str = "modem"
    _sim: Sim = field(init=False)  # as it was when it was opened
    _state: Life = Life.STARTING
    _has_told: bool = True
    _woken: threading.Event = field(default_factory=threading.Event)
    _late: list[LateAnswer] = field(default_factory=list)
    _handed: dict[int, Item] = field(default_factory=dict)  # until they are acknowledged

    def __post_init__(self) -> None:
        self.name, self._sim = self.modem.name, self.modem.sim

    @property
    def line(self) -> str:
        return self._sim.iccid

    def open(self) -> None:
        self.world.call_point()
        if not self.modem.is_there:
            self._to(Life.ABSENT)
            self.world.baton.sleep(NO_PORT_S)
            raise CarrierLost("There is no such port.", Cause.ABSENT)
        self._to(Life.STARTING)
        if self.modem.is_hanging:
            self.world.baton.sleep(10.0)
            raise CarrierLost("It does not answer.", Cause.SILENT)
        self.world.baton.sleep(self.world.chance.uniform(1.0, 4.0))
        if not self.modem.has_network:
            self._to(Life.SEARCHING)
            self.world.baton.sleep(60.0)
            raise CarrierLost("It finds no network.", Cause.NO_NETWORK)
        self.modem.lost, self.modem.carrier, self._sim = None, self, self.modem.sim
        if self.modem.forgets_references:
            self._sim.reference = LAST_REFERENCE
        self._to(Life.READY)

    def submit(self, submission: Submission) -> Outcome:
        self.world.call_point()
        if self._lost():
            return MODEM_GONE
        self._has_told = True
        encoded = pdu.encode_submit(submission)
        submit = codec.read_submit(codec.octets_of(encoded.hex), encoded.length)
        tried = Try(
            submission.key, self.name, self.line, self.world.moment, self.world.now(), submit.recipient, submit.text,
            submit.part,
        )  # fmt: skip
        fault = self.modem.faults.pick(self.world.chance.random())
        outcome = mishaps.MISHAPS[fault](self, submit, tried)
        self.world.call_point()  # here the power may fail before anybody is told
        tried.told = type(outcome).__name__.lower()
        self.world.say("submit", carrier=self.name, key=tried.key, fault=fault, told=tried.told)
        return outcome

    def is_there(self) -> bool:
        self.world.call_point()
        return True

    @property
    def is_silent(self) -> bool:
        return False

    def receive(self, wait_s: float) -> Sequence[Inbound]:
        if self._has_told:  # what was told before has been written down by now
            self._has_told = False
            self.world.touched.set()
        self.world.call_point()
        if not self._has_something():
            self._woken.clear()
            if wait_s > 0 and not self._lost():
                self.world.baton.wait(self._woken, wait_s)
        lost = self._lost()
        if lost:
            raise CarrierLost(str(lost), lost.cause)
        return self._take()

    def acknowledge(self, inbound: Inbound) -> None:
        self.world.call_point()
        item = self._handed.pop(id(inbound.handle), None)
        if item is not None and item in self._sim.waiting:
            self._sim.waiting.remove(item)
            if item.word:
                item.word.acknowledge(item.pdu, self.world.moment)
            if item.about and isinstance(inbound, Report) and inbound.status is not ReportStatus.PENDING:
                item.about.final_report = item.tp_st
        self.world.call_point()  # it is gone from the SIM

    def wake(self) -> None:
        self._woken.set()

    def status(self) -> CarrierStatus:
        return CarrierStatus(self._state, line=self.line, iccid=self.line)

    def close(self) -> None:
        if self.modem.loses_reports:
            handed = {id(item) for item in self._handed.values() if item.about}
            self._sim.waiting[:] = [item for item in self._sim.waiting if id(item) not in handed]
        self._handed.clear()
        if self.modem.carrier is self:
            self.modem.carrier = None
        self._to(Life.STARTING if self.modem.is_there else Life.ABSENT)

    @property
    def remedies(self) -> Sequence[Remedy]:
        return tuple(Remedy) if self.modem.is_there else (Remedy.REPLUG,)

    def mend(self, remedy: Remedy) -> None:
        """Whether it helps is the fault's matter."""
        self.world.call_point()
        self.world.baton.sleep(self.world.chance.uniform(0.5, 20.0))
        order = list(Remedy)
        cure = self.modem.cure
        if cure is not None and order.index(remedy) >= order.index(cure):
            self.modem.cure = None
        if order.index(remedy) >= order.index(Remedy.REOPEN):
            raise CarrierLost("To be opened anew.", Cause.PLANNED)
        if self.modem.cure is not None or not self.modem.is_there:
            raise CarrierLost("It still does not answer.", Cause.SILENT)
        self.modem.lost = None

    def ussd(self, code: str) -> str:
        self.world.baton.sleep(3.0)
        if self.world.chance.random() < 0.2:
            raise GatewayError("No answer came.")
        return "Balance: 123.45"

    # Within.

    def _to(self, state: Life) -> None:
        if state != self._state:
            self.world.touched.set()
        self._state = state

    def _lost(self) -> CarrierLost | None:
        return self.modem.lost if self.modem.carrier is self else CarrierLost("not open", Cause.SILENT)

    def _has_something(self) -> bool:
        handed = set(map(id, self._handed.values()))
        return bool(self._late) or any(id(item) not in handed for item in self._sim.waiting)

    def _take(self) -> list[Inbound]:
        taken: list[Inbound] = [*self._late]
        self._has_told = self._has_something()
        self._late.clear()
        for item in self._sim.waiting:
            if id(item) not in self._handed:
                self._handed[id(item)] = item
                if item.word:
                    item.word.read(self.world.moment)
                taken.append(inbound.decode(item.pdu, None, self.line, item))
        return taken

    # What an SMS may meet.

    def take(self, submit: codec.Submit, tried: Try) -> int:
        """The network has it; its reference."""
        self.network.tries.append(tried)
        reference = self._sim.next_reference()
        self.network.accept(self._sim, submit, tried, reference)
        return reference

    @property
    def sim(self) -> Sim:
        return self._sim

    def radio(self) -> None:
        self.world.baton.sleep(self.world.chance.uniform(*self.modem.radio_s))

    def answer_late(self, late: LateAnswer) -> None:
        """To whoever holds the modem by then; after a restart of the gateway nobody knows what it is about."""
        if self.modem.carrier is self:
            self._late.append(late)
            self.wake()
