"""What Linux's sysfs tells of a serial port: its stick, its maker's numbers, and whether it is no modem.

Documentation/ABI/testing/sysfs-bus-usb of the kernel; the classes of interfaces are USB's own. Nothing is opened here.
Who holds a port is holders.py; what is known of makes stands in config/usb.toml.
"""

from __future__ import annotations

import fnmatch
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from gateway.modem.sysfs import word_of

__all__ = ["DEV", "NAMED", "SYSFS", "Rank", "UsbPort", "describe", "is_no_modem", "ports_of_stick", "rank",
           "serial_ports", "stick_of", "stick_or_port", "udev_rule", "udev_rules"]  # fmt: skip

FILE = "usb.toml"
# Other roots than the machine's own are for demonstrations and tests, which build such trees of pseudo-terminals.
SYSFS = Path(os.environ.get("SMSGW_SYSFS", "/sys"))
DEV = Path(os.environ.get("SMSGW_DEV", "/dev"))

# These give one modem several ports. Under every other driver (converters to RS-232 and the like) each port is a line
# of its own: a bank of eight modems may stand behind one USB device.
MODEM_DRIVERS = frozenset(
    {"option", "option1", "cdc_acm", "qcserial", "sierra", "hso", "ipw", "usbserial_generic", "GSM modem (1-port)"}
)
PRINTER = "07"  # bInterfaceClass
SERIAL = re.compile(r"tty(USB|ACM|HS|S|AMA|MXUSB|XRUSB|GS|O|mxc|SAC|LP|THS|SC|UL|PS)\d+")
UNKNOWN_CHIP = "0"  # /sys/class/tty/ttyS*/type: one of the four to thirty-two that a kernel has whatever is there


@dataclass(frozen=True, slots=True)
class UsbPort:
    """A serial port's place on the USB."""

    device: Path  # the stick: …/1-1.2; the same as long as it is in the same socket
    interface: int  # bInterfaceNumber
    kind: str  # class/subclass/protocol of the interface, "ff/01/02"
    driver: str
    vendor: str  # four hexadecimal digits, "12d1"
    product: str
    maker: str = ""
    name: str = ""
    serial: str = ""

    @property
    def usb_id(self) -> str:
        return f"{self.vendor}:{self.product}"

    @property
    def is_modems_own(self) -> bool:
        """Whether all ports of its device are one modem's."""
        return self.driver in MODEM_DRIVERS


@dataclass(frozen=True, slots=True)
class UsbKind:
    """What is known of devices by their USB number: an entry of usb.toml, which explains the keys."""

    match: str
    is_modem: bool = True
    at: tuple[str, ...] = ()
    at_interfaces: tuple[int, ...] = ()

    def place(self, port: UsbPort) -> int | None:
        """Its place among the ports to prefer; None: it is not named."""
        if any(fnmatch.fnmatch(port.kind, kind) for kind in self.at):
            return port.interface
        return self.at_interfaces.index(port.interface) if port.interface in self.at_interfaces else None


def describe(port: str, sysfs: Path = SYSFS) -> UsbPort | None:
    """None: not on the USB, or sysfs does not know it."""
    tty = sysfs / "class" / "tty" / os.path.basename(os.path.realpath(port))
    if not tty.exists():
        return None
    above = tty.resolve().parents
    interface = next((each for each in above if (each / "bInterfaceNumber").exists()), None)
    device = next((each for each in above if (each / "idVendor").exists()), None)
    return None if interface is None or device is None else _described(interface, device)


def _described(interface: Path, device: Path) -> UsbPort:
    kinds = (word_of(interface / f"bInterface{level}") for level in ("Class", "SubClass", "Protocol"))
    return UsbPort(
        device=device,
        interface=int(word_of(interface / "bInterfaceNumber") or "0", 16),
        kind="/".join(kind or "??" for kind in kinds),
        driver=os.path.basename(os.path.realpath(interface / "driver")),
        vendor=word_of(device / "idVendor").lower(),
        product=word_of(device / "idProduct").lower(),
        maker=word_of(device / "manufacturer"),
        name=word_of(device / "product"),
        serial=word_of(device / "serial"),
    )


def stick_of(port: str, sysfs: Path = SYSFS) -> str:
    """What the modem behind `port` is called among devices: all ports of one stick have the same.

    Empty where sysfs does not know the port: then only the modem's own numbers can tell.
    """
    found = describe(port, sysfs)
    if found and found.is_modems_own:
        return str(found.device)
    tty = sysfs / "class" / "tty" / os.path.basename(os.path.realpath(port))
    return str(tty.resolve()) if tty.exists() else ""


def stick_or_port(port: str, sysfs: Path = SYSFS) -> str:
    """The stick, or the port itself where sysfs does not know it."""
    return stick_of(port, sysfs) or os.path.realpath(port)


def ports_of_stick(port: str, sysfs: Path = SYSFS, dev: Path = DEV) -> list[str]:
    """Every port of the modem that `port` belongs to, itself first, the others by interface; itself where alone."""
    found = describe(port, sysfs)
    if found is None or not found.is_modems_own:
        return [port]
    ttys = [*found.device.glob("*:*/tty*/tty/*"), *found.device.glob("*:*/tty/*")]
    own = os.path.realpath(port)
    others = {os.path.realpath(path): str(path) for path in (dev / tty.name for tty in sorted(ttys, key=_order))}
    return [port, *(path for real, path in others.items() if real != own)]


def _order(tty: Path) -> tuple[int, int, str]:
    """ttyUSB9 before ttyUSB10."""
    return _interface_of(tty), len(tty.name), tty.name


def _interface_of(tty: Path) -> int:
    numbers = (word_of(each / "bInterfaceNumber") for each in tty.parents)
    return int(next((number for number in numbers if number), "0"), 16)


def is_no_modem(port: str, sysfs: Path = SYSFS) -> bool:
    """Whether what is behind it plainly is something else, so that not even AT should be said to it."""
    found = describe(port, sysfs)
    if found is None:
        return False
    return found.kind.startswith(PRINTER) or any(not known.is_modem for known in _known(found))


Rank = tuple[int, int]
NAMED = 0  # the first of a rank's two numbers, for ports that the maker's entry names


def rank(port: str, sysfs: Path = SYSFS) -> Rank:
    """Of several ports of a stick that would do the one with the least rank is taken.

    First those that the maker's entry names, since there the modem also says what it was not asked; then by number.
    """
    found = describe(port, sysfs)
    if found is None:
        return NAMED + 1, 0
    places = [place for known in _known(found) if (place := known.place(found)) is not None]
    return (NAMED, min(places)) if places else (NAMED + 1, found.interface)


def _known(found: UsbPort) -> Iterable[UsbKind]:
    return (known for known in kinds() if fnmatch.fnmatch(found.usb_id, known.match))


@cache
def kinds() -> tuple[UsbKind, ...]:
    """Every entry of usb.toml."""
    document = tomllib.loads(resources.files("gateway.modem").joinpath(FILE).read_text("utf-8"))
    return tuple(
        UsbKind(**_fields(table), match=match) for table in document["usb"] for match in table["match"].split()
    )


def _fields(table: Mapping[str, Any]) -> dict[str, Any]:
    named = {key: value for key, value in table.items() if key != "match"}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in named.items()}


def serial_ports(sysfs: Path = SYSFS, dev: Path = DEV, proc: Path = Path("/proc")) -> list[str]:
    """The device files of all serial ports behind which a modem may be: not consoles, not those without a chip."""
    consoles = set(re.findall(r"^(tty\w+)", word_of(proc / "consoles"), re.MULTILINE))
    with suppress(OSError):
        names = [name for name in os.listdir(sysfs / "class" / "tty") if SERIAL.fullmatch(name)]
        ports = [name for name in names if name not in consoles and _has_device(sysfs / "class" / "tty" / name)]
        return [str(dev / name) for name in sorted(ports, key=lambda name: (len(name), name))]
    return []


def _has_device(tty: Path) -> bool:
    return (tty / "device").exists() and word_of(tty / "type") != UNKNOWN_CHIP


def udev_rule(vendor: str, product: str) -> str:
    """The line in /etc/udev/rules.d that keeps ModemManager off every device of this kind."""
    numbers = f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}"'
    return f'SUBSYSTEMS=="usb", {numbers}, ENV{{ID_MM_DEVICE_IGNORE}}="1"'


def udev_rules(ports: Iterable[str], sysfs: Path = SYSFS) -> Sequence[str]:
    """One line for each kind of device seen at the ports, in their order."""
    found = (describe(port, sysfs) for port in ports)
    kinds = dict.fromkeys((each.vendor, each.product) for each in found if each and each.vendor and each.product)
    return [udev_rule(vendor, product) for vendor, product in kinds]
