"""`smsgw doctor` on the machine around the gateway: kernel, USB, service, rights; and on what waits for a person."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.cli.checks import kernel, messages, modem_manager, ports, rights, service, usb
from gateway.cli.checks.finding import Finding
from gateway.cli.checks.rights import Person
from gateway.queue import backlog, db, restored, storm, stranded
from gateway.settings import ModemSettings, Settings
from gateway.settings.models import GatewaySettings
from tests.cli.conftest import ROOT, Gateway
from tests.cli.doctor import problems

# The kernel's own words -> what is named
KERNEL: dict[str, tuple[list[str], str]] = {
    "too much current": (["usb 1-1-port2: over-current change #3"], "1-1-port2"),
    "too much current, as older kernels say": (["hub 1-1:1.0: over-current condition on port 2"], "1-1"),
    "low voltage": (["hwmon hwmon1: Undervoltage detected!"], "voltage"),
    "a dead controller": (["xhci_hcd 0000:00:14.0: xHCI host controller not responding, assume dead"], "0000:00:14.0"),
    "a controller that died": (["xhci_hcd 0000:00:14.0: HC died; cleaning up"], "0000:00:14.0"),
    "disturbed transmission": (["usb 1-1.2: device descriptor read/64, error -71"], "1-1.2"),
    "not taken up": (["usb usb1-port2: unable to enumerate USB device"], "usb1-port2"),
    "gone again and again": (["usb 1-1.4: USB disconnect, device number 7"] * 3, "1-1.4"),
    "a dying disk": (["blk_update_request: I/O error, dev sda, sector 12345 op 0x0:(READ)"], "sda"),
    "a damaged file system": (["EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2"], "sda1"),
    "no memory": (["Out of memory: Killed process 812 (chromium) total-vm:1kB"], "chromium"),
}


@pytest.mark.parametrize(("lines", "place"), KERNEL.values(), ids=KERNEL)
def test_trouble_in_the_kernel_log_is_named_with_its_place_and_what_to_do(lines: list[str], place: str) -> None:
    (found,) = kernel.troubles([*lines, "usb 1-1: new high-speed USB device number 9 using xhci_hcd"])
    assert not found.ok
    assert place in found.finding.lower() or place in found.finding
    assert found.remedy


QUIET = [
    "usb 1-1.4: USB disconnect, device number 7",
    "usb 1-1.4: new high-speed USB device number 8 using xhci_hcd",
    "usb 1-1.4: GSM modem (1-port) converter now attached to ttyUSB0",
    "EXT4-fs (sda1): mounted filesystem with ordered data mode",
    "xhci_hcd 0000:00:14.0: xHCI Host Controller",
    "blk_update_request: I/O error, dev loop0, sector 8 op 0x1:(WRITE)",
]


def test_what_is_ordinary_is_no_trouble() -> None:
    assert list(kernel.troubles(QUIET)) == []


def test_the_same_trouble_is_counted_by_place() -> None:
    lines = ["usb 1-1.2: device descriptor read/64, error -71"] * 4 + ["usb 1-3: device descriptor read/8, error -110"]
    first, second = kernel.troubles(lines)
    assert "1-1.2: disturbed transmission (4×)" in first.finding
    assert "1-3: disturbed transmission (1×)" in second.finding


def test_of_the_kernels_records_only_those_of_the_last_day_count() -> None:
    records = ["6,1,1000000,-;old", "4,2,90000000000,-;new\n SUBSYSTEM=usb", "broken", "6,3,x,-;odd"]
    assert list(kernel.recent(records, now_s=90_001.0)) == ["new"]


def test_a_kernel_log_that_this_user_may_not_read_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "KMSG", Path("/none"))
    monkeypatch.setattr(kernel, "JOURNAL", ("/none",))
    for uid, is_sudo in ((1000, True), (0, False)):
        monkeypatch.setattr("os.geteuid", lambda uid=uid: uid)
        (found,) = kernel.check()
        assert (found.ok, "sudo" in found.finding) == (True, is_sudo)


# USB


def stick(sysfs: Path, name: str, vendor: str, *kinds: str, power: str = "on") -> None:
    device = sysfs / "devices" / "usb1" / name
    (device / "power").mkdir(parents=True)
    (device / "idVendor").write_text(f"{vendor}\n")
    (device / "idProduct").write_text("1446\n")
    (device / "power" / "control").write_text(f"{power}\n")
    for number, kind in enumerate(kinds):
        interface = device / f"{name}:1.{number}"
        interface.mkdir()
        (interface / "bInterfaceClass").write_text(f"{kind}\n")
        (interface / "bInterfaceNumber").write_text(f"0{number}\n")
        if kind == "ff":
            tty = interface / "ttyUSB0" / "tty" / "ttyUSB0"
            tty.mkdir(parents=True)
            (sysfs / "class" / "tty").mkdir(parents=True, exist_ok=True)
            (sysfs / "class" / "tty" / "ttyUSB0").symlink_to(tty)
    listed = sysfs / "bus" / "usb" / "devices"
    listed.mkdir(parents=True, exist_ok=True)
    (listed / name).symlink_to(device)


def test_a_stick_that_shows_itself_as_a_disk_is_told_from_a_modem_and_from_a_disk(tmp_path: Path) -> None:
    stick(tmp_path, "1-1", "12d1", "08")
    stick(tmp_path, "1-2", "12d1", "ff", "08")
    stick(tmp_path, "1-3", "0781", "08")
    (ill,) = usb.check([], tmp_path)
    assert "12d1:1446 at USB 1-1 " in ill.finding
    assert "usb-modeswitch" in ill.remedy


@pytest.mark.parametrize(("power", "is_well"), [("on", True), ("auto", False)])
def test_a_modem_that_may_fall_asleep_is_a_problem(tmp_path: Path, power: str, is_well: bool) -> None:
    stick(tmp_path, "1-1", "12d1", "ff", power=power)
    assert (problems(usb.check(["/dev/ttyUSB0"], tmp_path)) == []) is is_well


def test_the_makers_are_those_of_the_udev_rule() -> None:
    rules = (ROOT / "config" / "70-smsgw.rules").read_text()
    named = {
        vendor
        for line in re.findall(r'^ATTR\{idVendor\}=="([^"]+)", ENV', rules, re.MULTILINE)
        for vendor in line.split("|")
    }
    assert named == usb.MAKERS


def test_the_rule_that_ends_modem_managers_grip_is_in_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "17").mkdir()
    (tmp_path / "17" / "comm").write_text("ModemManager\n")
    (ill,) = modem_manager.check(tmp_path, (), ['SUBSYSTEMS=="usb", ATTRS{idVendor}=="12d1"'])
    assert 'ATTRS{idVendor}=="12d1"' in ill.remedy
    (ill,) = modem_manager.check(tmp_path, ())
    assert "init --system" in ill.remedy


HOLDER = """
import fcntl, sys, time
with open(sys.argv[1]) as port:
    fcntl.flock(port, fcntl.LOCK_EX)
    print(flush=True)
    time.sleep(60)
"""


def test_a_port_that_another_program_has_is_a_problem_that_names_it(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    given = ModemSettings.model_validate({"name": "sim-1", "port": str(port)})
    gateway = Settings(path=Path("x"), gateway=GatewaySettings(timezone="UTC"), modems=(given,))
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(port)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        (ill,) = ports.check(gateway)
        other.kill()
    (well,) = ports.check(gateway)
    assert (ill.ok, f"({other.pid})" in ill.finding, well.ok) == (False, True, True)


# The service

UNIT = {"LoadState": "loaded", "ActiveState": "active", "Result": "success", "NRestarts": "0",
        "UnitFileState": "enabled", "NeedDaemonReload": "no"}  # fmt: skip
SERVICES: dict[str, tuple[dict[str, str], str | None]] = {  # what differs -> a word of the problem, if it is one
    "it runs": ({}, None),
    "not installed": ({"LoadState": "not-found"}, None),
    "it hung": ({"ActiveState": "failed", "Result": "watchdog"}, "hung"),
    "a wrong configuration": ({"ActiveState": "failed", "Result": "exit-code"}, "configuration"),
    "something else": ({"ActiveState": "failed", "Result": "resources"}, "failed"),
    "not started with the machine": ({"UnitFileState": "disabled"}, "does not start"),
    "started again": ({"NRestarts": "7"}, "7 times"),
    "an old unit in memory": ({"NeedDaemonReload": "yes"}, "not read anew"),
}


@pytest.mark.parametrize(("facts", "word"), SERVICES.values(), ids=SERVICES)
def test_the_services_state_becomes_findings(facts: dict[str, str], word: str | None) -> None:
    ill = problems(service.judged({**UNIT, **facts}))
    assert [word in finding.finding for finding in ill if word] == ([True] if word else [])
    assert len(ill) == (1 if word else 0)
    assert all(finding.remedy for finding in ill)


# Rights

ANNA = Person("smsgw", 4711, (4712,))


def test_what_the_services_user_may_not_use_is_named(tmp_path: Path) -> None:
    config, database = tmp_path / "gateway.toml", tmp_path / "gateway.db"
    config.touch(0o600)
    db.create_or_upgrade(database)
    tmp_path.chmod(0o700)
    found = list(
        rights.lacking(ANNA, Settings(path=config, gateway=GatewaySettings(timezone="UTC", database=database)))
    )
    assert {finding.remedy.split()[-1] for finding in found} == {str(tmp_path), str(database), str(config)}


@pytest.mark.parametrize(
    ("mode", "person", "wanted", "may"),
    [
        (0o640, Person("a", os.getuid(), ()), 6, True),
        (0o440, Person("a", os.getuid(), ()), 6, False),
        (0o640, Person("a", 4711, (os.getgid(),)), 4, True),
        (0o640, Person("a", 4711, (os.getgid(),)), 6, False),
        (0o600, Person("a", 4711, (4712,)), 4, False),
        (0o604, Person("a", 4711, (4712,)), 4, True),
        (0o604, Person("a", 4711, (os.getgid(),)), 4, False),
    ],
)
def test_rights_are_those_of_the_first_that_fits(
    tmp_path: Path, mode: int, person: Person, wanted: int, may: bool
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(mode)
    assert rights.may(person, tmp_path / "file", wanted) is may


# What waits


def found_in(gateway: Gateway, now: datetime) -> list[Finding]:
    settings = Settings(path=gateway.config, gateway=GatewaySettings(timezone="UTC", database=gateway.database))
    connection = db.open_database(gateway.database)
    try:
        return list(messages.check(connection, settings, now))
    finally:
        connection.close()


def test_an_outbox_in_which_nothing_waits_is_well(gateway: Gateway, now: datetime) -> None:
    assert [finding.ok for finding in found_in(gateway, now)] == [True]


def test_held_messages_are_told_by_their_reason(gateway: Gateway, now: datetime) -> None:
    gateway.insert()
    connection = db.open_database(gateway.database)
    restored.put_right(connection, now + timedelta(seconds=5), now)
    connection.close()
    (ill,) = found_in(gateway, now)
    assert (ill.ok, "1 message is held. The database was restored" in ill.finding) == (False, True)
    assert "outbox release" in ill.remedy


def test_a_message_that_waits_for_hours_is_a_problem(gateway: Gateway, now: datetime) -> None:
    gateway.insert()
    (ill,) = found_in(gateway, now + timedelta(hours=2))
    assert (ill.ok, "120 minutes" in ill.finding or "119 minutes" in ill.finding) == (False, True)


@pytest.mark.parametrize("code", [backlog.CODE, restored.CODE, storm.SAME_TEXT, storm.SAME_NUMBER, stranded.CODE])
def test_every_reason_for_which_messages_are_held_is_told_in_words(gateway: Gateway, now: datetime, code: str) -> None:
    gateway.insert()
    gateway.execute(f"UPDATE outbox SET state = 'held', error_code = '{code}'")
    (ill,) = found_in(gateway, now)
    assert f"held. {code}" not in ill.finding
