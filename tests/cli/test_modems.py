"""`smsgw modems` with its verbs, and `smsgw ussd`, while no daemon runs and as the daemon sees their orders."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import pytest

from gateway.carrier import CarrierStatus
from gateway.cli import live
from gateway.daemon.lock import hold
from gateway.queue import db, heartbeat, orders
from tests.cli.conftest import Gateway

READY = CarrierStatus("ready", line="8970199000000000017", model="HUAWEI E3372", storage_percent=80)


def beat(gateway: Gateway, now: datetime, status: CarrierStatus = READY) -> None:
    with closing(db.open_database(gateway.database)) as connection:
        heartbeat.beat(connection, 17, now)
        heartbeat.report(connection, "sim-1", "modem", status, 3, 500, now)


@contextmanager
def answering(gateway: Gateway, now: datetime, state: str, answer: str) -> Iterator[list[str]]:
    """A daemon that takes one order and answers it; the verbs that it was given."""
    given: list[str] = []

    def take_one() -> None:
        with closing(db.open_database(gateway.database)) as connection:
            while not (order := orders.take(connection, "sim-1", now)):
                is_over.wait(0.01)
            given.append(f"{order.verb} {order.word}".strip())
            orders.finish(connection, order.id, state, answer, now)

    is_over = threading.Event()
    with hold(gateway.database):
        beat(gateway, now)
        thread = threading.Thread(target=take_one)
        thread.start()
        yield given
        thread.join(10)


def test_a_name_that_no_modem_has_is_answered_by_those_that_there_are(gateway: Gateway) -> None:
    for arguments in (["modems", "pause", "sim-7"], ["modems", "history", "sim-7"], ["ussd", "sim-7", "*100#"]):
        result = gateway.run(*arguments)
        assert result.exit_code == 1
        assert "sim-7" in result.stderr
        assert "sim-1" in result.stderr


def test_modems_are_as_they_are_though_the_clock_was_set_back(gateway: Gateway, now: datetime) -> None:
    """By it the daemon has yet to start, and would have to open them."""
    with hold(gateway.database):
        beat(gateway, now + timedelta(hours=3))
        assert gateway.json("status")["life"] == "silent"
        beat(gateway, now)
        (modem,) = gateway.json("modems")
        status = gateway.json("status")
    assert modem["state"] == "ready"
    assert status["started_at"] == status["heartbeat_at"]


def test_what_modems_tells_beside_the_contracts_keys(gateway: Gateway, now: datetime) -> None:
    with hold(gateway.database):
        beat(gateway, now)
        (modem,) = gateway.json("modems")
    assert (modem["model"], modem["line"], modem["storage_percent"]) == (READY.model, READY.line, 80)
    assert modem["since"] == heartbeat_at(gateway)
    assert modem["balance"] is None


def heartbeat_at(gateway: Gateway) -> str:
    return str(gateway.execute("SELECT heartbeat_at FROM daemon")[0][0])


def test_a_pause_is_kept_and_told_without_a_daemon(gateway: Gateway, now: datetime) -> None:
    beat(gateway, now)
    result = gateway.run("modems", "pause", "sim-1", "--reason", "new SIM")
    assert result.exit_code == 0
    assert "does not run" in result.stderr
    assert gateway.execute("SELECT carrier, reason FROM pauses") == [("sim-1", "new SIM")]
    assert "new SIM" in gateway.json("modems")[0]["detail"]
    assert "already" in gateway.run("modems", "pause", "sim-1").stderr
    assert gateway.execute("SELECT reason FROM pauses") == [("new SIM",)]
    assert "reason is now the new one" in gateway.run("modems", "pause", "sim-1", "--reason", "antenna").stderr
    assert gateway.execute("SELECT reason FROM pauses") == [("antenna",)]


def test_resume_ends_the_pause_and_the_operators_block_without_a_daemon(gateway: Gateway, now: datetime) -> None:
    beat(gateway, now)
    gateway.run("modems", "pause", "sim-1")
    gateway.execute(
        "INSERT INTO lines (line, kind, first_seen_at, last_seen_at, blocked_at, blocked_until, blocks)"
        " VALUES (?, 'modem', '', '', '2026-11-22T08:00:00.000Z', '2026-11-22T09:00:00.000Z', 1)",
        READY.line,
    )
    assert gateway.run("modems", "resume", "sim-1").exit_code == 0
    assert gateway.execute("SELECT count(*) FROM pauses") == [(0,)]
    assert gateway.execute("SELECT blocked_at, blocks FROM lines") == [(None, 0)]
    assert gateway.execute("SELECT count(*) FROM orders") == [(0,)]


def test_resume_tells_the_running_daemon(gateway: Gateway, now: datetime) -> None:
    with hold(gateway.database):
        beat(gateway, now)
        assert gateway.run("modems", "resume", "sim-1").exit_code == 0
    assert gateway.execute("SELECT carrier, verb, state FROM orders") == [("sim-1", "resume", "waiting")]


def test_history_tells_states_pauses_and_orders_the_newest_first(gateway: Gateway, now: datetime) -> None:
    beat(gateway, now)
    beat(gateway, now, CarrierStatus("absent", "Nothing at this port."))
    gateway.run("modems", "pause", "sim-1", "--reason", "new SIM")
    rows = gateway.json("modems", "history", "sim-1")
    assert [(row["event"], row["from_state"], row["to_state"]) for row in rows] == [
        ("pause", None, None),
        ("state", "ready", "absent"),
        ("state", None, "ready"),
    ]
    told = gateway.run("modems", "history", "sim-1").stdout
    assert "new SIM" in told
    assert "Nothing at this port." in told
    assert len(gateway.json("modems", "history", "sim-1", "--limit", "1")) == 1


def test_an_option_before_the_verb_counts_for_the_verb(gateway: Gateway, now: datetime) -> None:
    gateway.run("modems", "pause", "sim-1", "--reason", "new SIM")
    after = gateway.json("modems", "history", "sim-1")
    assert json.loads(gateway.run("modems", "--json", "history", "sim-1").stdout) == after


@pytest.mark.parametrize(
    "words",
    [["modems", "--watch", "pause", "sim-1"], ["modems", "--json", "pause", "sim-1"], ["alarms", "--all", "test"]],
)
def test_an_option_before_a_verb_that_lacks_it_is_refused_and_nothing_is_done(
    gateway: Gateway, words: list[str]
) -> None:
    result = gateway.run(*words)
    assert result.exit_code == 2
    assert words[1] in result.stderr
    assert gateway.execute("SELECT count(*) FROM pauses") == [(0,)]


def test_an_order_is_given_to_the_daemon_and_its_answer_printed(gateway: Gateway, now: datetime) -> None:
    with answering(gateway, now, "done", "Баланс: 123,45 руб") as given:
        result = gateway.run("ussd", "sim-1", "*100#")
    assert (result.exit_code, result.stdout) == (0, "Баланс: 123,45 руб\n")
    assert given == ["ussd *100#"]
    assert gateway.execute("SELECT word FROM orders") == [("",)]


def test_ussd_as_json(gateway: Gateway, now: datetime) -> None:
    with answering(gateway, now, "done", "Balance 12.00"):
        document = gateway.json("ussd", "sim-1", "*100#")
    assert document == {"name": "sim-1", "code": "*100#", "answer": "Balance 12.00"}


def test_an_order_that_the_daemon_could_not_do_is_one_sentence_and_exit_code_1(gateway: Gateway, now: datetime) -> None:
    with answering(gateway, now, "failed", "The modem is not open.") as given:
        result = gateway.run("modems", "reset", "sim-1")
    assert (result.exit_code, result.stderr) == (1, "The modem is not open.\n")
    assert given == ["reset"]


def test_an_order_that_nobody_comes_to_is_withdrawn(
    gateway: Gateway, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.cli.ussd.ANSWER_S", 0.1)
    with hold(gateway.database):
        beat(gateway, now)
        result = gateway.run("ussd", "sim-1", "*100#")
    assert result.exit_code == 1
    assert "did not come to it" in result.stderr
    assert gateway.execute("SELECT state FROM orders") == [("failed",)]


@pytest.mark.parametrize("arguments", [["modems", "reset", "sim-1"], ["ussd", "sim-1", "*100#"]])
def test_a_daemon_that_hangs_is_not_waited_for(gateway: Gateway, now: datetime, arguments: list[str]) -> None:
    with hold(gateway.database):
        beat(gateway, now - timedelta(seconds=30))
        result = gateway.run(*arguments)
    assert result.exit_code == 1
    assert "gives no sign" in result.stderr
    assert gateway.execute("SELECT count(*) FROM orders") == [(0,)]


@pytest.mark.parametrize("arguments", [["modems", "reset", "sim-1"], ["ussd", "sim-1", "*100#"]])
def test_without_a_daemon_the_command_uses_the_modem_itself(gateway: Gateway, arguments: list[str]) -> None:
    """Here there is none at the port, which is said in a sentence."""
    result = gateway.run(*arguments)
    assert result.exit_code == 1
    assert "no-port" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_watch_draws_again_only_what_has_changed_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "EVERY_S", 0.0)
    pages = iter(["one", "one", "two"])
    live.show(lambda: print(next(pages)), times=3)
    assert capsys.readouterr().out.split() == ["one", "two"]


def test_watch_draws_over_the_last_page_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(live, "EVERY_S", 0.0)
    monkeypatch.setattr("sys.stdout", screen)
    live.show(lambda: print("sim-1 ready"), times=2)
    assert screen.getvalue().count(live.CLEAR) == 1
    assert screen.getvalue().count("sim-1 ready") == 2


def test_watch_and_json_exclude_each_other(gateway: Gateway) -> None:
    assert gateway.run("modems", "--watch", "--json").exit_code == 2


@pytest.mark.parametrize(("takes_up_new", "names"), [(True, ["sim-1", "found-1"]), (False, ["sim-1"])])
def test_modems_that_were_found_stand_beside_the_configured_ones(
    running: Gateway, now: datetime, takes_up_new: bool, names: list[str]
) -> None:
    text = running.config.read_text()
    running.config.write_text(text.replace("[gateway]", f"[gateway]\ntake_up_new = {str(takes_up_new).lower()}"))
    with closing(db.open_database(running.database)) as connection:
        heartbeat.report(connection, "found-1", "modem", READY, 0, None, now)
    for verb in ("modems", "status"):
        told = running.json(verb)
        assert [row["name"] for row in (told if verb == "modems" else told["carriers"])] == names
    said = " ".join(finding["finding"] for finding in running.json("doctor"))
    assert ("found-1: ready" in said) is takes_up_new
