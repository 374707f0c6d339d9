"""A simulated modem: the device itself, and how often an SMS meets which fault in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gateway.carrier import Remedy
from gateway.errors import CarrierLost, Cause
from tests.simulation.network import Sim


class Holder(Protocol):
    """The gateway's side of a modem that is open."""

    def wake(self) -> None: ...


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
    forgets_references: bool = False  # each time that it is opened it counts from 0 again
    loses_reports: bool = False  # what it handed over and was not acknowledged is gone
    carrier: Holder | None = None  # who has it open
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
