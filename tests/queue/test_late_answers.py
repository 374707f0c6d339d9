"""Answers that come when nobody waits for them any more: they settle what is open, and move nothing that is settled."""

from __future__ import annotations

import pytest

from gateway.carrier import Accepted, LateAnswer
from tests.queue.clinic import BUSY, LONG, NEVER, SILENT, Clinic, later

LATE = {
    "accepted": (Accepted("9"), "sent", ["sent"]),
    "put off": (BUSY, "queued", ["open"]),
    "refused": (NEVER, "failed", ["failed"]),
}


@pytest.mark.parametrize("case", LATE)
def test_a_late_answer_settles_an_uncertain_message(clinic: Clinic, case: str) -> None:
    outcome, state, segments = LATE[case]
    clinic.add()
    submission = clinic.begun()
    clinic.record(submission, SILENT)
    clinic.store(LateAnswer(submission.key, outcome), now=later(minutes=2))
    assert (clinic.state(), clinic.segment_states()) == (state, segments)
    assert "late_answer" in clinic.events()


def test_after_a_late_answer_a_long_message_goes_on_at_once_on_its_carrier(clinic: Clinic) -> None:
    clinic.add(LONG)
    first = clinic.begun("sim-1")
    clinic.record(first, SILENT)
    clinic.store(LateAnswer(first.key, Accepted("5")))
    assert clinic.claim("sim-2") is None
    second = clinic.begun("sim-1")
    assert second.segment.concatenation is not None
    assert second.segment.concatenation.number == 2


def test_the_rest_goes_the_way_of_the_part_that_was_taken_though_another_carrier_tried_it_since(clinic: Clinic) -> None:
    """A phone can't join halves of two senders."""
    clinic.add(LONG, category="emergency")
    first = clinic.begun("sim-1")
    clinic.record(first, SILENT)
    clinic.record(clinic.begun("sim-2"), SILENT)
    clinic.store(LateAnswer(first.key, Accepted("5")), carrier="sim-1", now=later(seconds=3))
    assert clinic.claim("sim-2") is None
    assert clinic.begun("sim-1").key != first.key


def test_a_late_answer_spares_the_second_copy_that_waits_in_the_queue(clinic: Clinic) -> None:
    clinic.add()
    submission = clinic.begun()
    clinic.record(submission, SILENT)
    clinic.box.tick(later(minutes=10))
    clinic.store(LateAnswer(submission.key, Accepted("5")), now=later(minutes=11))
    assert clinic.state() == "sent"
    assert clinic.claim(now=later(minutes=12)) is None


def test_a_late_answer_to_a_segment_in_the_air_again_changes_nothing(clinic: Clinic) -> None:
    clinic.add()
    submission = clinic.begun()
    clinic.record(submission, SILENT)
    clinic.box.tick(later(minutes=10))
    again = clinic.begun(now=later(minutes=10))
    clinic.store(LateAnswer(submission.key, Accepted("5")), now=later(minutes=11))
    assert clinic.segment_states() == ["begun"]
    clinic.record(again, Accepted("6"), later(minutes=11))
    assert clinic.state() == "sent"


def test_a_late_answer_to_a_message_given_up_is_noted_and_moves_nothing(clinic: Clinic) -> None:
    clinic.add(category="otp")
    submission = clinic.begun()
    clinic.record(submission, SILENT)
    clinic.box.tick(later(minutes=10))
    clinic.store(LateAnswer(submission.key, Accepted("5")), LateAnswer(999, Accepted("5")), now=later(minutes=11))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "sent_late")
    assert clinic.events()[-2:] == ["late_answer", "sent_late"]
