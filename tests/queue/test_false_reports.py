"""An SMS that never went out is not called delivered by the report of another one to the same number.

In each case one SMS was begun and its bytes never left, which nobody can know: it stays `uncertain`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.carrier import Accepted
from gateway.queue import desk
from tests.queue.clinic import LONG, NOW, SILENT, Clinic, later, report


def test_a_report_that_outruns_its_answer_settles_no_other_sms(clinic: Clinic) -> None:
    clinic.add("Never left")
    clinic.record(clinic.begun(), SILENT, later(seconds=40))
    clinic.add("In the air")
    second = clinic.begun(now=later(seconds=60))
    clinic.store(report("17", at=later(seconds=61)), now=later(seconds=62))
    assert clinic.state(1) == "uncertain"
    clinic.record(second, Accepted("17"), later(seconds=62))
    assert [clinic.state(1), clinic.state(2)] == ["uncertain", "delivered"]


def test_a_report_that_waited_for_an_answer_still_settles_an_sms_that_never_got_one(clinic: Clinic) -> None:
    clinic.add("It went out")
    clinic.record(clinic.begun(), SILENT, later(seconds=40))
    clinic.add("In the air")
    second = clinic.begun(now=later(seconds=60))
    clinic.store(report("17", at=later(seconds=1)), now=later(seconds=61))
    assert clinic.state(1) == "uncertain"
    clinic.record(second, Accepted("18"), later(seconds=62))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "sent"]


def test_the_report_of_a_part_without_reference_does_not_settle_the_next_part_of_the_same_second(
    clinic: Clinic,
) -> None:
    clinic.add(LONG)
    second = clinic.record(clinic.begun(), Accepted(""), later(seconds=1))
    assert second is not None
    third = clinic.record(second, Accepted(""), later(seconds=3, milliseconds=600))
    assert third is not None
    clinic.record(third, SILENT, later(seconds=44))
    clinic.store(report("7", at=NOW), report("8", at=later(seconds=3)), now=later(seconds=50))
    assert clinic.segment_states() == ["sent", "sent", "uncertain"]
    clinic.store(report("9", at=later(seconds=5)), now=later(seconds=51))
    assert clinic.state() == "delivered"


def killed_in_the_second_part_after_a_slow_first_copy(clinic: Clinic) -> Clinic:
    """The first part's first copy reached the service centre just before its second copy was accepted."""
    clinic.add(LONG, category="emergency")
    clinic.begun()
    clinic = clinic.reopened()
    clinic.box.recover(later(seconds=3))
    clinic.box.ripen(later(seconds=8))
    clinic.record(clinic.begun(now=later(seconds=8)), Accepted("43"), later(seconds=9))
    clinic = clinic.reopened()
    clinic.box.recover(later(seconds=11))
    return clinic


def killed_in_another_message_after_a_copy_over_another_sim(clinic: Clinic) -> Clinic:
    """Its first copy went over this SIM, the second one over the other."""
    clinic.add(category="emergency")
    clinic.record(clinic.begun("sim-1"), SILENT, later(seconds=1))
    clinic.record(clinic.begun("sim-2", later(seconds=2)), Accepted("200"), later(seconds=3))
    return _killed_in_the_next_message(clinic)


def killed_in_another_message_after_a_person_let_the_first_go_again(clinic: Clinic) -> Clinic:
    clinic.add(category="otp")
    clinic.record(clinic.begun(), SILENT, later(seconds=1))
    clinic.box.tick(later(minutes=11))
    desk.retry(clinic.connection, 1, later(minutes=11), clinic.rules)
    return _killed_in_the_next_message(clinic, minutes=11)


def _killed_in_the_next_message(clinic: Clinic, minutes: int = 0) -> Clinic:
    """An emergency, which goes first."""
    clinic.add("Never left", category="emergency", priority=9, now=later(minutes=minutes, seconds=4))
    assert clinic.begun("sim-1", later(minutes=minutes, seconds=5)).key == 2
    clinic = clinic.reopened()
    clinic.box.recover(later(minutes=minutes, seconds=7))
    return clinic


KILLS: dict[str, Callable[[Clinic], Clinic]] = {
    "in the second part, after a slow first copy": killed_in_the_second_part_after_a_slow_first_copy,
    "in another message, after a copy over another SIM": killed_in_another_message_after_a_copy_over_another_sim,
    "in another message, after a person's retry": killed_in_another_message_after_a_person_let_the_first_go_again,
}
STAMPS = {"in the second part, after a slow first copy": later(seconds=8)}


@pytest.mark.parametrize("case", KILLS)
def test_the_report_of_an_earlier_copy_does_not_settle_the_sms_that_was_under_way_at_a_kill(
    clinic: Clinic, case: str
) -> None:
    again = KILLS[case](clinic)
    before = again.connection.execute("SELECT id, state FROM segments ORDER BY id").fetchall()
    again.store(report("42", at=STAMPS.get(case, NOW)), now=later(minutes=12))
    assert again.connection.execute("SELECT id, state FROM segments ORDER BY id").fetchall() == before
    again.connection.close()


def test_a_report_without_a_number_settles_no_unanswered_sms(clinic: Clinic) -> None:
    """It may be about an earlier copy of whatever else this SIM has sent."""
    clinic.add("Never left")
    clinic.record(clinic.begun(), SILENT, later(seconds=1))
    clinic.store(report("42", recipient=None), now=later(minutes=1))
    assert clinic.state() == "uncertain"


def test_an_earlier_copy_of_an_sms_proves_it_as_well_as_the_last_one(clinic: Clinic) -> None:
    clinic.add(category="emergency")
    clinic.record(clinic.begun(), SILENT, later(seconds=1))
    clinic.box.ripen(later(seconds=10))
    clinic.record(clinic.begun(now=later(seconds=10)), SILENT, later(seconds=11))
    clinic.store(report("42"), now=later(seconds=20))
    assert clinic.state() == "delivered"
