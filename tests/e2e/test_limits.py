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
