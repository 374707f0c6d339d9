"""No schedule ever exceeds a limit: not with restarts, crashes in the air, refusals, nor with a clock that is set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.carrier import Accepted, Deferred, Outcome, Scope, Submission, Uncertain
from gateway.plan.limits import CAPS, Cap, Plan, Span, Unit, day_start, month_start
from gateway.queue import db, spending, times
from gateway.sms.message import Alphabet, Segment
from gateway.worker.leave import Leave

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)  # the night to the 25th has an hour more
LINE = "8970199000000000017"
BUSY = Deferred("cms_42", "Congestion.", Scope.NETWORK)
SUBMITTED = """
    INSERT INTO segments (id, outbox_id, number, total, alphabet, submitted_at) VALUES (?1, ?1, 1, 1, 'gsm7', ?2)"""
OUTCOMES: Sequence[Outcome] = (Accepted("1"), Uncertain("no_answer", "No answer."), BUSY)


@dataclass
class Sim:
    """A worker in small: what it asks and tells its Leave, and what it writes down."""

    connection: db.Connection
    plan: Plan
    now: datetime = START
    sent: list[tuple[datetime, int]] = field(default_factory=list)
    begun: list[datetime] = field(default_factory=list)
    keys: int = 0

    def __post_init__(self) -> None:
        self.connection.execute("DELETE FROM spent")
        self.connection.execute("DELETE FROM segments")
        self.connection.execute("DELETE FROM lines")
        self.restart()

    def restart(self) -> None:
        self.leave = Leave(self.plan, ZONE, random=Random(7))
        self.leave.open(self.connection, LINE, self.now)

    def submit(self, who: int, outcome: Outcome | None, takes_s: float) -> None:
        """One SMS, if there is leave; None: the power fails while it is in the air."""
        self.leave.keep(self.now)
        if self.leave.wait_s(self.now) > 0 or self.leave.room(self.now) == 0:
            return
        self.keys += 1
        submission = Submission(self.keys, f"+7900000{who:04}", Segment("Hello", Alphabet.GSM7, None))
        at = self._begin(submission)
        self.now += timedelta(seconds=takes_s)
        if outcome is None:
            self.restart()
        else:
            self.leave.after(submission, outcome, self.now)
        if outcome is not BUSY:
            values = (submission.key, times.to_text(self.now if outcome else datetime.fromisoformat(at)))
            self.connection.execute(SUBMITTED, values)
        if outcome is BUSY:
            spending.take_back(self.connection, LINE, submission.key, at)
        else:
            self.sent.append((self.now if outcome else datetime.fromisoformat(at), who))

    def _begin(self, submission: Submission) -> str:
        self.leave.begins(self.now)
        self.begun.append(self.now)
        with db.write(self.connection):
            spending.note(self.connection, LINE, submission.key, submission.recipient, self.now)
        at: str = self.connection.execute("SELECT max(at) FROM spent WHERE segment_id = ?", (self.keys,)).fetchone()[0]
        return at


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[db.Connection]:
    path: Path = tmp_path_factory.mktemp("limits") / "gateway.db"
    db.create_or_upgrade(path)
    with closing(db.open_database(path)) as opened:
        opened.execute("PRAGMA synchronous = OFF")
        yield opened


Steps = list[tuple[float, bool, list[tuple[int, Outcome | None, float]]]]  # a wait, a restart, and then SMS

caps = st.lists(
    st.builds(lambda key, most: Cap(key[0], key[1], most), st.sampled_from(list(CAPS.values())), st.integers(1, 12)),
    unique_by=lambda cap: (cap.span, cap.unit),
    min_size=1,
    max_size=4,
)
waits = st.sampled_from([0.0, 0.4, 7.0, 31.0, 300.0, 3000.0, 40_000.0, 400_000.0])
submits = st.tuples(st.integers(0, 8), st.sampled_from((*OUTCOMES, None)), st.sampled_from([0.0, 0.3, 5.0]))
steps = st.lists(st.tuples(waits, st.booleans(), st.lists(submits, max_size=8)), max_size=25)
quick = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def is_kept(cap: Cap, sent: Sequence[tuple[datetime, int]]) -> bool:
    """Looked at from each SMS: what went out in the span that ends with it, or in its day or month."""
    return all(_count(cap.unit, _in_span(cap.span, at, sent[: n + 1])) <= cap.most for n, (at, _) in enumerate(sent))


def _in_span(span: Span, at: datetime, sent: Sequence[tuple[datetime, int]]) -> list[int]:
    if isinstance(span.value, timedelta):
        return [who for when, who in sent if at - span.value < when]
    start = (day_start if span is Span.DAY else month_start)(at, ZONE)
    return [who for when, who in sent if when >= start]


def _count(unit: Unit, people: Sequence[int]) -> int:
    return len(people) if unit is Unit.SMS else len(set(people))


@quick
@given(caps=caps, steps=steps)
def test_no_schedule_exceeds_a_limit(connection: db.Connection, caps: list[Cap], steps: Steps) -> None:
    sim = Sim(connection, Plan(tuple(caps)))
    for wait_s, restarts, attempts in steps:
        sim.now += timedelta(seconds=wait_s)
        if restarts:
            sim.restart()
        for attempt in attempts:
            sim.submit(*attempt)
    assert [cap for cap in caps if not is_kept(cap, sim.sent)] == []


@quick
@given(steps=steps, jumps=st.lists(st.sampled_from([0.0, 5.0, 3700.0, 90_000.0, 3_000_000.0]), max_size=25))
def test_a_clock_that_is_set_back_lets_nothing_more_out(
    connection: db.Connection, steps: Steps, jumps: list[float]
) -> None:
    """What went out at a moment that is still to come, by the new clock, went out now."""
    sim = Sim(connection, Plan((Cap(Span.DAY, Unit.SMS, 3),)))
    for (wait_s, restarts, attempts), back_s in zip(steps, jumps, strict=False):
        sim.now += timedelta(seconds=wait_s - back_s)
        sim.sent = [(min(at, sim.now), who) for at, who in sim.sent]
        if restarts:
            sim.restart()
        for attempt in attempts:
            before = len(_in_span(Span.DAY, sim.now, sim.sent))
            had = len(sim.begun)
            sim.submit(*attempt)
            assert before < 3 or len(sim.begun) == had


def test_after_a_clock_that_was_a_year_ahead_sending_goes_on(connection: db.Connection) -> None:
    sim = Sim(connection, Plan((Cap(Span.MONTH, Unit.SMS, 3),)), now=START + timedelta(days=365))
    for who in range(3):
        sim.submit(who, OUTCOMES[0], 0.0)
    sim.now = START
    sim.submit(4, OUTCOMES[0], 0.0)
    assert len(sim.begun) == 3
    sim.now = START + timedelta(days=31)
    sim.restart()
    sim.submit(4, OUTCOMES[0], 0.0)
    assert len(sim.begun) == 4


@pytest.mark.parametrize("is_running", [False, True], ids=["it starts anew", "it runs on"])
@pytest.mark.parametrize("back", [timedelta(days=20_000), timedelta(days=1), timedelta(hours=2)], ids=str)
def test_a_clock_that_was_behind_until_it_was_set_lets_nothing_more_out(
    connection: db.Connection, back: timedelta, is_running: bool
) -> None:
    """As after a power cut, on a machine whose clock has no battery; the limits of the night before count again."""
    sim = Sim(connection, Plan((Cap(Span.DAY, Unit.SMS, 3),)))
    for who in range(3):
        sim.submit(who, OUTCOMES[0], 0.0)
    for now in (START - back, START - back + timedelta(seconds=40), START + timedelta(seconds=90)):
        sim.now = now
        if not is_running:
            sim.restart()
        sim.submit(4, OUTCOMES[0], 0.0)
    assert len(sim.begun) == 3


@quick
@given(steps=steps, interval_s=st.sampled_from([1.0, 8.0, 60.0]), jitter_s=st.sampled_from([0.0, 4.0]))
def test_two_sms_never_begin_within_the_least_interval(
    connection: db.Connection, steps: Steps, interval_s: float, jitter_s: float
) -> None:
    sim = Sim(connection, Plan(min_interval_s=interval_s, jitter_s=jitter_s))
    for wait_s, _restarts, attempts in steps:
        sim.now += timedelta(seconds=wait_s)
        for who, outcome, takes_s in attempts:
            sim.submit(who, outcome or BUSY, takes_s)
    assert all((after - before).total_seconds() >= interval_s for before, after in pairwise(sim.begun))


def test_the_jitter_is_spread_over_its_span(connection: db.Connection) -> None:
    sim = Sim(connection, Plan(min_interval_s=3.0, jitter_s=4.0))
    pauses = []
    for _ in range(200):
        sim.leave.begins(sim.now)
        pauses.append(sim.leave.wait_s(sim.now))
    assert min(pauses) < 3.2
    assert max(pauses) > 6.8
    assert all(3.0 <= pause <= 7.0 for pause in pauses)
