"""[pure] What start-up finds out about a modem, and why one is not ready."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.errors import CarrierLost
from gateway.modem.quirks import Quirks


class NotReady(CarrierLost):
    """The modem is there and cannot send; `state` is CarrierStatus's word, the text says why and what to do."""

    def __init__(self, state: str, detail: str) -> None:
        super().__init__(detail)
        self.state = state


@dataclass(frozen=True, slots=True)
class Identity:
    """Which device and which SIM."""

    manufacturer: str = ""
    model: str = ""
    imei: str | None = None
    imsi: str | None = None
    iccid: str | None = None

    @property
    def line(self) -> str | None:
        """The SIM's name for references, the device's where the SIM tells none."""
        return self.iccid or self.imsi or self.imei


@dataclass(frozen=True, slots=True)
class Setup:
    """What start-up arranged with the modem."""

    identity: Identity
    quirks: Quirks = field(default_factory=Quirks)
    storages: tuple[str, ...] = ()  # those to sweep; none: the modem can't read stored messages
    needs_acknowledgement: bool = False  # AT+CSMS=1: each routed message must be met by AT+CNMA
    notifications: str = ""  # the arguments of AT+CNMI= that the modem accepted; empty: it tells of nothing by itself
    has_service_centre: bool = True  # False: the SIM says that it has none
