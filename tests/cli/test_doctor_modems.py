"""`smsgw doctor`, the modems: as the daemon tells, or asked directly while none runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.cli.checks import modems
from gateway.daemon.pin_book import PinBook
from gateway.errors import CarrierLost
from gateway.modem.carrier import ModemCarrier
from tests.cli.conftest import Gateway
from tests.cli.doctor import modem, problems, settings
from tests.fake_modem import Bank, Handle


def test_the_running_daemon_tells_how_its_modems_are() -> None:
    ready = {"name": "a", "kind": "modem", "state": "ready", "detail": "", "operator": "Test", "signal_dbm": -71}
    absent = {**ready, "name": "b", "state": "absent", "operator": None, "signal_dbm": None, "detail": "No port."}
    first, second = modems.from_daemon([ready, absent])
    assert (first.ok, first.finding) == (True, "a: ready, Test, -71 dBm")
    assert (second.ok, second.finding) == (False, "b: absent. No port.")
    assert second.remedy.startswith("Plug it in.")
    assert problems(modems.from_daemon([]))


def test_a_signal_that_is_too_weak_is_a_problem_also_when_the_daemon_tells_it() -> None:
    weak = {"name": "a", "kind": "modem", "state": "ready", "detail": "", "operator": "Test", "signal_dbm": -111}
    ready, signal = modems.from_daemon([weak])
    assert (ready.ok, signal.check, signal.ok) == (True, "signal", False)
    assert "antenna" in signal.remedy
    assert len(list(modems.from_daemon([{**weak, "signal_dbm": None}]))) == 1


# what is done to the modem -> the check that is ill, and a word of the finding and of the remedy
ILL: dict[str, tuple[Callable[[Handle], object], str, str, str]] = {
    "no SIM": (lambda one: one.remove_sim(), "sim", "inserted", ""),
    "SIM PUK": (lambda one: one.lock("0000", tries_left=0), "sim", "", "phone"),
    "not in a network": (lambda one: one.register(2), "network", "searches", "Antenna"),
    "denied by the network": (lambda one: one.register(3), "network", "denies", "Ask the operator"),
    "no signal worth having": (lambda one: one.signal(1), "signal", "", "antenna"),
}


@pytest.mark.parametrize(("spoil", "check", "word", "advice"), ILL.values(), ids=ILL)
def test_what_ails_a_modem_is_named_with_what_to_do(
    tmp_path: Path, spoil: Callable[[Handle], object], check: str, word: str, advice: str
) -> None:
    with Bank(1, folder=tmp_path) as bank:
        spoil(bank.modems[0])
        (ill,) = problems(modems.asked(settings(modem(bank.modems[0].port))))
    assert ill.check == check
    assert word in ill.finding
    assert ill.remedy
    assert advice in ill.remedy


def test_a_sim_that_wants_its_pin_is_told_and_the_pin_is_not_sent(tmp_path: Path) -> None:
    with Bank(1, folder=tmp_path) as bank:
        bank.modems[0].lock("0000")
        (without,) = [
            finding for finding in modems.asked(settings(modem(bank.modems[0].port))) if finding.check == "sim"
        ]
        (given,) = [
            finding for finding in modems.asked(settings(modem(bank.modems[0].port, "0000"))) if finding.check == "sim"
        ]
    assert (without.ok, "`pin`" in without.remedy) == (False, True)
    assert given.ok
    assert "asks for SIM PIN" in given.finding


def test_a_pin_that_the_sim_refused_is_a_problem_and_not_sent_again(gateway: Gateway, tmp_path: Path) -> None:
    with Bank(1, folder=tmp_path / "ports") as bank:
        bank.modems[0].lock("0000")
        with pytest.raises(CarrierLost, match="refused this PIN"):
            ModemCarrier(modem(bank.modems[0].port, "1111"), PinBook(gateway.database)).open()
        sims = []
        for secret in ("1111", "2222"):
            table = f'[[modem]]\nname = "sim-1"\nport = "{bank.modems[0].port}"\npin = "{secret}"\n'
            gateway.config.write_text('[gateway]\ndatabase = "gateway.db"\n' + table)
            sims += [finding for finding in gateway.json("doctor") if finding["check"] == "sim"]
    refused, corrected = sims
    assert (refused["ok"], "refused this PIN" in refused["remedy"]) == (False, True)
    assert corrected["ok"]


def test_a_port_without_a_modem_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (ill,) = modems.asked(settings(modem(tmp_path / "file")))
    assert (ill.ok, ill.check) == (False, "modem")


def test_a_port_that_is_not_there_is_told_once(gateway: Gateway) -> None:
    told = [finding for finding in gateway.json("doctor") if "no-port" in finding["finding"]]
    assert len(told) == 1


def test_how_full_the_storage_is_comes_from_the_modem() -> None:
    (well,) = modems._storage("sim-1", ['+CPMS: "SM",3,20,"SM",3,20,"SM",3,20'])
    (ill,) = modems._storage("sim-1", ['+CPMS: "SM",18,20,"SM",18,20,"SM",18,20'])
    assert (well.ok, ill.ok, list(modems._storage("sim-1", ["ERROR"]))) == (True, False, [])


def test_the_networks_time_is_compared_with_this_machines() -> None:
    alarms = settings().alarms
    right = datetime.now(UTC)
    assert list(modems._clock("sim-1", right, alarms)) == []
    assert list(modems._clock("sim-1", None, alarms)) == []
    assert list(modems._clock("sim-1", datetime(2004, 1, 1, tzinfo=UTC), alarms)) == []  # never set
    (ill,) = modems._clock("sim-1", right + timedelta(hours=1), alarms)
    assert "60 minutes" in ill.finding
