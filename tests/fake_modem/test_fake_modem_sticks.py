"""Sticks of the fake bank: several ports, a fake sysfs, another name after each plug, hangs that one remedy mends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_modem import Bank
from tests.fake_modem.process import BankProcess
from tests.fake_modem.scripts import HI, OK, TO, UNREPORTED, ready
from tests.fake_modem.terminal import Terminal

STICKS = ("huawei_stick", "zte_stick", "quectel_stick", "acm_stick")


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bank]:
    with Bank(4, personality=STICKS, folder=tmp_path / "dev", sysfs=tmp_path / "sys") as bank:
        yield bank


def device_of(bus: Bank, port: str) -> Path:
    """From a port to its USB device, as a program finds it in sysfs."""
    assert bus.sysfs is not None
    interface = (bus.sysfs / "class/tty" / Path(port).name / "device").resolve()
    while not (interface / "idVendor").exists():
        interface = interface.parent
    return interface


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text().strip()


def test_each_port_of_a_stick_does_its_own_thing(bus: Bank) -> None:
    huawei, zte, quectel, acm = (modem.ports for modem in bus.modems)
    assert [Path(port).name for port in huawei.values()] == ["ttyUSB2", "ttyUSB0", "ttyUSB1"]
    assert [Path(port).name for port in acm.values()] == ["ttyACM0", "ttyACM1"]
    with Terminal(huawei["at"]) as line:
        assert line.ask("ATE0") == "ATE0\r" + OK
        assert line.send(HI).endswith(OK)
    with Terminal(huawei["data"]) as line:
        assert bus.modems[0].imei in line.ask("AT+CGSN")
        assert line.ask("AT+CMGS=15").endswith("\r\nERROR\r\n")
    with Terminal(zte["silent"]) as line:
        line.type(b"AT\r")
        assert line.silence(0.05) == ""
    with Terminal(quectel["nmea"]) as line:
        assert "$GPGGA" in line.silence(1.2)
    with Terminal(huawei["diag"]) as line:
        assert "\x7e" in line.silence(0.7)


def test_a_twin_port_answers_on_itself_and_says_nothing_unasked(bus: Bank) -> None:
    modem = bus.modems[2]
    with Terminal(modem.ports["at"]) as main, Terminal(modem.ports["twin"]) as twin:
        main.ask("ATE0")
        main.ask("AT+CNMI=2,1,0,1,0")
        assert twin.ask("ATE0") == "ATE0\r" + OK
        assert twin.send(HI) == "\r\n+CMGS: 0\r\n" + OK
        assert main.until("+CDS: 25\r\n") == "\r\n+CDS: 25\r\n"
        assert twin.silence(0.05) == ""


def test_sysfs_tells_which_ports_are_one_stick(bus: Bank) -> None:
    devices = {modem.name: {device_of(bus, port) for port in modem.ports.values()} for modem in bus.modems}
    assert [len(found) for found in devices.values()] == [1, 1, 1, 1]
    assert [device.name for found in devices.values() for device in found] == ["1-1.1", "1-1.2", "1-1.3", "1-1.4"]
    (huawei,), (zte,) = devices["modem-1"], devices["modem-2"]
    assert (read(huawei, "idVendor"), read(huawei, "idProduct"), (huawei / "serial").exists()) == (
        "12d1",
        "1001",
        False,
    )
    assert read(zte, "serial") == "MF1900ZTED010000"
    at = bus.sysfs / "class/tty" / Path(bus.modems[0].port).name / "device"  # type: ignore[operator]
    assert read(at.resolve().parent, "bInterfaceNumber") == "02"
    by_path = os.path.realpath(bus.folder / "serial/by-path/pci-0000:00:14.0-usb-0:1.1:1.2-port0")
    assert by_path == os.path.realpath(bus.modems[0].port)


def test_a_stick_takes_the_lowest_free_names_wherever_it_is_plugged(bus: Bank) -> None:
    first, second = bus.modems[:2]
    devnum = read(device_of(bus, first.port), "devnum")
    first.unplug()
    assert not os.path.lexists(first.port)
    second.plug(socket=9)
    assert Path(second.port).name == "ttyUSB2"  # its third interface: ttyUSB0 on were free
    first.plug("ttyUSB20")
    assert Path(first.port).name == "ttyUSB22"
    assert (device_of(bus, second.port).name, device_of(bus, first.port).name) == ("1-1.9", "1-1.1")
    assert read(device_of(bus, first.port), "devnum") != devnum
    with Terminal(first.port) as line:
        assert line.ask("AT").endswith(OK)


def test_no_two_sticks_ever_have_one_name(bus: Bank) -> None:
    first, second = bus.modems[:2]
    for modem in (first, second):
        modem.unplug()
    second.plug(socket=9)
    first.plug()  # the names that it had are the second one's by now
    names = [Path(port).name for modem in (first, second) for port in modem.ports.values()]
    assert sorted(names) == [f"ttyUSB{number}" for number in (0, 1, 2, 3, 4, 5, 6)]
    with Terminal(second.port) as line:
        assert second.imei in line.ask("AT+CGSN")


def test_two_sticks_change_places(bus: Bank) -> None:
    first, second = bus.modems[:2]
    for modem in (first, second):
        modem.unplug()
    first.plug(socket=2)
    second.plug(socket=1)
    assert [device_of(bus, modem.port).name for modem in (first, second)] == ["1-1.2", "1-1.1"]
    with Terminal(first.port) as line:
        assert first.imei in line.ask("AT+CGSN")


@pytest.mark.parametrize(("file", "off", "on"), [("authorized", "0", "1"), ("port/disable", "1", "0")])
def test_writing_to_sysfs_unplugs_and_plugs(bus: Bank, file: str, off: str, on: str) -> None:
    modem = bus.modems[1]
    modem.hang_until("replug")
    switch = (device_of(bus, modem.port) / file).resolve()
    port = modem.port
    switch.write_text(off)
    assert bus.wait_for(lambda: not os.path.lexists(port))
    switch.write_text(on)
    assert bus.wait_for(lambda: os.path.lexists(port))
    with Terminal(modem.port) as line:
        assert line.ask("AT").endswith(OK)


def test_a_reset_may_turn_a_stick_into_a_disk_until_it_is_plugged_anew(bus: Bank) -> None:
    modem = bus.modems[0]
    device = device_of(bus, modem.port)
    modem.reset_as("storage")
    with Terminal(modem.port) as line:
        assert line.ask("AT+CFUN=1,1").endswith(OK)
        assert bus.wait_for(lambda: not os.path.lexists(modem.port))
    assert bus.wait_for(lambda: (device / "1-1.1:1.0/bInterfaceClass").exists())
    assert (read(device, "idProduct"), read(device / "1-1.1:1.0", "bInterfaceClass")) == ("1446", "08")
    (device / "authorized").write_text("0")
    assert bus.wait_for(lambda: read(device, "authorized") == "0" and not (device / "1-1.1:1.0").exists())
    (device / "authorized").write_text("1")
    assert bus.wait_for(lambda: os.path.lexists(modem.port))


@pytest.mark.parametrize("kind", ["stays", "leaves", "renamed"])
def test_a_restart_by_command_forgets_all_and_comes_back(bank: Bank, kind: str) -> None:
    modem = bank.modems[0]
    modem.reset_as(kind)
    before = os.path.realpath(modem.port), modem.port
    with ready(bank) as line:
        assert line.ask("AT+CFUN=1,1") == OK
        bank.wait_for(lambda: os.path.realpath(modem.port) != before[0] or kind == "stays")
    assert bank.wait_for(lambda: os.path.lexists(modem.port))
    assert ((os.path.realpath(modem.port) == before[0]), modem.port == before[1]) == (
        kind == "stays",
        kind != "renamed",
    )
    with Terminal(modem.port) as line:
        assert line.ask("AT+CNMI?").endswith("+CNMI: 0,0,0,0,0\r\n" + OK)


def test_a_restart_may_be_ignored_or_hang_it(bank: Bank) -> None:
    modem = bank.modems[0]
    modem.reset_as("ignores")
    with ready(bank) as line:
        line.ask("AT+CFUN=1,1")
        assert "2,1,0,1,0" in line.ask("AT+CNMI?")
        modem.reset_as("hangs")
        line.ask("AT+CFUN=1,1")
        line.type(b"AT\r")
        assert line.silence(0.05) == ""
    modem.plug()
    with Terminal(modem.port) as line:
        assert line.ask("AT").endswith(OK)


def test_the_radio_is_switched_off_and_finds_its_network_again(bank: Bank) -> None:
    bank.modems[0].search(0.1)
    with ready(bank) as line:
        line.ask("AT+CREG=1")
        assert line.ask("AT+CFUN=4") == OK
        assert line.until("+CREG: 0\r\n")
        assert line.ask("AT+CFUN?") == "\r\n+CFUN: 4\r\n" + OK
        assert line.send(HI) == "\r\n+CMS ERROR: 331\r\n"
        line.ask("AT+CFUN=1")
        assert line.until("+CREG: 2\r\n")
        assert line.until("+CREG: 1\r\n")
        assert line.send(UNREPORTED).endswith(OK)
        assert line.ask("AT+CFUN=9") == "\r\n+CME ERROR: 50\r\n"


def is_well(bank: Bank) -> bool:
    """Whether it answers and sends, to one who has just opened its port."""
    with Terminal(bank.modems[0].port) as line:
        line.type(b"\rATE0\r")
        if OK not in line.silence(0.1):
            return False
        return line.send(UNREPORTED).endswith(OK)


REMEDIES = ["escape", "radio", "reset", "replug", "power"]


@pytest.mark.parametrize("until", REMEDIES)
@pytest.mark.parametrize("is_silent", [True, False])
def test_a_hang_ends_by_its_remedy_and_by_no_milder_one(bank: Bank, until: str, is_silent: bool) -> None:
    modem = bank.modems[0]
    modem.hang_until(until, is_silent=is_silent)
    if until == "escape":
        with Terminal(modem.port) as line:
            line.type(b"AT\r")
            assert line.silence(0.05) == ""
            line.type(b"\x1b")
            assert line.until(OK)
        assert is_well(bank)
        return
    assert not is_well(bank)
    with Terminal(modem.port) as line:
        for remedy in (b"AT+CFUN=4\rAT+CFUN=1\r", b"AT+CFUN=1,1\r")[: REMEDIES.index(until)]:
            line.type(remedy)
            line.silence(0.05)
    if until in ("replug", "power"):
        assert not is_well(bank)
        modem.plug()
    assert is_well(bank)


def test_a_hang_of_the_connection_ends_when_the_port_is_opened_anew(bank: Bank) -> None:
    with Terminal(bank.modems[0].port) as line:
        bank.modems[0].hang_until("reopen")
        line.type(b"AT\r")
        assert line.silence(0.05) == ""
        with Terminal(bank.modems[0].port):
            assert line.ask("AT").endswith(OK)


def test_an_unknown_remedy_or_restart_is_refused_with_the_known_ones(bank: Bank) -> None:
    with pytest.raises(ValueError, match="replug"):
        bank.modems[0].hang_until("prayer")
    with pytest.raises(ValueError, match="storage"):
        bank.modems[0].reset_as("rocket")


def test_a_restart_that_nobody_saw_brings_text_mode_and_echo(bank: Bank) -> None:
    with ready(bank) as line:
        bank.modems[0].forget_settings()
        assert line.ask("AT+CMGF?") == "AT+CMGF?\r\r\n+CMGF: 1\r\n" + OK


def test_a_sim_moves_to_another_stick_with_its_reports_and_references(bank: Bank) -> None:
    bank.on_submit(TO, "delivered", reports=((0.1, 0),))
    with ready(bank) as line:
        line.send(HI)
    sim = bank.modems[0].sim
    bank.modems[1].insert(sim)
    with Terminal(bank.modems[0].port) as line:
        assert "SIM not inserted" in line.ask("AT+CMEE=2") + line.ask("AT+CPIN?")
    with ready(bank, 1) as line:
        assert sim.iccid in line.ask("AT+CCID")
        assert line.until("+CDS: 25\r\n")
        assert "+CMGS: 1" in line.send(UNREPORTED)


def test_a_running_bank_takes_up_another_modem(bus: Bank) -> None:
    twin = bus.add("huawei_stick", imei=bus.modems[0].imei)
    assert Path(twin.port).name == "ttyUSB13"
    with Terminal(twin.port) as line:
        assert bus.modems[0].imei in line.ask("AT+CGSN")
    later = bus.add(is_plugged=False)
    assert not os.path.lexists(later.port)
    later.plug()
    assert Path(later.port).name == "ttyUSB14"


def test_a_bank_of_its_own_process_may_be_sticks_on_a_bus(tmp_path: Path) -> None:
    with BankProcess(2, options=("--sysfs", str(tmp_path / "sys"))) as bank:
        tty = tmp_path / "sys/class/tty"
        assert [(tty / Path(port).name).exists() for port in bank.ports] == [True, True]
        bank.order("unplug", modem=1)
        assert [(tty / Path(port).name).exists() for port in bank.ports] == [False, True]
