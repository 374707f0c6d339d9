"""Simulated modems, and the carrier that the gateway's worker sees: real PDUs, radio times, faults of every kind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from gateway.carrier import (
    Accepted,
    CarrierStatus,
    Deferred,
    Inbound,
    LateAnswer,
    Outcome,
    Refused,
    Remedy,
    Report,
    ReportStatus,
    Submission,
)
from gateway.errors import CarrierLost, Cause, GatewayError
from gateway.life import Life
from gateway.modem import codes, inbound, pdu
from gateway.modem.submit import LOST_IN_THE_AIR, MODEM_GONE, NO_ANSWER, NO_PROMPT
from tests.fake_modem import codec
from tests.simulation.network import Item, Network, Sim, Try
from tests.simulation.world import World

ANSWER_WAIT_S = 40.0
NO_PORT_S = 60.0  # so seldom an absent stick is looked for: its hours cost less so
NUMBER_CODES, NETWORK_CODES, DEVICE_CODES, FINAL_CODES = (22, 27, 127), (38, 42, 331, 332), (300, 500, 515), (1, 21, 30)
BLOCKED_CODE = 8  # operator determined barring


@dataclass
class Faults:
    """How often an SMS meets which fault, as shares of one."""

    refused_number: float = 0.0
    refused_network: float = 0.0
    refused_device: float = 0.0
    refused_final: float = 0.0
    no_prompt: float = 0.0  # silence before the bytes have left
    silent_lost: float = 0.0  # no answer, and the network never had it
    silent_taken: float = 0.0  # no answer, and the network has it
    late_answer: float = 0.0
    gone_before: float = 0.0
    gone_after: float = 0.0
    gateway_fault: float = 0.0  # our own code fails while the SMS is being handed over

    def pick(self, roll: float) -> str:
        """The fault of this roll, or none."""
        for name, share in vars(self).items():
            if roll < share:
                return str(name)
            roll -= share
        return "none"


@dataclass
class Modem:
    """The device: it outlives every run of the gateway."""

    name: str
    sim: Sim
    faults: Faults
    radio_s: tuple[float, float]
    cure: Remedy | None = None  # it hangs until it is treated with this or something stronger
    is_there: bool = True
    has_network: bool = True
    tells_references: bool = True
    loses_reports: bool = False  # what it handed over and was not acknowledged is gone
    carrier: SimCarrier | None = None
    lost: CarrierLost | None = None  # what the gateway does not know yet

    @property
    def is_hanging(self) -> bool:
        return self.cure is not None

    def unplug(self) -> None:
        self.is_there = False
        self.fall(CarrierLost("unplugged", Cause.ABSENT))

    def plug_in(self) -> None:
        self.is_there = True

    def hang(self, cure: Remedy) -> None:
        self.cure = cure
        self.fall(CarrierLost("no answer", Cause.SILENT))

    def fall_off(self) -> None:
        """The network is gone."""
        self.fall(CarrierLost("no network", Cause.NO_NETWORK))

    def fall(self, lost: CarrierLost) -> None:
        if self.carrier:
            self.lost = lost
            self.carrier.wake()


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
        outcome = _FAULTS[fault](self, submit, tried)
        self.world.call_point()  # here the power may fail before anybody is told
        tried.told = type(outcome).__name__.lower()
        self.world.say("submit", carrier=self.name, key=tried.key, fault=fault, told=tried.told)
        return outcome

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
            if item.about and isinstance(inbound, Report) and inbound.status is not ReportStatus.PENDING:
                item.about.final_report = item.tp_st

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


Fault = Callable[[SimCarrier, codec.Submit, Try], Outcome]


def _none(carrier: SimCarrier, submit: codec.Submit, tried: Try) -> Outcome:
    if carrier.sim.is_blocked:
        return _refused(carrier, submit, tried, codes=(BLOCKED_CODE,))
    reference = carrier.take(submit, tried)  # before the answer has come: the power may fail in between
    carrier.radio()
    if carrier.modem.carrier is not carrier or carrier.modem.lost:
        return LOST_IN_THE_AIR
    tried.has_reference = carrier.modem.tells_references
    return Accepted(str(reference) if tried.has_reference else "")


def _refused(carrier: SimCarrier, _submit: codec.Submit, tried: Try, *, codes: tuple[int, ...]) -> Outcome:
    carrier.network.tries.append(tried)
    carrier.radio()
    carrier.sim.next_reference()
    return _outcome_of(carrier.world.chance.choice(codes))


def _outcome_of(number: int) -> Deferred | Refused:
    return codes.outcome_of("CMS", number)


def _before(carrier: SimCarrier, _submit: codec.Submit, tried: Try, *, outcome: Outcome) -> Outcome:
    """Nothing left the gateway."""
    carrier.network.tries.append(tried)
    carrier.world.baton.sleep(10.0)
    return outcome


def _silent(carrier: SimCarrier, submit: codec.Submit, tried: Try, *, is_taken: bool) -> Outcome:
    if is_taken:
        carrier.take(submit, tried)
    else:
        carrier.network.tries.append(tried)
    carrier.world.baton.sleep(ANSWER_WAIT_S)
    return NO_ANSWER


def _late(carrier: SimCarrier, submit: codec.Submit, tried: Try) -> Outcome:
    """The answer comes when nobody waits for it any more."""
    answer: Accepted | Deferred | Refused
    if carrier.world.chance.random() < 0.6:
        reference = carrier.take(submit, tried)
        answer = Accepted(str(reference) if carrier.modem.tells_references else "")
    else:
        carrier.network.tries.append(tried)
        answer = _outcome_of(carrier.world.chance.choice(NETWORK_CODES + FINAL_CODES))
    carrier.world.baton.sleep(ANSWER_WAIT_S)
    late = LateAnswer(tried.key, answer)
    carrier.world.after(carrier.world.chance.uniform(0.1, 1200.0), partial(carrier.answer_late, late))
    return NO_ANSWER


def _gone(carrier: SimCarrier, submit: codec.Submit, tried: Try, *, is_out: bool) -> Outcome:
    if is_out and carrier.world.chance.random() < 0.5:
        carrier.take(submit, tried)
    else:
        carrier.network.tries.append(tried)
    carrier.modem.fall(CarrierLost("The line broke.", Cause.SILENT))
    return LOST_IN_THE_AIR if is_out else MODEM_GONE


def _gateway_fault(carrier: SimCarrier, submit: codec.Submit, tried: Try) -> Outcome:
    if carrier.world.chance.random() < 0.5:
        carrier.take(submit, tried)
    else:
        carrier.network.tries.append(tried)
    tried.told = "uncertain"
    raise RuntimeError("a fault of our own")


_FAULTS: dict[str, Fault] = {
    "none": _none,
    "refused_number": partial(_refused, codes=NUMBER_CODES),
    "refused_network": partial(_refused, codes=NETWORK_CODES),
    "refused_device": partial(_refused, codes=DEVICE_CODES),
    "refused_final": partial(_refused, codes=FINAL_CODES),
    "no_prompt": partial(_before, outcome=NO_PROMPT),
    "silent_lost": partial(_silent, is_taken=False),
    "silent_taken": partial(_silent, is_taken=True),
    "late_answer": _late,
    "gone_before": partial(_gone, is_out=False),
    "gone_after": partial(_gone, is_out=True),
    "gateway_fault": _gateway_fault,
}
