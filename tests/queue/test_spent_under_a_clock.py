"""What a SIM has spent, under a clock that is set back and forward: each try counts once, and none is ever lost."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.queue import db, spending
from tests.queue.clinic import BUSY, NOW, PHONE, Clinic, later

LINE = "line of sim-1"
PAST = NOW - timedelta(days=9000)
BACK = NOW - timedelta(days=400)  # the clock, set back by more than a year
AGES = timedelta(days=4000)


def tried(connection: db.Connection, key: int, at: datetime) -> None:
    with db.write(connection):
        spending.note(connection, LINE, key, PHONE, at)


def count(connection: db.Connection, now: datetime) -> int:
    return spending.account(connection, LINE, now).count(PAST)


def times_of(connection: db.Connection) -> list[str]:
    return [at for (at,) in connection.execute("SELECT at FROM spent ORDER BY at")]


def test_two_tries_of_one_sms_stay_two_when_the_clock_is_set_back(clinic: Clinic) -> None:
    """It got no answer, and was sent once more: the network had both."""
    tried(clinic.connection, 1, NOW)
    tried(clinic.connection, 1, later(minutes=10))
    assert count(clinic.connection, BACK) == 2
    assert count(clinic.connection, BACK + timedelta(hours=1)) == 2


def test_they_count_at_their_own_times_again_once_the_clock_says_so_much(clinic: Clinic) -> None:
    tried(clinic.connection, 1, NOW)
    tried(clinic.connection, 1, later(minutes=10))
    before = times_of(clinic.connection)
    count(clinic.connection, BACK)
    assert count(clinic.connection, later(hours=1)) == 2
    assert times_of(clinic.connection) == before


def test_one_of_the_same_moment_by_a_clock_that_passed_it_twice_stays_one_more(clinic: Clinic) -> None:
    tried(clinic.connection, 1, NOW)
    count(clinic.connection, BACK)
    tried(clinic.connection, 1, NOW)
    assert count(clinic.connection, later(hours=1)) == 2


def test_what_is_known_not_to_have_gone_is_taken_back_after_the_clock_was_set_back_too(clinic: Clinic) -> None:
    clinic.add()
    begun = clinic.begun()
    assert count(clinic.connection, BACK) == 1
    clinic.record(begun, BUSY, BACK)
    assert count(clinic.connection, BACK) == 0


@given(steps=st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 2)), max_size=25))
@settings(max_examples=40, deadline=None)
def test_however_the_clock_jumps_each_try_counts_once(
    tmp_path_factory: object, empty: bytes, steps: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("clock") / "gateway.db"  # type: ignore[attr-defined]
    path.write_bytes(empty)
    connection = db.open_database(path)
    made: set[tuple[int, datetime]] = set()
    now = NOW
    for number, (jump, key) in enumerate(steps):
        now += timedelta(hours=jump, milliseconds=number)
        tried(connection, key, now)
        made.add((key, now))
        assert count(connection, now) == len(made)
    assert count(connection, now + AGES) == len(made)
    connection.close()
