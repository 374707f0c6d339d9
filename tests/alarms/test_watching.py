"""The watch as a whole: from the rows that the daemon writes to an alarm and to its notice."""

from __future__ import annotations

from datetime import datetime, timedelta
from sqlite3 import Connection

import pytest

from gateway.alarms import book
from gateway.queue import heartbeat, lives, progress, times
from gateway.settings import Settings
from tests.alarms.watched import LONG, STAFF, carrier, codes, look


def test_without_a_daemon_ever_there_is_nothing_to_look_at(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    look(settings, now)
    assert codes(connection) == []


def test_a_low_balance_is_raised_told_to_who_wants_it_and_cleared(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    heartbeat.start(connection, 1, now - LONG)
    connection.execute("UPDATE daemon SET able_at = ?", (times.to_text(now),))
    carrier(connection, balance=12.0, runs_out_at="2026-12-24T08:00:00.000Z")
    look(settings, now)
    assert codes(connection) == ["balance_low"]
    assert "until 2026-12-24" in book.listed(connection)[0]["text"]
    carrier(connection, balance=500.0)
    look(settings, now + timedelta(minutes=1))
    assert codes(connection) == []
    assert connection.execute("SELECT recipient FROM outbox").fetchall() == [(STAFF,)] * 2


def test_a_thread_that_hangs_is_raised_and_cleared_when_it_moves_again(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    heartbeat.start(connection, 1, now - LONG)
    connection.execute("UPDATE daemon SET able_at = ?", (times.to_text(now),))
    carrier(connection)
    heartbeat.hung(connection, ["sim-1"], now)
    look(settings, now)
    assert codes(connection) == ["hung"]
    heartbeat.hung(connection, [], now)
    look(settings, now + timedelta(minutes=1))
    assert codes(connection) == []


@pytest.mark.parametrize("written", ["INSERT", "UPDATE OF state", "UPDATE OF sent_at", "UPDATE OF carrier"])
def test_a_broken_trigger_of_another_program_is_raised_and_cleared_when_it_works_again(
    connection: Connection, settings: Settings, now: datetime, written: str
) -> None:
    heartbeat.start(connection, 1, now - LONG)
    connection.execute("UPDATE daemon SET able_at = ?", (times.to_text(now),))
    carrier(connection)
    connection.execute(f"CREATE TRIGGER mis_log AFTER {written} ON outbox BEGIN INSERT INTO gone VALUES (1); END")
    look(settings, now)
    (alarm,) = book.listed(connection)
    assert (alarm["code"], "main.gone" in alarm["text"]) == ("database_not_writable", True)
    assert "mis_log" in alarm["remedy"]
    connection.execute("CREATE TABLE gone (id INTEGER)")
    look(settings, now + timedelta(minutes=1))
    assert codes(connection) == []


def test_what_the_daemon_wrote_of_no_carrier_is_an_alarm_nobody_asked_to_be_told_of(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    heartbeat.start(connection, 1, now - LONG)
    carrier(connection, state="absent", since=times.to_text(now - timedelta(minutes=10)))
    look(settings, now)
    assert codes(connection) == ["no_carrier"]
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_held_messages_are_counted_by_their_reason(connection: Connection, settings: Settings, now: datetime) -> None:
    heartbeat.start(connection, 1, now - LONG)
    carrier(connection)
    connection.executemany("INSERT INTO outbox (recipient, body) VALUES ('+79000000001', ?)", [("a",), ("b",)])
    connection.execute("UPDATE outbox SET state = 'held', error_code = 'storm_number', error_text = 'Too many.'")
    look(settings, now)
    assert [(row["subject"], row["text"][:10]) for row in book.listed(connection)] == [("storm_number", "2 messages")]


def test_an_emergency_beyond_the_limit_of_its_number_is_an_alarm_for_a_day(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    heartbeat.start(connection, 1, now - LONG)
    carrier(connection)
    connection.execute("INSERT INTO outbox (recipient, body) VALUES ('+79000000001', 'Call us')")
    progress.note(connection, 1, "past_limit", "20 messages had gone to this number", now - timedelta(hours=23))
    look(settings, now)
    assert [(row["code"], row["subject"]) for row in book.listed(connection)] == [("storm", "")]
    assert "smsgw outbox show 1`" in book.listed(connection)[0]["remedy"]
    connection.execute("UPDATE outbox SET state = 'cancelled'")
    look(settings, now + timedelta(hours=2))
    assert codes(connection) == []


def test_fewer_deliveries_than_wanted_are_an_alarm_about_that_modem(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    heartbeat.start(connection, 1, now - LONG)
    carrier(connection)
    connection.executemany("INSERT INTO outbox (recipient, body) VALUES ('+79000000001', ?)", [("x",)] * 30)
    at = times.to_text(now - timedelta(hours=1))
    for state in ("sending", "sent", "undelivered"):
        connection.execute("UPDATE outbox SET state = ?, carrier = 'sim-1', updated_at = ?", (state, at))
    look(settings, now)
    assert codes(connection) == ["delivery_rate"]


def alarm_events(connection: Connection) -> list[str]:
    """Every alarm that was raised or cleared, as `+code` and `-code`."""
    signs = {"alarm_raised": "+", "alarm_cleared": "-"}
    rows = connection.execute("SELECT event, detail FROM events WHERE event LIKE 'alarm%' ORDER BY id").fetchall()
    return [signs[event] + detail.split()[0] for event, detail in rows]


@pytest.mark.parametrize(
    ("state", "facts", "code"),
    [
        ("needs_pin", {}, "needs_pin"),
        ("failed", {}, "carrier_failed"),
        ("ready", {"storage_percent": 90}, "storage_full"),
        ("ready", {"balance": 3.0}, "balance_low"),
    ],
)
def test_a_restart_neither_clears_nor_repeats_what_is_still_so(
    connection: Connection, settings: Settings, now: datetime, state: str, facts: dict[str, object], code: str
) -> None:
    heartbeat.start(connection, 1, now)
    carrier(connection, state=state, **facts)
    look(settings, now)
    heartbeat.start(connection, 2, now + timedelta(seconds=60))
    look(settings, now + timedelta(seconds=61))
    carrier(connection, state="starting")
    look(settings, now + timedelta(seconds=76))
    carrier(connection, state=state, **facts)
    look(settings, now + timedelta(seconds=91))
    assert alarm_events(connection) == [f"+{code}"]
    carrier(connection, state="ready", balance=500.0, storage_percent=0)
    look(settings, now + timedelta(seconds=106))
    assert alarm_events(connection) == [f"+{code}", f"-{code}"]


def test_a_restart_does_not_clear_that_no_modem_can_send(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    heartbeat.start(connection, 1, now - LONG)
    connection.execute("UPDATE daemon SET able_at = ?", (times.to_text(now - LONG),))
    carrier(connection, state="absent", since=times.to_text(now - LONG))
    look(settings, now)
    before = {row["code"]: row["text"] for row in book.listed(connection)}
    heartbeat.start(connection, 2, now + timedelta(seconds=60))
    carrier(connection, state="absent", since=times.to_text(now + timedelta(seconds=60)))
    look(settings, now + timedelta(seconds=61))
    assert {row["code"]: row["text"] for row in book.listed(connection)} == before
    assert alarm_events(connection) == ["+no_carrier", "+carrier_down"]


def test_a_restart_neither_clears_nor_repeats_that_a_modem_is_away(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    """The new daemon looks once before it has written down any carrier."""
    heartbeat.start(connection, 1, now - LONG)
    carrier(connection, name="sim-2", state="ready")
    carrier(connection, state="absent", since=times.to_text(now - LONG))
    look(settings, now)
    heartbeat.start(connection, 2, now + timedelta(seconds=60))
    look(settings, now + timedelta(seconds=61))
    carrier(connection, name="sim-2", state="ready")
    carrier(connection, state="absent", since=times.to_text(now + timedelta(seconds=60)))
    look(settings, now + timedelta(seconds=76))
    assert alarm_events(connection) == ["+carrier_down"]
    carrier(connection, state="ready")
    look(settings, now + timedelta(seconds=91))
    assert alarm_events(connection) == ["+carrier_down", "-carrier_down"]


def test_an_alarm_about_a_modem_that_is_no_longer_configured_ends(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    heartbeat.start(connection, 1, now - LONG)
    connection.execute("UPDATE daemon SET able_at = ?", (times.to_text(now),))
    carrier(connection, state="needs_pin")
    look(settings, now)
    lives.dismiss(connection, "sim-1", now)
    look(settings, now + timedelta(minutes=1))
    assert "needs_pin" not in codes(connection)
