"""The clock was hours ahead and is set back: what was put off meanwhile waits as long as it was to, and no hours more.

What a writer or a person has said of a message's time stays as it was said, whatever the clock does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.carrier import CarrierStatus
from gateway.life import Life
from gateway.queue import heartbeat, lives, put_off, times
from tests.queue.clinic import BROKEN, BUSY, NOW, OTHER_PHONE, PHONE, RULES, SILENT, Clinic, later
from tests.queue.power import Tale, World, survives

AHEAD = later(hours=7)
SECOND = timedelta(seconds=1)
BACK = NOW + 2 * SECOND  # two seconds later the clock is right
WAIT = timedelta(seconds=RULES.uncertain_wait_s)


def is_due(clinic: Clinic, at: timedelta = timedelta(), carrier: str = "sim-1") -> bool:
    clinic.box.tick(BACK + at)
    clinic.box.ripen(BACK + at)
    return clinic.claim(carrier, BACK + at) is not None


def put_off_once(clinic: Clinic) -> None:
    """By a busy network, for five seconds."""
    clinic.add(now=AHEAD)
    clinic.record(clinic.begun(now=AHEAD), BUSY, AHEAD)


def put_off_by_its_carrier(clinic: Clinic) -> None:
    """The same: the others may have it at once, the one that failed in five seconds."""
    clinic.add(now=AHEAD)
    clinic.record(clinic.begun(now=AHEAD), BROKEN, AHEAD)


def an_emergency_without_an_answer(clinic: Clinic) -> None:
    """Another carrier may send it once more at once, this one in five seconds."""
    clinic.add(now=AHEAD, category="emergency")
    clinic.record(clinic.begun(now=AHEAD), SILENT, AHEAD)


PUT_OFF: dict[str, Callable[[Clinic], None]] = {
    "network": put_off_once,
    "device": put_off_by_its_carrier,
    "emergency": an_emergency_without_an_answer,
}


@pytest.mark.parametrize("name", PUT_OFF)
def test_what_was_put_off_for_seconds_waits_for_seconds(clinic: Clinic, name: str) -> None:
    PUT_OFF[name](clinic)
    assert not is_due(clinic)
    assert not is_due(clinic, 4 * SECOND)
    assert is_due(clinic, 6 * SECOND)


def test_looking_again_and_again_puts_nothing_off_further(clinic: Clinic) -> None:
    put_off_once(clinic)
    for second in range(5):
        assert not is_due(clinic, second * SECOND)
    assert is_due(clinic.reopened(), 5 * SECOND)


def test_the_next_start_finds_it_too(clinic: Clinic) -> None:
    put_off_once(clinic)
    again = clinic.reopened()
    again.box.recover(BACK)
    assert not is_due(again)
    assert is_due(again, 6 * SECOND)


@pytest.mark.parametrize("minutes", [2, 30])
def test_a_clock_that_was_ahead_by_minutes_costs_none_of_them(clinic: Clinic, minutes: int) -> None:
    """Less than the longest wait that there is."""
    ahead = BACK + timedelta(minutes=minutes)
    clinic.add(now=ahead)
    clinic.record(clinic.begun(now=ahead), BUSY, ahead)
    assert not is_due(clinic)
    assert is_due(clinic, 6 * SECOND)


def test_all_of_a_heap_come_back_at_once(clinic: Clinic) -> None:
    heap = 2 * put_off.AT_ONCE + 1
    for message in range(heap):
        clinic.add(recipient=f"+7900000{message:04}", now=AHEAD)
        clinic.record(clinic.begun(now=AHEAD), BUSY, AHEAD)
    clinic.box.tick(BACK)
    last = clinic.connection.execute("SELECT max(next_attempt_at) FROM outbox").fetchone()[0]
    assert last <= times.to_text(BACK + 6 * SECOND)


def test_what_could_not_be_written_waits_its_quarter_of_an_hour(clinic: Clinic) -> None:
    clinic.add()  # and was written by a clock that was right
    clinic.connection.execute(
        "CREATE TRIGGER no BEFORE INSERT ON segments BEGIN SELECT RAISE(ABORT, 'not this one'); END"
    )
    assert clinic.box.claim("sim-1", "line of sim-1", AHEAD, singly=True) is None
    clinic.connection.execute("DROP TRIGGER no")
    assert clinic.value("next_attempt_at") == times.to_text(AHEAD + timedelta(minutes=15))
    assert not is_due(clinic)
    assert is_due(clinic, timedelta(minutes=15))


def test_a_writers_time_is_kept(clinic: Clinic) -> None:
    at = times.to_text(BACK + timedelta(hours=9))
    clinic.add(now=AHEAD, not_before=at, expires_at=times.to_text(BACK + timedelta(hours=20)))
    assert not is_due(clinic)
    assert not is_due(clinic, timedelta(hours=8))
    assert clinic.value("next_attempt_at") == at
    assert is_due(clinic, timedelta(hours=9))


def test_what_was_put_off_by_a_clock_that_is_right_waits_as_it_was_to(clinic: Clinic) -> None:
    clinic.add(now=BACK)
    clinic.record(clinic.begun(now=BACK), BUSY, BACK)
    before = clinic.value("next_attempt_at")
    clinic.box.tick(BACK - timedelta(seconds=30))  # a correction of seconds
    assert clinic.value("next_attempt_at") == before


def test_one_without_an_answer_is_waited_for_as_long_as_any_and_no_longer(clinic: Clinic) -> None:
    """Never shorter: its report may be coming, and a second copy would be a double."""
    clinic.add(now=AHEAD)
    clinic.record(clinic.begun(now=AHEAD), SILENT, AHEAD)
    clinic.box.tick(BACK)
    assert clinic.value("next_attempt_at") == times.to_text(BACK + WAIT)
    clinic.box.tick(BACK + WAIT - SECOND)
    assert clinic.state() == "uncertain"
    clinic.box.tick(BACK + WAIT)
    assert clinic.state() == "queued"


def test_a_clock_that_fell_back_for_a_while_ends_no_waiting_for_an_answer(clinic: Clinic) -> None:
    """It was right when the SMS went out, and is again after some seconds: its report has had those, not the hours."""
    heartbeat.start(clinic.connection, 17, NOW - timedelta(hours=9))
    status = CarrierStatus(Life.READY, line="line of sim-1")
    lives.report(clinic.connection, "sim-1", "modem", status, 0, None, NOW - timedelta(hours=9))
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(later(hours=-7))
    clinic.box.tick(later(seconds=20))
    assert clinic.state() == "uncertain"
    clinic.box.tick(NOW + WAIT)
    assert clinic.state() == "queued"


def test_one_that_waits_for_a_person_waits_on(clinic: Clinic) -> None:
    """As a backup that was put back leaves it."""
    clinic.add(now=AHEAD)
    clinic.record(clinic.begun(now=AHEAD), SILENT, AHEAD)
    clinic.connection.execute("UPDATE outbox SET next_attempt_at = NULL")
    clinic.box.tick(BACK + timedelta(days=1))
    assert clinic.state() == "uncertain"


def a_clock_that_is_set_back(world: World) -> None:
    right, world.now = world.now, AHEAD
    world.add("Ждём вас", PHONE, OTHER_PHONE)
    world.send(BUSY)
    world.send(SILENT)
    world.now = right
    world.box.tick(world.now)


def the_next_turn(world: World) -> None:
    world.now = BACK
    world.box.tick(world.now)
    waits = world.connection.execute("SELECT max(next_attempt_at) FROM outbox").fetchone()[0]
    assert waits is None or waits <= times.to_text(world.now + WAIT)


def test_a_power_cut_while_they_are_brought_back_costs_nothing(tmp_path: Path, empty: bytes) -> None:
    assert survives(Tale(a_clock_that_is_set_back, RULES, the_next_turn), tmp_path, empty) > 20
