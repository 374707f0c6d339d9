"""Sticks that leave and come back while the real daemon runs, over a fake USB bus and a fake /dev."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.installation import Installation
from tests.fake_modem.bank import Bank
from tests.fake_modem.handle import Handle

TO = "+79000000001"
LONG = "Ждём вас завтра в 10:00, кабинет 12, второй этаж. " * 4
BACK_S = 5.0


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    sticks = ("acm_stick", "huawei_stick")
    with Bank(2, personality=sticks, folder=tmp_path / "dev", sysfs=tmp_path / "sys", radio_s=0.05) as bank:
        yield bank


@pytest.fixture
def clinic(bank: Bank, tmp_path: Path) -> Iterator[Installation]:
    """Its daemon runs, and no modem is configured."""
    made = Installation(tmp_path)
    made.configure([])
    assert made.smsgw("init", "--no-search").returncode == 0
    try:
        yield made
    finally:
        made.stop()


def start(clinic: Installation, bank: Bank, modems_ready: int) -> None:
    clinic.start(modems_ready=modems_ready, environment={"SMSGW_DEV": str(bank.folder), "SMSGW_SYSFS": str(bank.sysfs)})


def name_of(clinic: Installation, modem: Handle) -> str:
    (row,) = clinic.rows("SELECT name FROM carriers WHERE iccid = ?", modem.sim.iccid)
    return str(row["name"])


def sent_today(clinic: Installation, name: str) -> int:
    (row,) = clinic.rows("SELECT sent_today FROM carriers WHERE name = ?", name)
    return int(row["sent_today"])


def is_ready(clinic: Installation, name: str) -> bool:
    return bool(clinic.rows("SELECT 1 FROM carriers WHERE name = ? AND state = 'ready'", name))


def test_a_stick_that_comes_back_as_another_tty_sends_again_within_five_seconds(
    clinic: Installation, bank: Bank
) -> None:
    """Under its name and with its history, though it is in another socket, and has several ports."""
    stick = bank.modems[1]
    start(clinic, bank, 2)
    name = name_of(clinic, stick)
    clinic.wait_for_state(clinic.insert(TO, "Первое", sender=name), "delivered")
    stick.unplug()
    clinic.wait_for(lambda: not is_ready(clinic, name), "the stick is missed")
    message = clinic.insert(TO, "Второе", sender=name)
    stick.plug("ttyUSB9", socket=5)
    appeared_at = time.monotonic()
    clinic.wait_for_state(message, "delivered")
    assert time.monotonic() - appeared_at < BACK_S
    clinic.wait_for(lambda: sent_today(clinic, name) == 2, "both are counted")
    told = clinic.rows("SELECT detail FROM events WHERE carrier = ? AND event = 'port'", name)
    assert len(told) == 1


def test_a_long_message_goes_on_where_it_was_when_its_stick_comes_back(clinic: Installation, bank: Bank) -> None:
    stick, other = bank.modems
    start(clinic, bank, 2)
    name = name_of(clinic, stick)
    message = clinic.insert(TO, LONG, sender=name)
    clinic.wait_for(lambda: len(bank.submitted) >= 1, "the first part is out")
    stick.unplug()
    clinic.wait_for(lambda: not is_ready(clinic, name), "the stick is missed")
    stick.plug("ttyACM7", socket=6)
    if clinic.wait_for_state(message, "delivered", "uncertain")["state"] == "delivered":
        assert bank.phones[TO] == [LONG]
    assert not [each for each in other.commands if each.startswith("AT+CMGS=") and each != "AT+CMGS=?"]


def test_a_sim_in_another_stick_brings_its_open_reports_and_its_limits_along(clinic: Installation, bank: Bank) -> None:
    """The report comes when the SIM is in the other device; what it has sent today still counts."""
    stick, other = bank.modems
    other.unplug()
    start(clinic, bank, 1)
    name = name_of(clinic, stick)
    bank.on_submit(TO, "delivered", reports=((5.0, 0x00),))
    message = clinic.insert(TO, "Ждём вас завтра", sender=name)
    clinic.wait_for_state(message, "sent")
    sim = stick.sim
    stick.unplug()
    clinic.wait_for(lambda: not is_ready(clinic, name), "the stick is missed")
    other.insert(sim)
    other.plug()
    clinic.wait_for(lambda: is_ready(clinic, name), "the SIM is back")
    assert clinic.row(message)["state"] == "sent"
    clinic.wait_for_state(message, "delivered")
    (row,) = [each for each in clinic.json("modems") if each["name"] == name]
    assert (row["imei"], row["iccid"], row["sent_today"]) == (other.imei, sim.iccid, 1)
    assert len(clinic.rows("SELECT 1 FROM events WHERE carrier = ? AND event = 'device'", name)) == 1


def test_a_sim_that_has_had_its_day_sends_nothing_more_from_another_stick(clinic: Installation, bank: Bank) -> None:
    stick, other = bank.modems
    other.unplug()
    clinic.configure([{"name": "sim-1", "iccid": stick.sim.iccid, "max_per_day": 2}])
    start(clinic, bank, 1)
    for number in range(2):
        clinic.wait_for_state(clinic.insert(f"+7900000000{number}", "Ждём вас"), "delivered")
    sim = stick.sim
    stick.unplug()
    clinic.wait_for(lambda: not is_ready(clinic, "sim-1"), "the stick is missed")
    waits = clinic.insert("+79000000005", "Ждём вас")
    other.insert(sim)
    other.plug()
    clinic.wait_for(lambda: is_ready(clinic, "sim-1"), "the SIM is back")
    (row,) = [each for each in clinic.json("modems") if each["name"] == "sim-1"]
    assert (row["imei"], row["sent_today"], row["limit_today"]) == (other.imei, 2, 2)
    other.deliver("+79000000001", "Спасибо")  # taken in after everything that could be sent
    clinic.wait_for(lambda: clinic.rows("SELECT 1 FROM inbox"), "it serves")
    assert (clinic.row(waits)["state"], len(bank.submitted)) == ("queued", 2)
