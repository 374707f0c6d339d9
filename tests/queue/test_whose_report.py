"""Which SMS a report is about: by line, reference, number and time, across the wrap of TP-MR or without references."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.carrier import Accepted, ReportStatus
from gateway.queue import desk
from tests.queue.clinic import LONG, NOW, OTHER_PHONE, PHONE, SILENT, Clinic, later, report

FAILED = ReportStatus.UNDELIVERED
PENDING = ReportStatus.PENDING


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


@pytest.mark.parametrize(("at", "second"), [(later(minutes=60), "delivered"), (None, "sent")])
def test_a_report_before_its_answer_does_not_go_to_an_older_message_whose_own_never_came(
    clinic: Clinic, at: datetime | None, second: str
) -> None:
    """One without a time may be about either, when both have its reference."""
    clinic.add()
    clinic.send(("17",))
    clinic.add(now=later(minutes=60))
    submission = clinic.begun(now=later(minutes=60))
    clinic.store(report("17", at=at), now=later(minutes=60))
    assert clinic.state(1) == "sent"
    clinic.record(submission, Accepted("17"), later(minutes=60))
    assert [clinic.state(1), clinic.state(2)] == ["sent", second]


def test_a_report_that_waited_for_an_answer_still_finds_an_older_message(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.add(now=later(minutes=60))
    submission = clinic.begun(now=later(minutes=60))
    clinic.store(report("17", at=None), now=later(minutes=60))
    clinic.record(submission, Accepted("18"), later(minutes=60))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "sent"]


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
    assert clinic.matched() == [1, 2]
    assert clinic.state(2) == "delivered"


def test_the_same_reference_to_another_number_or_of_another_sim_is_another_sms(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("17",))
    clinic.store(report("17", recipient=OTHER_PHONE))
    clinic.store(report("17"), carrier="sim-2")
    clinic.store(report("18"))
    assert clinic.state() == "sent"
    assert clinic.matched() == [None, None, None]


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
    assert clinic.matched() == [None]
    event = clinic.connection.execute("SELECT outbox_id FROM events WHERE event = 'report_unmatched'").fetchone()
    assert event == (None,)


def test_reports_of_a_modem_without_references_go_by_number_and_time(clinic: Clinic) -> None:
    for minutes, recipient in ((0, PHONE), (30, PHONE), (31, OTHER_PHONE)):
        clinic.add(recipient=recipient, now=later(minutes=minutes))
        clinic.send(("",), now=later(minutes=minutes))
    clinic.store(report("", at=later(minutes=30), fingerprint="a"), now=later(minutes=32))
    assert [clinic.state(number) for number in (1, 2, 3)] == ["sent", "delivered", "sent"]
    clinic.store(report("", at=later(minutes=0), fingerprint="b"), now=later(minutes=33))
    assert [clinic.state(number) for number in (1, 2, 3)] == ["delivered", "delivered", "sent"]


def test_a_report_finds_an_sms_that_its_modem_gave_no_reference(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.send(("", "", ""))
    clinic.add(recipient=OTHER_PHONE)
    clinic.send(("42",))
    clinic.store(report("41", recipient=OTHER_PHONE), report("7"), report("8"), report("9"))
    assert [clinic.state(number) for number in (1, 2)] == ["delivered", "sent"]


def test_of_two_sms_without_reference_to_one_number_a_report_settles_neither_until_both_are_reported(
    clinic: Clinic,
) -> None:
    """The clocks may be apart by more than the seconds between them."""
    clinic.add("The first")
    clinic.send([""])
    clinic.add("The second")
    clinic.record(clinic.begun(now=later(seconds=7)), SILENT, later(seconds=47))

    clinic.store(report("51", at=NOW), now=later(seconds=48))
    assert [clinic.state(1), clinic.state(2)] == ["sent", "uncertain"]
    clinic.store(report("52", FAILED, at=later(seconds=8)), now=later(seconds=49))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "undelivered"]


def test_a_report_of_an_sms_without_reference_that_came_before_the_next_one_settles_it(clinic: Clinic) -> None:
    clinic.add("The first")
    clinic.send([""])
    clinic.store(report("51", at=NOW), now=later(seconds=5))
    assert clinic.state(1) == "delivered"
    clinic.add("The second")
    clinic.record(clinic.begun(now=later(seconds=7)), Accepted(""), later(seconds=9))
    clinic.store(report("52", FAILED, at=later(seconds=8)), now=later(seconds=49))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "undelivered"]


def test_a_copy_whose_report_is_known_leaves_the_next_report_to_another_sms(clinic: Clinic) -> None:
    clinic.add("The first")
    clinic.record(clinic.begun(), SILENT, later(seconds=40))
    clinic.store(report("51", at=NOW), now=later(seconds=41))
    clinic.add("The second", now=later(seconds=42))
    clinic.record(clinic.begun(now=later(seconds=42)), Accepted(""), later(seconds=44))
    clinic.store(report("52", FAILED, at=later(seconds=43)), now=later(seconds=49))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "undelivered"]


def test_an_odd_report_settles_none_of_several_sms_without_reference(clinic: Clinic) -> None:
    """Nor may it lend one of them its reference, by which the next report would be taken for that one's."""
    for hours in (0, 18):
        clinic.add(now=later(hours=hours))
        clinic.record(clinic.begun(now=later(hours=hours)), Accepted(""), later(hours=hours))
    clinic.store(report("116", PENDING, at=None), now=later(hours=18, seconds=1))
    clinic.store(report("116", at=later(hours=18)), now=later(hours=18, seconds=9))
    assert [clinic.state(1), clinic.state(2)] == ["sent", "delivered"]


def test_a_report_of_an_sms_that_a_person_settled_as_sent_settles_no_other_one(clinic: Clinic) -> None:
    for minutes in (0, 2):
        clinic.add(now=later(minutes=minutes))
        clinic.record(clinic.begun(now=later(minutes=minutes)), SILENT, later(minutes=minutes))
    clinic.store(report("51", at=later(minutes=2)), now=later(minutes=3))
    desk.settle(clinic.connection, 2, "sent", later(minutes=4))
    clinic.add(recipient=OTHER_PHONE, now=later(minutes=5))
    clinic.record(clinic.begun(now=later(minutes=5)), Accepted("60"), later(minutes=5))
    clinic.store(report("51", at=later(minutes=2), fingerprint="again"), now=later(minutes=6))
    assert [clinic.state(1), clinic.state(2)] == ["uncertain", "sent"]


def test_a_second_report_about_an_sms_without_reference_settles_no_other_one(clinic: Clinic) -> None:
    clinic.add("The first")
    clinic.send([""])
    clinic.store(report("51", at=NOW, fingerprint="a"))
    clinic.add("The second")
    clinic.record(clinic.begun(now=later(seconds=7)), SILENT, later(seconds=47))

    clinic.store(report("51", at=NOW, fingerprint="b"), now=later(seconds=48))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "uncertain"]


def test_what_is_known_of_a_copy_over_another_sim_leaves_this_ones_copy_to_its_own_report(clinic: Clinic) -> None:
    """An urgent one went once more over a second SIM, whose modem tells no references; both copies are reported."""
    clinic.add("Urgent", category="emergency")
    clinic.record(clinic.begun(), SILENT)
    clinic.box.ripen(later(seconds=20))
    clinic.record(clinic.begun("sim-2", later(seconds=20)), Accepted(""), later(seconds=22))
    clinic.store(report("0", FAILED, at=NOW), now=later(seconds=60))
    clinic.add("The next", now=later(seconds=90))
    clinic.record(clinic.begun("sim-2", later(seconds=90)), Accepted(""), later(seconds=92))
    assert [clinic.state(1), clinic.state(2)] == ["undelivered", "sent"]
    clinic.store(report("22", FAILED, at=later(seconds=20)), carrier="sim-2", now=later(seconds=99))
    assert clinic.state(2) == "sent"


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


def test_two_hundred_and_fifty_seven_messages_and_their_reports_match_one_to_one(clinic: Clinic) -> None:
    for number in range(300):
        clinic.add(f"Приём {number}", now=later(minutes=number))
        clinic.send((str(number % 256),), now=later(minutes=number))
    for number in reversed(range(300)):
        clinic.store(report(str(number % 256), at=later(minutes=number)), now=later(minutes=301))
    rows = clinic.connection.execute("SELECT count(*) FROM outbox WHERE state = 'delivered'").fetchone()
    assert rows == (300,)


def test_one_that_is_reported_twice_takes_no_second_place_among_those_without_reference(clinic: Clinic) -> None:
    """Sent once more after silence, accepted without a reference, and its report came two times."""
    clinic.add()
    clinic.record(clinic.begun("sim-2"), SILENT)
    desk.settle(clinic.connection, 1, "failed", later(minutes=1))
    desk.retry(clinic.connection, 1, later(minutes=1), clinic.rules)
    clinic.send(("",), now=later(minutes=1))
    for seconds in (5, 30):
        clinic.store(
            report("6", at=later(minutes=1), fingerprint=f"again {seconds}"), now=later(minutes=1, seconds=seconds)
        )
    assert clinic.state(1) == "delivered"
    clinic.add(LONG, now=later(minutes=10))
    clinic.send(("", "", ""), now=later(minutes=10))
    for reference in ("8", "7", "9"):
        clinic.store(report(reference, at=later(minutes=10)), now=later(minutes=10, seconds=20))
    assert clinic.state(2) == "delivered"
