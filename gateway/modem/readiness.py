"""[pure] What start-up finds out about a modem, and why one is not ready."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem.quirks import Quirks

# What a carrier that was lost, or never came up, is called meanwhile: gateway.life.Life.
STATES = {
    Cause.ABSENT: "absent",
    Cause.FORBIDDEN: "absent",
    Cause.STRANGER: "absent",  # the one that was meant is not there
    Cause.SILENT: "recovering",
    Cause.FAULTY: "recovering",
    Cause.PLANNED: "recovering",
    Cause.GATEWAY: "recovering",
    Cause.LOCKED: "needs_pin",
    Cause.NO_NETWORK: "searching",
    Cause.UNREACHABLE: "searching",
    Cause.DENIED: "searching",
    Cause.UNSUITABLE: "failed",
}


class NotReady(CarrierLost):
    """The modem is there and cannot send: the text says why and what to do, the cause what may help."""

    def __init__(self, detail: str, cause: Cause) -> None:
        super().__init__(detail, cause)


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


def restarted() -> CarrierLost:
    """Nothing is asked of a modem that has begun anew before it is set up anew."""
    return CarrierLost(_("The modem restarted by itself; it is set up anew."), Cause.FAULTY)
