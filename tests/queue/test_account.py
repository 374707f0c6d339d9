"""A limit that begins with what the database counts stands where one stands that was told every SMS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.plan.ledger import Ledger, Spent
from gateway.plan.limits import CAPS, Cap, Plan
from gateway.queue import db, spending, times

ZONE = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LINES = count(1)  # each example has a line of its own: what went out is never taken away

Row = tuple[float, int, float | None, bool, bool]  # age, recipient, answered after, of another line, without a digest
ages = st.one_of(
    st.sampled_from([0.0, 30.0, 59.999, 60.0, 3599.0, 3600.0, 43_199.0, 43_200.0, 43_201.0, 90_000.0, 2_000_000.0]),
    st.floats(0.0, 2_400_000.0),
)
rows = st.lists(
    st.tuples(ages, st.integers(0, 4), st.sampled_from([None, 0.0, 2.0, 90.0]), st.booleans(), st.booleans()),
    max_size=25,
)
caps = st.lists(
    st.builds(lambda key, most: Cap(key[0], key[1], most), st.sampled_from(list(CAPS.values())), st.integers(1, 6)),
    unique_by=lambda cap: (cap.span, cap.unit),
    max_size=5,
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[db.Connection]:
    path: Path = tmp_path_factory.mktemp("account") / "gateway.db"
    db.create_or_upgrade(path)
    with closing(db.open_database(path)) as opened:
        opened.execute("PRAGMA synchronous = OFF")
        yield opened


def written(connection: db.Connection, line: str, found: list[Row]) -> list[Spent]:
    """What went out over the line, as the queue notes it; in the order of the times that count."""
    spent = []
    with db.write(connection):
        for age_s, who, after_s, is_others, is_of_before in found:
            at = NOON - timedelta(seconds=age_s)
            answered_at = None if after_s is None else min(NOON, at + timedelta(seconds=after_s))
            number = f"+7900000000{who}"
            values = {
                "number": number,
                "line": f"not {line}" if is_others else line,
                "at": times.to_text(at),
                "answered_at": times.optional_text(answered_at),
                "who": None if is_of_before else spending.recipient_of(number),
            }
            _write(connection, values)
            if not is_others:
                counted = times.from_text(times.to_text(max(at, answered_at or at))) + spending.CUT
                spent.append(Spent(min(NOON, counted), spending.recipient_of(number)))
    return sorted(spent, key=lambda each: each.at)


def _write(connection: db.Connection, values: dict[str, object]) -> None:
    message = connection.execute("INSERT INTO outbox (recipient) VALUES (:number)", values).lastrowid
    connection.execute("UPDATE outbox SET msisdn = :number WHERE id = :id", values | {"id": message})
    segment = connection.execute(
        "INSERT INTO segments (outbox_id, number, total, alphabet, submitted_at)"
        " VALUES (:id, 1, 1, 'gsm7', :answered_at)",
        values | {"id": message},
    ).lastrowid
    noted = "INSERT INTO spent (line, segment_id, at, recipient) VALUES (:line, :key, :at, :who)"
    connection.execute(noted, values | {"key": segment})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(caps=caps, found=rows, then_s=st.sampled_from([0.0, 1.0, 45.0, 3600.0, 50_000.0]))
def test_it_stands_where_one_stands_that_was_told_all(
    connection: db.Connection, caps: list[Cap], found: list[Row], then_s: float
) -> None:
    plan = Plan(tuple(caps))
    told, counted = Ledger(plan, ZONE), Ledger(plan, ZONE)
    line = f"line {next(LINES)}"
    for each in written(connection, line, found):
        told.add(each)
    counted.recall(spending.account(connection, line, NOON), NOON)
    now = NOON + timedelta(seconds=then_s)
    assert counted.reached(1.0, now) == told.reached(1.0, now)
    assert (counted.room(1.0, now), counted.today(now)) == (told.room(1.0, now), told.today(now))
