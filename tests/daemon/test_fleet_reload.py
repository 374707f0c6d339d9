"""Another configuration, while the fleet works: who comes, who goes, who goes on as it is."""

from __future__ import annotations

from gateway.settings import ModemSettings
from tests.daemon.clinic import Clinic


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


def test_a_modem_that_is_taken_out_while_it_is_opened_anew_does_not_come_back(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    other = ModemSettings(name="b", port=second.port)
    fleet = clinic.start(ModemSettings(name="a", port=first.port), other)
    clinic.wait_for({"a": first, "b": second})
    fleet.apply(clinic.settings(ModemSettings(name="a", port=first.port, answer_wait=60.0), other))
    fleet.apply(clinic.settings(other))
    clinic.wait(lambda: [worker.carrier.name for worker in fleet.everybody] == ["b"])
    assert fleet.names == {"b"}
