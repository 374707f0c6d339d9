"""`smsgw doctor` as a whole: each matter that it knows of is looked at, on a machine on which just that is amiss."""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.checks import kernel, modem_manager, rights, service, usb
from tests.cli.conftest import Gateway

Amiss = Callable[[Gateway, Path, pytest.MonkeyPatch], None]


def too_much_current(_gateway: Gateway, folder: Path, machine: pytest.MonkeyPatch) -> None:
    now_us = int(time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6)
    (folder / "kmsg").write_text(f"4,1,{now_us},-;usb 1-1.2: over-current condition")
    machine.setattr(kernel, "KMSG", folder / "kmsg")


def a_stick_that_is_a_disk(_gateway: Gateway, folder: Path, machine: pytest.MonkeyPatch) -> None:
    device = folder / "bus" / "usb" / "devices" / "1-1"
    (device / "1-1:1.0").mkdir(parents=True)
    for name, word in {"idVendor": "12d1", "idProduct": "1446", "1-1:1.0/bInterfaceClass": usb.STORAGE}.items():
        (device / name).write_text(word)
    machine.setattr("gateway.modem.usb.SYSFS", folder)


def modem_manager_runs(_gateway: Gateway, folder: Path, machine: pytest.MonkeyPatch) -> None:
    (folder / "17").mkdir()
    (folder / "17" / "comm").write_text("ModemManager\n")
    machine.setattr(modem_manager.check, "__defaults__", (folder, (folder,), ()))


def the_service_has_failed(_gateway: Gateway, folder: Path, machine: pytest.MonkeyPatch) -> None:
    machine.setattr(service, "BOOTED", folder)
    machine.setattr(service, "ASK", ("printf", "LoadState=loaded\nActiveState=failed\nResult=watchdog\n"))


def the_services_user_is_shut_out(gateway: Gateway, _folder: Path, machine: pytest.MonkeyPatch) -> None:
    gateway.database.chmod(0o600)
    other = next(each for each in pwd.getpwall() if each.pw_uid not in (0, os.geteuid()))
    machine.setattr(rights, "USER", other.pw_name)
    machine.setattr(os, "geteuid", lambda: 0)


def a_message_is_held(gateway: Gateway, _folder: Path, _machine: pytest.MonkeyPatch) -> None:
    gateway.insert()
    gateway.execute("UPDATE outbox SET state = 'held', error_code = 'storm_number', error_text = 'Too many.'")


def the_database_is_open_to_all(gateway: Gateway, _folder: Path, _machine: pytest.MonkeyPatch) -> None:
    gateway.database.chmod(0o666)


def another_programs_trigger_is_broken(gateway: Gateway, _folder: Path, _machine: pytest.MonkeyPatch) -> None:
    gateway.execute("CREATE TRIGGER mis_log AFTER UPDATE OF state ON outbox BEGIN INSERT INTO gone VALUES (1); END")


# What is amiss -> the finding that tells it, and a word of it.
CASES: dict[str, tuple[Amiss, str, str]] = {
    "power": (too_much_current, "kernel log", "too much current"),
    "a disk": (a_stick_that_is_a_disk, "usb", "as a disk"),
    "ModemManager": (modem_manager_runs, "ModemManager", "may take the modems' ports"),
    "the service": (the_service_has_failed, "service", "It hung"),
    "rights": (the_services_user_is_shut_out, "permissions", "The service's user"),
    "messages": (a_message_is_held, "messages", "1 message is held"),
    "the database": (the_database_is_open_to_all, "permissions", "gateway.db"),
    "a trigger": (another_programs_trigger_is_broken, "database", "no such table: main.gone"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_amiss_is_found_with_its_remedy(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    happens, check, word = CASES[case]
    (tmp_path / "machine").mkdir()
    happens(gateway, tmp_path / "machine", monkeypatch)
    result = gateway.run("doctor", "--json")
    assert result.exit_code == 1
    told = [each for each in gateway.json("doctor") if not each["ok"] and each["check"] == check]
    assert [each for each in told if word in each["finding"]], told
    assert all(each["remedy"] for each in told)


def test_beside_a_daemon_its_word_of_the_modems_counts(running: Gateway) -> None:
    running.execute("UPDATE carriers SET state = 'searching', detail = 'The network denies the SIM.'")
    (found,) = [each for each in running.json("doctor") if each["check"] == "modem"]
    assert (found["ok"], "denies" in found["finding"], bool(found["remedy"])) == (False, True, True)
