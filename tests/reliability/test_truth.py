"""What judges all else here notices a lost row, a silent double and an untrue word."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.queue import db
from tests.fake_modem.bank import Bank
from tests.fake_modem.scripts import TO, UNREPORTED, ready
from tests.reliability import truth


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank(1) as bank:
        yield bank


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.db"
    db.create_or_upgrade(path)
    return path


MESSAGE = "INSERT INTO outbox (recipient, body) VALUES (?, 'hi')"
PART = """INSERT INTO segments (outbox_id, number, total, alphabet, state, carrier, line)
          VALUES (?, 1, 1, 'gsm7', ?, 'sim-1', 'x')"""
CHANGE = "UPDATE outbox SET state = ?, segments = 1, carrier = 'sim-1' WHERE id = ?"
EVENT = "INSERT INTO events (outbox_id, at, event, to_state) VALUES (?, '2026-11-22T08:00:00.000Z', 'x', ?)"


def row(database: Path, *states: str) -> int:
    """One message that went through these states."""
    with closing(sqlite3.connect(database)) as connection, connection:
        made = connection.execute(MESSAGE, (TO,)).lastrowid
        assert made is not None
        connection.execute(PART, (made, SEGMENT.get(states[-1], "open")))
        for state in states:
            connection.execute(CHANGE, (state, made))
            connection.execute(EVENT, (made, state))
    return made


SEGMENT = {"delivered": "delivered", "sent": "sent", "failed": "failed", "uncertain": "uncertain"}


def send(bank: Bank, times: int) -> None:
    with ready(bank) as line:
        for _ in range(times):
            line.send(UNREPORTED)


def complaints(database: Path, bank: Bank, message: int) -> list[str]:
    return truth.complaints(database, bank, [message])


def test_a_message_that_is_where_its_row_says_gives_no_cause_for_complaint(database: Path, bank: Bank) -> None:
    message = row(database, "sending", "sent", "delivered")
    send(bank, 1)
    assert complaints(database, bank, message) == []


def test_a_row_that_is_gone_is_noticed(database: Path, bank: Bank) -> None:
    assert complaints(database, bank, 7) == ["message 7 is gone"]


def test_a_silent_double_is_noticed_and_one_that_was_called_uncertain_is_not(database: Path, bank: Bank) -> None:
    message = row(database, "sending", "sent", "delivered")
    send(bank, 2)
    assert "silently" in complaints(database, bank, message)[0]
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM outbox")
    said = row(database, "sending", "uncertain", "queued", "sending", "sent", "delivered")
    assert complaints(database, bank, said) == []


@pytest.mark.parametrize(
    ("states", "times", "words"),
    [
        (("sending", "sent"), 0, "the network took 0 of 1"),
        (("sending", "sent", "delivered"), 0, "not on its handset"),
        (("sending", "uncertain"), 1, "has no end"),
    ],
)
def test_an_untrue_word_and_a_message_without_an_end_are_noticed(
    database: Path, bank: Bank, states: tuple[str, ...], times: int, words: str
) -> None:
    message = row(database, *states)
    send(bank, times)
    assert any(words in each for each in complaints(database, bank, message))
