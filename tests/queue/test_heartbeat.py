"""Signs of life: the daemon's, each carrier's, and the PINs that a SIM refused."""

from __future__ import annotations

from gateway.carrier import CarrierStatus
from gateway.queue import heartbeat, lives
from tests.queue.clinic import NOW, Clinic, later


def test_the_heartbeat_tells_a_living_daemon_from_a_stopped_one(clinic: Clinic) -> None:
    assert heartbeat.read(clinic.connection) is None
    heartbeat.start(clinic.connection, 7, NOW)
    heartbeat.beat(clinic.connection, 7, later(seconds=2))
    assert heartbeat.read(clinic.connection) == heartbeat.Heartbeat(7, NOW, later(seconds=2), None)
    heartbeat.stopped(clinic.connection, later(seconds=3))
    assert heartbeat.read(clinic.connection) == heartbeat.Heartbeat(7, NOW, later(seconds=3), later(seconds=3))
    heartbeat.beat(clinic.connection, 8, later(seconds=9))
    assert heartbeat.read(clinic.connection) == heartbeat.Heartbeat(8, later(seconds=9), later(seconds=9), None)


def test_what_a_daemon_has_lived_through_tells_that_the_clock_was_set_back(clinic: Clinic) -> None:
    """Whatever is written by it since, until the clock is believed."""
    assert heartbeat.still_to_come(clinic.connection, NOW) is None
    heartbeat.start(clinic.connection, 7, NOW)
    heartbeat.beat(clinic.connection, 7, later(hours=5))
    heartbeat.start(clinic.connection, 8, later(hours=1))
    heartbeat.beat(clinic.connection, 8, later(hours=2))
    heartbeat.stopped(clinic.connection, later(hours=3))
    moments = [later(hours=3), later(minutes=239), later(minutes=240), later(hours=6)]
    told = [heartbeat.still_to_come(clinic.connection, moment) for moment in moments]
    assert told == [later(hours=5), later(hours=5), None, None]
    heartbeat.believe(clinic.connection, later(hours=3))
    assert heartbeat.still_to_come(clinic.connection, NOW) == later(hours=3)


def test_a_carriers_last_state_is_kept(clinic: Clinic) -> None:
    heartbeat.report(clinic.connection, "sim-1", "modem", CarrierStatus("searching", "No network."), 3, 500, NOW)
    heartbeat.report(clinic.connection, "sim-1", "modem", CarrierStatus("ready", imei="0" * 15), 4, None, NOW)
    (row,) = heartbeat.carriers(clinic.connection)
    assert (row["name"], row["state"], row["imei"], row["sent_today"], row["limit_today"]) == (
        *("sim-1", "ready", "0" * 15, 4, None),
    )
    lives.dismiss(clinic.connection, "sim-1", NOW)
    assert heartbeat.carriers(clinic.connection) == []


def test_a_carriers_last_error_outlives_its_successes_and_the_daemon(clinic: Clinic) -> None:
    broken = CarrierStatus("recovering", "The link broke.", last_error="The link broke.", last_error_at=NOW)
    for status in (broken, CarrierStatus("ready", last_error="The link broke.", last_error_at=NOW)):
        heartbeat.report(clinic.connection, "operator", "smpp", status, 0, None, later(seconds=1))
    heartbeat.start(clinic.connection, 18, later(minutes=5))
    heartbeat.report(clinic.connection, "operator", "smpp", CarrierStatus("ready"), 0, None, later(minutes=6))
    (row,) = heartbeat.carriers(clinic.connection)
    assert (row["last_error"], row["last_error_at"]) == ("The link broke.", "2026-11-22T09:00:00.000Z")
