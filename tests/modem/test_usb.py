"""What sysfs tells of ports, from a tree as Linux writes it: sticks, converters, boards that are no modem."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.modem import usb


class Tree:
    """A fake /sys and /dev."""

    def __init__(self, folder: Path) -> None:
        self.sysfs, self.dev = folder / "sys", folder / "dev"
        (self.sysfs / "class/tty").mkdir(parents=True)
        self.dev.mkdir()

    def device(self, socket: str, usb_id: str, **facts: str) -> Path:
        vendor, _, product = usb_id.partition(":")
        folder = self.sysfs / "devices/pci0000:00/usb1" / socket
        self.write(folder, idVendor=vendor, idProduct=product, **facts)
        return folder

    def port(self, device: Path, number: int, name: str, *, driver: str = "option", kind: str = "ff/ff/ff") -> str:
        """A port at an interface of the device; ttyACM sits on the interface itself, others have a device below it."""
        interface = device / f"{device.name}:1.{number}"
        levels = zip(("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"), kind.split("/"), strict=True)
        self.write(interface, bInterfaceNumber=f"{number:02x}", **dict(levels))
        drivers = self.sysfs / "bus/usb/drivers" / driver
        drivers.mkdir(parents=True, exist_ok=True)
        if not (interface / "driver").exists():
            (interface / "driver").symlink_to(drivers)
        owner = interface if name.startswith("ttyACM") else interface / name
        return self.tty(owner / "tty" / name, owner)

    def chip(self, name: str, kind: str) -> str:
        """A port on the board; type 0: no chip is there."""
        folder = self.sysfs / "devices/platform/serial8250/tty" / name
        self.write(folder, type=kind)
        return self.tty(folder, folder.parent)

    def tty(self, folder: Path, owner: Path) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "device").symlink_to(owner)
        (self.sysfs / "class/tty" / folder.name).symlink_to(folder)
        (self.dev / folder.name).touch()
        return str(self.dev / folder.name)

    def write(self, folder: Path, **files: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(f"{text}\n")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.fixture
def huawei(tree: Tree) -> list[str]:
    """Three ports in one stick: for dialling, diagnostics, and the one that tells what comes unasked."""
    stick = tree.device("1-1.2", "12D1:1001", manufacturer="HUAWEI Technology", product="HUAWEI Mobile")
    kinds = ("ff/01/01", "ff/01/03", "ff/01/02")
    return [tree.port(stick, number, f"ttyUSB{9 + number}", kind=kind) for number, kind in enumerate(kinds)]


def test_a_port_tells_its_stick_and_its_makers_numbers(tree: Tree, huawei: list[str]) -> None:
    found = usb.describe(huawei[2], tree.sysfs)
    assert found is not None
    assert (found.device.name, found.interface, found.kind, found.driver) == ("1-1.2", 2, "ff/01/02", "option")
    assert (found.usb_id, found.maker, found.name, found.serial) == (
        "12d1:1001",
        "HUAWEI Technology",
        "HUAWEI Mobile",
        "",
    )


def test_a_stable_name_is_followed_to_its_port(tree: Tree, huawei: list[str]) -> None:
    stable = tree.dev / "by-path-port0"
    stable.symlink_to(huawei[0])
    assert usb.describe(str(stable), tree.sysfs) == usb.describe(huawei[0], tree.sysfs)
    assert usb.ports_of_stick(str(stable), tree.sysfs, tree.dev) == [str(stable), *huawei[1:]]


def test_all_ports_of_a_stick_are_its_own_and_no_others(tree: Tree, huawei: list[str]) -> None:
    acm = tree.device("1-1.3", "1bc7:0021")
    other = [tree.port(acm, number, f"ttyACM{number}", driver="cdc_acm") for number in (0, 2)]
    assert usb.ports_of_stick(huawei[1], tree.sysfs, tree.dev) == [huawei[1], huawei[0], huawei[2]]
    assert usb.ports_of_stick(other[0], tree.sysfs, tree.dev) == other
    sticks = [usb.stick_of(port, tree.sysfs) for port in (*huawei, *other)]
    assert len(set(sticks[:3])) == len(set(sticks[3:])) == 1
    assert sticks[0] != sticks[3]


def test_a_converter_with_several_ports_has_a_modem_behind_each(tree: Tree) -> None:
    bank = tree.device("1-1.4", "0403:6011")
    ports = [tree.port(bank, number, f"ttyUSB{number}", driver="ftdi_sio") for number in range(4)]
    assert len({usb.stick_of(port, tree.sysfs) for port in ports}) == 4
    assert usb.ports_of_stick(ports[1], tree.sysfs, tree.dev) == [ports[1]]


def test_a_port_that_sysfs_does_not_know_is_alone_and_of_no_stick(tree: Tree) -> None:
    assert usb.describe("/dev/pts/0", tree.sysfs) is None
    assert usb.stick_of("/dev/pts/0", tree.sysfs) == ""
    assert usb.ports_of_stick("/dev/pts/0", tree.sysfs, tree.dev) == ["/dev/pts/0"]
    assert not usb.is_no_modem("/dev/pts/0", tree.sysfs)


def test_the_port_that_tells_what_comes_unasked_is_preferred(tree: Tree, huawei: list[str]) -> None:
    assert sorted(huawei, key=lambda port: usb.rank(port, tree.sysfs)) == [huawei[2], huawei[0], huawei[1]]


def test_where_all_interfaces_look_alike_the_preferred_one_is_known_by_its_number(tree: Tree) -> None:
    stick = tree.device("1-1.6", "2c7c:0125")
    ports = [tree.port(stick, number, f"ttyUSB{20 + number}", kind="ff/ff/ff") for number in range(4)]
    ranked = sorted(ports, key=lambda port: usb.rank(port, tree.sysfs))
    assert ranked == [ports[2], ports[3], ports[0], ports[1]]
    assert [usb.rank(port, tree.sysfs)[0] == usb.NAMED for port in ranked] == [True, True, False, False]


@pytest.mark.parametrize(
    ("usb_id", "kind", "is_no_modem"),
    [
        ("2341:0043", "02/02/01", True),  # Arduino Uno, which looks like a modem by its class
        ("1546:01a8", "02/02/01", True),  # u-blox, satellites
        ("1546:1102", "02/02/01", False),  # u-blox, a modem
        ("0483:374b", "02/02/01", True),
        ("04b8:0e15", "ff/ff/ff", True),
        ("1234:5678", "07/01/02", True),  # whoever made it: a printer by its class
        ("12d1:1001", "ff/01/02", False),
        ("1a86:7523", "ff/01/02", False),  # a converter: anything may be behind it
    ],
)
def test_what_is_plainly_no_modem_is_known_by_its_numbers(
    tree: Tree, usb_id: str, kind: str, is_no_modem: bool
) -> None:
    port = tree.port(tree.device("1-1.5", usb_id), 0, "ttyACM5", driver="cdc_acm", kind=kind)
    assert usb.is_no_modem(port, tree.sysfs) is is_no_modem


def test_only_ports_that_may_have_a_modem_are_listed(tree: Tree, huawei: list[str]) -> None:
    real = tree.chip("ttyS0", "4")
    tree.chip("ttyS1", "0")
    console = tree.chip("ttyS2", "4")
    tree.tty(tree.sysfs / "devices/virtual/tty/tty7", tree.sysfs)
    tree.write(tree.dev / "proc", consoles=f"{Path(console).name}                -W- (EC p  )    4:66")
    found = usb.serial_ports(tree.sysfs, tree.dev, tree.dev / "proc")
    assert found == [real, huawei[0], huawei[1], huawei[2]]


def test_the_rules_that_end_modem_managers_grip_name_each_kind_of_device_once(tree: Tree, huawei: list[str]) -> None:
    zte = tree.port(tree.device("1-1.6", "19d2:0117"), 1, "ttyUSB20")
    rules = usb.udev_rules([*huawei, zte, "/dev/pts/0"], tree.sysfs)
    assert rules == [usb.udev_rule("12d1", "1001"), usb.udev_rule("19d2", "0117")]
    assert rules[0] == (
        'SUBSYSTEMS=="usb", ATTRS{idVendor}=="12d1", ATTRS{idProduct}=="1001", ENV{ID_MM_DEVICE_IGNORE}="1"'
    )


def test_every_entry_of_the_file_is_valid() -> None:
    assert all(
        kind.match.count(":") == 1 and (kind.at or kind.at_interfaces or not kind.is_modem) for kind in usb.kinds()
    )
