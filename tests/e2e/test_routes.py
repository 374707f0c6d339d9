"""Routes on the real daemon, over a bind and modems: fail-over in the middle of an import, and back."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.routing import Route
from tests.e2e.binds import Clinic, number_of, opened
from tests.fake_modem.bank import Bank

COUNT = 320
GONE_S = 3.5  # longer than a link that is only built up again

Assembled = tuple[Clinic, Bank]


@contextmanager
def assembled(
    folder: Path, routes: str, *, radio_s: float = 0.02, sims: Sequence[Mapping[str, Any]] = ({}, {}), **bind: Any
) -> Iterator[Assembled]:
    """One bind and two modems that are ready, with these tables. `sims`: keys of the modems' tables."""
    with opened(folder) as clinic, Bank(len(sims), folder=folder / "modems", radio_s=radio_s) as bank:
        places = enumerate(zip(bank.modems, sims, strict=True), 1)
        modems = [{"name": f"sim-{n}", "port": each.port, **keys} for n, (each, keys) in places]
        clinic.configure(bind, modems=modems, uncertain_wait="1 s")
        with clinic.installation.config.open("a", encoding="utf-8") as file:
            file.write(routes)
        clinic.start(binds_ready=3)
        yield clinic, bank
        clinic.installation.stop()


def bring(clinic: Clinic, count: int) -> None:
    """A list of so many patients, imported."""
    file = clinic.installation.folder / "list.csv"
    rows = [f"{number_of(n)};{n}" for n in range(count)]
    file.write_text("\n".join(["Телефон;Место", *rows, ""]), encoding="utf-8")
    done = clinic.installation.smsgw("import", str(file), "--template", "Ждём вас, ваше место {Место}", "--yes")
    assert done.returncode == 0, done.stderr


def carriers(clinic: Clinic) -> Counter[str]:
    """How many messages each carrier has taken."""
    rows = clinic.installation.rows("SELECT carrier, count(*) AS n FROM outbox WHERE carrier IS NOT NULL GROUP BY 1")
    return Counter({row["carrier"]: row["n"] for row in rows})


def by_modems(clinic: Clinic) -> int:
    found = carriers(clinic)
    return found["sim-1"] + found["sim-2"]


def last_error(clinic: Clinic, name: str = "operator") -> str:
    """What `status` says that the carrier met last."""
    found = {each["name"]: each["last_error"] for each in clinic.installation.json("status")["carriers"]}
    return found[name] or ""


def until(clinic: Clinic, is_so: Callable[[], bool], what: str) -> None:
    clinic.installation.wait_for(is_so, what, 60.0)


def shown(clinic: Clinic, bank: Bank) -> Counter[str]:
    """How many texts each phone has shown, whichever way they came."""
    return clinic.shown() + Counter({number: len(texts) for number, texts in bank.phones.items()})


ORDER = '[[route]]\ncarriers = ["operator", "sim-1", "sim-2"]\n'


def test_when_the_bind_falls_in_mid_import_the_modems_go_on_and_then_it_takes_over_again(tmp_path: Path) -> None:
    with assembled(tmp_path, ORDER, radio_s=0.1, max_per_second=60) as (clinic, bank):
        bring(clinic, COUNT)
        until(clinic, lambda: len(clinic.smsc.taken) >= 50, "the bind has begun")
        assert by_modems(clinic) == 0
        clinic.smsc.close()
        until(clinic, lambda: by_modems(clinic) >= 10, "the modems go on")
        time.sleep(GONE_S)
        before = len(clinic.smsc.taken)
        clinic.smsc.open()
        until(clinic, lambda: len(clinic.smsc.taken) > before + 10, "the bind has them back")
        left_to_modems = by_modems(clinic)
        clinic.wait_all("delivered", COUNT, 60.0)
        assert by_modems(clinic) <= left_to_modems + 2  # those that were in the air
        found, uncertain = shown(clinic, bank), clinic.uncertain()
        assert {number for number, texts in found.items() if texts > 1} <= uncertain
        assert sorted(found) == sorted(number_of(n) for n in range(COUNT))
        assert len(uncertain) <= 10  # the window


def test_a_link_that_is_built_up_at_once_keeps_its_messages(tmp_path: Path) -> None:
    with assembled(tmp_path, ORDER, radio_s=0.1, max_per_second=60) as (clinic, _bank):
        bring(clinic, COUNT)
        until(clinic, lambda: len(clinic.smsc.taken) >= 50, "the bind has begun")
        clinic.smsc.cut()
        clinic.wait_all("delivered", COUNT, 60.0)
        assert by_modems(clinic) < COUNT / 10


def test_modems_first_the_bind_only_helps_when_they_are_gone(tmp_path: Path) -> None:
    routes = '[[route]]\ncarriers = ["sim-1", "operator"]\n'
    with assembled(tmp_path, routes) as (clinic, bank):
        clinic.insert(5)
        clinic.wait_all("delivered", 5)
        assert carriers(clinic) == {"sim-1": 5}
        bank.modems[0].unplug()
        clinic.insert(5, first=5)
        clinic.wait_all("delivered", 10)
        assert carriers(clinic) == {"sim-1": 5, "operator": 5}


def test_a_paused_carrier_leaves_its_messages_to_the_next_and_takes_them_again(tmp_path: Path) -> None:
    with assembled(tmp_path, ORDER) as (clinic, _bank):
        assert clinic.installation.smsgw("modems", "pause", "operator", "--wait").returncode == 0
        clinic.insert(5)
        clinic.wait_all("delivered", 5)
        assert carriers(clinic)["operator"] == 0
        assert clinic.installation.json("route", number_of(9))["carrier"] == "sim-1"
        assert clinic.installation.smsgw("modems", "resume", "operator").returncode == 0
        until(clinic, lambda: clinic.installation.json("route", number_of(9))["carrier"] == "operator", "it is back")


def test_each_kind_of_message_goes_its_own_way(tmp_path: Path) -> None:
    routes = """
[[route]]
category = "marketing"
carriers = ["sim-2"]
[[route]]
min_sms = 2
carriers = ["sim-1"]
[[route]]
prefix = "+790010000"
carriers = ["operator"]
"""
    with assembled(tmp_path, routes) as (clinic, _bank):
        clinic.insert(5, category="marketing")
        clinic.insert(5, first=5, body="Ждём вас завтра в 10:00, номер {n}. " * 3)
        clinic.insert(5, first=10, body="Hello {n}", category="notification")
        clinic.insert(5, first=200, sender="Clinic")
        clinic.wait_all("delivered", 20)
        rows = clinic.installation.rows("SELECT carrier FROM outbox ORDER BY id")
        ways = ["sim-2"] * 5 + ["sim-1"] * 5 + ["operator"] * 10
        assert [row["carrier"] for row in rows] == ways


def test_the_cheapest_that_can_send_takes_it(tmp_path: Path) -> None:
    routes = '[[route]]\norder = "cost"\ncarriers = ["operator", "sim-1", "sim-2"]\n'
    sims = ({"cost": 2.5}, {"cost": 0.5})
    with assembled(tmp_path, routes, sims=sims, cost=1.0) as (clinic, bank):
        clinic.insert(5)
        clinic.wait_all("delivered", 5)
        assert carriers(clinic) == {"sim-2": 5}
        bank.modems[1].unplug()
        until(clinic, lambda: clinic.state_of("sim-2") != "ready", "it is gone")
        clinic.insert(5, first=5)
        clinic.wait_all("delivered", 10)
        assert carriers(clinic) == {"sim-2": 5, "operator": 5}


def test_by_weight_each_number_goes_to_the_carrier_that_it_was_dealt(tmp_path: Path) -> None:
    routes = '[[route]]\nspread = "weight"\nweights = [3, 1]\ncarriers = ["operator", "sim-1"]\n'
    dealt = Route(carriers=("operator", "sim-1"), weights=(3, 1))
    with assembled(tmp_path, routes) as (clinic, _bank):
        clinic.insert(40)
        clinic.wait_all("delivered", 40)
        rows = clinic.installation.rows("SELECT msisdn, carrier FROM outbox")
        assert all(row["carrier"] == dealt.order(row["msisdn"])[0] for row in rows)
        assert 20 <= carriers(clinic)["operator"] < 40


def test_whoever_has_most_left_of_its_limits_takes_it(tmp_path: Path) -> None:
    routes = '[[route]]\nspread = "allowance"\ncarriers = ["sim-1", "sim-2", "operator"]\n'
    sims = ({"max_per_day": 10}, {"max_per_day": 10})
    with assembled(tmp_path, routes, sims=sims, max_per_day=1000) as (clinic, _bank):
        for n in range(7):  # one by one: in a backlog nobody waits for work
            clinic.insert(1, first=n)
            clinic.wait_all("delivered", n + 1)
        assert carriers(clinic)["operator"] >= 4  # one from each modem, and from then on it has more left


def test_a_bind_that_fails_with_everybody_rests_and_no_message_waits_for_it(tmp_path: Path) -> None:
    with assembled(tmp_path, ORDER, window=5) as (clinic, bank):
        clinic.smsc.behave(refuse_with=0x07)  # not allowed to this account
        clinic.insert(24)
        clinic.wait_all("delivered", 24)
        assert by_modems(clinic) == 24
        assert clinic.smsc.counts["submits"] < 24  # few were tried; the others did not have to
        until(clinic, lambda: "registered delivery" in last_error(clinic), "people are told why")
        assert set(shown(clinic, bank).values()) == {1}


def test_reloaded_tables_lead_what_waits_another_way(tmp_path: Path) -> None:
    with assembled(tmp_path, '[[route]]\ncarriers = ["operator"]\n') as (clinic, _bank):
        clinic.installation.smsgw("modems", "pause", "operator", "--wait")
        clinic.insert(10)
        text = clinic.installation.config.read_text(encoding="utf-8")
        changed = text.replace('carriers = ["operator"]', 'carriers = ["sim-2", "operator"]')
        clinic.installation.config.write_text(changed, encoding="utf-8")
        assert clinic.installation.daemon is not None
        clinic.installation.daemon.send_signal(signal.SIGHUP)
        clinic.wait_all("delivered", 10)
        assert carriers(clinic) == {"sim-2": 10}
