"""Campaigns for people to look at: how many of their messages are in which state, how fast it goes, what is left."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gateway.queue import times, views
from gateway.queue.campaigns import Stage
from gateway.queue.states import State

DONE = "done"  # nothing of it waits any more, and nobody has taken it back
OPEN = (State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN)
SETTLED = (State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED)  # what a carrier has dealt with
PACE_WINDOW = timedelta(minutes=10)

COLUMNS = """id, name, state, created_at, created_by, changed_at, changed_by, file, digest, sheet, heading_row,
    template, options, messages, sms"""
NEWEST = f"SELECT {COLUMNS} FROM campaigns ORDER BY id DESC LIMIT :limit"
ONE = f"SELECT {COLUMNS} FROM campaigns WHERE id = :id"
COUNTS = """
    SELECT campaign, state, count(*) FROM outbox INDEXED BY outbox_campaign
    WHERE campaign >= :first AND campaign <= :last GROUP BY campaign, state"""
# SMS that are still to be handed over, and when the last of their messages falls due.
LEFT = """
    SELECT COALESCE(sum(COALESCE(segments, 1)), 0), max(CASE WHEN due = 0 THEN next_attempt_at
                    WHEN due IS NULL AND not_before GLOB '????-??-??T??:??:??.???Z' THEN not_before END)
    FROM outbox INDEXED BY outbox_campaign WHERE campaign = :id AND state = 'queued'"""
# By the time of their events, so that a campaign of a hundred thousand costs no more than the last minutes.
SENT_SINCE = """
    SELECT sum(COALESCE(o.segments, 1)) FROM events AS e INDEXED BY events_at
    JOIN outbox AS o ON o.id = e.outbox_id
    WHERE e.at >= :since AND e.to_state = 'sent' AND e.outbox_id IS NOT NULL AND o.campaign = :id"""
ROWS = """
    SELECT list_row AS row, list_column AS "column", verdict, code, reason FROM campaign_rows
    WHERE campaign = :id ORDER BY list_row"""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One, with its messages counted."""

    row: Mapping[str, Any] = field(repr=False)
    counts: Mapping[str, int]  # by state, those that are kept

    @property
    def id(self) -> int:
        return int(self.row["id"])

    @property
    def stage(self) -> str:
        """Its state; `done` when nothing waits, be it that a person has paused it meanwhile."""
        is_open = any(self.counts[state] for state in OPEN)
        return str(self.row["state"]) if is_open or self.row["state"] == Stage.CANCELLED else DONE

    @property
    def waiting(self) -> int:
        return self.counts[State.QUEUED] + self.counts[State.HELD]

    @property
    def settled(self) -> int:
        return sum(self.counts[state] for state in SETTLED)

    @property
    def removed(self) -> int:
        """Messages that retention has taken away since."""
        return max(0, int(self.row["messages"]) - sum(self.counts.values()))

    def document(self) -> dict[str, Any]:
        kept = {name: value for name, value in self.row.items() if name not in ("state", "options")}
        return kept | {"state": self.stage, "counts": dict(self.counts), "removed": self.removed}


@dataclass(frozen=True, slots=True)
class Pace:
    """How it goes."""

    per_minute: float  # SMS, over the last minutes
    sms_left: int
    last_due_at: datetime | None  # of the messages whose time is still to come

    def time_left_s(self, now: datetime) -> float | None:
        """At this rate; None: nothing goes out, so nobody can tell."""
        waits_s = (self.last_due_at - now).total_seconds() if self.last_due_at else 0.0
        if not self.sms_left:
            return 0.0
        return max(self.sms_left / self.per_minute * 60.0, waits_s) if self.per_minute else None


def newest(connection: sqlite3.Connection, limit: int) -> list[Campaign]:
    """The last ones first."""
    return _counted(connection, views.dicts(connection, NEWEST, {"limit": limit}))


def one(connection: sqlite3.Connection, campaign: int) -> Campaign:
    return _counted(connection, views.dicts(connection, ONE, {"id": campaign}))[0]


def options_of(campaign: Campaign) -> dict[str, Any]:
    """As the import was told."""
    told: dict[str, Any] = json.loads(campaign.row["options"])
    return told


def pace(connection: sqlite3.Connection, campaign: Campaign, now: datetime) -> Pace:
    left, last_due = connection.execute(LEFT, {"id": campaign.id}).fetchone()
    began = max(times.from_text(campaign.row["created_at"]), now - PACE_WINDOW)
    (sms,) = connection.execute(SENT_SINCE, {"id": campaign.id, "since": times.to_text(began)}).fetchone()
    minutes = max((now - began).total_seconds(), 1.0) / 60.0
    return Pace((sms or 0) / minutes, int(left), times.optional_time(last_due))


def rows(connection: sqlite3.Connection, campaign: int) -> list[dict[str, Any]]:
    """Of the list, those that became no message, or one to be looked at."""
    return views.dicts(connection, ROWS, {"id": campaign})


def _counted(connection: sqlite3.Connection, found: list[dict[str, Any]]) -> list[Campaign]:
    counts = {int(row["id"]): dict.fromkeys((state.value for state in State), 0) for row in found}
    span = {"first": min(counts, default=0), "last": max(counts, default=-1)}
    for campaign, state, count in connection.execute(COUNTS, span):
        if campaign in counts:
            counts[campaign][state] = count
    return [Campaign(row, counts[int(row["id"])]) for row in found]
