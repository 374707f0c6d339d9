"""`smsgw send`: what is queued, what is refused at the door, and following a message to its end."""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest

from gateway.daemon.lock import hold
from gateway.queue import db, heartbeat, opt_outs
from tests.cli.conftest import Gateway

NUMBER = "8 900 000-00-01"
NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Other(threading.Thread):
    """Another process's part: takes the first message through states, each change its own transaction."""

    def __init__(self, gateway: Gateway, *changes: str) -> None:
        super().__init__(daemon=True)
        self._gateway = gateway
        self._changes = changes

    def run(self) -> None:
        with closing(db.open_database(self._gateway.database)) as connection:
            while not connection.execute("SELECT count(*) FROM outbox").fetchone()[0]:
                time.sleep(0.01)
            for change in self._changes:
                connection.execute(f"UPDATE outbox SET {change}")

    def __enter__(self) -> Other:
        self.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self.join(10)


def states(*words: str) -> list[str]:
    return [f"state = '{word}'" for word in words]


def test_it_queues_one_message_and_prints_only_its_id(gateway: Gateway) -> None:
    result = gateway.run("send", NUMBER, "Ждём вас завтра в 10:00")
    assert (result.exit_code, result.stdout) == (0, "1\n")
    assert gateway.execute("SELECT recipient, body, state FROM outbox") == [
        (NUMBER, "Ждём вас завтра в 10:00", "queued")
    ]


def stop(gateway: Gateway, number: str = "+79000000001") -> None:
    """The number has answered so."""
    with closing(db.open_database(gateway.database)) as connection, db.write(connection):
        opt_outs.note(connection, number, opt_outs.REPLY, NOON, NOON, is_out=True)


@pytest.mark.parametrize("verb", [("send", NUMBER, "Скидки"), ("send", NUMBER, "x", "--wait"), ("route", NUMBER)])
def test_a_number_that_answered_stop_is_said_to_have_and_nothing_is_queued(
    gateway: Gateway, verb: tuple[str, ...]
) -> None:
    stop(gateway)
    result = gateway.run(*verb, "--category", "marketing", "--json")
    assert (result.exit_code, result.stdout, gateway.count()) == (1, "", 0)
    assert result.stderr == (
        "This number asked for no more messages of this kind. It gets them again when it answers START, or when its"
        " contact agrees: `smsgw contacts consent`.\n"
    )


def test_what_nobody_may_refuse_goes_to_it_all_the_same(gateway: Gateway) -> None:
    stop(gateway)
    assert gateway.json("send", NUMBER, "Код 1234", "--category", "otp") == {"id": 1}
    assert gateway.run("route", NUMBER).exit_code == 0


def test_of_a_message_from_before_the_stop_the_id_is_told(gateway: Gateway) -> None:
    command = ("send", NUMBER, "x", "--category", "marketing", "--external-id", "mis-17")
    gateway.run(*command)
    stop(gateway)
    assert gateway.json(*command) == {"id": 1}
    assert gateway.run("send", NUMBER, "x", "--category", "marketing", "--external-id", "mis-18").exit_code == 1


def test_the_json_document_is_the_id(gateway: Gateway) -> None:
    assert gateway.json("send", NUMBER, "x") == {"id": 1}


def test_every_option_lands_in_its_column(gateway: Gateway) -> None:
    options = {"category": "otp", "priority": "9", "sender": "sim-1", "external-id": "mis-17"}
    times = {"not-before": "2126-12-01 09:00", "expires-at": "2126-12-01T10:00:00+03:00"}
    given = [word for name, value in (options | times).items() for word in (f"--{name}", value)]
    assert gateway.run("send", NUMBER, "x", *given).exit_code == 0
    columns = "category, priority, sender, external_id, not_before, expires_at"
    assert gateway.execute(f"SELECT {columns} FROM outbox") == [
        ("otp", 9, "sim-1", "mis-17", "2126-12-01 09:00", "2126-12-01T10:00:00+03:00")
    ]


def test_a_text_may_come_from_standard_input(gateway: Gateway) -> None:
    assert gateway.run("send", NUMBER, "-", stdin="Первая строка\nвторая\n").exit_code == 0
    assert gateway.execute("SELECT body FROM outbox") == [("Первая строка\nвторая",)]


# what is asked for -> a word of the reason
REFUSED = {
    "a landline": (["+7 495 000-00-00", "x"], "landline"),
    "an emergency number": (["112", "x"], "emergency"),
    "digits missing": (["8 900 000", "x"], "too few digits"),
    "letters": (["8 900 ООО-00-01", "x"], "letters"),
    "no number": (["", "x"], "no number"),
    "no text": ([NUMBER, "  "], "empty"),
    "a character that no phone shows": ([NUMBER, "a\x01b"], "character"),
    "more than 255 SMS": ([NUMBER, "я" * 255 * 67 + "я"], "255"),
    "a carrier that is none": ([NUMBER, "x", "--sender", "sim-9"], "sim-1"),
    "a time that is none": ([NUMBER, "x", "--not-before", "tomorrow"], "not a time"),
    "too late": ([NUMBER, "x", "--expires-at", "2020-01-01"], "too late"),
    "over before it begins": (
        [NUMBER, "x", "--not-before", "2126-01-02", "--expires-at", "2126-01-01"],
        "not later than",
    ),
}


@pytest.mark.parametrize(("arguments", "word"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
def test_what_could_never_be_sent_is_refused_with_the_reason_and_not_queued(
    gateway: Gateway, arguments: list[str], word: str, form: list[str]
) -> None:
    result = gateway.run("send", *arguments, *form)
    assert (result.exit_code, result.stdout) == (1, "")
    assert word in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert gateway.count() == 0


@pytest.mark.parametrize("option", [("--category", "spam"), ("--priority", "10"), ("--timeout", "soon")])
def test_a_word_that_is_none_of_the_choices_is_wrong_usage(gateway: Gateway, option: tuple[str, str]) -> None:
    assert gateway.run("send", NUMBER, "x", *option).exit_code == 2
    assert gateway.count() == 0


def test_a_known_external_id_gives_the_message_that_is_there(gateway: Gateway) -> None:
    gateway.run("send", NUMBER, "first")
    gateway.run("send", NUMBER, "second", "--external-id", "mis-17")
    result = gateway.run("send", NUMBER, "second", "--external-id", "mis-17")
    assert (result.exit_code, result.stdout) == (0, "2\n")
    assert "nothing new" in result.stderr
    assert gateway.count() == 2


def test_it_warns_when_no_daemon_runs(gateway: Gateway) -> None:
    assert "smsgw run" in gateway.run("send", NUMBER, "x").stderr


def test_it_is_silent_when_the_daemon_runs(gateway: Gateway, now: datetime) -> None:
    with hold(gateway.database), closing(db.open_database(gateway.database)) as connection:
        heartbeat.beat(connection, 17, now)
        assert gateway.run("send", NUMBER, "x").stderr == ""


ENDS = {
    "delivered": (states("sending", "sent", "delivered"), 0),
    "undelivered": (states("sending", "sent", "undelivered"), 1),
    "failed": (["state = 'sending'", "state = 'failed', error_text = 'The number is barred.'"], 1),
    "rejected": (["state = 'rejected', error_text = 'A landline.'"], 1),
    "expired": (states("expired"), 1),
    "cancelled": (states("cancelled"), 1),
    "held": (["state = 'held', error_text = 'Too many messages to this number.'"], 1),
}


@pytest.mark.parametrize(("changes", "code"), ENDS.values(), ids=ENDS)
def test_waiting_tells_each_change_and_ends_with_the_message(gateway: Gateway, changes: list[str], code: int) -> None:
    with Other(gateway, *changes):
        result = gateway.run("send", NUMBER, "x", "--wait", "--timeout", "20 s")
    assert (result.exit_code, result.stdout) == (code, "1\n")
    last = changes[-1].split("'")[1]
    assert f"  {last}" in result.stderr


def test_waiting_says_why_it_was_not_sent(gateway: Gateway) -> None:
    with Other(gateway, "state = 'rejected', error_code = 'landline', error_text = 'A landline.'"):
        result = gateway.run("send", NUMBER, "x", "--wait", "--timeout", "20 s")
    assert "Message 1 is rejected: A landline." in result.stderr


def test_waiting_gives_the_row_as_json_and_nothing_else(gateway: Gateway) -> None:
    with Other(gateway, *states("sending", "sent", "delivered")):
        row = gateway.json("send", NUMBER, "x", "--wait", "--timeout", "20 s")
    assert (row["id"], row["state"], row["recipient"]) == (1, "delivered", NUMBER)


def test_waiting_ends_with_the_time_and_the_message_stays(gateway: Gateway) -> None:
    result = gateway.run("send", NUMBER, "x", "--wait", "--timeout", "0.1")
    assert (result.exit_code, result.stdout) == (1, "1\n")
    assert "still" in result.stderr or "goes on" in result.stderr
    assert gateway.count() == 1


def test_no_report_until_the_time_is_up_counts_as_sent(gateway: Gateway) -> None:
    with Other(gateway, *states("sending", "sent")):
        result = gateway.run("send", NUMBER, "x", "--wait", "--timeout", "1")
    assert result.exit_code == 0


def test_a_real_process_prints_json_only(gateway: Gateway) -> None:
    done = gateway.spawn("send", NUMBER, "Привет, 世界 👩‍⚕️", "--json")
    assert json.loads(done.stdout) == {"id": 1}
    assert gateway.execute("SELECT body FROM outbox") == [("Привет, 世界 👩‍⚕️",)]


def test_octets_that_are_no_text_are_refused(gateway: Gateway) -> None:
    done = gateway.spawn("send", NUMBER, "caf\udce9")  # Latin-1 octets from a shell
    assert done.returncode == 1
    assert "UTF-8" in done.stderr
    assert gateway.count() == 0


def test_now_is_the_time_of_writing(gateway: Gateway) -> None:
    before = datetime.now(UTC)
    gateway.run("send", NUMBER, "x")
    ((created_at,),) = gateway.execute("SELECT created_at FROM outbox")
    assert abs((datetime.fromisoformat(created_at) - before).total_seconds()) < 5
