"""SMS without references are told apart by their order: by that in which they went, whatever the clock said then."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.carrier import Accepted, ReportStatus
from gateway.queue import spending
from tests.queue.clinic import NOW, SILENT, Clinic, later, report

FAILED = ReportStatus.UNDELIVERED
LINE = "line of sim-1"


def went(clinic: Clinic, body: str, at: datetime) -> None:
    """Accepted over a modem that tells no reference."""
    clinic.add(body, now=NOW)
    clinic.record(clinic.begun(now=at), Accepted(""), at)


@pytest.mark.parametrize("is_moved", [False, True], ids=["as written", "moved and put back"])
def test_of_two_sms_the_first_is_first_also_when_the_clock_was_set_back_between_them(
    clinic: Clinic, is_moved: bool
) -> None:
    went(clinic, "The first", later(seconds=60))
    if is_moved:
        spending.account(clinic.connection, LINE, later(seconds=19))
    went(clinic, "The second", later(seconds=20))
    spending.account(clinic.connection, LINE, later(minutes=4))
    clinic.store(report("52", FAILED, at=later(seconds=21)), now=later(minutes=5))
    clinic.store(report("51", at=later(seconds=9)), now=later(minutes=5))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "undelivered"]


def test_a_report_may_be_about_the_last_sms_also_when_the_clock_was_set_back_since_it_went(clinic: Clinic) -> None:
    went(clinic, "The first", NOW)
    went(clinic, "The second", later(seconds=60))
    clinic.store(report("52", FAILED, at=later(seconds=61)), now=later(seconds=30))
    assert [clinic.state(1), clinic.state(2)] == ["sent", "sent"]
    clinic.store(report("51", at=later(seconds=1)), now=later(seconds=90))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "undelivered"]


@pytest.mark.parametrize("told", ["", "0"], ids=["it tells none", "it tells them"])
def test_a_reference_that_comes_again_is_about_the_sms_of_its_time(clinic: Clinic, told: str) -> None:
    """A modem that was opened anew counts from 0 again: all reports of one SMS bear one time."""
    clinic.add("The first")
    clinic.send([told])
    clinic.store(report("0", ReportStatus.PENDING, at=later(seconds=1)), now=later(seconds=5))
    clinic.add("The second")
    clinic.record(clinic.begun(now=later(seconds=30)), SILENT if told else Accepted(""), later(seconds=34))
    clinic.store(report("0", FAILED, at=later(seconds=31)), now=later(seconds=39))
    assert [clinic.state(1), clinic.state(2)] == ["sent", "undelivered"]
    clinic.store(report("0", at=later(seconds=1)), now=later(seconds=50))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "undelivered"]


@pytest.mark.parametrize("told", ["", "0"], ids=["it tells none", "it tells them"])
def test_a_report_with_another_time_is_believed_where_no_other_sms_may_be_meant(clinic: Clinic, told: str) -> None:
    """Some service centres write the time of their last try."""
    clinic.add()
    clinic.send([told])
    clinic.store(report("0", ReportStatus.PENDING, at=later(seconds=1)), now=later(seconds=5))
    clinic.store(report("0", at=later(seconds=31)), now=later(seconds=39))
    assert clinic.state() == "delivered"
