"""Two binds of one account: what one of them sends counts against the limits of the other, at once."""

from __future__ import annotations

import gc
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.carrier import Accepted, Deferred, Outcome, Scope, Submission, Uncertain
from gateway.plan.limits import Cap, Plan, Span, Unit
from gateway.queue import db
from gateway.sms.message import Alphabet, Segment
from gateway.worker.accounts import Accounts
from gateway.worker.leave import Leave

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ACCOUNT, OTHER_ACCOUNT = "smpp:clinic@smsc:2775", "smpp:lab@smsc:2775"
PLAN = Plan((Cap(Span.DAY, Unit.SMS, 10),))
SUBMISSION = Submission(1, "+79000000001", Segment("Hello", Alphabet.GSM7))
BUSY = Deferred("smpp_0x08", "The SMSC is ill.", Scope.NETWORK)


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    db.create_or_upgrade(tmp_path / "gateway.db")
    return db.open_database(tmp_path / "gateway.db")


def opened(connection: sqlite3.Connection, accounts: Accounts, line: str) -> Leave:
    leave = Leave(PLAN, ZoneInfo("UTC"), accounts=accounts)
    leave.open(connection, line, NOON)
    return leave


@pytest.mark.parametrize(
    ("outcome", "line", "room"),
    [
        pytest.param(Accepted("id7"), ACCOUNT, 9, id="it went out"),
        pytest.param(Uncertain("no_answer", "No answer."), ACCOUNT, 9, id="it may have gone out"),
        pytest.param(BUSY, ACCOUNT, 10, id="it did not go out"),
        pytest.param(Accepted("id7"), OTHER_ACCOUNT, 10, id="over another account"),
    ],
)
def test_what_the_other_sends_counts(connection: sqlite3.Connection, outcome: Outcome, line: str, room: int) -> None:
    accounts = Accounts()
    one, two = opened(connection, accounts, ACCOUNT), opened(connection, accounts, line)
    one.after(SUBMISSION, outcome, NOON)
    assert two.room(NOON) == room
    assert two.standing(NOON).used_today == 10 - room


def test_what_the_other_has_in_the_air_keeps_its_place_until_it_is_answered(connection: sqlite3.Connection) -> None:
    accounts = Accounts()
    one, two = (opened(connection, accounts, ACCOUNT) for _ in range(2))
    one.under_way = 7
    assert (one.room(NOON), two.room(NOON)) == (10, 3)
    two.under_way = 3
    assert (one.room(NOON), two.room(NOON)) == (7, 3)  # each takes its own from that itself
    one.under_way = 70
    assert two.room(NOON) == 0


def test_whoever_changes_to_another_account_or_is_gone_counts_no_more(connection: sqlite3.Connection) -> None:
    accounts = Accounts()
    one, two, three = (opened(connection, accounts, ACCOUNT) for _ in range(3))
    one.under_way = two.under_way = 2
    one.open(connection, OTHER_ACCOUNT, NOON)
    assert three.room(NOON) == 8
    del two
    gc.collect()
    assert three.room(NOON) == 10


def test_where_every_bind_is_an_account_of_its_own_nothing_is_shared(connection: sqlite3.Connection) -> None:
    one, two = (opened(connection, Accounts(), ACCOUNT) for _ in range(2))
    one.after(SUBMISSION, Accepted("id7"), NOON)
    assert two.room(NOON) == 10
