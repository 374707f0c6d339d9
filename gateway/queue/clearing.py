"""What a person decides about many messages at once: release or cancel all that are held, or some by what they share.

First it is told what would be concerned, then it is done some at a time, so that the daemon's own writes hardly wait.
Each message is changed only from the state that it must be in, and only those that were there when they were counted.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.queue import db, desk, times
from gateway.queue.states import State
from gateway.queue.views import CATEGORY, CHOSEN

AT_ONCE = 200  # messages in one transaction, some 10 ms
BREATH_S = 0.005  # between two of them: who waits for the database gets in

_CHOSEN = f"state IN (:state, :other_state) AND {CHOSEN}"
_ALL = f"outbox INDEXED BY outbox_state WHERE {_CHOSEN}"
_OF_CAMPAIGN = f"outbox INDEXED BY outbox_campaign WHERE campaign = :campaign AND {_CHOSEN}"
_LOOK = f"""
    SELECT state, {CATEGORY} AS category, error_code, count(*), min(created_at), max(created_at), max(id),
           sum(COALESCE(segments, 1)), count(segments)
    FROM """
_GROUPS = "GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC"
LOOK = f"{_LOOK} {_ALL} {_GROUPS}"
LOOK_IN_CAMPAIGN = f"{_LOOK} {_OF_CAMPAIGN} {_GROUPS}"
_UP_TO = "AND id <= :last ORDER BY id LIMIT :limit"
RELEASE = f"{desk.LET_GO} WHERE id IN (SELECT id FROM {_ALL} {_UP_TO})"
RELEASE_IN_CAMPAIGN = f"{desk.LET_GO} WHERE id IN (SELECT id FROM {_OF_CAMPAIGN} {_UP_TO})"
CANCEL = f"{desk.TAKE_BACK} WHERE id IN (SELECT id FROM {_ALL} {_UP_TO})"
CANCEL_IN_CAMPAIGN = f"{desk.TAKE_BACK} WHERE id IN (SELECT id FROM {_OF_CAMPAIGN} {_UP_TO})"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which messages; None is any. `older_than`, `newer_than`: written before, after."""

    states: Sequence[State] = (State.HELD,)
    category: str | None = None
    code: str | None = None
    older_than: datetime | None = None
    newer_than: datetime | None = None
    campaign: int | None = None

    def values(self) -> dict[str, object]:
        return {
            "state": self.states[0],
            "other_state": self.states[-1],
            "category": self.category,
            "code": self.code,
            "older_than": times.optional_text(self.older_than),
            "newer_than": times.optional_text(self.newer_than),
            "campaign": self.campaign,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Those that share state, category and reason."""

    state: str
    category: str
    code: str | None
    count: int
    oldest_at: str
    newest_at: str
    last_id: int
    sms: int  # at least: a message that nobody has examined yet counts as one
    examined: int  # messages of which the number of SMS is known


def look(connection: sqlite3.Connection, choice: Choice) -> list[Group]:
    """What is chosen, the largest groups first."""
    return [
        Group(*row)
        for row in connection.execute(LOOK if choice.campaign is None else LOOK_IN_CAMPAIGN, choice.values())
    ]


def release(connection: sqlite3.Connection, choice: Choice, last_id: int, now: datetime) -> Iterator[int]:
    """Let the chosen go, up to this id; how many, transaction by transaction."""
    statement = RELEASE if choice.campaign is None else RELEASE_IN_CAMPAIGN
    return _some_at_a_time(connection, statement, choice, last_id, now)


def cancel(connection: sqlite3.Connection, choice: Choice, last_id: int, now: datetime) -> Iterator[int]:
    """Take the chosen back, up to this id; how many, transaction by transaction."""
    statement = CANCEL if choice.campaign is None else CANCEL_IN_CAMPAIGN
    return _some_at_a_time(connection, statement, choice, last_id, now)


def _some_at_a_time(
    connection: sqlite3.Connection, statement: str, choice: Choice, last_id: int, now: datetime
) -> Iterator[int]:
    values = choice.values() | {"last": last_id, "limit": AT_ONCE, "now": times.to_text(now)}
    while True:
        with db.write(connection):
            changed = connection.execute(statement, values).rowcount
        if changed <= 0:
            return
        yield changed
        time.sleep(BREATH_S)
