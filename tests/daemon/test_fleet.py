"""The fleet over a fake USB bus: modems come, go, change places and SIMs, and every SIM stays who it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.daemon.fleet import Fleet
from gateway.modem import pool
from gateway.modem.pool import Pool
from gateway.queue import db, orders
from gateway.settings import GatewaySettings, ModemSettings, Settings
from gateway.settings.rules import intake_rules
from gateway.worker.gate import Gate
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle

SOON_S = 20.0
BACK_S = 5.0  # a stick that comes back is in service again within these


class Clinic:
    """A fleet with its database, and the beat that writes down how it is."""

    def __init__(self, folder: Path, bank: Bank) -> None:
        self.bank, self.path = bank, folder / "gateway.db"
        db.create_or_upgrade(self.path)
        self.connection = db.open_database(self.path)
        self.told: list[frozenset[str]] = []
        self.fleet: Fleet | None = None

    def settings(self, *modems: ModemSettings, **keys: Any) -> Settings:
        return Settings(self.path.with_name("gateway.toml"), GatewaySettings(database=self.path, **keys), modems)

    def start(self, *modems: ModemSettings, **keys: Any) -> Fleet:
        settings, gate = self.settings(*modems, **keys), Gate()
        gate.open()
        self.fleet = Fleet(settings, self.path, intake_rules(settings), on_names=self.told.append, gate=gate)
        self.fleet.start()
        return self.fleet

    def stop(self) -> None:
        if self.fleet:
            self.beat()
            assert self.fleet.stop()
            self.fleet = None

    def restart(self, *modems: ModemSettings, **keys: Any) -> Fleet:
        self.stop()
        pool.POOL = Pool(self.bank.sysfs or Path(), self.bank.folder, probe_s=0.1)
        return self.start(*modems, **keys)

    def beat(self) -> None:
        assert self.fleet
        with db.write(self.connection):
            self.fleet.report(self.connection, datetime.now(UTC))

    def sims(self) -> dict[str, str | None]:
        """Each carrier that is ready, with its SIM."""
        assert self.fleet
        found = [worker.status() for worker in self.fleet.workers]
        names = [worker.carrier.name for worker in self.fleet.workers]
        return {name: status.line for name, status in zip(names, found, strict=True) if status.state == "ready"}

    def states(self) -> dict[str, str]:
        assert self.fleet
        return {worker.carrier.name: worker.status().state for worker in self.fleet.workers}

    def own_states(self) -> dict[str, str]:
        """What each modem says of itself, paused or not."""
        assert self.fleet
        return {worker.carrier.name: worker.carrier.status().state for worker in self.fleet.workers}

    def wait(self, is_so: Callable[[], object], within_s: float = SOON_S) -> float:
        """How long it took."""
        began_at = time.monotonic()
        while not is_so():
            self.beat()
            assert time.monotonic() - began_at < within_s, (self.states(), self.sims())
            time.sleep(0.02)
        took_s = time.monotonic() - began_at
        self.beat()
        return took_s

    def wait_for(self, sims: dict[str, Handle], within_s: float = SOON_S) -> float:
        """Until exactly these carriers are ready, each with this modem's SIM."""
        return self.wait(lambda: self.sims() == {name: modem.sim.iccid for name, modem in sims.items()}, within_s)

    def events(self, carrier: str, event: str) -> list[str]:
        rows = self.connection.execute(
            "SELECT detail FROM events WHERE carrier = ? AND event = ? ORDER BY id", (carrier, event)
        )
        return [detail for (detail,) in rows]


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with Bank(2, personality="acm_stick", folder=tmp_path / "dev", sysfs=tmp_path / "sys") as bank:
        yield bank


@pytest.fixture
def clinic(tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    assert bank.sysfs is not None
    monkeypatch.setattr(pool, "POOL", Pool(bank.sysfs, bank.folder, probe_s=0.1))
    opened = Clinic(tmp_path, bank)
    with closing(opened.connection):
        yield opened
        opened.stop()


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
    assert any("another SIM" in told and "follow the SIM" in told for told in clinic.events("a", "sim"))
    assert clinic.events("b", "sim")


def test_two_sticks_with_one_imei_are_two_carriers(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    clone = clinic.bank.add("acm_stick", imei=first.imei)
    clinic.start()
    clinic.wait_for({"sim-1": first, "sim-2": second, "sim-3": clone})


def test_a_modem_whose_sim_was_locked_keeps_its_name_when_it_is_opened(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    second.unplug()
    first.lock("4711")
    secretive = replace(first._modem.personality, refused=("+CCID", "+ICCID", "^ICCID", "+QCCID", "+CRSM", "^SCID"))
    first._modem.personality = secretive
    clinic.start()
    clinic.wait(lambda: clinic.states() == {"sim-1": "needs_pin"})
    first.unplug()
    first.lock(None)
    first.plug()
    clinic.wait(lambda: clinic.sims() == {"sim-1": first.sim.imsi})
    clinic.wait(lambda: clinic.fleet and any(member.settings.imsi for member in clinic.fleet._crew.members))
    second.plug()
    clinic.wait(lambda: clinic.sims() == {"sim-1": first.sim.imsi, "sim-2": second.sim.iccid})


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


def test_a_new_configuration_brings_and_takes_modems_while_the_others_go_on(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    one, two = ModemSettings(name="a", port=first.port), ModemSettings(name="b", iccid=second.sim.iccid)
    fleet = clinic.start(one)
    clinic.wait_for({"a": first})
    (worker,) = fleet.workers
    assert fleet.apply(clinic.settings(one, two)) == []
    clinic.wait_for({"a": first, "b": second})
    assert worker in fleet.workers
    fleet.apply(clinic.settings(two))
    clinic.wait_for({"b": second})
    clinic.wait(lambda: clinic.connection.execute("SELECT name FROM carriers").fetchall() == [("b",)])
    fleet.apply(clinic.settings(ModemSettings(name="c", iccid=second.sim.iccid)))
    clinic.wait_for({"c": second})


def test_a_changed_modem_is_opened_anew_with_what_has_changed(clinic: Clinic) -> None:
    first, _second = clinic.bank.modems
    fleet = clinic.start(ModemSettings(name="a", port=first.port))
    clinic.wait_for({"a": first})
    (before,) = fleet.workers
    fleet.apply(clinic.settings(ModemSettings(name="a", port=first.port, answer_wait=60.0)))
    clinic.wait(lambda: [worker for worker in fleet.workers if worker is not before])
    clinic.wait_for({"a": first})


def test_changed_limits_count_at_once_and_the_modem_stays_open(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    tables = [ModemSettings(name="a", port=first.port, max_per_day=9), ModemSettings(name="b", port=second.port)]
    fleet = clinic.start(*tables)
    clinic.wait_for({"a": first, "b": second})
    before, heard = list(fleet.workers), len([each for each in first.commands if "+CGSN" in each])
    tables[0] = ModemSettings(name="a", port=first.port, max_per_day=5, quiet=("21:00-21:01",), balance_low=10.0)
    tables[1] = ModemSettings(name="b", port=second.port, prefixes=("+7900",), may_reset=False)
    fleet.apply(clinic.settings(*tables))
    clinic.beat()
    rows = clinic.connection.execute("SELECT name, limit_today FROM carriers ORDER BY name").fetchall()
    assert rows == [("a", 5), ("b", None)]
    assert list(fleet.workers) == before
    assert set(clinic.states().values()) == {"ready"}
    assert len([each for each in first.commands if "+CGSN" in each]) == heard
    fleet.apply(clinic.settings(*tables))
    assert list(fleet.workers) == before


def test_a_pause_goes_with_the_modem_that_is_called_by_its_sim_again(clinic: Clinic) -> None:
    """Its SIM was put into another stick and was locked, so that it was known by that device alone."""
    first, second = clinic.bank.modems
    second.unplug()
    for modem in (first, second):
        hidden = ("+CCID", "+ICCID", "^ICCID", "+QCCID", "+CRSM", "^SCID")
        modem._modem.personality = replace(modem._modem.personality, refused=hidden)
    clinic.start()
    clinic.wait(lambda: clinic.sims() == {"sim-1": first.sim.imsi})
    clinic.stop()
    first.unplug()
    second.insert(first.sim)
    second.lock("4711")
    second.plug()
    clinic.restart()
    clinic.wait(lambda: clinic.states() == {"sim-1": "absent", "sim-2": "needs_pin"})
    orders.pause(clinic.connection, "sim-2", "new contract", datetime.now(UTC))
    assert clinic.fleet
    clinic.fleet.heed()
    clinic.wait(lambda: clinic.states()["sim-2"] == "paused")
    second.unplug()
    second.lock(None)
    second.plug()
    clinic.wait(lambda: clinic.own_states() == {"sim-1": "ready"})
    clinic.wait(lambda: clinic.states() == {"sim-1": "paused"})
    assert orders.paused(clinic.connection) == {"sim-1": "new contract"}
    assert clinic.events("sim-1", "pause") == ["new contract"]
    clinic.restart()
    clinic.wait(lambda: clinic.own_states() == {"sim-1": "ready"})
    clinic.wait(lambda: clinic.states() == {"sim-1": "paused"})
