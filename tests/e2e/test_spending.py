"""SIMs are spent wisely: the load is shared, a blocked SIM rests, a patient stays on the SIM that they know."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

from tests.e2e.conftest import OpenClinic
from tests.e2e.fleet import Fleet, assembled
from tests.fake_modem.bank import Bank

TEXT = "Ждём вас"
HELD_UP_S = 0.2  # so long an SMS may take from the gateway's clock to the bank on a busy machine
LONG = "Пять частей. " * 25


def number(n: int) -> str:
    return f"+7900000{n:04}"


def carriers_of(fleet: Fleet, first: int) -> list[str]:
    """Over which modem each message went, from this id on."""
    rows = fleet.clinic.rows("SELECT carrier FROM outbox WHERE id >= ? ORDER BY id", first)
    return [row["carrier"] for row in rows]


def test_messages_that_trickle_in_go_to_the_sim_with_more_left(tmp_path: Path) -> None:
    with assembled(tmp_path, ["spent", "full"], modem={"max_per_day": 50}) as fleet:
        fleet.clinic.start(modems_ready=2)
        for n in range(40):
            fleet.send("spent", number(n), TEXT)
        fleet.clinic.wait_for(lambda: len(fleet.bank.submitted) == 40, "one SIM has 20 % left")
        for n in range(20):
            message = fleet.clinic.insert(number(100 + n), TEXT)
            fleet.clinic.wait_for_state(message, "delivered")
        assert Counter(carriers_of(fleet, 41))["full"] >= 15  # on a machine that stands still the other one helps out
        used = "SELECT sum(sent_today) AS used, max(limit_today) AS most FROM carriers"
        fleet.clinic.wait_for(lambda: fleet.clinic.rows(used) == [{"used": 60, "most": 50}], "the counts are shown")


def test_in_a_backlog_every_sim_works(tmp_path: Path) -> None:
    with assembled(tmp_path, ["spent", "full"], modem={"max_per_day": 50}, bank={"radio_s": 0.05}) as fleet:
        fleet.clinic.start(modems_ready=2)
        for n in range(20):
            fleet.send("spent", number(n), TEXT)
        fleet.clinic.wait_for(lambda: len(fleet.bank.submitted) == 20, "one SIM has less left")
        for n in range(40):
            fleet.clinic.insert(number(100 + n), TEXT)
        fleet.clinic.wait_for(lambda: len(fleet.bank.submitted) == 60, "all are out")
        assert min(Counter(carriers_of(fleet, 21)).values()) >= 12


def test_a_patient_stays_on_the_sim_that_they_know(tmp_path: Path) -> None:
    with assembled(tmp_path, ["sim-1", "sim-2", "sim-3"]) as fleet:
        fleet.clinic.start(modems_ready=3)
        for n in range(12):
            fleet.clinic.wait_for_state(fleet.send(f"sim-{n % 3 + 1}", number(n), TEXT), "delivered")
        for n in range(12):
            fleet.clinic.wait_for_state(fleet.clinic.insert(number(n), "И ещё раз"), "delivered")
        assert carriers_of(fleet, 13) == carriers_of(fleet, 1)[:12]
        fleet.modems["sim-2"].unplug()
        fleet.clinic.wait_for(lambda: fleet.state_of("sim-2") != "ready", "one is gone")
        row = fleet.clinic.wait_for_state(fleet.clinic.insert(number(1), "Без него"), "delivered")
        assert row["carrier"] != "sim-2"


def refuse_all(bank: Bank, index: int, code: str | None) -> None:
    """The operator refuses what this SIM sends; None: no more."""
    bank.modems[index].charge(block_after=None if code is None else 0, block_code=code or "CMS 28")


def test_a_blocked_sim_rests_and_burns_one_message_at_most(tmp_path: Path) -> None:
    with assembled(tmp_path, ["good", "blocked"]) as fleet:
        refuse_all(fleet.bank, 1, "CMS 28")
        fleet.clinic.start(modems_ready=2)
        for n in range(60):
            fleet.clinic.insert(number(n), TEXT)
        fleet.clinic.wait_for(lambda: not fleet.clinic.states().get("queued"), "all have ended", patience_s=60)
        fleet.clinic.wait_for(lambda: fleet.state_of("blocked") == "blocked", "it is seen")
        fleet.clinic.wait_for(lambda: set(fleet.clinic.states()) <= {"delivered", "failed"}, "all are reported")
        assert fleet.clinic.states().get("failed", 0) <= 1
        shown = next(each for each in fleet.clinic.json("modems") if each["name"] == "blocked")
        assert "cms_28" in shown["detail"]


def test_a_block_lasts_over_a_restart_and_ends_when_a_person_says_so(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic()
    refuse_all(bank, 0, "CMS 50")
    clinic.start(modems_ready=1)
    for n in range(8):
        clinic.insert(number(n), TEXT)
    clinic.wait_for(lambda: clinic.rows("SELECT 1 FROM carriers WHERE state = 'blocked'"), "it is blocked")
    assert clinic.terminate() == 0
    clinic.start()
    clinic.wait_for(lambda: clinic.rows("SELECT 1 FROM carriers WHERE state = 'blocked'"), "it is still blocked")
    refuse_all(bank, 0, None)
    assert clinic.states() == {"queued": 8}
    done = clinic.smsgw("modems", "resume", "sim-1")
    assert done.returncode == 0, done.stderr
    clinic.wait_for(lambda: clinic.states() == {"delivered": 8}, "all go out", patience_s=60)


def test_what_does_not_fit_into_the_day_is_not_begun(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(modem={"max_per_day": 6})
    clinic.start(modems_ready=1)
    clinic.wait_for_state(clinic.insert(number(1), "Две части. " * 12), "delivered")
    long, short = clinic.insert(number(2), LONG), clinic.insert(number(3), TEXT)
    clinic.wait_for_state(short, "delivered")
    assert clinic.row(long)["state"] == "queued"
    assert clinic.row(long)["attempts"] == 0
    clinic.insert(number(4), "Две части. " * 12)
    clinic.insert(number(5), TEXT)
    clinic.wait_for(lambda: len(bank.submitted) == 6, "the day is spent")
    clinic.wait_for(lambda: "6 of 6 SMS today" in clinic.json("modems")[0]["detail"], "it says what it waits for")
    assert clinic.json("modems")[0]["state"] == "ready"
    assert clinic.row(long)["attempts"] == 0


def test_in_quiet_times_only_what_is_urgent_goes_out(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(modem={"quiet": ["00:00-00:00"]})
    clinic.start(modems_ready=1)
    usual = clinic.insert(number(1), TEXT)
    urgent = [clinic.insert(number(2), TEXT, category=category) for category in ("otp", "emergency")]
    for message in urgent:
        clinic.wait_for_state(message, "delivered")
    assert clinic.row(usual)["state"] == "queued"
    bank.modems[0].deliver("+79000000009", "Я приду")
    clinic.wait_for(lambda: clinic.rows("SELECT 1 FROM inbox"), "it receives")
    assert clinic.row(usual)["attempts"] == 0


def test_a_pause_is_kept_between_two_sms_of_a_long_message_too(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(modem={"min_interval": "0.4 s", "jitter": "0.1 s"})
    clinic.start(modems_ready=1)
    clinic.wait_for_state(clinic.insert(number(1), LONG), "delivered")
    at = [each.commanded_at for each in bank.submitted]
    assert len(at) == 5
    assert at[-1] - at[0] >= 4 * 0.4 - HELD_UP_S
    assert all(after - before >= 0.4 - HELD_UP_S for before, after in pairwise(at))


def test_the_balance_is_asked_for_and_shown(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(modem={"balance_ussd": "*100#"})
    bank.modems[0].ussd("*100#", "Баланс: 1 234,50 руб", form="ucs2")
    clinic.start(modems_ready=1)
    clinic.wait_for_state(clinic.insert(number(1), TEXT), "delivered")
    clinic.wait_for(lambda: clinic.json("modems")[0]["balance"] == 1234.5, "the balance is shown")
    bank.modems[0].ussd("*100#", "Баланс: -7,00 руб", form="ucs2")
    assert "-7,00" in clinic.smsgw("ussd", "sim-1", "*100#").stdout
    clinic.wait_for(lambda: clinic.json("modems")[0]["balance"] == -7.0, "what a person asked for counts too")
