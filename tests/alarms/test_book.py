"""The table of alarms: each is raised once and cleared once, and makes its notices once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from sqlite3 import Connection

import structlog

from gateway.alarms import book
from gateway.alarms.values import Alarm
from gateway.masking import masked

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LOW = Alarm("balance_low", "The balance of sim-1 is 12.00.", "Top up its account.", "sim-1")
LOWER = Alarm("balance_low", "The balance of sim-1 is 8.00.", "Top up its account.", "sim-1")
FULL = Alarm("disk_full", "The database's disk has only 3 MB left.", "Free some space.")


def ways(code: str) -> Sequence[str]:
    """The second way only wants to hear of disks."""
    return ["1.email", "2.url"] if code == "disk_full" else ["1.email"]


def look(connection: Connection, *alarms: Alarm, minutes: float = 0) -> None:
    book.update(connection, alarms, ways, NOW + timedelta(minutes=minutes))


def events(connection: Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT event, detail FROM events ORDER BY id").fetchall()


def notices(connection: Connection) -> list[tuple[str, int]]:
    return connection.execute("SELECT way, is_clear FROM notices ORDER BY id").fetchall()


def test_an_alarm_that_lasts_is_raised_once(connection: Connection) -> None:
    for minutes in range(5):
        look(connection, LOW, minutes=minutes)
    assert len(book.listed(connection, is_all=True)) == 1
    assert events(connection) == [("alarm_raised", "balance_low sim-1")]
    assert notices(connection) == [("1.email", 0)]


def test_one_that_is_over_is_cleared_once(connection: Connection) -> None:
    look(connection, LOW)
    look(connection, minutes=1)
    look(connection, minutes=2)
    assert book.listed(connection) == []
    [row] = book.listed(connection, is_all=True)
    assert row["cleared_at"] == "2026-11-22T09:01:00.000Z"
    assert [event for event, _detail in events(connection)] == ["alarm_raised", "alarm_cleared"]
    assert notices(connection) == [("1.email", 0), ("1.email", 1)]


def test_one_that_comes_again_is_raised_anew(connection: Connection) -> None:
    look(connection, LOW)
    look(connection, minutes=1)
    look(connection, LOW, minutes=2)
    assert [row["cleared_at"] is None for row in book.listed(connection, is_all=True)] == [True, False]


def test_its_words_follow_what_is_so_without_another_notice(connection: Connection) -> None:
    look(connection, LOW)
    look(connection, LOWER, minutes=1)
    assert [row["text"] for row in book.listed(connection)] == [LOWER.text]
    assert len(notices(connection)) == 1


def test_each_way_hears_only_of_what_it_wants(connection: Connection) -> None:
    look(connection, LOW, FULL)
    assert sorted(notices(connection)) == [("1.email", 0), ("1.email", 0), ("2.url", 0)]


def test_the_same_code_for_two_modems_is_two_alarms(connection: Connection) -> None:
    look(connection, LOW, Alarm("balance_low", "The balance of sim-2 is 1.00.", "Top up its account.", "sim-2"))
    assert len(book.listed(connection)) == 2


def test_the_log_says_what_is_amiss_though_it_hides_texts(connection: Connection) -> None:
    with structlog.testing.capture_logs() as said:
        look(connection, LOW)
    [line] = said
    assert LOW.text in masked(line).values()
