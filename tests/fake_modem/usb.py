"""Where a stick is plugged in: a plain name for its port, or a socket of a hub with a fake sysfs as Linux writes it.

    sysfs/bus/usb/devices/1-1.2 -> ../../../devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.2
    …/1-1.2/{idVendor,idProduct,manufacturer,product,serial,busnum,devnum,devpath,authorized}
    …/1-1.2/port -> ../1-1:1.0/1-1-port2
    …/1-1.2/1-1.2:1.0/{bInterfaceNumber,bInterfaceClass}, driver -> …
    …/1-1.2/1-1.2:1.0/ttyUSB3/tty/ttyUSB3/{dev,device -> ../../../ttyUSB3}
    …/1-1/1-1:1.0/1-1-port2/disable          # the hub's power switch for this socket
    class/tty/ttyUSB3 -> …/1-1.2:1.0/ttyUSB3/tty/ttyUSB3, and again by the pseudo-terminal's number

Writing 0 and then 1 to `authorized`, or 1 and then 0 to `disable`, unplugs and plugs the stick. Beside sysfs the bank's
folder is its /dev: ttyUSB3, serial/by-path/…, serial/by-id/….
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fake_modem.inotify import WRITTEN, Inotify

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

CONTROLLER = "devices/pci0000:00/0000:00:14.0/usb1"
BY_PATH = "pci-0000:00:14.0-usb-0:1.{socket}:1.{interface}"
SOCKETS = 64  # of the hub; no real one has so many
VENDOR_CLASS, ACM_CLASS, STORAGE_CLASS = "ff", "02", "08"


class Place:
    """Without USB: a name in the bank's folder; the ports beside the main one have its name and their number."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name

    @property
    def link(self) -> Path:
        return self.folder / self.name

    def sides(self, interfaces: Sequence[str]) -> list[tuple[str, Path]]:
        """Role and link of every port but the main one."""
        return [(role, self.folder / f"{self.name}.{i}") for i, role in enumerate(interfaces) if role != "at"]

    def arrive(self, modem: Modem) -> None:
        """It is being plugged in: names are given."""

    def appear(self, modem: Modem) -> None:
        """Its ports are there."""

    def appear_as_storage(self, modem: Modem) -> None:
        """It is there again, as a disk."""

    def disappear(self) -> None:
        """It is pulled out."""

    def rename(self, name: str) -> None:
        self.name = name

    def rename_next(self) -> None:
        """Another name, as when the kernel has not yet given the old one free."""
        self.name = self.name.removesuffix("-again") if self.name.endswith("-again") else f"{self.name}-again"


class Bus:
    """The hub and all that is plugged into it."""

    def __init__(self, sysfs: Path, dev: Path, inotify: Inotify) -> None:
        self.sysfs, self.dev, self.inotify = sysfs, dev, inotify
        self.hub = sysfs / CONTROLLER / "1-1"
        self.names: set[str] = set()  # of all ports that are there
        self._devices = 1
        for folder in ("bus/usb/devices", "bus/usb/drivers/option", "bus/usb/drivers/cdc_acm", "class/tty"):
            (sysfs / folder).mkdir(parents=True, exist_ok=True)
        (self.hub / "1-1:1.0").mkdir(parents=True, exist_ok=True)
        _write(self.hub, idVendor="1d6b", idProduct="0002", busnum="1", devnum="1", devpath="1", bDeviceClass="09")
        _link(sysfs / "bus/usb/devices/1-1", self.hub)

    def next_device(self) -> int:
        """Every appearance gets a new number."""
        self._devices += 1
        return self._devices

    def free(self, kind: str, count: int, first: int | None, taken: Sequence[str] = ()) -> list[str]:
        """Names for so many ports: the lowest free ones, or from `first` on."""
        numbers = (n for n in range(first or 0, 10_000) if f"{kind}{n}" not in self.names | set(taken))
        return [f"{kind}{next(numbers)}" for _ in range(count)]


class UsbPlace:
    """One socket of the hub, `1-1.SOCKET`."""

    def __init__(self, bus: Bus, socket: int) -> None:
        self._bus, self.socket = bus, socket
        self._wanted: int | None = None
        self._left: list[str] = []  # the names that it had before a renaming
        self._names: list[str] = [f"unplugged-{socket}"]  # the last ones, while it is pulled out
        self._taken: list[str] = []  # the names that nobody else may have now
        self._main = 0
        self._made: list[Path] = []  # links, to take away again
        self._watch: int | None = None
        self._modem: Modem | None = None
        self._is_cut = False
        self._is_there = False  # else another stick may be in this socket

    @property
    def device(self) -> Path:
        return self._bus.hub / f"1-1.{self.socket}"

    @property
    def link(self) -> Path:
        return self._bus.dev / self._names[self._main]

    def sides(self, interfaces: Sequence[str]) -> list[tuple[str, Path]]:
        names = self._names if len(self._names) == len(interfaces) else self._names * len(interfaces)
        return [(role, self._bus.dev / name) for role, name in zip(interfaces, names, strict=True) if role != "at"]

    def arrive(self, modem: Modem) -> None:
        taste = modem.personality
        self._names = self._bus.free(taste.tty, len(taste.interfaces), self._wanted, self._left)
        self._main = taste.interfaces.index("at")
        self._wanted, self._left = None, []
        self._taken = self._names
        self._bus.names.update(self._taken)
        self._switch(modem)

    def appear(self, modem: Modem) -> None:
        self._describe(modem, modem.personality.usb_id)
        for number, (name, port) in enumerate(zip(self._names, modem.ports_in_order, strict=True)):
            self._add_port(number, name, port.path, modem)

    def appear_as_storage(self, modem: Modem) -> None:
        vendor = modem.personality.usb_id.partition(":")[0]
        product = modem.personality.storage_id.partition(":")[2]
        self._describe(modem, f"{vendor}:{product}")
        self._interface(0, STORAGE_CLASS)

    def disappear(self) -> None:
        """Cut off by `authorized`, the device stays, without its interfaces."""
        self._bus.names.difference_update(self._taken)
        self._taken = []  # who is pulled out a second time must not free what others have by now
        for link in [link for link in self._made if not (self._is_cut and link.name == self.device.name)]:
            link.unlink(missing_ok=True)
            self._made.remove(link)
        for interface in self.device.glob("*:1.*") if self._is_there else ():
            shutil.rmtree(interface)
        if self._is_there and not self._is_cut:
            self._leave()

    def _leave(self) -> None:
        self._is_there = False
        if self._watch is not None:
            self._bus.inotify.forget(self._watch)
            self._watch = None
        shutil.rmtree(self.device, ignore_errors=True)

    def rename(self, name: str) -> None:
        """`ttyUSB5`: its first port gets this number, the others follow."""
        self._wanted = int(re.sub(r"\D", "", name))

    def rename_next(self) -> None:
        self._left = list(self._names)

    def move(self, socket: int) -> None:
        """Into another socket; only while it is pulled out."""
        self.socket = socket

    # -- what the gateway may write

    def _switch(self, modem: Modem) -> None:
        """The hub's switch for this socket stays when the stick goes."""
        self._modem = modem
        port = self._bus.hub / "1-1:1.0" / f"1-1-port{self.socket}"
        if not port.exists():
            _write(port, disable="0")
            self._bus.inotify.watch(port / "disable", WRITTEN, self._switched)

    def _switched(self) -> None:
        is_off = _read(self._bus.hub / "1-1:1.0" / f"1-1-port{self.socket}" / "disable") == "1"
        if self._modem is not None:
            self._modem.power.unplug() if is_off else self._modem.power.plug()

    def _authorized(self) -> None:
        is_off = _read(self.device / "authorized") == "0"
        if self._modem is None or is_off == self._is_cut:
            return  # as it was
        self._is_cut = is_off
        self._modem.power.unplug() if is_off else self._modem.power.plug(remedy="replug")

    # -- sysfs

    def _describe(self, modem: Modem, usb_id: str) -> None:
        vendor, _, product = usb_id.partition(":")
        taste = modem.personality
        named = {"serial": taste.serial} if taste.serial else {}
        _write(
            self.device, idVendor=vendor, idProduct=product, manufacturer=taste.manufacturer, product=taste.model,
            busnum="1", devnum=str(self._bus.next_device()), devpath=f"1.{self.socket}", authorized="1",
            bDeviceClass="00", bNumInterfaces=f"{len(taste.interfaces):2d}", **named,
        )  # fmt: skip
        _link(self.device / "port", self._bus.hub / "1-1:1.0" / f"1-1-port{self.socket}")
        self._listed(self.device)
        self._is_cut, self._is_there = False, True
        self._watch = self._bus.inotify.watch(self.device / "authorized", WRITTEN, self._authorized)

    def _interface(self, number: int, usb_class: str) -> Path:
        folder = self.device / f"{self.device.name}:1.{number}"
        _write(folder, bInterfaceNumber=f"{number:02x}", bInterfaceClass=usb_class, authorized="1")
        self._listed(folder)
        return folder

    def _add_port(self, number: int, name: str, path: str, modem: Modem) -> None:
        is_acm = name.startswith("ttyACM")
        interface = self._interface(number, ACM_CLASS if is_acm else VENDOR_CLASS)
        _link(interface / "driver", self._bus.sysfs / "bus/usb/drivers" / ("cdc_acm" if is_acm else "option"))
        owner = interface if is_acm else interface / name  # a ttyUSB has a device of its own below the interface
        tty = owner / "tty" / name
        _write(tty, dev=f"188:{number}", uevent=f"DEVNAME={name}")
        _link(tty / "device", owner)
        for known_as in (name, Path(path).name):
            self._new_link(self._bus.sysfs / "class/tty" / known_as, tty)
        self._dev_links(number, name, modem)

    def _dev_links(self, number: int, name: str, modem: Modem) -> None:
        taste, suffix = modem.personality, "-port0" if name.startswith("ttyUSB") else ""
        by_path = BY_PATH.format(socket=self.socket, interface=number) + suffix
        words = "_".join(f"{taste.manufacturer} {taste.model} {taste.serial}".split())
        for kind, known_as in (("by-path", by_path), ("by-id", f"usb-{words}-if{number:02x}{suffix}")):
            self._new_link(self._bus.dev / "serial" / kind / known_as, self._bus.dev / name)

    def _listed(self, folder: Path) -> None:
        self._new_link(self._bus.sysfs / "bus/usb/devices" / folder.name, folder)

    def _new_link(self, link: Path, target: Path) -> None:
        """Of two sticks that look alike the first one keeps the name, as udev has it."""
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            _link(link, target)
            self._made.append(link)


def _write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():  # each appears with its content, as in sysfs
        hidden = folder / f".{name}"
        hidden.write_text(f"{text}\n")
        hidden.replace(folder / name)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _link(link: Path, target: Path) -> None:
    """A relative link, as sysfs has them."""
    if not link.is_symlink():
        link.symlink_to(os.path.relpath(target, link.parent))
