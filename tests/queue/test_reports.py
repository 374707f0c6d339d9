"""Status reports: what they make of a message, in any order, once."""

from __future__ import annotations

from gateway.carrier import Accepted, ReportStatus, Submission
from tests.queue.clinic import LONG, NOW, SILENT, Clinic, later, report

FAILED = ReportStatus.UNDELIVERED
PENDING = ReportStatus.PENDING


def test_a_report_makes_its_message_delivered(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17", at=later(seconds=2)), now=later(seconds=9))
    assert clinic.state() == "delivered"
    assert clinic.value("delivered_at") == "2026-11-22T09:00:09.000Z"
    assert clinic.segment_states() == ["delivered"]
    assert clinic.events()[-2:] == ["report", "delivered"]


def test_a_report_of_failure_makes_it_undelivered_with_a_reason(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17", FAILED))
    assert (clinic.state(), clinic.value("error_code")) == ("undelivered", "tp_st_0x46")
    assert clinic.connection.execute("SELECT error_code FROM segments").fetchone() == ("tp_st_0x46",)


def test_a_report_that_the_network_still_tries_is_no_end(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17", PENDING))
    assert clinic.state() == "sent"
    clinic.store(report("17"))
    assert clinic.state() == "delivered"


def test_a_report_that_comes_before_the_answer_is_stored_waits_for_it(clinic: Clinic) -> None:
    clinic.add()
    submission = clinic.begun()
    clinic.store(report("17"))
    assert clinic.state() == "sending"
    clinic.record(submission, Accepted("17"), later(seconds=1))
    assert clinic.state() == "delivered"


def test_a_message_is_delivered_when_every_part_is_in_any_order(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.send(("1", "2", "3"))
    for reference in "31":
        clinic.store(report(reference))
        assert clinic.state() == "sent"
    clinic.store(report("2"))
    assert clinic.state() == "delivered"


def test_one_lost_part_makes_a_long_message_undelivered(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.send(("1", "2", "3"))
    clinic.store(report("1"), report("3", FAILED))
    assert clinic.state() == "undelivered"
    clinic.store(report("2"))
    assert (clinic.state(), clinic.segment_states()) == ("undelivered", ["delivered", "delivered", "undelivered"])


def test_reports_of_first_parts_while_the_last_is_under_way_count_at_the_end(clinic: Clinic) -> None:
    clinic.add(LONG)
    submission: Submission | None = clinic.begun()
    for reference in "123":
        assert submission is not None
        submission = clinic.record(submission, Accepted(reference))
        clinic.store(report(reference))
    assert clinic.state() == "delivered"


def test_a_report_read_twice_counts_once(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    for _ in range(2):
        clinic.store(report("17"))
    assert clinic.matched() == [1]
    assert clinic.events().count("report") == 1


def test_a_message_given_up_stays_failed_whatever_its_report_says_later(clinic: Clinic) -> None:
    clinic.add(category="otp")
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(later(minutes=10))
    clinic.store(report("99", at=NOW), now=later(minutes=11))
    assert (clinic.state(), clinic.segment_states()) == ("failed", ["delivered"])


def test_a_late_report_can_not_move_a_final_message(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17"))
    clinic.store(report("17", FAILED))
    assert (clinic.state(), clinic.segment_states()) == ("delivered", ["delivered"])
