"""Crashes, resets, ports that move: nothing lost, nothing doubled, and no cure that is worse than the illness.

Pains 3 and 4 (doubles after a crash), 8 (resets that make it worse), 9 (ports renumbered) and 17 (reports lost while
the daemon was away).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.fleet import Fleet, assembled
from tests.fake_modem import network_codec, rules
from tests.fake_modem.radio import Submitted

PATIENT, ANOTHER = "+79000000001", "+79000000002"
SEVERAL_TRIES_S = 90.0  # a message that met two modems without a network waits 5 s, then 15 s, then 30 s
RESETS = ("+CFUN=1,1", "+CFUN=4", "+CFUN=0", "ATZ0", "^RESET", "+CRESET")


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another program has the database for itself."""
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def resets_sent(fleet: Fleet, *names: str) -> list[str]:
    """Commands that restart a device or its radio; to those modems, or to all."""
    commands = [command for name in names or fleet.modems for command in fleet.modems[name].commands]
    return [command for command in commands if any(reset in command for reset in RESETS)]


def test_a_crash_between_the_networks_yes_and_the_database_doubles_nothing(tmp_path: Path) -> None:
    """Pain 3: the SMS is out, its outcome can't be written, and then the daemon dies."""
    with assembled(tmp_path, ["sim-1"], bank={"radio_s": 0.3}) as fleet:
        clinic, bank = fleet.clinic, fleet.bank
        fleet.modems["sim-1"].patience(0.3, 0.3)
        clinic.start(modems_ready=1)
        message = clinic.insert(PATIENT, "Hello")
        clinic.wait_for(lambda: fleet.modems["sim-1"].commands[-1].startswith("AT+CMGS"), "the SMS in the air")
        with locked(clinic.database):
            clinic.wait_for(lambda: bank.submitted, "the network has it")
            clinic.kill()
        assert clinic.row(message)["state"] == "sending"
        clinic.start(modems_ready=1)
        row = clinic.wait_for_state(message, "delivered", "failed")
        assert (row["state"], row["attempts"]) == ("delivered", 1)
        assert "uncertain" in fleet.states_of(message)
        assert bank.phones[PATIENT] == ["Hello"]


def report_on(submitted: Submitted) -> bytes:
    """The network's report that it was delivered, just now."""
    recipient = network_codec.report_address(submitted.decoded.recipient, "as_submitted")
    stamp = network_codec.time_stamp(datetime.now(UTC))
    return network_codec.status_report(submitted.tp_mr, recipient, stamp, stamp, rules.DELIVERED)


def test_reports_that_come_while_no_daemon_runs_are_taken_in_by_the_next_one(tmp_path: Path) -> None:
    """Pain 17: one modem stores them, for the other one the network keeps them."""
    with assembled(tmp_path, ["routing", "storing"], bank={"personality": ["default", "sr_store"]}) as fleet:
        clinic, bank = fleet.clinic, fleet.bank
        bank.on_submit(None, "none")
        clinic.start(modems_ready=2)
        messages = [fleet.send(name, PATIENT, f"{name} {n}") for n in range(3) for name in fleet.modems]
        for message in messages:
            clinic.wait_for_state(message, "sent")
        clinic.kill()
        by_name = {modem.name: modem for modem in fleet.modems.values()}
        for submitted in bank.submitted:
            by_name[submitted.modem].patience(0.3, 0.3)
            by_name[submitted.modem].bring(report_on(submitted), is_report=True)
        clinic.wait_for(lambda: len(fleet.modems["storing"].stored("SR")) == 3, "reports that nobody reads")
        clinic.wait_for(lambda: fleet.modems["routing"].kept_back == 3, "reports that the network keeps")
        clinic.start(modems_ready=2)
        clinic.wait_for(lambda: clinic.states() == {"delivered": 6}, "all delivered")
        assert len(bank.submitted) == 6


def test_modems_that_come_late_restart_or_leave_the_bus_are_used_and_never_reset(tmp_path: Path) -> None:
    """Pain 8: the absent one is waited for, the restarted one is set up anew, and none is sent a reset for it."""
    names = ["late", "restarting", "leaving", "well"]
    kinds = ["default", "cinterion", "resetting", "default"]
    with assembled(
        tmp_path, names, bank={"personality": kinds, "radio_s": 0.1}, uncertain_wait=1, modem={"answer_wait": 2}
    ) as fleet:
        clinic = fleet.clinic
        fleet.modems["late"].unplug()
        messages = [fleet.send(name, PATIENT, f"{name} {n}") for n in range(6) for name in names]
        clinic.start(modems_ready=3)
        assert fleet.state_of("late") == "absent"
        clinic.wait_for(lambda: len(fleet.bank.submitted) >= 3, "some SMS out")
        fleet.modems["restarting"].reset()
        fleet.modems["leaving"].unplug()
        fleet.modems["leaving"].plug()
        fleet.modems["late"].plug()
        clinic.wait_for(lambda: clinic.states() == {"delivered": len(messages)}, "all delivered")
        assert resets_sent(fleet) == []
        twice = [each for each in fleet.bank.phones[PATIENT] if fleet.bank.phones[PATIENT].count(each) > 1]
        assert len(set(twice)) <= 2  # at most the one in the air over each of the two that went away


def test_sims_and_devices_are_found_again_whatever_their_ports_are_called(tmp_path: Path) -> None:
    """Pain 9: after an hour, ttyUSB1 is ttyUSB2, and the other way round, and a third port is dead.

    Pain 30: each message leaves by the right SIM all the same.
    """
    with assembled(tmp_path, ["by-imei", "by-iccid", "dead"]) as fleet:
        clinic, ports = fleet.clinic, str(tmp_path / "modems" / "*")
        first, second, dead = fleet.modems.values()
        dead.fault("hang", "AT")
        clinic.configure(
            [
                {"name": "by-imei", "port": ports, "imei": first.imei},
                {"name": "by-iccid", "port": ports, "iccid": second.sim.iccid},
            ]
        )
        clinic.start(modems_ready=2)
        clinic.wait_for_state(fleet.send("by-imei", PATIENT, "Before"), "delivered")
        old_names = [Path(modem.port).name for modem in (first, second)]
        first.unplug()
        second.unplug()
        first.plug(old_names[1])
        second.plug(old_names[0])
        messages = [fleet.send(name, number, "After") for name, number in (("by-imei", PATIENT), ("by-iccid", ANOTHER))]
        for message in messages:
            clinic.wait_for_state(message, "delivered")
        assert [each.sender for each in fleet.bank.received[PATIENT]] == [first.sim.number] * 2
        assert [each.sender for each in fleet.bank.received[ANOTHER]] == [second.sim.number]


def test_another_sim_in_the_same_port_does_not_send_in_the_name_of_the_configured_one(tmp_path: Path) -> None:
    """Pain 30: what is bound to a SIM does not leave by a stranger's line."""
    with assembled(tmp_path, ["sim-1"]) as fleet:
        clinic, modem = fleet.clinic, fleet.modems["sim-1"]
        clinic.configure([{"name": "sim-1", "port": modem.port, "iccid": "8970199000000000999"}])
        message = clinic.insert(PATIENT, "Hello")
        clinic.start()
        told = "SELECT 1 FROM carriers WHERE detail LIKE '%another modem or SIM%'"
        clinic.wait_for(lambda: clinic.rows(told), "the wrong SIM is told")
        assert fleet.state_of("sim-1") != "ready"
        assert clinic.row(message)["state"] == "queued"
        assert fleet.bank.submitted == []


def test_sick_modems_keep_no_message_from_the_well_one_and_say_what_ails_them(tmp_path: Path) -> None:
    """Pains 7, 10 and 24: refusing, hung, denied by the network and without a SIM; nothing is lost, nothing doubled."""
    names = ["refusing", "hung", "denied", "simless", "well"]
    with assembled(tmp_path, names, modem={"answer_wait": 1}, bank={"radio_s": 0.1}, uncertain_wait=2) as fleet:
        clinic, bank = fleet.clinic, fleet.bank
        clinic.start(modems_ready=len(names))
        fleet.modems["refusing"].fault("refuse", code="CMS 500", count=None)
        fleet.modems["hung"].fault("hang_in_prompt")
        fleet.modems["denied"].register(3)
        fleet.modems["simless"].remove_sim()
        numbers = [f"+7900000{6000 + n}" for n in range(30)]
        for number in numbers:
            clinic.insert(number, "Hello")
        clinic.wait_for(lambda: clinic.states() == {"delivered": len(numbers)}, "all delivered", SEVERAL_TRIES_S)
        assert {number: bank.phones[number] for number in numbers} == {number: ["Hello"] for number in numbers}
        assert {submitted.modem for submitted in bank.submitted} == {fleet.modems["well"].name}
        told = "SELECT name, detail FROM carriers WHERE name IN ('hung', 'denied', 'simless') AND state <> 'ready'"
        clinic.wait_for(lambda: len(clinic.rows(told)) == 3, "what ails them")
        assert all(row["detail"] for row in clinic.rows(told))
        assert fleet.state_of("well") == "ready"
        assert resets_sent(fleet, "denied", "well") == []  # what no reset can mend
        assert "AT+CFUN=1,1" not in fleet.modems["simless"].commands  # only its SIM's power is seen to
