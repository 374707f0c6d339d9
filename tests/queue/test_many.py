"""One statement for many rows does what it does for each of them."""

from __future__ import annotations

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError
from gateway.queue import many, statements
from gateway.queue.db import Connection

INSERT = "INSERT INTO things (id, text, word) SELECT column1, column2, ?1 FROM (VALUES {rows})"
UPDATE = "UPDATE things SET text = f.column2 FROM (VALUES {rows}) AS f WHERE id = f.column1 AND word = ?1"


@given(texts=st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), max_size=200))
def test_every_row_is_written_as_it_is_in_its_order(texts: list[str | None]) -> None:
    connection = things()
    rows = list(enumerate(texts, 7))
    assert many.run(connection, INSERT, ("one",), rows) == len(rows)
    assert connection.execute("SELECT id, text FROM things ORDER BY rowid").fetchall() == rows
    connection.close()


@pytest.mark.parametrize("count", [1, 3, 64, 65, 300])
def test_a_row_that_is_not_as_expected_is_an_error(count: int) -> None:
    connection = things()
    many.run(connection, INSERT, ("one",), [(number, "a") for number in range(count)])
    many.guarded(connection, UPDATE, ("one",), [(number, "b") for number in range(count)])
    assert connection.execute("SELECT DISTINCT text FROM things").fetchall() == [("b",)]
    with pytest.raises(GatewayError):
        many.guarded(connection, UPDATE, ("one",), [(number, "c") for number in range(count + 1)])
    with pytest.raises(GatewayError):
        many.guarded_by_id(connection, "UPDATE things SET text = :text WHERE id = :id", {"text": "d"}, [0, 4711])
    connection.close()


def things() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT, word TEXT)")
    return connection


@pytest.mark.parametrize("statement", [statements.MOVE, statements.TAKE])
def test_the_rows_are_found_by_their_ids(connection: Connection, statement: str) -> None:
    seen: list[str] = []
    values = dict.fromkeys(re.findall(r":(\w+)", statement), "queued")
    connection.set_trace_callback(seen.append)
    with pytest.raises(GatewayError):
        many.guarded_by_id(connection, statement, values, [1, 2])
    connection.set_trace_callback(None)
    steps = [step for (*_ids, step) in connection.execute(f"EXPLAIN QUERY PLAN {seen[0]}")]
    assert steps[0] == "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)"
