"""The serial ports of this machine: which there are, and opening one. Beside transport.py the only user of pyserial."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import termios
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import serial

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem import holders, usb
from gateway.modem.holders import MODEM_MANAGER, Holder
from gateway.modem.usb import DEV, SYSFS

WRITE_S = 5.0  # a PDU is 350 octets, 30 ms at 115,200 baud; a port that takes longer is stalled
# By path first: that name stays with the socket, also for sticks without a serial number of their own.
FOLDERS = ("serial/by-path", "serial/by-id")

NO_PERMISSION = _(
    "No permission for {port}: add the user to the group dialout (sudo usermod -aG dialout USER), then log in again;"
    " a service is to be restarted."
)
REMEDIES = {
    errno.ENOENT: _("Port {port} does not exist: is the modem plugged in?"),
    errno.ENODEV: _("Port {port} has no device: is the modem plugged in?"),
    errno.ENXIO: _("Port {port} has no device: is the modem plugged in?"),
    errno.EIO: _("Port {port} has no device: is the modem plugged in?"),
    errno.EACCES: NO_PERMISSION,
    errno.EPERM: NO_PERMISSION,
}
IN_USE = frozenset({errno.EBUSY, errno.EAGAIN})
NOTHING_THERE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO})


class ExclusivePort(serial.Serial):  # type: ignore[misc]
    """Ours alone, by both signs that programs go by: flock, which pyserial sets, and TIOCEXCL (tty_ioctl(4)).

    The mark of the latter stays on a terminal that somebody else has open too, so it is taken back at the end.
    """

    def open(self) -> None:
        super().open()
        self._mark(termios.TIOCEXCL)

    def close(self) -> None:
        if self.is_open:
            self._mark(termios.TIOCNXCL)
        super().close()

    def _mark(self, request: int) -> None:
        with suppress(OSError):  # a device that has just gone
            fcntl.ioctl(self.fd, request)


def open_port(port: str, baudrate: int) -> Any:
    """The opened serial port, ours alone, without flow control; raises CarrierLost with the reason and what to do."""
    if others := holders.others_with(port):
        raise in_use(port, others)
    try:
        return ExclusivePort(port, baudrate, timeout=None, write_timeout=WRITE_S, exclusive=True)
    except Exception as fault:  # pyserial lets termios.error, OSError and ValueError through
        number = getattr(fault, "errno", None) or 0
        if number in IN_USE:
            raise in_use(port, holders.who_holds(port)) from fault
        remedy = REMEDIES.get(number, _("Port {port} cannot be opened as a serial port."))
        # What needs a person: a port that is not ours to open, and likewise a path that is no serial port at all.
        cause = Cause.ABSENT if number in NOTHING_THERE else Cause.FORBIDDEN
        raise CarrierLost(remedy.format(port=port), cause) from fault


def in_use(port: str, found: Sequence[Holder]) -> CarrierLost:
    """Who has the port, and what to do; where that can't be seen, who it may be."""
    holder = next(iter(found), None) or holders.modem_manager()
    if holder is None:
        return CarrierLost(
            _("Port {port} is in use by another program: a second gateway?").format(port=port), Cause.FORBIDDEN
        )
    remedy = _("Port {port} is in use by {holder}: end that program, or keep it away from this port.")
    if holder.name == MODEM_MANAGER:
        remedy = _("Port {port} is in use by {holder}: `smsgw doctor` shows the udev rule that ends this.")
    return CarrierLost(remedy.format(port=port, holder=holder), Cause.FORBIDDEN)


def find_ports(patterns: Iterable[str] | None = None, *, sysfs: Path = SYSFS, dev: Path = DEV) -> list[str]:
    """The ports that match, or without patterns all that may have a modem; each device once, under its first name."""
    found: dict[str, str] = {}
    for pattern in [str(dev / folder / "*") for folder in FOLDERS] if patterns is None else patterns:
        for port in sorted(glob.glob(pattern)):
            found.setdefault(os.path.realpath(port), port)
    for port in usb.serial_ports(sysfs, dev) if patterns is None else ():
        found.setdefault(os.path.realpath(port), port)
    return list(found.values())
