"""A message is followed to its end: nothing that happens between two looks is passed over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from itertools import count

import pytest

from gateway.cli import follow
from gateway.queue import db
from gateway.settings import load
from tests.cli.conftest import Gateway

STATEMENTS = 6  # of two rounds: data_version, the row, its events


def at_statement(connection: db.Connection, number: int, act: Callable[[], object]) -> None:
    """`act` when the statement of this number begins, before it looks."""
    begun = count(1)
    connection.set_trace_callback(lambda _statement: act() if next(begun) == number else None)


@pytest.mark.parametrize("number", range(1, STATEMENTS + 1))
def test_the_last_change_is_told_whenever_it_comes(
    gateway: Gateway, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    message = gateway.insert()
    with closing(db.open_database(gateway.database)) as connection:
        at_statement(connection, number, lambda: gateway.execute("UPDATE outbox SET state = 'cancelled'"))
        row = follow.to_the_end(connection, message, 5.0, load(gateway.config))
    assert row["state"] == "cancelled"
    assert capsys.readouterr().err.splitlines()[-1].split()[2] == "cancelled"
