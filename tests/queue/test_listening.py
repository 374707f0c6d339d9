"""An SMS without an answer is sent once more only when its report could have come and did not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.carrier import CarrierStatus, ReportStatus
from gateway.life import Life
from gateway.queue import heartbeat, listening, lives
from tests.queue.clinic import NOW, SILENT, Clinic, later, report

HOURS = 3  # without power


def carrier(clinic: Clinic, state: Life, name: str = "sim-1", line: str = "line of sim-1", **spans: float) -> None:
    status = CarrierStatus(state, line=line)
    lives.report(clinic.connection, name, "modem", status, 0, None, later(**spans))


@pytest.fixture
def silent(clinic: Clinic) -> Clinic:
    """A daemon with a modem that gave no answer to an SMS."""
    heartbeat.start(clinic.connection, 1, NOW)
    carrier(clinic, Life.READY)
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    return clinic


def started_again(clinic: Clinic) -> Clinic:
    """After a power cut of some hours."""
    again = clinic.reopened()
    heartbeat.start(again.connection, 2, later(hours=HOURS))
    again.box.recover(later(hours=HOURS))
    again.box.tick(later(hours=HOURS, seconds=1))
    return again


def test_the_wait_is_the_usual_one_while_the_carrier_is_in_service(silent: Clinic) -> None:
    silent.box.tick(later(minutes=9))
    assert silent.state() == "uncertain"
    silent.box.tick(later(minutes=10))
    assert silent.state() == "queued"


def test_the_time_without_power_is_no_time_in_which_a_report_could_come(silent: Clinic) -> None:
    again = started_again(silent)
    assert again.state() == "uncertain"
    carrier(again, Life.READY, hours=HOURS, minutes=1)
    again.box.tick(later(hours=HOURS, minutes=10, seconds=1))
    assert (again.state(), again.box.next_due(NOW)) == ("uncertain", later(hours=HOURS, minutes=11))
    again.box.tick(later(hours=HOURS, minutes=11))
    assert again.state() == "queued"
    again.connection.close()


def test_the_report_that_comes_when_the_modem_is_back_spares_the_second_copy(silent: Clinic) -> None:
    again = started_again(silent)
    carrier(again, Life.READY, hours=HOURS, minutes=1)
    again.store(report("9", ReportStatus.DELIVERED), now=later(hours=HOURS, minutes=1))
    assert again.state() == "delivered"
    assert "resend" not in again.events()
    again.connection.close()


@pytest.mark.parametrize("state", [Life.SEARCHING, Life.ABSENT, Life.RECOVERING, Life.FAILED])
def test_a_carrier_that_is_out_of_service_is_waited_for_and_counts_from_its_return(silent: Clinic, state: Life) -> None:
    carrier(silent, state, minutes=1)
    silent.box.tick(later(minutes=10))
    assert silent.state() == "uncertain"
    carrier(silent, Life.READY, minutes=19)
    silent.box.tick(later(minutes=28))
    assert silent.state() == "uncertain"
    silent.box.tick(later(minutes=29))
    assert silent.state() == "queued"


@pytest.mark.parametrize("state", [Life.PAUSED, Life.BLOCKED])
def test_one_that_only_receives_could_have_had_the_report(silent: Clinic, state: Life) -> None:
    carrier(silent, state)
    silent.box.tick(later(minutes=10))
    assert silent.state() == "queued"


def test_a_carrier_that_stays_away_is_not_waited_for_for_ever(silent: Clinic) -> None:
    carrier(silent, Life.FAILED, minutes=1)
    limit = timedelta(seconds=silent.rules.uncertain_wait_s) * listening.LIMIT
    moment = NOW
    while moment < NOW + limit:
        silent.box.tick(moment)
        assert silent.state() == "uncertain"
        moment = max(moment + timedelta(minutes=1), silent.box.next_due(moment) or NOW)
    silent.box.tick(NOW + limit)
    assert silent.state() == "queued"
    assert silent.claim("sim-2", NOW + limit) is not None


def test_the_limit_counts_from_the_start_after_a_power_cut(silent: Clinic) -> None:
    again = started_again(silent)
    again.box.tick(later(hours=HOURS, minutes=59))
    assert again.state() == "uncertain"
    again.box.tick(later(hours=HOURS, minutes=60))
    assert again.state() == "queued"
    again.connection.close()


def test_its_sim_may_be_in_another_stick_by_then(silent: Clinic) -> None:
    again = started_again(silent)
    carrier(again, Life.READY, "sim-7", hours=HOURS)
    again.box.tick(later(hours=HOURS, minutes=10, seconds=1))
    assert again.state() == "queued"
    again.connection.close()


def test_a_code_whose_report_comes_after_the_power_is_back_is_delivered_not_failed(clinic: Clinic) -> None:
    heartbeat.start(clinic.connection, 1, NOW)
    clinic.add(category="otp")
    clinic.record(clinic.begun(), SILENT)
    again = started_again(clinic)
    again.store(report("9"), now=later(hours=HOURS, minutes=1))
    assert (again.state(), again.value("error_code")) == ("delivered", None)
    again.connection.close()


def test_a_clock_that_was_set_back_by_a_day_makes_nobody_wait_for_a_day(clinic: Clinic) -> None:
    heartbeat.start(clinic.connection, 1, later(days=1))
    carrier(clinic, Life.READY, days=1)
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(later(minutes=10))
    assert clinic.state() == "queued"


def test_an_emergency_waits_for_no_report_after_a_power_cut_either(clinic: Clinic) -> None:
    heartbeat.start(clinic.connection, 1, NOW)
    clinic.add(category="emergency")
    clinic.begun()
    again = started_again(clinic)
    assert again.state() == "queued"
    again.connection.close()
