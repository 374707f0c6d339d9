"""What the carriers are thought to send from now on: each one's pace, and what its limits leave."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.cli import alive
from gateway.plan.estimate import Way, most, pace
from gateway.plan.limits import Plan, Span, month_start
from gateway.queue import measured, spending
from gateway.settings import ModemSettings, Settings, SmppSettings
from gateway.settings.rules import bind_plan, modem_plan

USUAL_PER_MINUTE = 12.0  # of a modem that has not sent enough to tell: some 5 s for an SMS
# Such a carrier is not counted on.
NOT_NOW = frozenset({"paused", "failed", "blocked", "absent", "needs_pin", "searching"})

Table = ModemSettings | SmppSettings | None  # None: a modem that was found


@dataclass(frozen=True, slots=True)
class Found:
    """A carrier as a way, and whether it can be counted on."""

    way: Way
    is_able: bool


def found(connection: sqlite3.Connection, settings: Settings, now: datetime, *, is_urgent: bool) -> list[Found]:
    """All that there are. What is urgent keeps to no quiet time."""
    rows = alive.carriers(connection, settings, alive.daemon(connection, settings, now))
    tables: dict[str, Table] = {each.name: each for each in settings.modems}
    tables |= {each.name: each for each in settings.smpp}
    zone = ZoneInfo(settings.gateway.timezone)
    return [
        Found(_way(connection, row, tables.get(row["name"]), zone, now, is_urgent), row["state"] not in NOT_NOW)
        for row in rows
    ]


def names(ways: Iterable[Found]) -> dict[str, bool]:
    """Of each by its name whether it can be counted on."""
    return {each.way.name: each.is_able for each in ways}


def _way(
    connection: sqlite3.Connection, row: dict[str, Any], table: Table, zone: ZoneInfo, now: datetime, is_urgent: bool
) -> Way:
    plan, fastest = _plan(table)
    told = None if isinstance(table, SmppSettings) else measured.per_minute(connection, row["name"], now)
    today = most(plan, Span.DAY) if row.get("limit_today") is None else float(row["limit_today"])
    month, line = most(plan, Span.MONTH), row.get("line")
    spent = spending.Account(connection, line, now).count(month_start(now, zone)) if line and month is not None else 0
    return Way(
        name=row["name"],
        per_minute=pace(plan, told or fastest),
        plan=replace(plan, quiet=()) if is_urgent else plan,
        left_today=None if today is None else max(0.0, today - row["sent_today"]),
        left_this_month=None if month is None else max(0.0, month - spent),
        cost=None if table is None else table.cost,
    )


def _plan(table: Table) -> tuple[Plan, float]:
    """Its limits, and how many SMS a minute it may be thought to send."""
    if isinstance(table, SmppSettings):
        return bind_plan(table), table.max_per_second * 60.0
    return (Plan() if table is None else modem_plan(table)), USUAL_PER_MINUTE
