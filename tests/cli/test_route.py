"""`smsgw route`: which carrier would take a message now, and why not each of the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.carrier import CarrierStatus
from gateway.daemon.lock import hold
from gateway.queue import db, heartbeat, orders, times
from tests.cli.conftest import Gateway

NUMBER = "8 900 000-00-01"
BINDS = """
max_per_day = 10

[[modem]]
name = "sim-2"
port = "{folder}/no-other-port"
quiet = ["00:00-00:00"]

[[smpp]]
name = "operator"
host = "127.0.0.1"
system_id = "clinic"
source = "Clinic"

[[route]]
category = "otp"
carriers = ["operator", "sim-2", "sim-1"]

[[route]]
min_sms = 2
carriers = ["sim-1"]
"""


@pytest.fixture
def clinic(gateway: Gateway) -> Gateway:
    """Two modems and a bind; one-time codes over the bind, long texts over sim-1."""
    with gateway.config.open("a", encoding="utf-8") as file:
        file.write(BINDS.format(folder=gateway.config.parent))
    return gateway


def tell(gateway: Gateway, now: datetime, **states: str) -> None:
    """What the daemon has written down of the carriers; a state with a detail behind a colon."""
    with closing(db.open_database(gateway.database)) as connection:
        heartbeat.beat(connection, 17, now)
        for key, told in states.items():
            name, (state, _, detail) = key.replace("_", "-"), told.partition(": ")
            kind = "smpp" if name == "operator" else "modem"
            status = CarrierStatus(state, detail, line=f"line of {name}")
            heartbeat.report(connection, name, kind, status, 0, None, now)
            connection.execute("UPDATE carriers SET line = ? WHERE name = ?", (status.line, name))
            connection.execute(
                "INSERT OR IGNORE INTO lines (line, kind, first_seen_at, last_seen_at) VALUES (?, ?, ?, ?)",
                (status.line, kind, times.to_text(now), times.to_text(now)),
            )


@pytest.fixture
def running(clinic: Gateway, now: datetime) -> Iterator[Gateway]:
    with hold(clinic.database):
        tell(clinic, now, sim_1="ready", sim_2="ready", operator="ready")
        yield clinic


def reasons(document: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["reason"] for each in document["carriers"]}


def test_the_first_of_the_route_that_can_send_takes_it(running: Gateway) -> None:
    found = running.json("route", NUMBER, "--category", "otp")
    assert (found["msisdn"], found["route"], found["carrier"]) == ("+79000000001", 1, "operator")
    assert [each["name"] for each in found["carriers"]] == ["operator", "sim-2", "sim-1"]
    assert reasons(found)["sim-1"] == "It takes it when operator can not."


def test_the_next_one_while_the_first_is_away_and_why(running: Gateway, now: datetime) -> None:
    tell(running, now, operator="searching: The SMSC does not answer.")
    found = running.json("route", NUMBER, "--category", "otp")
    assert found["carrier"] == "sim-2"  # which sends what is urgent in its quiet time too
    assert reasons(found)["operator"] == "The SMSC does not answer."


def test_a_paused_one_is_passed_over_with_what_ends_the_pause(running: Gateway, now: datetime) -> None:
    with closing(db.open_database(running.database)) as connection:
        orders.pause(connection, "operator", "contract ended", now)
    tell(running, now, operator="paused: Paused.")
    found = running.json("route", NUMBER, "--category", "otp")
    assert found["carrier"] == "sim-2"
    assert (
        reasons(found)["operator"]
        == "Paused: contract ended. `smsgw modems resume operator` puts it back into service."
    )


def test_what_a_limit_and_a_quiet_time_hold_back(running: Gateway, now: datetime) -> None:
    with closing(db.open_database(running.database)) as connection:
        connection.executemany(
            "INSERT INTO spent (line, segment_id, at, recipient) VALUES ('line of sim-1', ?, ?, 1)",
            [(n, times.to_text(now - timedelta(seconds=1))) for n in range(10)],
        )
    found = running.json("route", NUMBER)
    assert (found["route"], found["carrier"]) == (None, "operator")
    assert "10" in reasons(found)["sim-1"]
    assert "00:00" in reasons(found)["sim-2"]


def test_whom_the_route_does_not_name_is_told_so(running: Gateway) -> None:
    found = running.json("route", NUMBER, "--text", "Ждём вас завтра. " * 10)
    assert (found["segments"], found["route"], found["carrier"]) == (3, 2, "sim-1")
    assert reasons(found)["operator"] == "The route 2 does not name it for this message."


@pytest.mark.parametrize(
    ("sender", "carrier", "reason"),
    [
        ("Clinic", "operator", "It does not have the sender Clinic."),
        ("sim-2", None, "The message names its carrier: sim-2."),
    ],
)
def test_a_sender_decides_by_itself(running: Gateway, sender: str, carrier: str | None, reason: str) -> None:
    found = running.json("route", NUMBER, "--sender", sender)
    assert found["carrier"] == carrier  # sim-2 sends nothing ordinary in its quiet time
    assert reasons(found)["sim-1"] == reason


def test_without_a_daemon_nobody_knows_who_can_send_and_that_is_said(clinic: Gateway) -> None:
    done = clinic.run("route", NUMBER, "--category", "otp")
    assert done.exit_code == 0
    assert "operator, if it can send when the daemon runs" in done.stdout
    assert "yes" not in done.stdout.split()
    found = clinic.json("route", NUMBER, "--category", "otp")
    assert (found["running"], found["carrier"]) == (False, "operator")
    assert [(each["takes"], each["can_send"]) for each in found["carriers"]] == [(False, None)] * 3
    assert all("not known: the daemon does not run" in reason for reason in reasons(found).values())


def test_without_a_daemon_what_is_known_all_the_same_counts(clinic: Gateway, now: datetime) -> None:
    with closing(db.open_database(clinic.database)) as connection:
        orders.pause(connection, "operator", "contract ended", now)
    found = clinic.json("route", NUMBER, "--category", "otp")
    assert found["carrier"] == "sim-2"
    assert "Paused: contract ended" in reasons(found)["operator"]
    assert {each["name"]: each["can_send"] for each in found["carriers"]}["operator"] is False


def test_when_nobody_can_it_waits(running: Gateway, now: datetime) -> None:
    tell(running, now, sim_1="absent: No such port.")
    text = "Ждём вас завтра. " * 10
    assert running.json("route", NUMBER, "--text", text)["carrier"] is None
    assert "none now: it waits until one of them can send" in running.run("route", NUMBER, "--text", text).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("12",), "The number has too few digits."),
        ((NUMBER, "--sender", "Clinc"), "no bind has it; there are Clinic, operator, sim-1, sim-2."),
        ((NUMBER, "--sender", "Clinic", "--text", "Ждём вас завтра. " * 10), "leads over no carrier"),
    ],
)
def test_what_would_never_be_sent_is_refused_in_one_line(
    running: Gateway, arguments: tuple[str, ...], words: str
) -> None:
    done = running.run("route", *arguments)
    assert done.exit_code == 1
    assert words in done.stderr


def test_nothing_is_queued(running: Gateway) -> None:
    running.json("route", NUMBER)
    assert running.execute("SELECT count(*) FROM outbox") == [(0,)]
