"""Whose last word was no: of a few persons who ever said it, and never another answer than from everybody's history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from gateway.contacts import consents
from gateway.queue import db, opt_outs, withdrawals

PEOPLE = (1, 2, 3)
NUMBERS = ("+79000000001", "+79000000002")
HOMES = ((1, NUMBERS[0]), (2, NUMBERS[0]), (2, NUMBERS[1]), (3, NUMBERS[1]))  # the second person shares both
PERSON = "INSERT INTO persons (id, key, created_at, changed_at) VALUES (?, ?, '', '')"
NUMBER = "INSERT INTO person_numbers (person, msisdn, rank, kind) VALUES (?, ?, 0, '')"
CONSENT = "INSERT INTO consents (person, category, is_given, source, at, noted_at) VALUES (?, ?, ?, 'x', ?, '')"
OPT_OUT = "INSERT INTO opt_outs (msisdn, is_out, source, at, noted_at) VALUES (?, ?, ?, ?, '')"

DAYS = st.sampled_from([f"2026-11-0{day}" for day in range(1, 6)])
SAID = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["", "marketing", "reminder"]), st.booleans(), DAYS)
ANSWERED = st.tuples(st.sampled_from(NUMBERS), st.booleans(), st.sampled_from([opt_outs.REPLY, "x"]), DAYS)


@cache
def empty() -> sqlite3.Connection:
    connection = db.reference()
    connection.executemany(PERSON, [(person, str(person)) for person in PEOPLE])
    connection.executemany(NUMBER, HOMES)
    return connection


@contextmanager
def filled(
    said: set[tuple[int, str, bool, str]], answered: list[tuple[str, bool, str, str]]
) -> Iterator[sqlite3.Connection]:
    connection = empty()
    connection.execute("BEGIN")
    try:
        connection.executemany(CONSENT, sorted(said))
        connection.executemany(OPT_OUT, answered)
        yield connection
    finally:
        connection.execute("ROLLBACK")


@given(st.sets(SAID, max_size=8), st.lists(ANSWERED, max_size=5))
def test_the_last_no_is_found_among_those_who_ever_said_it(
    said: set[tuple[int, str, bool, str]], answered: list[tuple[str, bool, str, str]]
) -> None:
    with filled(said, answered) as connection:
        latest = withdrawals.latest(connection, "marketing")
        assert withdrawals.said_no(connection, "marketing") == {who for who, is_given in latest.items() if not is_given}


@given(st.sets(SAID, max_size=8), st.lists(ANSWERED, max_size=5), st.sets(st.sampled_from(PEOPLE)))
def test_the_unwilling_are_who_said_no_and_whoever_has_a_number_that_is_out(
    said: set[tuple[int, str, bool, str]], answered: list[tuple[str, bool, str, str]], asked: set[int]
) -> None:
    with filled(said, answered) as connection:
        out = opt_outs.among(connection, NUMBERS)
        expected = withdrawals.said_no(connection, "marketing") | {who for who, number in HOMES if number in out}
        assert consents.unwilling(connection, asked, "marketing") == expected & asked
