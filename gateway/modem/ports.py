"""The serial ports of this machine: which there are, and opening one. Beside transport.py the only user of pyserial."""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Iterable
from typing import Any

import serial
from serial.tools import list_ports

from gateway.errors import CarrierLost
from gateway.i18n import _

WRITE_S = 5.0  # a PDU is 350 octets, 30 ms at 115,200 baud; a port that takes longer is stalled
# By path first: that name stays with the socket, also for sticks without a serial number of their own.
PATTERNS = ("/dev/serial/by-path/*", "/dev/serial/by-id/*")

REMEDIES = {
    errno.ENOENT: _("Port {port} does not exist: is the modem plugged in?"),
    errno.ENODEV: _("Port {port} has no device: is the modem plugged in?"),
    errno.ENXIO: _("Port {port} has no device: is the modem plugged in?"),
    errno.EIO: _("Port {port} has no device: is the modem plugged in?"),
    errno.EACCES: _("No permission for {port}: add the user to the group dialout (sudo usermod -aG dialout USER)."),
    errno.EPERM: _("No permission for {port}: add the user to the group dialout (sudo usermod -aG dialout USER)."),
    errno.EBUSY: _("Port {port} is in use by another program: ModemManager, or a second gateway?"),
    errno.EAGAIN: _("Port {port} is in use by another program: ModemManager, or a second gateway?"),
}


def open_port(port: str, baudrate: int) -> Any:
    """The opened serial port, ours alone, without flow control; raises CarrierLost with the reason and what to do."""
    try:
        return serial.Serial(port, baudrate, timeout=None, write_timeout=WRITE_S, exclusive=True)
    except Exception as fault:  # pyserial lets termios.error, OSError and ValueError through
        remedy = REMEDIES.get(getattr(fault, "errno", None) or 0, _("Port {port} cannot be opened as a serial port."))
        raise CarrierLost(remedy.format(port=port)) from fault


def find_ports(patterns: Iterable[str] | None = None) -> list[str]:
    """The ports that match, or without patterns all that may have a modem; each device once, under its first name."""
    found: dict[str, str] = {}
    for pattern in PATTERNS if patterns is None else patterns:
        for port in sorted(glob.glob(pattern)):
            found.setdefault(os.path.realpath(port), port)
    if patterns is None:
        for device in sorted(port.device for port in list_ports.comports()):
            found.setdefault(os.path.realpath(device), device)
    return list(found.values())
