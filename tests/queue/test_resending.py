"""What becomes of an SMS without an answer: sent once more, at once or later, or never; and each decision is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.carrier import Accepted, LateAnswer, ReportStatus
from gateway.queue.rules import CATEGORIES, WhenUncertain
from tests.queue.clinic import BUSY, LONG, NOW, PHONE, RULES, SILENT, Clinic, later, report

WAITED = later(minutes=10)


def details(clinic: Clinic, event: str) -> list[str]:
    rows = clinic.connection.execute("SELECT detail FROM events WHERE event = ? ORDER BY id", (event,))
    return [detail for (detail,) in rows]


def test_an_unanswered_message_is_sent_once_more_and_then_given_up(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    assert (clinic.state(), clinic.value("error_code")) == ("uncertain", "no_answer")
    assert clinic.box.next_due(NOW) == later(minutes=10)
    clinic.box.tick(later(minutes=9))
    assert clinic.state() == "uncertain"
    clinic.box.tick(later(minutes=10))
    assert clinic.state() == "queued"
    assert "resend" in clinic.events()
    clinic.record(clinic.begun(now=later(minutes=10)), SILENT, later(minutes=10))
    clinic.box.tick(later(minutes=20))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "uncertain")


def test_an_unanswered_code_is_not_sent_twice(clinic: Clinic) -> None:
    clinic.add("Код 1234", category="otp")
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(later(minutes=10))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "uncertain")


def test_an_unanswered_message_that_has_expired_is_not_sent_again(clinic: Clinic) -> None:
    clinic.add(expires_at=later(minutes=5))
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(later(minutes=10))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "uncertain")


@pytest.mark.parametrize("is_claimed", [False, True])
def test_an_unanswered_message_whose_time_ends_before_it_is_sent_once_more_is_not_called_expired(
    clinic: Clinic, is_claimed: bool
) -> None:
    clinic.add(category="emergency", expires_at=later(minutes=5))
    clinic.record(clinic.begun(), SILENT)
    assert clinic.state() == "queued"
    if is_claimed:
        assert clinic.claim("sim-2", later(minutes=6)) is None
    else:
        clinic.box.tick(later(minutes=6))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "uncertain")


def test_an_emergency_is_sent_once_more_at_once_over_another_carrier(clinic: Clinic) -> None:
    clinic.add(category="emergency")
    clinic.record(clinic.begun(), SILENT)
    assert (clinic.state(), clinic.value("error_code")) == ("queued", "uncertain")
    assert "twice" in str(clinic.value("error_text"))
    assert clinic.claim("sim-1") is None
    clinic.send(("7",), carrier="sim-2")
    assert (clinic.state(), clinic.value("carrier"), clinic.value("error_code")) == ("sent", "sim-2", "resent")
    assert details(clinic, "resend") == ["1/1 no answer came: sent once more at once"]


def test_an_emergency_goes_over_the_same_carrier_soon_when_there_is_no_other(clinic: Clinic) -> None:
    clinic.add(category="emergency")
    clinic.record(clinic.begun(), SILENT)
    clinic.box.ripen(later(seconds=5))
    clinic.send(("7",), now=later(seconds=5))
    assert clinic.state() == "sent"


def test_an_emergency_without_an_answer_for_the_second_time_waits_and_is_given_up(clinic: Clinic) -> None:
    clinic.add(category="emergency")
    clinic.record(clinic.begun(), SILENT)
    clinic.record(clinic.begun("sim-2"), SILENT)
    assert clinic.state() == "uncertain"
    clinic.box.tick(WAITED)
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "uncertain")
    assert "once more already" in details(clinic, "not_resent")[0]


def test_the_rest_of_a_long_emergency_stays_with_its_carrier(clinic: Clinic) -> None:
    clinic.add(LONG, category="emergency")
    second = clinic.record(clinic.begun(), Accepted("1"))
    assert second is not None
    clinic.record(second, SILENT)
    assert clinic.claim("sim-2") is None
    again = clinic.begun("sim-1")
    assert again.key == second.key


def test_an_emergency_that_was_in_the_air_at_a_power_cut_goes_out_at_the_next_start(clinic: Clinic) -> None:
    clinic.add(category="emergency")
    clinic.begun()
    again = clinic.reopened()
    again.box.recover(later(seconds=30))
    assert again.state() == "queued"
    again.send(("7",), carrier="sim-2", now=later(seconds=30))
    assert again.value("error_code") == "resent"
    again.connection.close()


def test_an_expired_emergency_is_not_sent_again(clinic: Clinic) -> None:
    clinic.add(category="emergency", expires_at=later(minutes=1))
    submission = clinic.begun()
    clinic.box.record(submission.key, SILENT, later(minutes=2))
    assert clinic.state() == "uncertain"
    clinic.box.tick(later(minutes=12))
    assert "time is over" in details(clinic, "not_resent")[0]


def test_a_late_answer_before_the_second_copy_spares_it(clinic: Clinic) -> None:
    clinic.add(category="emergency")
    submission = clinic.begun()
    clinic.record(submission, SILENT)
    clinic.store(LateAnswer(submission.key, Accepted("5")), now=later(seconds=1))
    assert clinic.state() == "sent"
    assert clinic.claim("sim-2") is None


def test_a_report_settles_an_uncertain_message_before_the_wait_is_over(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.store(report("9"), now=later(minutes=1))
    assert (clinic.state(), clinic.value("error_code")) == ("delivered", None)
    assert details(clinic, "resend") == []


POLICIES = {
    "never": (WhenUncertain.NEVER, "uncertain", "failed"),
    "once": (WhenUncertain.ONCE, "uncertain", "queued"),
    "at once": (WhenUncertain.AT_ONCE, "queued", "queued"),
}


@pytest.mark.parametrize("case", POLICIES)
def test_each_category_goes_by_the_configuration(clinic: Clinic, case: str) -> None:
    policy, before, after = POLICIES[case]
    categories = {**CATEGORIES, "notification": replace(CATEGORIES["notification"], when_uncertain=policy)}
    other = Clinic(clinic.path, replace(RULES, categories=categories))
    other.add()
    other.record(other.begun(), SILENT)
    assert other.state() == before
    other.box.tick(WAITED)
    assert other.state() == after
    assert len(details(other, "resend") + details(other, "not_resent")) == 1
    other.connection.close()


def test_a_message_that_was_resent_says_so_also_when_it_is_delivered(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(WAITED)
    clinic.send(("7",), now=WAITED)
    clinic.store(report("7", at=WAITED), now=WAITED)
    assert (clinic.state(), clinic.value("error_code")) == ("delivered", "resent")


def given_up(clinic: Clinic) -> None:
    clinic.add(category="otp")
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(WAITED)
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "uncertain")


LATE = {
    "delivered": (ReportStatus.DELIVERED, "delivered_late", "2026-11-22T09:11:00.000Z"),
    "undelivered": (ReportStatus.UNDELIVERED, "undelivered_late", None),
}


@pytest.mark.parametrize("case", LATE)
def test_a_message_given_up_tells_what_its_report_says_later(clinic: Clinic, case: str) -> None:
    status, code, delivered_at = LATE[case]
    given_up(clinic)
    clinic.store(report("9", status), now=later(minutes=11))
    assert (clinic.state(), clinic.value("error_code"), clinic.value("delivered_at")) == ("failed", code, delivered_at)
    assert clinic.events()[-1] == code


def test_a_late_answer_and_then_a_report_are_both_told(clinic: Clinic) -> None:
    clinic.add(category="otp")
    submission = clinic.begun()
    clinic.record(submission, SILENT)
    clinic.box.tick(WAITED)
    clinic.store(LateAnswer(submission.key, Accepted("5")), now=later(minutes=11))
    assert clinic.value("error_code") == "sent_late"
    clinic.store(report("5"), now=later(minutes=12))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "delivered_late")


def test_a_late_answer_belongs_to_the_carrier_that_it_came_over(clinic: Clinic) -> None:
    """sim-1 never answered, sim-2 was busy, then sim-1's answer came: the report will come over sim-1's line."""
    clinic.add(LONG, category="emergency")
    first = clinic.begun("sim-1")
    clinic.record(first, SILENT)
    clinic.record(clinic.begun("sim-2"), BUSY)
    clinic.store(LateAnswer(first.key, Accepted("5")), carrier="sim-1", now=later(seconds=3))
    line = clinic.connection.execute("SELECT carrier, line FROM segments WHERE id = ?", (first.key,)).fetchone()
    assert line == ("sim-1", "line of sim-1")
    assert clinic.value("route") == "sim-1"
    now = later(seconds=30)
    clinic.box.ripen(now)
    assert clinic.claim("sim-2", now) is None
    assert clinic.claim("sim-1", now) is not None


def test_nothing_is_decided_twice(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    for minutes in range(10, 40, 3):
        clinic.box.tick(NOW + timedelta(minutes=minutes))
    assert len(details(clinic, "resend")) == 1
    assert clinic.begun(now=later(minutes=40)).recipient == PHONE
