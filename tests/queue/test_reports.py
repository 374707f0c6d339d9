"""Status reports: to the segment that they are about, in any order, across the wrap of TP-MR, once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.carrier import Accepted, LateAnswer, Report, ReportStatus, Submission
from tests.queue.clinic import LONG, NOW, OTHER_PHONE, PHONE, SILENT, Clinic, later, report

FAILED = ReportStatus.UNDELIVERED
PENDING = ReportStatus.PENDING


def matched(clinic: Clinic) -> list[int | None]:
    rows = clinic.connection.execute("SELECT segment_id FROM reports ORDER BY id").fetchall()
    return [segment for (segment,) in rows]


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


def test_after_tp_mr_has_come_round_the_newest_message_gets_the_report(clinic: Clinic) -> None:
    for minutes in (0, 60):
        clinic.add(now=later(minutes=minutes))
        clinic.send(("17",), now=later(minutes=minutes))
    clinic.store(report("17", at=later(minutes=60)), now=later(minutes=61))
    assert [clinic.state(1), clinic.state(2)] == ["sent", "delivered"]


def test_after_tp_mr_has_come_round_a_late_report_still_finds_the_older_message(clinic: Clinic) -> None:
    for minutes in (0, 60):
        clinic.add(now=later(minutes=minutes))
        clinic.send(("17",), now=later(minutes=minutes))
    clinic.store(report("17", at=later(minutes=0)), now=later(minutes=61))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "sent"]


@pytest.mark.parametrize("at", [later(minutes=60), None])
def test_a_report_before_its_answer_does_not_go_to_an_older_message_whose_own_never_came(
    clinic: Clinic, at: datetime | None
) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.add(now=later(minutes=60))
    submission = clinic.begun(now=later(minutes=60))
    clinic.store(report("17", at=at), now=later(minutes=60))
    assert clinic.state(1) == "sent"
    clinic.record(submission, Accepted("17"), later(minutes=60))
    assert [clinic.state(1), clinic.state(2)] == ["sent", "delivered"]


def test_a_report_that_waited_for_an_answer_still_finds_an_older_message(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.add(now=later(minutes=60))
    submission = clinic.begun(now=later(minutes=60))
    clinic.store(report("17", at=None), now=later(minutes=60))
    clinic.record(submission, Accepted("18"), later(minutes=60))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "sent"]


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


def test_a_slow_clock_of_ours_does_not_lose_the_reports(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17", at=later(days=100, minutes=20)))
    assert clinic.state() == "delivered"


def test_a_report_does_not_go_to_an_older_message_that_has_had_its_own(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17"))
    clinic.add(now=later(hours=2))
    clinic.record(clinic.begun(now=later(hours=2)), SILENT, later(hours=2))
    clinic.store(report("17", at=later(hours=2)), now=later(hours=2))
    assert matched(clinic) == [1, 2]
    assert clinic.state(2) == "delivered"


def test_the_same_reference_to_another_number_or_of_another_sim_is_another_sms(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17", recipient=OTHER_PHONE))
    clinic.store(report("17"), carrier="sim-2")
    clinic.store(report("18"))
    assert clinic.state() == "sent"
    assert matched(clinic) == [None, None, None]


@pytest.mark.parametrize("recipient", ["89000001234", "9000001234", "79000001234", "+7 900 000-12-34", None])
def test_a_report_may_write_the_number_its_own_way(clinic: Clinic, recipient: str | None) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17", recipient=recipient))
    assert clinic.state() == "delivered"


def test_a_report_with_an_odd_time_stamp_counts_by_reference_and_number(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17", at=None))
    assert clinic.state() == "delivered"


def test_a_service_centre_in_another_zone_is_understood(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17", at=NOW - timedelta(hours=3) + timedelta(seconds=4)))
    assert clinic.state() == "delivered"


def test_a_report_about_an_sms_from_before_our_time_is_kept_without_a_message(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17", at=NOW - timedelta(hours=30, minutes=20)))
    assert clinic.state() == "sent"
    assert matched(clinic) == [None]
    event = clinic.connection.execute("SELECT outbox_id FROM events WHERE event = 'report_unmatched'").fetchone()
    assert event == (None,)


def test_a_report_read_twice_counts_once(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    for _ in range(2):
        clinic.store(report("17"))
    assert matched(clinic) == [1]
    assert clinic.events().count("report") == 1


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


def test_reports_of_a_modem_without_references_go_by_number_and_time(clinic: Clinic) -> None:
    for minutes, recipient in ((0, PHONE), (30, PHONE), (31, OTHER_PHONE)):
        clinic.add(recipient=recipient, now=later(minutes=minutes))
        clinic.send(("",), now=later(minutes=minutes))
    clinic.store(report("", at=later(minutes=30), fingerprint="a"))
    assert [clinic.state(number) for number in (1, 2, 3)] == ["sent", "delivered", "sent"]
    clinic.store(report("", at=later(minutes=0), fingerprint="b"))
    assert [clinic.state(number) for number in (1, 2, 3)] == ["delivered", "delivered", "sent"]


def test_a_report_finds_an_sms_that_its_modem_gave_no_reference(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.send(("", "", ""))
    clinic.add(recipient=OTHER_PHONE)
    clinic.send(("42",))
    clinic.store(report("41", recipient=OTHER_PHONE), report("7"), report("8"), report("9"))
    assert [clinic.state(number) for number in (1, 2)] == ["delivered", "sent"]


def test_a_report_of_a_modem_without_references_goes_to_the_sms_that_was_under_way_at_its_time(clinic: Clinic) -> None:
    clinic.add("The first")
    clinic.send([""])
    clinic.add("The second")
    clinic.record(clinic.begun(now=later(seconds=7)), SILENT, later(seconds=47))

    clinic.store(report("51", at=NOW), now=later(seconds=48))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "uncertain"]
    clinic.store(report("52", at=later(seconds=8)), now=later(seconds=49))
    assert clinic.state(2) == "delivered"


def test_a_second_report_about_an_sms_without_reference_settles_no_other_one(clinic: Clinic) -> None:
    clinic.add("The first")
    clinic.send([""])
    clinic.store(report("51", at=NOW, fingerprint="a"))
    clinic.add("The second")
    clinic.record(clinic.begun(now=later(seconds=7)), SILENT, later(seconds=47))

    clinic.store(report("51", at=NOW, fingerprint="b"), now=later(seconds=48))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "uncertain"]


def test_a_report_without_reference_and_number_is_only_understood_of_a_lone_sms(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("",))
    clinic.store(report("", recipient=None, fingerprint="a"))
    assert clinic.state(1) == "delivered"
    for _ in range(2):
        clinic.add()
        clinic.send(("",))
    clinic.store(report("", recipient=None, fingerprint="b"))
    assert [clinic.state(2), clinic.state(3)] == ["sent", "sent"]


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


def test_two_hundred_and_fifty_seven_messages_and_their_reports_match_one_to_one(clinic: Clinic) -> None:
    for number in range(300):
        clinic.add(f"Приём {number}", now=later(minutes=number))
        clinic.send((str(number % 256),), now=later(minutes=number))
    for number in reversed(range(300)):
        clinic.store(report(str(number % 256), at=later(minutes=number)), now=later(minutes=301))
    rows = clinic.connection.execute("SELECT count(*) FROM outbox WHERE state = 'delivered'").fetchone()
    assert rows == (300,)
