"""A few seeds of scripts/simulate; and that the simulation itself plays by its rules and sees what is broken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
import structlog

from gateway.plan.limits import Cap, Plan, Span, Unit, Window
from gateway.queue import db, times
from tests.simulation import held, invariants, limits, many, story, ways
from tests.simulation.__main__ import _growth
from tests.simulation.baton import Baton
from tests.simulation.facts import Facts, Sent
from tests.simulation.gateway import Outage, looking_seldom
from tests.simulation.network import Try
from tests.simulation.story import Ending, Story
from tests.simulation.words import Word

DAYS = 1
LOST = 1_000_000  # an id that no row has
ONE_A_MINUTE = Plan(caps=(Cap(Span.MINUTE, Unit.SMS, 1),))
SEEDS = (5001, 5004, 5007)


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    """Days of log would take longer than the days."""
    as_it_is = structlog.get_config()
    many.quiet()
    yield
    structlog.configure(**as_it_is)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_in_a_clinics_days_every_promise_is_kept(seed: int) -> None:
    ending = story.tell(seed, DAYS)
    assert ending.broken == [], "\n".join([f"scripts/simulate --seed {seed} --days {DAYS} --trace", *ending.explained])
    assert ending.messages > 0


def test_a_bind_has_its_share_of_messages_and_faults(tmp_path: Path) -> None:
    """A pair, most of whose faults this seed has."""
    begun = story.begin(3, DAYS, tmp_path)
    with looking_seldom():
        begun.tell()
    over_binds = [tried for tried in begun.network.tries if tried.line.startswith("smpp:")]
    assert len(over_binds) > 10
    assert {tried.told for tried in over_binds} >= {"accepted", "uncertain", "deferred"}
    with closing(db.open_database(begun.gateway.database)) as connection:
        assert invariants.broken(begun, connection) == []
    begun.clinic.close()


def test_the_same_seed_tells_the_same_story() -> None:
    first, second = story.tell(77, DAYS), story.tell(77, DAYS)
    assert (first.messages, first.sms, first.kills, first.states) == (
        second.messages,
        second.sms,
        second.kills,
        second.states,
    )


def test_a_process_that_grows_over_its_seeds_is_seen() -> None:
    endings = [Ending(seed, [], 0, 0, 0, 1.0, 0.1, process=7, size_kib=70_000 + 1000 * seed) for seed in range(50)]
    assert [growth.is_too_much for growth in _growth(endings)] == [True]
    assert [growth.is_too_much for growth in _growth(endings[:30])] == [False]
    assert _growth(endings[:15]) == []


# The baton.


def test_time_jumps_to_the_next_who_waits_and_only_one_runs() -> None:
    baton, told, running = Baton(Random(1)), [], []

    def wait_often(name: str, wait_s: float) -> None:
        for _ in range(3):
            baton.sleep(wait_s)
            running.append(name)
            told.append((baton.moment, name))
            assert running == [name]
            running.remove(name)

    actors = [baton.spawn(name, lambda n=name, s=s: wait_often(n, s)) for name, s in (("a", 10.0), ("b", 25.0))]
    baton.sleep(1000.0)

    assert told == [(10.0, "a"), (20.0, "a"), (25.0, "b"), (30.0, "a"), (50.0, "b"), (75.0, "b")]
    assert baton.moment == 1000.0
    assert [actor.fault for actor in actors] == [None, None]


def test_an_event_ends_a_wait_at_once_and_a_killed_thread_ends_where_it_waits() -> None:
    baton, event, told = Baton(Random(1)), threading.Event(), []

    def wait_for_it() -> None:
        told.append(("came", baton.wait(event, 1000.0), baton.moment))
        baton.sleep(1000.0)
        told.append(("never", True, 0.0))

    actor = baton.spawn("waits", wait_for_it)
    baton.sleep(5.0)
    event.set()
    baton.sleep(5.0)
    baton.kill([actor])

    assert told == [("came", True, 5.0)]
    assert actor.is_done


# What is broken is seen.


@pytest.fixture(scope="module")
def told(quiet: None) -> Iterator[Story]:
    """One more seed, whose database and network stay."""
    with TemporaryDirectory(dir=story.FOLDER) as folder, looking_seldom():
        begun = story.begin(5013, DAYS, Path(folder))
        begun.tell()
        yield begun


def _some_delivered(told: Story, connection: db.Connection) -> tuple[int, Try]:
    """A part of a message of several, none of which was ever in doubt."""
    key, message = connection.execute(
        "SELECT s.id, o.id FROM outbox AS o JOIN segments AS s ON s.outbox_id = o.id"
        " WHERE o.state = 'delivered' AND o.attempts = 1 AND s.attempts = 1 AND s.number = 1 AND s.total > 1"
        " AND COALESCE(o.category, 'notification') = 'notification' AND o.taken_at > o.created_at"
    ).fetchone()
    return message, next(tried for tried in told.network.tries if tried.key == key)


def _never_arrived(_message: int, tried: Try, _told: Story) -> Callable[[], None]:
    arrived_at, tried.arrived_at = tried.arrived_at, None
    return lambda: setattr(tried, "arrived_at", arrived_at)


def _went_out_again(_message: int, tried: Try, told: Story) -> Callable[[], None]:
    told.network.tries.append(tried)
    return lambda: told.network.tries.pop() and None


def _is_shown_twice(_message: int, tried: Try, told: Story) -> Callable[[], None]:
    texts = told.network.phones[tried.recipient].texts
    texts.extend([(0.0, text) for _at, text in texts])
    return lambda: texts.__delitem__(slice(len(texts) // 2, None))


def _is_lost(message: int, _tried: Try, told: Story) -> Callable[[], None]:
    told.clinic.asked[LOST] = replace(told.clinic.asked[message], id=LOST)
    return lambda: told.clinic.asked.__delitem__(LOST)


def _went_over_another_sim(_message: int, tried: Try, told: Story) -> Callable[[], None]:
    """The other part of a message of several."""
    line, tried.line = tried.line, "another"
    return lambda: setattr(tried, "line", line)


def _was_heard_twice(_message: int, _tried: Try, told: Story) -> Callable[[], None]:
    told.patients.words.append(Word("+79000000000", "nobody has read this"))
    return lambda: told.patients.words.pop() and None


def _went_too_early(message: int, tried: Try, told: Story) -> Callable[[], None]:
    return _asked_as(told, message, not_before=tried.wall + timedelta(hours=1))


def _went_too_late(message: int, tried: Try, told: Story) -> Callable[[], None]:
    return _asked_as(told, message, expires_at=tried.wall - timedelta(hours=1))


def _asked_as(told: Story, message: int, **other: object) -> Callable[[], None]:
    as_it_was = told.clinic.asked[message]
    told.clinic.asked[message] = replace(as_it_was, **other)  # type: ignore[arg-type]
    return lambda: told.clinic.asked.__setitem__(message, as_it_was)


def _went_in_quiet_hours(message: int, tried: Try, told: Story) -> Callable[[], None]:
    plan = told.plans.by_name[tried.carrier]
    told.plans.by_name[tried.carrier] = replace(plan, quiet=(Window.of("00:00-00:00"),))
    return lambda: told.plans.by_name.__setitem__(tried.carrier, plan)


def _began_in_a_pause(_message: int, tried: Try, told: Story) -> Callable[[], None]:
    pauses = told.clinic.desk.paused[tried.carrier]
    pauses.append((tried.moment - 60, tried.moment + 60))
    return lambda: pauses.pop() and None


def _went_before_the_part_before(_message: int, tried: Try, _told: Story) -> Callable[[], None]:
    moment, tried.moment = tried.moment, tried.moment + 3600.0
    return lambda: setattr(tried, "moment", moment)


BROKEN: dict[str, tuple[Callable[[int, Try, Story], Callable[[], None]], str]] = {
    "delivered, and never arrived": (_never_arrived, "outcome_is_true"),
    "sent again after it was accepted": (_went_out_again, "nothing_is_sent_twice_in_silence"),
    "a text shown twice": (_is_shown_twice, "phones_show_what_was_said_once"),
    "a long message over two SIMs": (_went_over_another_sim, "a_message_has_one_sender"),
    "a message before its time": (_went_too_early, "nothing_goes_before_its_time"),
    "a message after its expiry": (_went_too_late, "nothing_goes_after_its_time"),
    "a message in quiet hours": (_went_in_quiet_hours, "quiet_hours_are_kept"),
    "a message over a paused carrier": (_began_in_a_pause, "pauses_are_kept"),
    "parts in another order": (_went_before_the_part_before, "parts_go_in_their_order"),
    "a row lost": (_is_lost, "every_row_is_known_and_has_an_end"),
    "a patient's text lost": (_was_heard_twice, "patients_are_heard"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_is_seen(name: str, told: Story) -> None:
    spoil, rule = BROKEN[name]
    with closing(db.open_database(told.gateway.database)) as connection:
        assert invariants.broken(told, connection) == []
        undo = spoil(*_some_delivered(told, connection), told)
        try:
            assert {line.partition(":")[0] for line in invariants.broken(told, connection)} >= {rule}
        finally:
            undo()
        assert invariants.broken(told, connection) == []


def test_a_backlog_that_was_not_held_is_seen(told: Story) -> None:
    """As if nothing could have been sent all the time up to the first SMS of a message that nobody ever held."""
    with closing(db.open_database(told.gateway.database)) as connection:
        told.chaos.clock_set.clear()
        facts = Facts(told, connection)
        message, tried = _some_delivered(told, connection)
        told.clinic.asked[message].due_at = tried.wall - timedelta(hours=2)
        limit, told.rules = told.rules, replace(told.rules, safety=replace(told.rules.safety, backlog_limit=0))
        taken = connection.execute("SELECT taken_at FROM outbox WHERE id = ?", (message,)).fetchone()[0]
        told.gateway.outages[:] = [Outage(0.0, times.from_text(taken))]
        assert any(f"message {message} of a backlog" in line for line in held.backlogs_are_held(facts))
        told.rules = limit


def test_what_went_out_without_an_answer_is_of_a_backlog_until_its_report_comes(told: Story) -> None:
    with closing(db.open_database(told.gateway.database)) as connection:
        facts, (message, tried) = Facts(told, connection), _some_delivered(told, connection)
        facts.keys[message] = [tried.key]
        facts.tries[tried.key] = [replace(tried, told="uncertain")]
        outage = Outage(tried.moment + 3600, tried.wall + timedelta(hours=1))
        reported = held.Way(proved=[outage.wall])
        assert not held._is_part_out(facts, message, reported, outage, known_by=outage.wall)
        assert held._is_part_out(facts, message, reported, outage, known_by=outage.wall + held.SOON)


def test_a_number_knows_nothing_that_went_later_by_a_clock_put_back(told: Story) -> None:
    with closing(db.open_database(told.gateway.database)) as connection:
        facts, (message, _tried) = Facts(told, connection), _some_delivered(told, connection)
        asked, begun = told.clinic.asked[message], facts.begun[message]
        for event, known in ((begun - 1, "sim-9"), (begun + 1, "")):
            facts.sent[asked.recipient] = [Sent(event, 0, asked.asked_at - timedelta(hours=1), "sim-9")]
            assert ways._known(facts, asked) == known


def test_a_limit_that_was_not_kept_is_seen(told: Story) -> None:
    with closing(db.open_database(told.gateway.database)) as connection:
        _message, tried = _some_delivered(told, connection)
        told.plans.by_name[tried.carrier] = ONE_A_MINUTE
        facts = Facts(told, connection)
        facts.by_line[tried.line] = [tried] * 50
        assert any("in a minute, limit" in line for line in limits.limits_are_kept(facts))


def test_a_limit_that_a_clock_put_back_has_hidden_is_seen(told: Story) -> None:
    """What the clock said was still to come happened when it was put back."""
    with closing(db.open_database(told.gateway.database)) as connection:
        _message, tried = _some_delivered(told, connection)
        facts = Facts(told, connection)
        told.plans.by_name[tried.carrier] = ONE_A_MINUTE
        put_back = tried.wall - timedelta(hours=2)
        again = replace(tried, moment=tried.moment + 30, wall=put_back + timedelta(seconds=20))
        facts.by_line = {tried.line: [tried, again]}
        told.chaos.clock_set[:] = []
        assert list(limits.limits_are_kept(facts)) == []
        told.chaos.clock_set[:] = [(tried.moment + 10, put_back)]
        assert any("sent 2 sms in a minute, limit 1" in line for line in limits.limits_are_kept(facts))
