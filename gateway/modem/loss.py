"""Why a line is lost, or a question has no answer: what the serial port raises -> the cause, and a word for people."""

from __future__ import annotations

import termios

from gsmmodem.exceptions import TimeoutException
from serial import SerialTimeoutException

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _

UNPLUGGED = (OSError, termios.error)  # what a device that goes makes pyserial raise; its own exception is an OSError


class NoAnswer(TimeoutException):  # type: ignore[misc]
    """No final result code within the deadline; `lines`: the information lines that did come."""

    def __init__(self, lines: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.lines = lines


def loss_by(fault: Exception, port: str) -> CarrierLost:
    """A port that takes no octets is still there; every other fault of the port means that the device has gone."""
    if isinstance(fault, SerialTimeoutException):
        return CarrierLost(_("Port {port} takes no commands.").format(port=port), Cause.SILENT)
    if isinstance(fault, UNPLUGGED):
        return CarrierLost(_("Port {port} is gone: was the modem unplugged?").format(port=port), Cause.ABSENT)
    sentence = _("The gateway itself failed with port {port} ({fault}); the log says where.")
    return CarrierLost(sentence.format(port=port, fault=type(fault).__name__), Cause.GATEWAY)
