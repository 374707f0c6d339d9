"""A modem's USB socket: where it is, and switching it off and on, as if somebody pulled the stick out and put it back.

Three ways, the most thorough first: the power of the hub's port (Linux 6.0), the device's authorisation, a reset of the
device. The kernel's documents are Documentation/ABI/testing/sysfs-bus-usb and usbdevice_fs.h. The port must be closed
before: a device that goes while its file is held comes back under another name.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem import usb
from gateway.modem.sysfs import word_of
from gateway.modem.usb import DEV, SYSFS

OFF_S = 3.0  # until capacitors are empty
USBDEVFS_RESET = 0x5514  # _IO('U', 20)
NO_RIGHTS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
DISK = "08"  # bInterfaceClass


@dataclass(frozen=True, slots=True)
class Socket:
    """Where on the USB a device is: its folder in sysfs, which stays the same as long as it is in the same socket."""

    device: Path  # …/1-1.2
    port: Path | None  # the hub's port that it is in, where the kernel shows it

    @property
    def name(self) -> str:
        return self.device.name


def socket_of(port: str, sysfs: Path = SYSFS) -> Socket | None:
    """The socket of a serial port's device; None when it is not on the USB, or other modems are behind it too."""
    found = usb.describe(port, sysfs)
    if found is None or not (found.is_modems_own or len(_ttys(found.device)) == 1):
        return None
    hub_port = found.device / "port"
    return Socket(found.device, hub_port.resolve() if hub_port.exists() else None)


def _ttys(device: Path) -> list[Path]:
    return [*device.glob("*:*/tty*/tty/*"), *device.glob("*:*/tty/*")]


def replug(socket: Socket, dev: Path = DEV, off_s: float = OFF_S) -> None:
    """Off and on, by the first way that works. Raises CarrierLost with what is missing when none does."""
    faults = []
    for way in (_by_power, _by_authorisation, _by_reset):
        try:
            way(socket, dev, off_s)
        except OSError as fault:
            faults.append(fault.errno)
        else:
            return
    raise CarrierLost(_refusal(socket, faults), Cause.FAULTY)


def is_disk(socket: Socket) -> bool:
    """Whether what is in the socket now is a disk and nothing else: a stick that nobody has switched to its modem."""
    classes = {word_of(each) for each in socket.device.glob("*:*/bInterfaceClass")}
    return classes == {DISK}


def _by_power(socket: Socket, _dev: Path, off_s: float) -> None:
    if socket.port is None:
        raise OSError(errno.ENOENT, "no such port")
    _off_and_on(socket.port / "disable", "1", "0", off_s)


def _by_authorisation(socket: Socket, _dev: Path, off_s: float) -> None:
    _off_and_on(socket.device / "authorized", "0", "1", off_s)


def _off_and_on(switch: Path, off: str, on: str, off_s: float) -> None:
    _write(switch, off)
    try:
        time.sleep(off_s)
    finally:
        _write(switch, on)


def _by_reset(socket: Socket, dev: Path, _off_s: float) -> None:
    bus, number = (int(word_of(socket.device / name) or 0) for name in ("busnum", "devnum"))
    descriptor = os.open(dev / "bus" / "usb" / f"{bus:03d}" / f"{number:03d}", os.O_WRONLY)
    try:
        fcntl.ioctl(descriptor, USBDEVFS_RESET, 0)
    except OSError as fault:
        if fault.errno != errno.ENODEV:  # it came back as another device: what was wanted
            raise
    finally:
        os.close(descriptor)


def _refusal(socket: Socket, faults: list[int | None]) -> str:
    if NO_RIGHTS & set(faults):
        problem = _("No right to switch the USB socket {socket}: install the udev rules with `smsgw init --system`.")
        return problem.format(socket=socket.name)
    return _("The USB socket {socket} cannot be switched: unplug the modem and plug it in again.").format(
        socket=socket.name
    )


def _write(path: Path, value: str) -> None:
    """Never creates the file."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)
