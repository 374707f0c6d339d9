"""A modem's USB socket, switched off and on in a fake sysfs that behaves as the kernel's does."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.carrier import Accepted, Remedy
from gateway.errors import CarrierLost, Cause
from gateway.modem import replug
from gateway.modem.carrier import ModemCarrier
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.modem.live import carrier_for, sms

OFF_S = 0.3  # the bank shall see both


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    return tmp_path / "sys"


@pytest.fixture
def bank(sysfs: Path, tmp_path: Path) -> Iterator[Bank]:
    with Bank(2, folder=tmp_path / "dev", sysfs=sysfs) as bank:
        yield bank


@pytest.fixture
def stick(bank: Bank) -> Handle:
    return bank.modems[0]


def socket_of(stick: Handle, sysfs: Path) -> replug.Socket:
    found = replug.socket_of(stick.port, sysfs)
    assert found is not None
    return found


def adapter(sysfs: Path, driver: str, ports: int) -> Path:
    """A converter with so many ports, as sysfs shows it; gives its device."""
    device = sysfs / "devices/usb1/1-3"
    for number in range(ports):
        tty = device / f"1-3:1.{number}" / f"ttyUSB{number}" / "tty" / f"ttyUSB{number}"
        tty.mkdir(parents=True)
        (device / f"1-3:1.{number}" / "bInterfaceNumber").write_text(f"{number:02x}\n")
        (sysfs / "drivers" / driver).mkdir(parents=True, exist_ok=True)
        (device / f"1-3:1.{number}" / "driver").symlink_to(sysfs / "drivers" / driver)
        (sysfs / "class/tty").mkdir(parents=True, exist_ok=True)
        (sysfs / "class/tty" / f"ttyUSB{number}").symlink_to(tty)
    for name, text in (("idVendor", "0403"), ("idProduct", "6011"), ("busnum", "1"), ("devnum", "7")):
        (device / name).write_text(text + "\n")
    return device


# Where it is.


def test_a_stick_has_a_socket_and_its_hubs_port(stick: Handle, sysfs: Path) -> None:
    socket = socket_of(stick, sysfs)
    assert socket.name == "1-1.1"
    assert socket.port is not None
    assert socket.port.name == "1-1-port1"


def test_what_is_not_on_the_usb_has_none(sysfs: Path) -> None:
    with Bank(1) as bank:
        assert replug.socket_of(bank.modems[0].port, sysfs) is None
    assert replug.socket_of("/dev/no-such-port", sysfs) is None


@pytest.mark.parametrize(("ports", "is_ones_own"), [(1, True), (4, False)])
def test_a_converter_with_modems_on_several_ports_is_left_alone(sysfs: Path, ports: int, is_ones_own: bool) -> None:
    adapter(sysfs, "ftdi_sio", ports)
    assert (replug.socket_of("/dev/ttyUSB0", sysfs) is not None) is is_ones_own


# Off and on.


def test_the_power_of_its_port_is_switched_first(bank: Bank, stick: Handle, sysfs: Path) -> None:
    socket = socket_of(stick, sysfs)
    stick.hang_until("power")
    replug.replug(socket, off_s=OFF_S)
    assert bank.wait_for(lambda: stick.is_there)
    assert socket.port is not None
    assert (socket.port / "disable").read_text().strip() == "0"


def test_without_a_switch_for_the_power_its_authorisation_is_taken_and_given(
    bank: Bank, stick: Handle, sysfs: Path
) -> None:
    socket = replug.Socket(socket_of(stick, sysfs).device, None)
    stick.hang_until("replug")
    before = os.path.realpath(stick.port)
    replug.replug(socket, off_s=OFF_S)
    assert bank.wait_for(lambda: stick.is_there and os.path.realpath(stick.port) != before)
    authorized = socket.device / "authorized"
    assert bank.wait_for(lambda: authorized.exists() and authorized.read_text().strip() == "1")


def no_rights(path: Any, *_flags: Any) -> int:
    raise OSError(errno.EACCES, "Permission denied", str(path))


def test_without_the_right_it_says_which_rules_give_it(
    stick: Handle, sysfs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = socket_of(stick, sysfs)
    monkeypatch.setattr("gateway.modem.replug.os.open", no_rights)
    with pytest.raises(CarrierLost, match="smsgw init --system") as lost:
        replug.replug(socket, tmp_path, off_s=OFF_S)
    assert lost.value.cause is Cause.FAULTY


def test_a_socket_that_nothing_can_switch_needs_a_hand(sysfs: Path, tmp_path: Path) -> None:
    socket = replug.Socket(adapter(sysfs, "option", 1), None)
    with pytest.raises(CarrierLost, match="unplug the modem"):
        replug.replug(socket, tmp_path, off_s=OFF_S)


@pytest.mark.parametrize("fault", [None, errno.ENODEV])
def test_at_last_the_device_is_reset_and_one_that_comes_back_as_another_is_reset_too(
    sysfs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int | None
) -> None:
    socket = replug.Socket(adapter(sysfs, "option", 1), None)
    node = tmp_path / "bus" / "usb" / "001" / "007"
    node.parent.mkdir(parents=True)
    node.touch()
    orders = []

    def ioctl(_descriptor: int, order: int, _argument: int) -> int:
        orders.append(order)
        if fault:
            raise OSError(fault, os.strerror(fault))
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    replug.replug(socket, tmp_path, off_s=OFF_S)
    assert orders == [replug.USBDEVFS_RESET]


def test_a_stick_that_comes_back_as_a_disk_is_recognised(bank: Bank, stick: Handle, sysfs: Path) -> None:
    socket = socket_of(stick, sysfs)
    assert not replug.is_disk(socket)
    stick.reset_as("storage")
    with ModemSession(stick, sysfs) as carrier:
        with pytest.raises(CarrierLost):
            carrier.mend(Remedy.RESET)
        assert bank.wait_for(lambda: replug.is_disk(socket))
        with pytest.raises(CarrierLost, match="usb-modeswitch") as lost:
            carrier.open()
        assert lost.value.cause is Cause.ABSENT


# As a remedy.


class ModemSession:
    """A carrier on a stick of the fake bus, open."""

    def __init__(self, stick: Handle, sysfs: Path) -> None:
        self._carrier = carrier_for(stick, sysfs=sysfs)

    def __enter__(self) -> ModemCarrier:
        self._carrier.open()
        return self._carrier

    def __exit__(self, *_error: object) -> None:
        self._carrier.close()


def test_a_stick_that_only_its_power_mends_is_back_in_service(
    bank: Bank, stick: Handle, sysfs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replug.replug, "__defaults__", (replug.DEV, OFF_S))
    with ModemSession(stick, sysfs) as carrier:
        assert Remedy.REPLUG in carrier.remedies
        stick.hang_until("power")
        with pytest.raises(CarrierLost) as lost:
            carrier.mend(Remedy.REPLUG)
        assert lost.value.cause is Cause.PLANNED
        assert bank.wait_for(lambda: stick.is_there)
        carrier.open()
        assert isinstance(carrier.submit(sms()), Accepted)


def test_its_neighbour_is_left_alone(bank: Bank, stick: Handle, sysfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replug.replug, "__defaults__", (replug.DEV, OFF_S))
    with ModemSession(bank.modems[1], sysfs) as neighbour:
        with ModemSession(stick, sysfs) as carrier, pytest.raises(CarrierLost):
            carrier.mend(Remedy.REPLUG)
        assert isinstance(neighbour.submit(sms()), Accepted)


def test_a_stick_without_a_socket_is_not_offered_it() -> None:
    with Bank(1) as bank:
        carrier = carrier_for(bank.modems[0])
        carrier.open()
        assert Remedy.REPLUG not in carrier.remedies
        with pytest.raises(CarrierLost, match="treated"):
            carrier.mend(Remedy.REPLUG)
