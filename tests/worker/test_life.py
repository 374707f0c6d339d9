"""The states of a carrier: the table, what people are shown, and that the events hold legal changes only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.carrier import CarrierStatus
from gateway.daemon.pace import Pace
from gateway.life import MOVES, Life, is_legal, path
from gateway.queue import db, heartbeat, lives
from gateway.worker.shown import Known, shown, state

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
OK = CarrierStatus("ready", operator="Operator", line="8970199000000000017")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    db.create_or_upgrade(tmp_path / "gateway.db")
    with closing(db.open_database(tmp_path / "gateway.db")) as opened:
        yield opened


def report(connection: sqlite3.Connection, status: CarrierStatus, seconds: float = 0.0) -> None:
    lives.report(connection, "sim-1", "modem", status, 0, None, NOW + timedelta(seconds=seconds))


def changes(connection: sqlite3.Connection) -> list[tuple[str | None, str]]:
    rows = connection.execute("SELECT from_state, to_state FROM events WHERE event = 'state' ORDER BY id")
    return [(before, after) for before, after in rows]


# --- the table --------------------------------------------------------------------------------------------------------


def test_every_state_has_its_moves_and_none_leads_to_itself() -> None:
    assert set(MOVES) == set(Life)
    assert not any(is_legal(each, each) for each in Life)


@pytest.mark.parametrize("to_state", [Life.READY, Life.FAILED, Life.PAUSED, Life.BLOCKED, Life.RECOVERING])
def test_a_stopped_carrier_has_to_start_first(to_state: Life) -> None:
    assert not is_legal(Life.STOPPED, to_state)
    assert path(Life.STOPPED, to_state) == (Life.STARTING, to_state)


@given(st.sampled_from(Life), st.sampled_from(Life))
def test_a_path_is_made_of_legal_steps_and_ends_where_it_should(from_state: Life, to_state: Life) -> None:
    found = path(from_state, to_state)
    if found is None:
        assert from_state == to_state == Life.STOPPED or from_state == to_state
        return
    assert found[-1] is to_state
    assert all(is_legal(before, after) for before, after in zip((from_state, *found), found, strict=False))


# --- what people are shown --------------------------------------------------------------------------------------------

SHOWN: dict[str, tuple[str, dict[str, Any], str, str]] = {  # own state, what is known, the state shown, in the detail
    "well": ("ready", {}, "ready", ""),
    "well, with what its last SMS met": ("ready", {"trouble": "CMS 500."}, "ready", "CMS 500."),
    "at its limit": ("ready", {"hold": "Reached 500 of 500."}, "ready", "Reached 500 of 500."),
    "blocked": ("ready", {"block": "The operator refuses."}, "blocked", "The operator refuses."),
    "blocked and away": ("absent", {"block": "The operator refuses."}, "absent", ""),
    "under treatment": ("ready", {"is_treated": True, "trouble": "It hangs."}, "recovering", "It hangs."),
    "opened again on the climb": ("starting", {"is_climbing": True, "trouble": "It hangs."}, "recovering", "It hangs."),
    "opened for the first time": ("starting", {}, "starting", ""),
    "unplugged under treatment": ("absent", {"is_treated": True}, "absent", ""),
    "given up": ("recovering", {"is_failed": True, "trouble": "It hangs."}, "failed", "smsgw modems resume sim-1"),
    "given up and on trial": ("ready", {"is_failed": True}, "failed", ""),
    "paused": ("ready", {"pause": "Paused since 09:00: new SIM."}, "paused", "new SIM"),
    "paused and draining": ("ready", {"pause": "Paused.", "is_busy": True}, "ready", "Draining"),
    "paused and away": ("absent", {"pause": "Paused."}, "paused", "Paused."),
    "paused and given up": ("recovering", {"pause": "Paused.", "is_failed": True}, "paused", "Paused."),
    "of a model that cannot do it": ("failed", {"trouble": "No PDU mode; use another."}, "failed", "use another"),
    "of a worker that hangs": ("ready", {"is_hung": True, "pause": "Paused."}, "failed", "restart the daemon"),
    "of a worker that ended": ("stopped", {"pause": "Paused.", "is_failed": True}, "stopped", ""),
}


@pytest.mark.parametrize(("own", "known", "expected", "words"), SHOWN.values(), ids=SHOWN)
def test_the_state_that_people_see(own: str, known: dict[str, Any], expected: str, words: str) -> None:
    seen = shown(replace(OK, state=own), Known("sim-1", **known))
    assert seen.state == expected == state(own, Known("sim-1", **known))
    assert words in seen.detail
    assert seen.operator == OK.operator


def test_of_a_model_that_cannot_do_it_no_remedy_is_said_to_have_been_tried() -> None:
    own = replace(OK, state="failed", detail="This modem has no PDU mode for SMS; use another one.")
    assert shown(own, Known("sim-1", trouble=own.detail)).detail == own.detail


@pytest.mark.parametrize("known", [{"trouble": "Throttled."}, {"hold": "Reached 500 of 500."}])
def test_beside_its_figures_a_bind_shows_what_holds_it_up(known: dict[str, str]) -> None:
    own = CarrierStatus("ready", "3 of 10 in the air, up to 30 SMS/s")
    assert shown(own, Known("operator", **known)).detail == f"{next(iter(known.values()))} {own.detail}"  # type: ignore[arg-type]
    assert shown(own, Known("operator")).detail == own.detail


@pytest.mark.parametrize("known", [{"is_failed": True}, {"is_treated": True}])
def test_a_bind_that_is_refused_shows_why_and_not_its_figures(known: dict[str, Any]) -> None:
    own = CarrierStatus("ready", "0 of 10 in the air, up to 30 SMS/s")
    seen = shown(own, Known("operator", trouble="The sender is not registered.", **known))
    assert seen.detail.startswith("The sender is not registered.")
    assert own.detail not in seen.detail


# --- recorded ---------------------------------------------------------------------------------------------------------


def test_a_change_is_an_event_with_its_reason_and_staying_so_is_none(connection: sqlite3.Connection) -> None:
    report(connection, OK)
    report(connection, OK, 2)
    report(connection, replace(OK, state="searching", detail="No network."), 4)
    rows = lives.history(connection, "sim-1")
    assert changes(connection) == [(None, "ready"), ("ready", "searching")]
    assert rows[0]["detail"] == "No network."


def test_a_carrier_knows_since_when_it_is_so(connection: sqlite3.Connection) -> None:
    report(connection, OK)
    report(connection, OK, 2)
    (row,) = heartbeat.carriers(connection)
    assert row["since"] == "2026-11-22T08:00:00.000Z"
    assert row["updated_at"] == "2026-11-22T08:00:02.000Z"
    assert row["line"] == OK.line


def test_what_a_look_missed_is_filled_in(connection: sqlite3.Connection) -> None:
    report(connection, OK)
    report(connection, replace(OK, state="stopped"), 2)
    report(connection, OK, 4)
    assert changes(connection) == [
        (None, "ready"),
        ("ready", "stopped"),
        ("stopped", "starting"),
        ("starting", "ready"),
    ]


def test_a_state_that_there_is_not_is_shown_and_logged_as_our_mistake(
    connection: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    report(connection, OK)
    report(connection, replace(OK, state="asleep"), 2)
    assert changes(connection)[-1] == ("ready", "asleep")
    assert "illegal_state" in capsys.readouterr().out


def test_a_daemon_that_starts_closes_the_book_of_one_that_was_killed(connection: sqlite3.Connection) -> None:
    report(connection, OK)
    heartbeat.start(connection, 17, NOW)
    assert heartbeat.carriers(connection) == []
    assert changes(connection)[-1] == ("ready", "stopped")
    heartbeat.start(connection, 18, NOW)
    assert len(changes(connection)) == 2


@pytest.mark.parametrize("state", ["absent", "needs_pin", "searching"])
def test_a_daemon_that_ended_in_order_is_not_said_to_have_ended_without_a_word(
    connection: sqlite3.Connection, state: str
) -> None:
    """What ailed a carrier stays to be seen until the next start; its history ends with the daemon, and once."""
    heartbeat.start(connection, 17, NOW)
    report(connection, replace(OK, state=state, detail="why"))
    heartbeat.stopped(connection, NOW + timedelta(seconds=5))
    assert [row["state"] for row in heartbeat.carriers(connection)] == [state]
    heartbeat.start(connection, 18, NOW + timedelta(hours=1))
    assert changes(connection) == [(None, state), (state, "stopped")]
    last = lives.history(connection, "sim-1")[0]
    assert (last["detail"], last["at"]) == ("", "2026-11-22T08:00:05.000Z")


def test_a_carrier_that_is_taken_away_has_stopped(connection: sqlite3.Connection) -> None:
    report(connection, OK)
    lives.dismiss(connection, "sim-1", NOW)
    lives.dismiss(connection, "sim-1", NOW)
    assert heartbeat.carriers(connection) == []
    assert changes(connection) == [(None, "ready"), ("ready", "stopped")]


def test_a_state_that_flickers_fills_no_disk(connection: sqlite3.Connection) -> None:
    """Two hours of changes, one with every beat; and it is noted again when it has calmed down."""
    connection.execute("PRAGMA synchronous = OFF")
    for beat in range(0, 7200, 2):
        report(connection, replace(OK, state="searching" if beat % 4 else "ready"), beat)
    assert len(changes(connection)) <= 2 * lives.MOST_IN_SPAN
    assert 1 <= len([row for row in lives.history(connection, "sim-1", 1000) if row["event"] == "flicker"]) <= 2
    report(connection, replace(OK, state="absent"), 20_000)
    assert changes(connection)[-1][1] == "absent"


def test_the_balance_last_told_of_its_sim_stands_beside_it(connection: sqlite3.Connection) -> None:
    for balance in (20.0, 12.5):
        values = (OK.line, "2026-11-22T08:00:00.000Z", balance)
        connection.execute("INSERT INTO balances (line, at, balance) VALUES (?, ?, ?)", values)
    report(connection, OK)
    assert heartbeat.carriers(connection)[0]["balance"] == 12.5


# --- at a pace --------------------------------------------------------------------------------------------------------


def test_some_at_once_and_then_at_a_steady_pace() -> None:
    pace, done = Pace(at_once=5, every_s=2.0), []
    for tenth in range(1000):
        if pace.may(tenth / 10):
            pace.spend()
            done.append(tenth / 10)
    assert done[:5] == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert len(done) == pytest.approx(5 + 100 / 2.0, abs=1)
