"""What a writer may put into the outbox, and what the database makes of it."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from gateway.errors import GatewayError
from gateway.queue.adding import ROWS_AT_ONCE, AddResult, NewMessage, add, add_one
from gateway.queue.db import Connection
from gateway.queue.states import State
from tests.queue.clinic import NOW
from tests.queue.test_states import message_in, state_of

PHONE = "8 900 000-12-34"
COLUMNS = ("recipient", "body", "category", "priority", "sender", "not_before", "expires_at")
ODD_VALUES = [None, "", 0, -1, 2.5, 7.9e10, b"\x00\xff", "x" * 10_000, "'; DROP TABLE outbox", "\ud7ff", "😀", "NaN"]


def count(connection: Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM outbox").fetchone()[0])


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("value", ODD_VALUES)
def test_any_value_in_any_column_of_the_writer_is_taken(connection: Connection, column: str, value: object) -> None:
    connection.execute(f"INSERT INTO outbox ({column}) VALUES (?)", (value,))
    assert state_of(connection, 1) == "queued"


def test_a_row_without_anything_is_taken(connection: Connection) -> None:
    connection.execute("INSERT INTO outbox DEFAULT VALUES")
    assert state_of(connection, 1) == "queued"


GATEWAY_COLUMNS = [
    *("state", "msisdn", "segments", "carrier", "attempts", "error_code", "error_text", "created_at", "updated_at"),
    *("sent_at", "delivered_at", "next_attempt_at", "due", "rank", "route", "shunned", "expires"),
    *("retries", "revision"),
]


@pytest.mark.parametrize("column", GATEWAY_COLUMNS)
@pytest.mark.parametrize("value", ["sent", None, 1, b"\xff"])
def test_what_a_writer_puts_into_the_gateways_columns_is_put_right(
    connection: Connection, column: str, value: object
) -> None:
    connection.execute("INSERT INTO outbox (recipient, body) VALUES ('a', 'b')")
    connection.execute(f"INSERT INTO outbox (recipient, body, {column}) VALUES ('a', 'b', ?)", (value,))
    plain, odd = connection.execute(f"SELECT {', '.join(GATEWAY_COLUMNS)} FROM outbox ORDER BY id").fetchall()
    clock = [GATEWAY_COLUMNS.index(name) for name in ("created_at", "updated_at")]
    assert [value for place, value in enumerate(odd) if place not in clock] == [
        value for place, value in enumerate(plain) if place not in clock
    ]
    assert all(odd[place][:13] == plain[place][:13] for place in clock)
    assert connection.execute("SELECT outbox_id, event, from_state FROM events").fetchall() == [
        (1, "queued", None),
        (2, "queued", None),
    ]


def test_a_second_external_id_is_refused(connection: Connection) -> None:
    connection.execute("INSERT INTO outbox (recipient, body, external_id) VALUES ('a', 'b', 'visit-1')")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        connection.execute("INSERT INTO outbox (recipient, body, external_id) VALUES ('a', 'b', 'visit-1')")
    assert count(connection) == 1


def test_a_blank_external_id_is_none(connection: Connection) -> None:
    insert = "INSERT INTO outbox (recipient, body, external_id, state) VALUES ('a', 'b', ?, 'x')"
    for blank in ("", "", " ", b"", "  "):
        connection.execute(insert, (blank,))
    connection.execute("UPDATE outbox SET external_id = '', body = 'c' WHERE id = 1")
    rows = connection.execute("SELECT DISTINCT state, external_id, due FROM outbox").fetchall()
    assert rows == [("queued", None, None)]
    assert connection.execute("SELECT count(*) FROM external_ids").fetchone() == (0,)


def test_insert_or_ignore_of_a_known_external_id_does_nothing(connection: Connection) -> None:
    for _ in range(2):
        connection.execute("INSERT OR IGNORE INTO outbox (recipient, body, external_id) VALUES ('a', 'b', 'visit-1')")
    assert count(connection) == 1


@pytest.mark.parametrize(
    ("insert", "left"),
    [
        ("INSERT", None),
        ("INSERT OR ABORT", None),
        ("INSERT OR FAIL", None),
        ("INSERT OR REPLACE", None),
        ("REPLACE", None),
        ("INSERT OR IGNORE", ["visit-2"]),
    ],
)
def test_the_key_of_a_row_that_was_deleted_is_as_known_as_one_that_is_there(
    connection: Connection, insert: str, left: list[str] | None
) -> None:
    connection.execute("INSERT INTO outbox (recipient, body, external_id) VALUES ('a', 'b', 'visit-1')")
    connection.execute("UPDATE outbox SET state = 'cancelled'")
    connection.execute("DELETE FROM outbox")
    again = f"{insert} INTO outbox (recipient, body, external_id) VALUES ('a', 'b', 'visit-1'), ('c', 'd', 'visit-2')"
    if left is None:
        with pytest.raises(sqlite3.IntegrityError, match="this external_id was used before"):
            connection.execute(again)
    else:
        assert connection.execute(again).rowcount == 1
    assert connection.execute("SELECT external_id FROM outbox").fetchall() == [(key,) for key in left or []]
    assert connection.execute("SELECT count(*) FROM known_again").fetchone() == (0,)


def test_insert_or_replace_of_a_known_external_id_does_not_become_a_second_sms(connection: Connection) -> None:
    connection.execute("INSERT INTO outbox (recipient, body, external_id) VALUES ('a', 'b', 'visit-1')")
    move_to_sent(connection, 1)
    with pytest.raises(sqlite3.IntegrityError, match="not sent a second time"):
        connection.execute("INSERT OR REPLACE INTO outbox (recipient, body, external_id) VALUES ('a', 'b', 'visit-1')")
    assert connection.execute("SELECT id, state FROM outbox").fetchall() == [(1, "sent")]


def test_insert_or_replace_of_a_known_id_is_refused(connection: Connection) -> None:
    message_in(connection, State.SENT)
    with pytest.raises(sqlite3.IntegrityError, match="used before"):
        connection.execute("INSERT OR REPLACE INTO outbox (id, recipient, body) VALUES (1, 'a', 'b')")
    assert state_of(connection, 1) == "sent"


@pytest.mark.parametrize("number", [-5, 2**63 - 1])
def test_an_id_that_would_leave_none_for_others_is_refused(connection: Connection, number: int) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="given by the gateway"):
        connection.execute("INSERT INTO outbox (id, recipient, body) VALUES (?, 'a', 'b')", (number,))
    assert add_one(connection, NewMessage(PHONE, "Здравствуйте"), NOW) == 1


def test_an_id_is_never_used_twice(connection: Connection) -> None:
    message = message_in(connection, State.DELIVERED)
    connection.execute("DELETE FROM outbox")
    assert message_in(connection, State.QUEUED) == message + 1


def move_to_sent(connection: Connection, message: int) -> None:
    for state in (State.SENDING, State.SENT):
        connection.execute("UPDATE outbox SET state = ? WHERE id = ?", (state, message))


@pytest.mark.parametrize("state", [State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN])
def test_an_unfinished_message_can_not_be_deleted(connection: Connection, state: State) -> None:
    message_in(connection, state)
    with pytest.raises(sqlite3.IntegrityError, match="cancelled"):
        connection.execute("DELETE FROM outbox")


@pytest.mark.parametrize("column", [*COLUMNS, "external_id"])
@pytest.mark.parametrize("state", [state for state in State if state is not State.QUEUED])
def test_what_was_asked_for_stands_once_the_message_has_left_queued(
    connection: Connection, column: str, state: State
) -> None:
    message = message_in(connection, state)
    with pytest.raises(sqlite3.IntegrityError, match="while the message is queued"):
        connection.execute(f"UPDATE outbox SET {column} = 'other' WHERE id = ?", (message,))


def test_what_was_asked_for_stands_after_a_first_try(connection: Connection) -> None:
    message = message_in(connection, State.SENDING)
    connection.execute("UPDATE outbox SET state = 'queued', attempts = 1")
    with pytest.raises(sqlite3.IntegrityError, match="before the first try"):
        connection.execute("UPDATE outbox SET body = 'other' WHERE id = ?", (message,))


def test_a_queued_message_may_be_changed_and_is_examined_again(connection: Connection) -> None:
    message = message_in(connection, State.QUEUED)
    connection.execute("UPDATE outbox SET due = 1, rank = 5, route = '', msisdn = '+79000001234'")
    connection.execute("UPDATE outbox SET body = 'other' WHERE id = ?", (message,))
    assert connection.execute("SELECT body, due, msisdn, revision FROM outbox").fetchone() == ("other", None, None, 1)
    assert connection.execute("SELECT event FROM events").fetchall() == [("queued",), ("changed",)]


def test_retention_empties_words_and_number_of_a_finished_message_and_keeps_its_outcome(
    connection: Connection,
) -> None:
    message = message_in(connection, State.DELIVERED)
    connection.execute("UPDATE outbox SET msisdn = '+79000001234', attempts = 1")
    connection.execute("INSERT INTO segments (outbox_id, number, total, alphabet, body) VALUES (1, 1, 1, 'ucs2', 'y')")
    connection.execute("UPDATE outbox SET body = NULL, recipient = '' WHERE id = ?", (message,))
    row = connection.execute("SELECT body, recipient, msisdn, state FROM outbox").fetchone()
    assert row == (None, "", None, "delivered")
    assert connection.execute("SELECT body FROM segments").fetchone() == (None,)


def test_added_messages_carry_what_they_were_given(connection: Connection) -> None:
    message = NewMessage(PHONE, "Ждём вас", "otp", 7, "sim-1", NOW + timedelta(hours=1), "2026-12-01", "visit-7")
    assert add_one(connection, message, NOW) == 1
    row = connection.execute(f"SELECT {', '.join(COLUMNS)}, external_id, created_at FROM outbox").fetchone()
    assert row == (
        *(PHONE, "Ждём вас", "otp", 7, "sim-1", "2026-11-22T10:00:00.000Z", "2026-12-01"),
        *("visit-7", "2026-11-22T09:00:00.000Z"),
    )


def test_an_external_id_that_comes_twice_in_one_list_is_queued_once(connection: Connection) -> None:
    rows = [NewMessage(PHONE, "Раз", external_id="1"), NewMessage(PHONE, "Ещё раз", external_id="1")]
    assert add(connection, rows, NOW) == AddResult(1, 1, 1)
    assert connection.execute("SELECT body FROM outbox").fetchall() == [("Раз",)]


def test_a_list_longer_than_one_statement_is_queued_whole_and_in_order(connection: Connection) -> None:
    bodies = [f"Талон {number}" for number in range(2 * ROWS_AT_ONCE + 1)]
    rows = [NewMessage(PHONE, body, external_id=body) for body in bodies]
    assert add(connection, rows, NOW) == AddResult(len(rows), 0, len(rows))
    assert [body for (body,) in connection.execute("SELECT body FROM outbox ORDER BY id")] == bodies


def test_known_external_ids_are_counted_and_not_queued_again(connection: Connection) -> None:
    rows = [NewMessage(PHONE, "Раз", external_id="1"), NewMessage(PHONE, "Два", external_id="2")]
    assert add(connection, rows, NOW) == AddResult(2, 0, 2)
    assert add(connection, [*rows, NewMessage(PHONE, "Три", external_id="3")], NOW) == AddResult(1, 2, 3)
    assert add(connection, rows, NOW) == AddResult(0, 2, None)
    assert add_one(connection, rows[1], NOW) == 2


def test_a_key_whose_message_was_sent_and_deleted_is_not_sent_again(connection: Connection) -> None:
    message = NewMessage(PHONE, "Раз", external_id="1")
    move_to_sent(connection, add_one(connection, message, NOW))
    connection.execute("DELETE FROM outbox")
    assert add(connection, [message], NOW) == AddResult(0, 1, None)
    with pytest.raises(GatewayError, match="sent before"):
        add_one(connection, message, NOW)


def test_all_are_queued_or_none(connection: Connection) -> None:
    def broken() -> object:
        yield NewMessage(PHONE, "Раз")
        raise ValueError("row 2")

    with pytest.raises(ValueError, match="row 2"):
        add(connection, broken(), NOW)  # type: ignore[arg-type]
    assert count(connection) == 0


def test_a_message_keeps_patients_data_out_of_its_repr() -> None:
    words = repr(NewMessage(PHONE, "Анализ готов"))
    assert PHONE not in words
    assert "Анализ" not in words
