"""The gateway's own exceptions. Each says where and what to do; none carries a text or a full number of a patient."""

from __future__ import annotations

from enum import Enum


class GatewayError(Exception):
    """It could not be done; `str()` is one sentence for a person. The command exits with 1."""


class UsageProblem(GatewayError):
    """Wrong usage or configuration: the command exits with 2."""


class Cause(Enum):
    """Why a carrier was lost, or cannot serve: it decides which remedies may help (gateway/worker/ladder.py)."""

    ABSENT = "absent"  # there is no such port or device: only plugging it in helps
    FORBIDDEN = "forbidden"  # another program has the port, or this user may not open it: a person has to help
    SILENT = "silent"  # it is there and does not answer
    FAULTY = "faulty"  # it answers, and fails again and again
    LOCKED = "locked"  # the SIM wants a PIN or PUK that is not there or was refused; or there is no SIM
    NO_NETWORK = "no_network"  # it answers and finds no network
    DENIED = "denied"  # the network refuses this SIM
    STRANGER = "stranger"  # another modem or SIM than the one configured
    UNSUITABLE = "unsuitable"  # this model cannot do it
    UNREACHABLE = "unreachable"  # an SMSC's host does not answer: it is waited for
    GATEWAY = "gateway"  # the gateway's own code failed with it: no treatment of the device mends that
    PLANNED = "planned"  # closed on purpose: to be opened again


class CarrierLost(GatewayError):
    """The carrier's device or link is gone or can't serve; whoever holds it closes it and opens it anew."""

    def __init__(self, detail: str = "", cause: Cause = Cause.SILENT) -> None:
        super().__init__(detail)
        self.cause = cause
