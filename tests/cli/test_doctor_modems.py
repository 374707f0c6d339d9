"""`smsgw doctor`, the modems: as the daemon tells, or asked directly while none runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.cli.alive import UNKNOWN
from gateway.cli.checks import modems, told
from gateway.daemon.pin_book import PinBook
from gateway.errors import CarrierLost
from gateway.modem import pool
from gateway.modem.carrier import ModemCarrier
from gateway.queue import times
from tests.cli.conftest import Gateway
from tests.cli.doctor import modem, problems, settings
from tests.fake_modem import Bank, Handle

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROW: dict[str, object] = {
    **dict.fromkeys(UNKNOWN),
    **{"name": "a", "kind": "modem", "state": "ready", "detail": "", "operator": "Test", "signal_dbm": -71},
    **{"port": "/dev/ttyUSB0", "iccid": "8970199000000000017", "sent_today": 12, "limit_today": 500},
    **{"storage_percent": 20, "has_service_centre": 1},
}
FIELDS = {"detail": "No port.", "operator": None, "signal_dbm": None}


def test_the_running_daemon_tells_how_its_modems_are() -> None:
    found = list(told.from_daemon([ROW, {**ROW, **FIELDS, "name": "b", "state": "absent"}], NOW))
    *well, absent = found
    assert [(each.check, each.finding) for each in well] == [
        ("modem", "a: ready (/dev/ttyUSB0)"),
        ("sim", "a: SIM 8970199000000000017 is unlocked; 12 of 500 SMS today."),
        ("network", "a: in Test."),
        ("signal", "a: the signal is -71 dBm."),
        ("sim storage", "a: the fullest storage for messages is full to 20 %."),
        ("service centre", "a: the SIM has the number of its service centre."),
    ]
    assert not problems(well)
    assert (absent.ok, absent.finding) == (False, "b: absent (/dev/ttyUSB0). No port.")
    assert absent.remedy == "Plug it in."
    assert problems(told.from_daemon([], NOW))


@pytest.mark.parametrize(("by_port", "is_told"), [([], False), (["a"], True), (["b"], False)])
def test_only_of_a_modem_that_is_named_by_its_port_a_better_name_is_told(by_port: list[str], is_told: bool) -> None:
    (absent,) = problems(told.from_daemon([ROW | {"state": "absent"}], NOW, by_port=by_port))
    assert ("iccid" in absent.remedy) is is_told


# what the daemon has written -> the check that is ill, and a word of its remedy
TOLD: dict[str, tuple[dict[str, object], str, str]] = {
    "a weak signal": ({"signal_dbm": -111}, "signal", "antenna"),
    "a full storage": ({"storage_percent": 80}, "sim storage", "phone"),
    "no service centre": ({"has_service_centre": 0}, "service centre", "AT+CSCA"),
    "blocked by the operator": ({"state": "blocked"}, "modem", "Ask the operator"),
    "its worker failed": ({"state": "failed", "detail": "It hangs."}, "modem", "unplug it"),
}


@pytest.mark.parametrize(("row", "check", "word"), TOLD.values(), ids=TOLD)
def test_what_ails_a_modem_is_a_problem_also_when_the_daemon_tells_it(
    row: dict[str, object], check: str, word: str
) -> None:
    (ill,) = problems(told.from_daemon([ROW | row], NOW))
    assert ill.check == check
    assert word in ill.remedy


# what is not known of a modem, and which checks then say nothing
UNTOLD = {
    "ready, and tells little": ({"operator": None, "signal_dbm": None}, {"sim storage", "service centre"}),
    "paused, and away": ({"state": "paused", "operator": None, "signal_dbm": None}, {"network", "signal"}),
    "an old SIM": ({"iccid": None}, {"sim"}),
    "searching": ({"state": "searching"}, {"sim", "network", "signal", "sim storage", "service centre"}),
}


@pytest.mark.parametrize(("row", "untold"), UNTOLD.values(), ids=UNTOLD)
def test_what_the_daemon_does_not_know_is_not_said(row: dict[str, object], untold: set[str]) -> None:
    silent = {"storage_percent": None, "has_service_centre": None} | row
    said = {each.check for each in told.from_daemon([ROW | silent], NOW)}
    assert not said & untold


@pytest.mark.parametrize(
    ("ago_s", "detail", "is_told"), [(7200, "", True), (7200, "It hung.", False), (90_000, "", False)]
)
def test_the_last_trouble_is_told_for_a_day_and_is_no_problem(ago_s: int, detail: str, is_told: bool) -> None:
    error = {"last_error": "It hung.", "last_error_at": times.to_text(NOW - timedelta(seconds=ago_s))}
    found = list(told.from_daemon([ROW | error | {"detail": detail}], NOW))
    assert any("its last trouble was 2 h ago: It hung." in each.finding for each in found) is is_told
    assert not problems(found)


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


@pytest.mark.parametrize(("memory", "used"), [("SM", 18), ("ME", 90)])
def test_a_full_storage_is_seen_whichever_is_chosen_just_now(tmp_path: Path, memory: str, used: int) -> None:
    with Bank(1, folder=tmp_path) as bank:
        bank.modems[0].fill(used, memory)
        for _again in range(2):  # the look itself chooses them one after the other
            (ill,) = problems(modems.asked(settings(modem(bank.modems[0].port))))
            assert (ill.check, f"{used} of" in ill.finding) == ("sim storage", True)


def test_a_modem_that_does_not_name_its_storages_tells_of_the_one_that_is_chosen(tmp_path: Path) -> None:
    with Bank(1, folder=tmp_path) as bank:
        bank.modems[0].fill(18)
        bank.modems[0].fault("error", after="AT+CPMS=?", code="ERROR")
        (ill,) = problems(modems.asked(settings(modem(bank.modems[0].port))))
    assert (ill.check, "18 of 20" in ill.finding) == ("sim storage", True)


def test_a_modem_that_tells_of_no_storage_has_no_finding_about_it(tmp_path: Path) -> None:
    with Bank(1, folder=tmp_path) as bank:
        bank.modems[0].fault("error", after="AT+CPMS", code="ERROR", count=None)
        checks = [finding.check for finding in modems.asked(settings(modem(bank.modems[0].port)))]
    assert ("service centre" in checks, "sim storage" in checks) == (True, False)


def test_the_networks_time_is_compared_with_this_machines() -> None:
    alarms = settings().alarms
    right = datetime.now(UTC)
    assert list(modems._clock("sim-1", right, alarms)) == []
    assert list(modems._clock("sim-1", None, alarms)) == []
    assert list(modems._clock("sim-1", datetime(2004, 1, 1, tzinfo=UTC), alarms)) == []  # never set
    (ill,) = modems._clock("sim-1", right + timedelta(hours=1), alarms)
    assert "60 minutes" in ill.finding


@pytest.mark.parametrize("takes_up_new", [True, False])
def test_modems_that_nobody_named_are_asked_where_they_are_used_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, takes_up_new: bool
) -> None:
    with Bank(2, folder=tmp_path / "dev", sysfs=tmp_path / "sys") as bank:
        assert bank.sysfs is not None
        monkeypatch.setattr(pool, "POOL", pool.Pool(bank.sysfs, bank.folder))
        named, new = bank.modems
        new.register(3)
        all_of_it = settings(modem(named.port))
        all_of_it = replace(all_of_it, gateway=all_of_it.gateway.model_copy(update={"take_up_new": takes_up_new}))
        found = list(modems.asked(all_of_it))
    names = [each.finding.split(":")[0] for each in found if each.check == "modem"]
    assert names == (["sim-1", "sim-2"] if takes_up_new else ["sim-1"])
    assert [each.check for each in problems(found)] == ["network"] * takes_up_new
