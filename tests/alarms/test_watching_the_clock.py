"""The watch over the machine's clock: the network's stamps, what the gateway has lived through, a time server."""

from __future__ import annotations

from datetime import datetime, timedelta
from sqlite3 import Connection

import pytest

from gateway.alarms.watching import Watch
from gateway.queue import heartbeat, times
from gateway.settings import Settings
from tests.alarms.watched import LONG, carrier, codes, look
from tests.conftest import TimeServer

MONTHS = timedelta(days=90)

REPORTED = """
    INSERT INTO reports (carrier, line, message_reference, status, code, text, submitted_at, received_at, fingerprint,
                         segment_id)
    VALUES ('sim-1', 'line', :id, 'delivered', 'tp_st_0x00', '', :stamp, :at, :id, :id)"""
SUBMITTED = """
    INSERT INTO segments (id, outbox_id, number, total, alphabet, state, attempts, submitted_at)
    VALUES (:id, 1, :id, 4, 'gsm7', 'delivered', 1, :at)"""


def reported(connection: Connection, now: datetime, off: timedelta) -> None:
    """Four SMS of the last minutes with their reports, of which the centre's clock differs by so much."""
    connection.execute("INSERT INTO outbox (recipient, body) VALUES ('+79000000001', 'x')")
    first = connection.execute("SELECT COALESCE(max(id), 0) FROM segments").fetchone()[0]
    for number in range(1, 5):
        at = now - timedelta(minutes=number)
        times_of_it = {"at": times.to_text(at), "stamp": times.to_text(at + off)}
        connection.execute(SUBMITTED, {"id": first + number, **times_of_it})
        connection.execute(REPORTED, {"id": first + number, **times_of_it})


def test_a_clock_that_is_hours_ahead_is_told_by_the_stamps_of_reports(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    heartbeat.start(connection, 1, now - LONG)
    carrier(connection)
    reported(connection, now, -timedelta(hours=2, minutes=13))
    look(settings, now)
    assert codes(connection) == ["clock_off"]


def test_a_clock_that_is_behind_by_months_is_known_by_what_the_gateway_has_lived_through(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    """Whatever is written meanwhile, until the clock is right again; reports from before say nothing of it."""
    heartbeat.start(connection, 1, now - LONG)
    carrier(connection)
    reported(connection, now, timedelta())
    heartbeat.start(connection, 2, now - MONTHS)
    for minutes in range(30):
        at = now - MONTHS + timedelta(minutes=minutes)
        heartbeat.beat(connection, 2, at)
        carrier(connection)
        look(settings, at)
        assert "clock_off" in codes(connection)
    heartbeat.beat(connection, 2, now + LONG)
    look(settings, now + LONG)
    assert "clock_off" not in codes(connection)


def test_a_clock_that_was_ahead_is_believed_when_it_is_the_networks(
    connection: Connection, settings: Settings, now: datetime
) -> None:
    at = now + MONTHS
    watch = Watch(settings, clock=lambda: at)
    heartbeat.start(connection, 1, at)
    carrier(connection)
    watch.look()
    at = now
    heartbeat.beat(connection, 1, at)
    watch.look()
    assert "clock_off" in codes(connection)
    at = now + LONG
    reported(connection, at, timedelta(seconds=2))
    watch.look()
    assert "clock_off" not in codes(connection)
    at = now + 30 * LONG  # its reports are old by now
    watch.look()
    assert "clock_off" not in codes(connection)


def test_a_clock_that_was_ahead_is_believed_when_a_time_server_keeps_it_and_no_network_says_anything(
    connection: Connection, settings: Settings, now: datetime, time_server: TimeServer
) -> None:
    """Else the alarm would last as long as the clock was ahead; once it was believed nobody need be asked."""
    heartbeat.start(connection, 1, now + MONTHS)
    heartbeat.start(connection, 2, now)
    carrier(connection)
    look(settings, now)
    assert "clock_off" in codes(connection)
    time_server("yes")
    look(settings, now)
    assert "clock_off" not in codes(connection)
    time_server("no")
    look(settings, now + timedelta(minutes=1))
    assert "clock_off" not in codes(connection)


@pytest.mark.parametrize("is_new_daemon", [False, True])
def test_reports_from_before_a_clock_was_set_back_say_nothing_of_it(
    connection: Connection, settings: Settings, now: datetime, is_new_daemon: bool
) -> None:
    """By a few minutes: they lie in the last hour still."""
    at = now
    watch = Watch(settings, clock=lambda: at)
    heartbeat.start(connection, 1, at - LONG)
    heartbeat.beat(connection, 1, at)
    carrier(connection)
    reported(connection, at - timedelta(minutes=20), timedelta())
    watch.look()
    assert "clock_off" not in codes(connection)
    at = now - timedelta(minutes=12)
    if is_new_daemon:
        heartbeat.start(connection, 2, at)
        watch = Watch(settings, clock=lambda: at)
    for _minute in range(5):
        at += timedelta(minutes=1)
        heartbeat.beat(connection, 1, at)
        watch.look()
        assert "clock_off" in codes(connection)


@pytest.mark.parametrize("is_new_watch", [False, True])
def test_what_is_amiss_since_before_a_clock_was_set_back_is_told_as_soon_as_ever(
    connection: Connection, settings: Settings, now: datetime, is_new_watch: bool
) -> None:
    """Not when it is as late again: such as a clock that was in another zone until a time server set it."""
    at = now + LONG
    watch = Watch(settings, clock=lambda: at)
    heartbeat.start(connection, 1, at)
    connection.execute("UPDATE daemon SET able_at = ?", (times.to_text(at),))
    carrier(connection, state="absent", since=times.to_text(at))
    watch.look()
    at = now
    watch = Watch(settings, clock=lambda: at) if is_new_watch else watch
    for minute in range(17):
        at = now + timedelta(minutes=minute)
        heartbeat.beat(connection, 1, at)
        watch.look()
    assert {"carrier_down", "no_carrier"} <= set(codes(connection))
