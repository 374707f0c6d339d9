"""`status`, `modems`, `outbox list/show`, `inbox list`: truthful, in the contract's shape, harmless to a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.alarms import book
from gateway.alarms.values import Alarm
from gateway.daemon.lock import hold
from gateway.queue import db, heartbeat, times
from tests.cli.conftest import READY, Gateway, beat


def add_incoming(gateway: Gateway, body: str) -> None:
    gateway.execute(
        "INSERT INTO inbox (sender, body, received_at, carrier, complete) VALUES (?, ?, ?, 'sim-1', 1)",
        "+79000000001",
        body,
        "2026-11-22T09:00:00.000Z",
    )


def test_status_has_the_contracts_keys(running: Gateway) -> None:
    running.insert()
    document = running.json("status")
    assert {"running", "heartbeat_at", "queue", "oldest_queued_s", "carriers", "today"} <= set(document)
    assert document["queue"]["queued"] == 1
    assert document["oldest_queued_s"] >= 0
    assert {"sent", "delivered", "failed"} <= set(document["today"])
    assert document["heartbeat_at"].endswith("Z")


def test_status_says_how_many_alarms_there_are_and_where(running: Gateway, now: datetime) -> None:
    assert running.json("status")["alarms"] == 0
    assert "alarms" not in running.run("status").stdout
    found = [Alarm("needs_pin", "No PIN.", "Put it in.", name) for name in ("sim-1", "sim-2")]
    with closing(db.open_database(running.database)) as connection:
        book.update(connection, found, lambda code: [], now)
        book.update(connection, found[1:], lambda code: [], now)
    assert running.json("status")["alarms"] == 1
    assert "1: see `smsgw alarms`" in running.run("status").stdout


def test_a_part_of_the_daemon_that_hangs_is_told_as_long_as_it_does(running: Gateway, now: datetime) -> None:
    with closing(db.open_database(running.database)) as connection:
        heartbeat.hung(connection, ["dispatcher", "sim-1"], now - timedelta(minutes=1))
        heartbeat.hung(connection, ["sim-1"], now)
        document = running.json("status")
        assert (document["running"], document["hung"]) == (True, ["sim-1"])
        since = datetime.fromisoformat(document["hung_since"])
        assert abs(since - (now - timedelta(minutes=1))) < timedelta(seconds=1)
        assert "sim-1" in running.run("status").output
        assert "Restart the daemon" in running.run("status").output
        heartbeat.hung(connection, [], now)
    assert running.json("status")["hung"] == []
    assert "Restart the daemon" not in running.run("status").output


def test_a_daemon_that_starts_has_nothing_that_hangs(running: Gateway, now: datetime) -> None:
    with closing(db.open_database(running.database)) as connection:
        heartbeat.hung(connection, ["sim-1"], now)
        heartbeat.start(connection, 18, now)
    assert running.json("status")["hung"] == []


def test_without_a_daemon_carriers_are_stopped_and_the_last_state_is_told(gateway: Gateway, now: datetime) -> None:
    beat(gateway, now)
    (carrier,) = gateway.json("status")["carriers"]
    assert carrier["state"] == "stopped"
    assert "last known" in carrier["detail"]
    assert "ready" in carrier["detail"]


def test_a_bind_stands_beside_the_modems(gateway: Gateway) -> None:
    with gateway.config.open("a") as file:
        file.write('[[smpp]]\nname = "operator"\nhost = "127.0.0.1"\nsystem_id = "clinic"\n')
    carriers = gateway.json("status")["carriers"]
    assert [(carrier["name"], carrier["kind"], carrier["state"]) for carrier in carriers] == [
        ("sim-1", "modem", "stopped"),
        ("operator", "smpp", "stopped"),
    ]
    assert "has never seen it" in carriers[1]["detail"]


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (timedelta(minutes=59, seconds=10), "59 min ago: The link broke."),
        (timedelta(hours=2, minutes=20), "2 h ago: The link broke."),
        (timedelta(days=3), ""),
    ],
)
def test_the_last_error_stays_when_all_is_well_again(
    running: Gateway, now: datetime, since: timedelta, words: str
) -> None:
    status = replace(READY, last_error="The link broke.", last_error_at=now - since)
    with closing(db.open_database(running.database)) as connection:
        heartbeat.report(connection, "sim-1", "modem", status, 0, None, now)
    told = running.run("status").stdout
    assert words in told if words else "The link broke." not in told
    (carrier,) = running.json("status")["carriers"]
    assert carrier["last_error"] == "The link broke."
    assert carrier["last_error_at"] == times.to_text(now - since)


@pytest.mark.parametrize("verb", ["status", "modems"])
def test_for_people_everything_stands_on_standard_output(running: Gateway, verb: str) -> None:
    result = running.run(verb)
    assert result.exit_code == 0
    assert "sim-1" in result.stdout
    assert "ready" in result.stdout


def test_modems_has_the_contracts_keys_in_order(running: Gateway) -> None:
    (modem,) = running.json("modems")
    keys = "name port state detail imei iccid imsi operator signal_dbm sent_today limit_today"
    assert list(modem)[: len(keys.split())] == keys.split()
    assert (modem["state"], modem["signal_dbm"], modem["sent_today"], modem["limit_today"]) == ("ready", -71, 12, 500)


def test_a_modem_that_is_gone_has_no_operator_and_no_signal(running: Gateway, now: datetime) -> None:
    with closing(db.open_database(running.database)) as connection:
        heartbeat.report(connection, "sim-1", "modem", replace(READY, state="absent"), 12, 500, now)
    (modem,) = running.json("modems")
    assert (modem["state"], modem["operator"], modem["signal_dbm"]) == ("absent", None, None)


def test_a_configured_modem_that_the_daemon_has_not_told_of_yet_is_starting(running: Gateway) -> None:
    with running.config.open("a") as file:
        file.write('[[modem]]\nname = "sim-2"\nport = "/dev/ttyUSB7"\n')
    second = running.json("modems")[1]
    assert (second["name"], second["state"], second["port"]) == ("sim-2", "starting", "/dev/ttyUSB7")


def test_a_modem_that_only_an_earlier_daemon_knew_is_not_shown_as_found(gateway: Gateway, now: datetime) -> None:
    gateway.config.write_text('[gateway]\ndatabase = "gateway.db"\n')
    beat(gateway, now - timedelta(days=1))
    assert [modem["name"] for modem in gateway.json("modems")] == ["sim-1"]
    with hold(gateway.database), closing(db.open_database(gateway.database)) as connection:
        heartbeat.beat(connection, 18, now)
        assert gateway.json("modems") == []


def test_without_any_modem_a_person_is_told_what_to_do(gateway: Gateway) -> None:
    gateway.config.write_text('[gateway]\ndatabase = "gateway.db"\n')
    result = gateway.run("modems")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "smsgw run" in result.stderr


def test_the_outbox_is_listed_newest_first_with_the_tables_columns(gateway: Gateway) -> None:
    gateway.insert(body="first")
    gateway.insert(body="second")
    rows = gateway.json("outbox", "list")
    assert [row["body"] for row in rows] == ["second", "first"]
    assert {"id", "recipient", "state", "msisdn", "error_code", "created_at", "next_attempt_at"} <= set(rows[0])


def test_a_list_can_be_narrowed(gateway: Gateway) -> None:
    for _turn in range(3):
        gateway.insert()
    gateway.execute("UPDATE outbox SET state = 'cancelled' WHERE id = 1")
    assert [row["id"] for row in gateway.json("outbox", "list", "--state", "cancelled")] == [1]
    assert [row["id"] for row in gateway.json("outbox", "list", "--limit", "1")] == [3]
    assert gateway.json("outbox", "list", "--category", "otp") == []
    assert gateway.run("outbox", "list", "--category", "otp").stderr == "No message fits.\n"


def test_octets_that_a_writer_stored_as_text_are_shown_as_far_as_they_are_text(gateway: Gateway) -> None:
    gateway.execute("INSERT INTO outbox (recipient, body) VALUES (79000000001, ?)", "Привет".encode() + b"\xff")
    (row,) = gateway.json("outbox", "list")
    assert row["body"].startswith("Привет")
    assert "Привет" in gateway.run("outbox", "list").stdout


def test_a_text_cannot_steer_the_terminal_or_the_table(gateway: Gateway) -> None:
    gateway.insert(body="\x1b[31mred\x1b[0m [bold]x[/bold] \u202eabc\nnext\x07")
    text = gateway.run("outbox", "list").stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "[bold]x[/bold]" in text
    assert any("abc next" in line for line in text.splitlines())


def test_one_message_is_shown_with_its_segments_and_events(gateway: Gateway) -> None:
    gateway.insert()
    gateway.execute("INSERT INTO segments (outbox_id, number, total, alphabet) VALUES (1, 1, 1, 'ucs2')")
    document = gateway.json("outbox", "show", "1")
    assert document["message"]["id"] == 1
    assert [segment["number"] for segment in document["segments"]] == [1]
    assert [event["to_state"] for event in document["events"]] == ["queued"]
    text = gateway.run("outbox", "show", "1").stdout
    assert "1/1" in text
    assert "Ждём вас" in text


def test_why_a_message_did_not_go_is_shown_in_the_reader_s_language(gateway: Gateway) -> None:
    reason = "Не доставлено, сеть сообщает: срок действия истёк."  # of a daemon whose language is Russian
    gateway.insert()
    gateway.execute("UPDATE outbox SET state = 'rejected', error_code = 'tp_st_0x46', error_text = ?", reason)
    detail = f"tp_st_0x46: {reason}"
    gateway.execute("INSERT INTO events (outbox_id, at, event, detail) VALUES (1, '2026-01-01', 'rejected', ?)", detail)
    shown = gateway.run("outbox", "show", "1").stdout
    assert "сеть" not in shown
    assert "tp_st_0x46: Not delivered, the network reports: the validity period is over." in " ".join(shown.split())


def test_a_message_that_is_not_there_is_told(gateway: Gateway) -> None:
    result = gateway.run("outbox", "show", "99", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no message 99" in result.stderr


def test_the_inbox_is_listed_with_the_tables_columns(gateway: Gateway) -> None:
    add_incoming(gateway, "Спасибо")
    (row,) = gateway.json("inbox", "list")
    assert set(row) == {"id", "sender", "body", "received_at", "sent_at", "carrier", "complete", "reply_to"}
    assert (row["body"], row["complete"]) == ("Спасибо", True)
    assert "2026-11-22 12:00:00" in gateway.run("inbox", "list").stdout, "the time is the clinic's"


def test_what_a_stranger_sent_cannot_steer_the_terminal(gateway: Gateway) -> None:
    add_incoming(gateway, "\x1b]0;owned\x07ok")
    assert not {"\x1b", "\x07"} & set(gateway.run("inbox", "list").stdout)


@pytest.mark.parametrize("arguments", [["status"], ["modems"], ["outbox", "list"], ["inbox", "list"], ["doctor"]])
def test_json_is_the_only_thing_on_standard_output_of_a_real_process(gateway: Gateway, arguments: list[str]) -> None:
    gateway.insert()
    done = gateway.spawn(*arguments, "--json")
    json.loads(done.stdout)
    assert "Traceback" not in done.stderr


def test_a_terminal_that_knows_no_cyrillic_still_gets_the_document(gateway: Gateway) -> None:
    gateway.insert(body="Привет")
    done = gateway.spawn("outbox", "list", "--json")
    assert "Привет" in done.stdout
    command = [sys.executable, "-m", "gateway", "--config", str(gateway.config), "outbox", "list"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for form in ([], ["--json"]):
        done = subprocess.run([*command, *form], capture_output=True, text=True, env=environment, check=True)
        assert done.stdout.isascii()
    assert json.loads(done.stdout)[0]["body"] == "Привет"
