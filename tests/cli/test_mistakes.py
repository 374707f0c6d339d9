"""A configuration with mistakes beside a daemon that works: what is shown all the same, and what is refused."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime

import pytest

from gateway.carrier import CarrierStatus
from gateway.queue import db, heartbeat, orders
from tests.cli.conftest import Gateway

LOOKS = (["status"], ["modems"], ["alarms"])


@pytest.mark.parametrize("verb", LOOKS, ids=" ".join)
def test_a_mistake_in_the_configuration_is_told_beside_what_the_daemon_says(running: Gateway, verb: list[str]) -> None:
    with running.config.open("a") as file:
        file.write('may_rest = true\n[[modem]]\nname = "sim-2\n')
    told, document = running.run(*verb), running.run(*verb, "--json")
    for done in (told, document):
        assert done.exit_code == 0
        assert str(running.config) in done.stderr.splitlines()[1]
    json.loads(document.stdout)
    assert "not running" not in told.stderr
    assert verb == ["alarms"] or "ready" in told.stdout


def test_beside_a_mistake_a_bind_stands_with_the_modems(running: Gateway, now: datetime) -> None:
    with closing(db.open_database(running.database)) as connection:
        heartbeat.report(connection, "operator", "smpp", CarrierStatus("searching", "Refused."), 0, None, now)
    with running.config.open("a") as file:
        file.write("may_rest = true\n")
    assert [carrier["name"] for carrier in running.json("status")["carriers"]] == ["sim-1", "operator"]


def test_programs_find_the_mistakes_in_the_document(running: Gateway, now: datetime) -> None:
    assert running.json("status")["configuration_mistakes"] == []
    with running.config.open("a") as file:
        file.write("baudrat = 9600\n")
    (mistake,) = running.json("status")["configuration_mistakes"]
    assert "modem[1].baudrat" in mistake
    with closing(db.open_database(running.database)) as connection:
        heartbeat.loaded(connection, now, [mistake])
    assert running.run("status").output.count(mistake) == 1, "what a reload has met too is said once"


def test_what_the_last_reload_met_stands_under_its_own_heading(running: Gateway, now: datetime) -> None:
    with closing(db.open_database(running.database)) as connection:
        heartbeat.loaded(connection, now, ["gateway.toml: an older mistake"])
    with running.config.open("a") as file:
        file.write("baudrat = 9600\n")
    lines = running.run("status").stderr.splitlines()
    (heading,) = [number for number, line in enumerate(lines) if line.startswith("At the last reload, 20")]
    assert lines[heading + 1] == "  gateway.toml: an older mistake"
    assert any("baudrat" in line for line in lines[:heading])


def test_a_modem_can_be_paused_and_resumed_beside_a_mistake(running: Gateway) -> None:
    with running.config.open("a") as file:
        file.write("may_rest = true\n")
    with closing(db.open_database(running.database)) as connection:
        done = running.run("modems", "pause", "sim-1", "--reason", "the SIM is changed")
        assert (done.exit_code, list(orders.paused(connection))) == (0, ["sim-1"])
        assert "may_rest" in done.stderr
        assert (running.run("modems", "resume", "sim-1").exit_code, orders.paused(connection)) == (0, {})
    assert running.run("modems", "history", "sim-1").exit_code == 0


def test_a_name_that_nobody_has_is_said_to_be_no_modem_and_no_bind(running: Gateway) -> None:
    done = running.run("modems", "pause", "nobody")
    assert (done.exit_code, done.stderr.strip()) == (1, "There is no modem or bind nobody. There are: sim-1.")


@pytest.mark.parametrize("verb", [*LOOKS, ["alarms", "test"], ["modems", "pause", "sim-1"], ["outbox", "list"]])
def test_where_the_database_may_be_another_one_a_mistake_is_wrong_usage(running: Gateway, verb: list[str]) -> None:
    running.config.write_text('[gateway]\ndatabse = "gateway.db"\n')
    done = running.run(*verb)
    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
