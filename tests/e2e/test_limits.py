"""A SIM's limits are kept to, also in the middle of a long message."""

from __future__ import annotations

from tests.e2e.conftest import OpenClinic


def test_no_more_than_max_per_minute_go_out_and_the_rest_waits(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(modem={"max_per_minute": 4})
    clinic.start(modems_ready=1)
    first = clinic.insert("+79000000001", "Hello")
    clinic.wait_for_state(first, "delivered")
    long = clinic.insert("+79000000002", "Пять частей. " * 25)
    last = clinic.insert("+79000000003", "Hello")
    clinic.wait_for(lambda: len(bank.submitted) == 4, "four SMS out")
    clinic.wait_for_state(long, "queued")
    assert clinic.row(long)["segments"] == 5
    assert clinic.row(last)["state"] == "queued"
    assert clinic.terminate() == 0
    assert len(bank.submitted) == 4


def test_max_per_day_counts_what_went_out_before_a_restart(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(modem={"max_per_day": 2})
    clinic.start(modems_ready=1)
    clinic.wait_for_state(clinic.insert("+79000000001", "Hello"), "delivered")
    assert clinic.terminate() == 0
    clinic.start(modems_ready=1)
    clinic.wait_for_state(clinic.insert("+79000000002", "Hello"), "delivered")
    third = clinic.insert("+79000000003", "Hello")
    clinic.wait_for(lambda: clinic.row(third)["segments"], "the third is examined")
    clinic.wait_for(lambda: clinic.json("modems")[0]["sent_today"] == 2, "the count is shown")
    assert clinic.json("modems")[0]["limit_today"] == 2
    assert clinic.row(third)["state"] == "queued"
    assert len(bank.submitted) == 2


def test_kill_9_lets_not_one_more_out_than_the_limit(open_clinic: OpenClinic) -> None:
    """Also the one in the air counts; sent once more, it counts again."""
    clinic, bank = open_clinic(modem={"max_per_day": 5}, bank={"radio_s": 0.15}, uncertain_wait=0.2)
    clinic.create_database()
    for n in range(12):
        clinic.insert(f"+7900000{n:04}", "Hello")
    for least in (1, 2, 3):
        clinic.start(modems_ready=1)
        clinic.wait_for(lambda least=least: len(clinic.rows("SELECT 1 FROM spent")) >= least, "one more begins")  # type: ignore[misc]
        clinic.kill()
    clinic.start(modems_ready=1)
    clinic.wait_for(lambda: "5 of 5 SMS today" in clinic.json("modems")[0]["detail"], "the day is spent")
    assert len(clinic.rows("SELECT 1 FROM spent")) == 5
    assert 2 <= len(bank.submitted) <= 5
