"""Whoever has queued a list, or looks how far it is, is told when nothing goes out, and why."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from gateway.queue import db, heartbeat
from tests.cli.conftest import READY, Gateway
from tests.cli.test_import import listed
from tests.merge.lists import TEMPLATE

NO_DAEMON = "The daemon is not running: nothing goes out. Start it with `smsgw run`."
NO_MODEM = "No modem or bind is ready: nothing goes out now. `smsgw status` says why."


def imported(gateway: Gateway, folder: Path) -> str:
    """What is said after an import."""
    return gateway.run("import", listed(folder), "--template", TEMPLATE, "--yes").stderr


def unplugged(gateway: Gateway, at: datetime) -> None:
    with closing(db.open_database(gateway.database)) as connection:
        heartbeat.report(connection, "sim-1", "modem", replace(READY, state="absent"), 12, 500, at)


def test_without_a_daemon_it_is_told_after_the_import_and_beside_the_counts(gateway: Gateway, tmp_path: Path) -> None:
    assert imported(gateway, tmp_path).endswith(f"{NO_DAEMON}\n")
    assert NO_DAEMON in gateway.run("campaign", "show", "list").stdout


def test_with_every_modem_pulled_out_no_end_is_foretold(running: Gateway, now: datetime, tmp_path: Path) -> None:
    unplugged(running, now)
    assert imported(running, tmp_path).endswith(f"{NO_MODEM}\n")
    shown = running.run("campaign", "show", "list").stdout
    assert NO_MODEM in shown
    assert "left" not in shown
    assert running.json("campaign", "show", "list")["time_left_s"] is None


def test_with_a_modem_ready_nothing_is_said(running: Gateway, tmp_path: Path) -> None:
    assert "nothing goes out" not in imported(running, tmp_path) + running.run("campaign", "show", "list").stdout


def test_of_a_paused_campaign_only_the_pause_is_told(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path)
    gateway.run("campaign", "pause", "list")
    assert "nothing goes out" not in gateway.run("campaign", "show", "list").stdout


def test_of_a_draft_it_is_told_that_its_samples_wait(gateway: Gateway, tmp_path: Path) -> None:
    sampled = ("--yes", "--sample", "1", "--sample-to", "+79000009901")
    said = gateway.run("import", listed(tmp_path), "--template", TEMPLATE, *sampled).stderr
    assert said.endswith("The daemon is not running: the samples wait. Start it with `smsgw run`.\n")
    assert "nothing goes out" not in said + gateway.run("campaign", "show", "list").stdout
    assert gateway.run("campaign", "resume", "list").stderr.endswith(f"{NO_DAEMON}\n")


def test_with_every_modem_pulled_out_the_samples_wait(running: Gateway, now: datetime, tmp_path: Path) -> None:
    unplugged(running, now)
    sampled = ("--yes", "--sample", "1", "--sample-to", "+79000009901")
    said = running.run("import", listed(tmp_path), "--template", TEMPLATE, *sampled).stderr
    assert said.endswith("No modem or bind is ready: the samples wait. `smsgw status` says why.\n")
