"""Any sequence of outcomes, reports, crashes and waits: nothing is lost, nothing is sent again without a reason."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.carrier import Accepted, Deferred, LateAnswer, Outcome, Refused, ReportStatus, Scope, Submission, Uncertain
from gateway.queue.states import State
from tests.queue.clinic import LONG, NOW, PHONE, Clinic, report

BODIES = {"short": "Ждём вас", "long": LONG}
OUTCOMES: dict[str, Outcome] = {
    "accepted": Accepted(""),
    "phone off": Deferred("cms_38", "Not now.", Scope.NUMBER),
    "network busy": Deferred("cms_332", "Not now.", Scope.NETWORK),
    "device broken": Deferred("cms_500", "Not now.", Scope.DEVICE),
    "refused": Refused("cms_1", "Never."),
    "no answer": Uncertain("no_answer", "?"),
}
HAPPENINGS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(["accepted"] * 6 + sorted(OUTCOMES))),
    st.tuples(st.just("crash"), st.just("")),
    st.tuples(st.just("wait"), st.sampled_from(["1", "11", "700"])),
    st.tuples(st.just("report"), st.sampled_from(["delivered", "undelivered", "pending"])),
    st.tuples(st.just("late"), st.sampled_from(["accepted", "phone off", "refused"])),
)
ENDS = {State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED, State.EXPIRED}
NETWORK_HAS_IT = {"sent", "delivered", "undelivered"}


class World:
    """The queue with one carrier, and what has really happened in the air."""

    def __init__(self, path: Path, empty: bytes) -> None:
        path.write_bytes(empty)
        self.clinic = Clinic(path)
        self.now: datetime = NOW
        self.in_air: Submission | None = None
        self.handed = Counter[int]()  # how often each segment's bytes went out
        self.reasons = Counter[int]()  # how often it was right to send them once more
        self.references: list[str] = []

    def happen(self, what: str, how: str) -> None:
        getattr(self, what)(how)

    def claim(self) -> None:
        self.clinic.box.ripen(self.now)
        self._hand_over(self.in_air or self.clinic.claim(now=self.now))

    def _hand_over(self, submission: Submission | None) -> None:
        if submission is not None and submission is not self.in_air:
            self.handed[submission.key] += 1
        self.in_air = submission

    def answer(self, how: str) -> None:
        self.claim()
        if self.in_air is None:
            return
        outcome, key = OUTCOMES[how], self.in_air.key
        if isinstance(outcome, Accepted):
            self.references.append(str(len(self.references)))
            outcome = Accepted(self.references[-1])
        else:
            self.reasons[key] += 1
        self._hand_over(self.clinic.box.record(key, outcome, self.now))

    def crash(self, _how: str) -> None:
        self.clinic = self.clinic.reopened()
        self.clinic.box.recover(self.now)
        if self.in_air is not None:
            self.reasons[self.in_air.key] += 1
        self.in_air = None

    def wait(self, minutes: str) -> None:
        if self.in_air is None:  # no carrier keeps an SMS in the air so long
            self.now += timedelta(minutes=int(minutes))
            self.clinic.box.tick(self.now)

    def report(self, how: str) -> None:
        reference = self.references[-1] if self.references else "77"
        self.clinic.store(report(reference, ReportStatus(how), self.now), now=self.now)

    def late(self, how: str) -> None:
        key = max(self.handed, default=0)
        outcome = OUTCOMES[how]
        assert not isinstance(outcome, Uncertain)
        self.clinic.store(LateAnswer(key, outcome), now=self.now)

    def end(self) -> None:
        """A good network from now on, and all the time that it takes."""
        for _ in range(60):
            self.answer("accepted")
            self.wait("11")


@pytest.mark.timeout(120)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(BODIES)), min_size=1, max_size=3), st.lists(HAPPENINGS, max_size=25))
def test_every_message_comes_to_an_end_and_no_sms_is_repeated_without_a_reason(
    empty: bytes, bodies: list[str], happenings: list[tuple[str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "gateway.db", empty)
        for body in bodies:
            world.clinic.add(BODIES[body], PHONE)
        for what, how in happenings:
            world.happen(what, how)
        world.end()
        for message in range(1, len(bodies) + 1):
            assert world.clinic.state(message) in ENDS
            if world.clinic.state(message) in (State.SENT, State.DELIVERED):
                assert set(world.clinic.segment_states(message)) <= NETWORK_HAS_IT
        for key, times_handed in world.handed.items():
            assert times_handed <= 1 + world.reasons[key]
        world.clinic.connection.close()
