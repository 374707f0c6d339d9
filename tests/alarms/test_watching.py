"""The watch as a whole: from the rows that the daemon writes to an alarm and to its notice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest

from gateway.alarms import book
from gateway.alarms.watching import Watch
from gateway.queue import heartbeat, progress, times
from gateway.settings import ModemSettings, NotifySettings, Settings
from gateway.settings.models import GatewaySettings
from tests.conftest import TimeServer

LONG = timedelta(hours=2)
STAFF = "+79000000009"


@pytest.fixture
def now() -> datetime:
    """Rows that SQL writes bear the real time."""
    return datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        tmp_path / "gateway.toml",
        GatewaySettings(database=tmp_path / "gateway.db"),
        modems=(ModemSettings(name="sim-1", port="/dev/ttyUSB0", balance_low=50.0),),
        notify=(NotifySettings(sms=(STAFF,), only=("balance_low",)),),
    )


def carrier(connection: Connection, **columns: object) -> None:
    row = {
        "name": "sim-1",
        "kind": "modem",
        "state": "ready",
        "detail": "",
        "sent_today": 0,
        "updated_at": "",
        **columns,
    }
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT OR REPLACE INTO carriers ({', '.join(row)}) VALUES ({marks})", row)


def look(settings: Settings, at: datetime) -> None:
    watch = Watch(settings, clock=lambda: at)
    watch.look()
    watch.tell()


def codes(connection: Connection) -> list[str]:
    return [row["code"] for row in book.listed(connection)]


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
    heartbeat.forget(connection, "sim-1")
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
    heartbeat.forget(connection, "sim-1")
    look(settings, now + timedelta(minutes=1))
    assert "needs_pin" not in codes(connection)


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


MONTHS = timedelta(days=90)


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
