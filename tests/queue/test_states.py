"""The table of states alone, and the trigger that holds every writer to it."""

from __future__ import annotations

import sqlite3
from itertools import product

import pytest

from gateway.queue.db import Connection
from gateway.queue.states import FINAL, MOVES, State, is_legal

WAYS = {  # how a new message comes into each state
    State.QUEUED: (),
    State.HELD: (State.HELD,),
    State.SENDING: (State.SENDING,),
    State.UNCERTAIN: (State.SENDING, State.UNCERTAIN),
    State.SENT: (State.SENDING, State.SENT),
    State.DELIVERED: (State.SENDING, State.SENT, State.DELIVERED),
    State.UNDELIVERED: (State.SENDING, State.SENT, State.UNDELIVERED),
    State.FAILED: (State.SENDING, State.FAILED),
    State.REJECTED: (State.REJECTED,),
    State.EXPIRED: (State.EXPIRED,),
    State.CANCELLED: (State.CANCELLED,),
}


def message_in(connection: Connection, state: State) -> int:
    message = connection.execute("INSERT INTO outbox (recipient, body) VALUES ('x', 'y') RETURNING id").fetchone()[0]
    for step in WAYS[state]:
        move(connection, message, step)
    return int(message)


def move(connection: Connection, message: int, state: str | None, retries: int = 0) -> None:
    connection.execute("UPDATE outbox SET state = ?, retries = retries + ? WHERE id = ?", (state, retries, message))


def state_of(connection: Connection, message: int) -> str:
    return str(connection.execute("SELECT state FROM outbox WHERE id = ?", (message,)).fetchone()[0])


@pytest.mark.parametrize(("old", "new"), [pair for pair in product(State, State) if pair[0] is not pair[1]])
def test_the_trigger_allows_what_the_table_allows_and_nothing_else(
    connection: Connection, old: State, new: State
) -> None:
    message = message_in(connection, old)
    retries = 1 if old is State.FAILED else 0
    if is_legal(old, new):
        move(connection, message, new, retries)
        assert state_of(connection, message) == new
    else:
        with pytest.raises(sqlite3.IntegrityError, match=old):
            move(connection, message, new, retries)
        assert state_of(connection, message) == old


def test_a_refused_change_says_what_is_allowed(connection: Connection) -> None:
    for old, allowed in MOVES.items():
        with pytest.raises(sqlite3.IntegrityError) as refusal:
            move(connection, message_in(connection, old), "nonsense")
        words = str(refusal.value).replace(",", "").split()
        if old is not State.FAILED:
            assert all(state in words for state in allowed), old


@pytest.mark.parametrize("nonsense", [None, "", "SENT", "done", 5])
def test_a_state_that_is_none_is_refused(connection: Connection, nonsense: str | None) -> None:
    message = message_in(connection, State.QUEUED)
    with pytest.raises(sqlite3.IntegrityError):
        move(connection, message, nonsense)


def test_a_failed_message_is_not_queued_anew_by_accident(connection: Connection) -> None:
    message = message_in(connection, State.FAILED)
    with pytest.raises(sqlite3.IntegrityError, match="smsgw outbox retry"):
        move(connection, message, State.QUEUED)


def test_final_states_lead_nowhere_but_failed_to_a_person() -> None:
    assert {state for state in FINAL if MOVES[state]} == {State.FAILED}


def test_every_change_of_state_has_its_event_in_order(connection: Connection) -> None:
    message = message_in(connection, State.DELIVERED)
    events = connection.execute(
        "SELECT event, from_state, to_state FROM events WHERE outbox_id = ? ORDER BY id", (message,)
    ).fetchall()
    assert events == [
        ("queued", None, "queued"),
        ("sending", "queued", "sending"),
        ("sent", "sending", "sent"),
        ("delivered", "sent", "delivered"),
    ]


def test_a_change_by_another_program_brings_updated_at_along(connection: Connection) -> None:
    message = message_in(connection, State.QUEUED)
    connection.execute(
        "UPDATE outbox SET created_at = '2001-01-01T00:00:00.000Z', updated_at = '2001-01-01T00:00:00.000Z'"
    )
    move(connection, message, State.CANCELLED)
    updated, at = connection.execute("SELECT updated_at, at FROM outbox, events WHERE event = 'cancelled'").fetchone()
    assert updated > "2026"
    assert at == updated


def test_events_are_only_ever_added(connection: Connection) -> None:
    message_in(connection, State.QUEUED)
    for statement in ("UPDATE events SET detail = 'x'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            connection.execute(statement)
