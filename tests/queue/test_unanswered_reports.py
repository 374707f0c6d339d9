"""Reports of SMS that never got an answer: they prove that it went out, where no other SMS can be meant."""

from __future__ import annotations

import pytest

from gateway.carrier import Accepted, LateAnswer, Report, ReportStatus
from tests.queue.clinic import LONG, NOW, SILENT, Clinic, later, report

PENDING = ReportStatus.PENDING


def test_a_report_that_came_first_settles_an_sms_that_is_never_answered(clinic: Clinic) -> None:
    clinic.add()
    submission = clinic.begun()
    clinic.store(report("17"))
    clinic.record(submission, SILENT, later(minutes=1))
    assert clinic.state() == "delivered"


def test_a_report_that_came_first_settles_an_interrupted_sms_at_the_next_start(clinic: Clinic) -> None:
    clinic.add()
    clinic.begun()
    clinic.store(report("17"))
    again = clinic.reopened()
    again.box.recover(later(minutes=1))
    assert again.state() == "delivered"
    again.connection.close()


def test_a_report_proves_that_an_unanswered_sms_went_out(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.store(report("99", at=later(seconds=5)), now=later(minutes=1))
    assert clinic.state() == "delivered"
    assert clinic.connection.execute("SELECT message_reference FROM segments").fetchone() == ("99",)
    clinic.box.tick(later(hours=1))
    assert clinic.state() == "delivered"


def test_a_pending_report_makes_an_unanswered_message_sent(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.store(report("99", PENDING))
    assert clinic.state() == "sent"
    clinic.store(report("99"))
    assert clinic.state() == "delivered"


def test_a_report_lets_an_unanswered_long_message_go_on(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.record(clinic.begun(), SILENT)
    clinic.store(report("99"))
    assert (clinic.state(), clinic.segment_states()) == ("queued", ["delivered", "open", "open"])
    second = clinic.begun("sim-1")
    third = clinic.record(second, Accepted("100"))
    assert third is not None
    clinic.record(third, Accepted("101"))
    clinic.store(report("100"), report("101"))
    assert clinic.state() == "delivered"


def test_a_report_spares_the_second_copy_that_waits_in_the_queue(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(later(minutes=10))
    clinic.store(report("99"), now=later(minutes=11))
    assert clinic.state() == "delivered"
    assert clinic.claim(now=later(minutes=12)) is None


@pytest.mark.parametrize("proof", [LateAnswer(1, Accepted("99")), report("99")], ids=["late answer", "report"])
def test_the_rest_of_a_long_message_goes_the_way_of_a_first_part_that_proves_to_be_out(
    clinic: Clinic, proof: LateAnswer | Report
) -> None:
    clinic.add(LONG)
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(later(minutes=10))
    clinic.store(proof, now=later(minutes=11))
    assert clinic.claim("sim-2", later(minutes=12)) is None
    second = clinic.begun("sim-1", later(minutes=12))
    assert second.segment.concatenation is not None
    assert second.segment.concatenation.number == 2


def test_a_report_says_of_an_unanswered_message_that_it_was_sent_and_then_what_became_of_it(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.store(report("7", at=NOW), now=later(seconds=30))
    assert clinic.events()[-4:] == ["uncertain", "report", "sent", "delivered"]
    assert clinic.value("sent_at") == clinic.value("delivered_at")


def test_between_two_unanswered_sms_to_one_number_no_report_chooses(clinic: Clinic) -> None:
    for _ in range(2):
        clinic.add()
        clinic.record(clinic.begun(), SILENT)
    clinic.store(report("99"))
    assert [clinic.state(1), clinic.state(2)] == ["uncertain", "uncertain"]


def test_a_report_of_the_first_copy_of_one_sent_again_settles_no_other_one(clinic: Clinic) -> None:
    for seconds in (0, 60):
        clinic.add(now=later(seconds=seconds))
        clinic.record(clinic.begun(now=later(seconds=seconds)), SILENT, later(seconds=seconds + 40))
    clinic.store(report("41", at=later(seconds=2)), now=later(seconds=110))
    clinic.box.tick(later(seconds=40, minutes=10))
    again = clinic.begun(now=later(seconds=41, minutes=10))

    clinic.record(again, Accepted("43"), later(seconds=45, minutes=10))
    assert [clinic.state(1), clinic.state(2)] == ["sent", "uncertain"]
    clinic.store(report("42", at=later(seconds=61)), now=later(seconds=46, minutes=10))
    assert clinic.state(2) == "delivered"


def test_a_late_answer_takes_up_the_report_that_came_before_it(clinic: Clinic) -> None:
    for _ in range(2):
        clinic.add()
        clinic.record(clinic.begun(), SILENT)
    clinic.store(report("99"))
    clinic.store(LateAnswer(2, Accepted("99")))
    assert [clinic.state(1), clinic.state(2)] == ["uncertain", "delivered"]


def test_reports_of_strangers_however_many_hide_none_that_may_be_about_an_sms_of_ours(clinic: Clinic) -> None:
    """A SIM that another system has used before brings them all at once."""
    for number in range(250):
        clinic.store(report(str(number % 256), recipient=f"+7900000{number + 5000:04}"))
    clinic.add()
    submission = clinic.begun()
    clinic.store(report("17"))
    clinic.record(submission, SILENT, later(minutes=1))
    assert clinic.state() == "delivered"
