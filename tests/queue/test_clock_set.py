"""The machine's clock is set by hours while an SMS is in the air, as where its clock has no battery."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.carrier import Accepted, Outcome, Refused, Uncertain
from tests.queue.clinic import BUSY, LONG, Clinic, later

SET_TO = later(hours=6)

OUTCOMES: dict[str, tuple[Outcome, str]] = {
    "accepted": (Accepted("5"), "sent"),
    "refused": (Refused("cms_28", "Unknown subscriber."), "failed"),
    "put off": (BUSY, "queued"),
    "no answer": (Uncertain("no_answer", "No answer came."), "uncertain"),
}


def state(clinic: Clinic, message: int) -> str:
    return str(clinic.connection.execute("SELECT state FROM outbox WHERE id = ?", (message,)).fetchone()[0])


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_outcome_that_comes_after_the_clock_was_set_still_counts(clinic: Clinic, name: str) -> None:
    outcome, ends = OUTCOMES[name]
    message = clinic.add()
    submission = clinic.claim()
    assert submission is not None
    clinic.box.tick(SET_TO)
    assert state(clinic, message) == "uncertain"
    assert clinic.box.record(submission.key, outcome, SET_TO + timedelta(seconds=1)) is None
    assert state(clinic, message) == ends


def test_the_rest_of_a_long_message_goes_on(clinic: Clinic) -> None:
    message = clinic.add(LONG)
    first = clinic.claim()
    assert first is not None
    clinic.box.tick(SET_TO)
    clinic.box.record(first.key, Accepted("5"), SET_TO)
    clinic.box.ripen(SET_TO)
    references = iter(("6", "7"))
    submission = clinic.claim(now=SET_TO)
    while submission is not None:
        assert submission.key != first.key
        submission = clinic.box.record(submission.key, Accepted(next(references)), SET_TO)
    assert state(clinic, message) == "sent"
