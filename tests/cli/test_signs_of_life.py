"""By what a reader knows whether the daemon runs: its beat and its lock."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta

from gateway.daemon.lock import hold
from gateway.queue import db, heartbeat
from tests.cli.conftest import Gateway, beat


def test_a_daemon_that_beats_and_holds_its_lock_runs(running: Gateway) -> None:
    document = running.json("status")
    assert document["running"] is True
    assert document["pid"] == 17
    never = {"last_error": None, "last_error_at": None}
    assert document["carriers"] == [{"name": "sim-1", "kind": "modem", "state": "ready", "detail": "", **never}]


def test_a_heartbeat_without_the_lock_is_no_daemon(gateway: Gateway, now: datetime) -> None:
    beat(gateway, now)
    assert gateway.json("status")["running"] is False


def test_a_daemon_that_hangs_is_not_said_to_be_away_beside_a_carrier_that_it_never_told_of(
    gateway: Gateway, now: datetime
) -> None:
    with hold(gateway.database), closing(db.open_database(gateway.database)) as connection:
        heartbeat.start(connection, 17, now - timedelta(minutes=1))
        (carrier,) = gateway.json("status")["carriers"]
    assert (carrier["state"], carrier["detail"]) == (
        "unknown",
        "The daemon gives no sign, and has told nothing of it yet.",
    )


def test_a_lock_without_a_heartbeat_is_a_daemon_that_hangs(gateway: Gateway, now: datetime) -> None:
    with hold(gateway.database):
        beat(gateway, now - timedelta(seconds=11))
        document, told, queued = (
            gateway.json("status"),
            gateway.run("status").stdout,
            gateway.run("send", "+79000000001", "x"),
        )
    assert (document["running"], document["life"], document["pid"]) == (False, "silent", 17)
    assert document["carriers"][0]["state"] == "unknown"
    assert "process 17 gives no sign" in told
    assert "not running" not in told + queued.stderr


def test_a_lock_that_is_younger_than_any_heartbeat_is_a_daemon_that_starts(gateway: Gateway, now: datetime) -> None:
    with hold(gateway.database):
        never = gateway.json("status")
        beat(gateway, now)
        with closing(db.open_database(gateway.database)) as connection:
            heartbeat.stopped(connection, now)
        again = gateway.json("status")
    assert [(told["life"], told["pid"]) for told in (never, again)] == [("starting", None)] * 2
    assert {carrier["state"] for told in (never, again) for carrier in told["carriers"]} == {"starting"}


def test_a_daemon_that_ended_in_order_and_one_that_was_killed_are_told_apart(gateway: Gateway, now: datetime) -> None:
    beat(gateway, now)
    assert gateway.json("status")["life"] == "killed"
    with closing(db.open_database(gateway.database)) as connection:
        heartbeat.stopped(connection, now)
    assert gateway.json("status")["life"] == "stopped"


def test_a_daemon_that_said_good_bye_does_not_run(running: Gateway, now: datetime) -> None:
    with closing(db.open_database(running.database)) as connection:
        heartbeat.stopped(connection, now)
    assert running.json("status")["running"] is False
