"""`smsgw alarms`: what a person reads, and the test of the ways."""

from __future__ import annotations

from contextlib import closing

from gateway.alarms import book
from gateway.alarms.values import Alarm
from gateway.carrier import CarrierStatus
from gateway.daemon.lock import hold
from gateway.queue import db, heartbeat
from tests.cli.conftest import Gateway

ALARM = Alarm("disk_full", "The database's disk has only 3 MB left.", "Free some space.")


def raise_and_clear(gateway: Gateway, now, *alarms: Alarm) -> None:
    with closing(db.open_database(gateway.database)) as connection:
        book.update(connection, alarms, lambda code: [], now)


def test_nothing_amiss_is_said_to_be_so(gateway: Gateway) -> None:
    done = gateway.run("alarms")
    assert done.exit_code == 0
    assert "No alarm" in done.stderr
    assert "not running" in done.stderr


def test_a_daemon_that_is_there_and_writes_nothing_is_not_said_to_be_away(gateway: Gateway) -> None:
    with hold(gateway.database):
        done = gateway.run("alarms")
    assert "gives no sign" in done.stderr
    assert "not running" not in done.stderr


def test_all_is_well_is_not_said_before_each_carrier_was_seen(running: Gateway, now) -> None:
    assert "all is well" in running.run("alarms").stderr
    with closing(db.open_database(running.database)) as connection:
        heartbeat.report(connection, "sim-1", "modem", CarrierStatus("starting"), 0, None, now)
    told = running.run("alarms").stderr
    assert "sim-1" in told
    assert "well" not in told


def test_a_modem_that_is_not_ready_is_named_before_it_is_an_alarm(running: Gateway, now) -> None:
    with closing(db.open_database(running.database)) as connection:
        heartbeat.report(connection, "sim-1", "modem", CarrierStatus("recovering", "It is silent."), 0, None, now)
    told = running.run("alarms").stderr
    assert "not ready: sim-1" in told
    assert "well" not in told


def test_an_alarm_says_what_to_do(gateway: Gateway, now) -> None:
    raise_and_clear(gateway, now, ALARM)
    done = gateway.run("alarms")
    assert "3 MB" in done.stdout
    assert "Free some space." in done.stdout
    [row] = gateway.json("alarms")
    assert (row["code"], row["cleared_at"]) == ("disk_full", None)


def test_one_that_is_over_is_listed_only_when_asked_for(gateway: Gateway, now) -> None:
    raise_and_clear(gateway, now, ALARM)
    raise_and_clear(gateway, now)
    assert gateway.json("alarms") == []
    assert [row["code"] for row in gateway.json("alarms", "--all")] == ["disk_full"]


def test_without_any_way_the_test_says_what_to_add(gateway: Gateway) -> None:
    done = gateway.run("alarms", "test")
    assert done.exit_code == 1
    assert "[[notify]]" in done.stderr


def test_each_way_is_tried(gateway: Gateway) -> None:
    with gateway.config.open("a") as file:
        file.write('\n[[notify]]\ncommand = ["true"]\n[[notify]]\ncommand = ["false"]\n')
    done = gateway.run("alarms", "test")
    assert done.exit_code == 1
    assert "1.command: told." in done.stderr
    assert "2.command: failed." in done.stderr
