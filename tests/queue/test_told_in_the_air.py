"""What is told of a copy that went out before, while another copy of the same SMS is in the air."""

from __future__ import annotations

import pytest

from gateway.carrier import Accepted, LateAnswer, Outcome, ReportStatus
from tests.queue.clinic import BROKEN, BUSY, LONG, NEVER, NOW, SILENT, Clinic, later, report

FAILED = ReportStatus.UNDELIVERED
TWO = LONG[:100]  # 2 SMS
NOT_TAKEN = {"busy": BUSY, "broken": BROKEN, "refused": NEVER, "silent": SILENT}


def in_the_air_again(clinic: Clinic, body: str = "Urgent") -> int:
    """Handed over by sim-1 without an answer, and by sim-2 since; the segment."""
    clinic.add(body, category="emergency")
    clinic.record(clinic.begun(), SILENT)
    clinic.box.ripen(later(seconds=20))
    return clinic.begun("sim-2", later(seconds=20)).key


@pytest.mark.parametrize("outcome", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_a_copy_that_is_known_to_be_delivered_is_not_sent_once_more(clinic: Clinic, outcome: Outcome) -> None:
    segment = in_the_air_again(clinic)
    clinic.store(report("5", at=NOW), now=later(seconds=25))
    clinic.box.record(segment, outcome, later(seconds=30))
    assert clinic.state() == "delivered"
    assert clinic.events().count("resend") == 1


@pytest.mark.parametrize("outcome", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_a_late_answer_is_known_after_the_outcome_too(clinic: Clinic, outcome: Outcome) -> None:
    segment = in_the_air_again(clinic)
    clinic.store(LateAnswer(segment, Accepted("5")), now=later(seconds=25))
    clinic.box.record(segment, outcome, later(seconds=30))
    assert clinic.state() == "sent"
    clinic.store(report("5", at=NOW), now=later(seconds=35))
    assert clinic.state() == "delivered"


def test_what_is_known_survives_a_power_cut(clinic: Clinic) -> None:
    in_the_air_again(clinic)
    clinic.store(report("5", at=NOW), now=later(seconds=25))
    after = clinic.reopened()
    after.box.recover(later(seconds=60))
    assert after.state() == "delivered"


@pytest.mark.parametrize(("told", "state"), [(ReportStatus.DELIVERED, "delivered"), (FAILED, "sent")])
def test_of_two_copies_that_are_out_one_that_is_delivered_counts(
    clinic: Clinic, told: ReportStatus, state: str
) -> None:
    segment = in_the_air_again(clinic)
    clinic.store(report("5", told, at=NOW), now=later(seconds=25))
    clinic.box.record(segment, Accepted("9"), later(seconds=30))
    assert clinic.state() == state


def test_the_rest_follows_the_copy_that_is_out(clinic: Clinic) -> None:
    segment = in_the_air_again(clinic, TWO)
    clinic.store(report("5", at=NOW), now=later(seconds=25))
    assert clinic.box.record(segment, BUSY, later(seconds=30)) is None
    assert (clinic.state(), clinic.value("route")) == ("queued", "sim-1")


def test_the_rest_follows_the_copy_that_is_out_when_that_is_told_before_the_next_try(clinic: Clinic) -> None:
    segment = in_the_air_again(clinic, TWO)
    clinic.box.record(segment, BUSY, later(seconds=30))
    clinic.store(report("5", at=NOW), now=later(seconds=31))
    assert (clinic.state(), clinic.value("route")) == ("queued", "sim-1")
