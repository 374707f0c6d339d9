"""The fleet over a fake USB bus: modems come, go, change places and SIMs, and every SIM stays who it is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway.errors import Cause
from gateway.settings import ModemSettings
from gateway.worker import ladder
from tests.daemon.clinic import Clinic

BACK_S = 5.0  # a stick that comes back is in service again within these


def test_with_nothing_configured_every_modem_is_taken_up_and_keeps_its_name(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    clinic.start()
    clinic.wait_for({"sim-1": first, "sim-2": second})
    assert clinic.told[-1] == {"sim-1", "sim-2"}
    clinic.stop()
    first.unplug()
    second.unplug()
    second.plug("ttyACM0", socket=7)
    first.plug("ttyACM6", socket=9)
    clinic.restart()
    clinic.wait_for({"sim-1": first, "sim-2": second})


def test_a_new_stick_is_taken_up_without_a_restart(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    clinic.start()
    clinic.wait_for({"sim-1": first, "sim-2": second})
    third = clinic.bank.add("acm_stick")
    clinic.wait_for({"sim-1": first, "sim-2": second, "sim-3": third})
    assert clinic.told[-1] == {"sim-1", "sim-2", "sim-3"}


def test_a_stick_that_comes_back_under_another_name_is_in_service_again_within_seconds(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    clinic.start()
    clinic.wait_for({"sim-1": first, "sim-2": second})
    first.unplug()
    clinic.wait_for({"sim-2": second})
    first.plug("ttyACM20", socket=11)
    took_s = clinic.wait_for({"sim-1": first, "sim-2": second})
    assert took_s < BACK_S
    clinic.beat()
    assert len(clinic.events("sim-1", "port")) == 1


def test_a_sim_that_is_put_in_is_in_service_within_seconds_where_the_modem_tells_of_it(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ladder.PACES_S, Cause.LOCKED, (60.0,))
    first, second = clinic.bank.modems
    first.pull_sim()
    clinic.start(ModemSettings(name="a", port=first.port), ModemSettings(name="b", port=second.port))
    clinic.wait(lambda: clinic.states() == {"a": "needs_pin", "b": "ready"})
    first.push_sim()
    assert clinic.wait_for({"a": first, "b": second}) < BACK_S


def test_a_configured_stick_comes_back_as_fast_whichever_way_it_is_configured(clinic: Clinic) -> None:
    by_port, by_sim = clinic.bank.modems
    modems = {"a": by_port, "b": by_sim}
    clinic.start(
        ModemSettings(name="a", port=by_port.port),
        ModemSettings(name="b", iccid=by_sim.sim.iccid),
    )
    clinic.wait_for(modems)
    for modem in modems.values():
        modem.unplug()
    clinic.wait_for({})
    by_port.plug("ttyACM30", socket=12)
    by_sim.plug("ttyACM31", socket=13)
    assert clinic.wait_for(modems) < BACK_S


def test_what_nobody_configured_is_left_alone_unless_it_is_wanted(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    table = ModemSettings(name="sim-1", port=first.port)
    clinic.start(table)
    clinic.wait_for({"sim-1": first})
    time.sleep(1.0)  # two looks
    assert clinic.states() == {"sim-1": "ready"}
    assert not second.commands
    clinic.restart(table, take_up_new=True)
    clinic.wait_for({"sim-1": first, "sim-2": second})


def test_a_sim_in_another_stick_keeps_its_name_and_the_move_is_told(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    clinic.start()
    clinic.wait_for({"sim-1": first, "sim-2": second})
    sim = first.sim
    first.unplug()
    second.unplug()
    clinic.wait_for({})
    second.insert(sim)
    second.plug()
    clinic.wait_for({"sim-1": second})
    clinic.beat()
    (told,) = clinic.events("sim-1", "device")
    assert first.imei in told
    assert second.imei in told


def test_two_sticks_that_change_places_keep_their_sims_and_change_their_names(clinic: Clinic) -> None:
    """What a person wrote into the configuration follows the port; what the SIM has done follows the SIM."""
    first, second = clinic.bank.modems
    ports = [first.port, second.port]
    tables = [ModemSettings(name="a", port=ports[0]), ModemSettings(name="b", port=ports[1])]
    clinic.start(*tables)
    clinic.wait_for({"a": first, "b": second})
    clinic.stop()
    first.unplug()
    second.unplug()
    second.plug(Path(ports[0]).name)
    first.plug(Path(ports[1]).name)
    clinic.restart(*tables)
    clinic.wait_for({"a": second, "b": first})
    clinic.beat()
    told = [clinic.events(name, "sim") for name in ("a", "b")]
    assert [second.sim.iccid in told[0][-1], first.sim.iccid in told[1][-1]] == [True, True], told
    of_who_was_quicker = [each for each in (*told[0], *told[1]) if "another SIM" in each]
    assert of_who_was_quicker
    assert all("follow the SIM" in each for each in of_who_was_quicker)


def test_two_sticks_with_one_imei_are_two_carriers(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    clone = clinic.bank.add("acm_stick", imei=first.imei)
    clinic.start()
    clinic.wait_for({"sim-1": first, "sim-2": second, "sim-3": clone})


def test_a_found_modem_that_does_not_come_back_after_a_restart_is_missed(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    clinic.start()
    clinic.wait_for({"sim-1": first, "sim-2": second})
    clinic.stop()
    second.unplug()
    clinic.restart()
    clinic.wait_for({"sim-1": first})
    clinic.wait(lambda: clinic.states() == {"sim-1": "ready", "sim-2": "absent"})
    second.plug()
    assert clinic.wait_for({"sim-1": first, "sim-2": second}) < BACK_S
