"""What became of earlier messages to the numbers of a list: for a person to know before the next ones are queued.

Each number costs one look-up by the index of numbers, for each of the last messages to it that matter. What nobody has
examined yet is not in that index: it is read once, whole.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from gateway import forms
from gateway.i18n import _
from gateway.queue import times
from gateway.queue.states import State

RECENT = "recently_written"
WAITING = "waiting_elsewhere"
FAILED = "failed_before"
LOOKED = 5  # messages to one number, the newest first

# The index alone says which message is the newest to each number; the messages are then read in the order in which they
# lie, each page of the file once (without a LIMIT, even none, SQLite leaves such an ORDER BY out). One that went well,
# and before that time, ends the look: nearly all of a list cost one message each, of which nothing is handed over.
NEWEST = """
    WITH newest (number, id) AS MATERIALIZED (
        SELECT value, (SELECT id FROM outbox INDEXED BY outbox_msisdn WHERE msisdn = value ORDER BY id DESC LIMIT 1)
        FROM json_each(:numbers) ORDER BY 2 LIMIT -1)
    SELECT number, id, campaign, state, created_at, error_code FROM newest CROSS JOIN outbox USING (id)
    WHERE state NOT IN ('sending', 'uncertain', 'sent', 'delivered') OR created_at >= :since"""
# The same of the next one before a message, for pairs of a number and that message's id.
BEFORE = """
    WITH asked (number, later) AS (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:asked)),
    newest (number, id) AS MATERIALIZED (
        SELECT number, (SELECT id FROM outbox INDEXED BY outbox_msisdn
                        WHERE msisdn = number AND id < later ORDER BY id DESC LIMIT 1)
        FROM asked ORDER BY 2 LIMIT -1)
    SELECT number, id, campaign, state, created_at, error_code FROM newest CROSS JOIN outbox USING (id)"""
UNEXAMINED = """
    SELECT recipient, campaign FROM outbox INDEXED BY outbox_new
    WHERE state = 'queued' AND due IS NULL AND campaign IS NOT NULL"""
NAMES = "SELECT id, name FROM campaigns"

TO_GO = frozenset({State.QUEUED, State.HELD})
NEVER_WENT = frozenset({State.CANCELLED, State.EXPIRED, State.REJECTED})
NOT_GONE = TO_GO | NEVER_WENT
WENT_WRONG = frozenset({State.FAILED, State.UNDELIVERED})

Row = tuple[object, str, str, str | None]  # campaign, state, created_at, error_code


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be known of a number; never with the number itself."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """How far back, and how people are told."""

    since: datetime
    zone: tzinfo


def look(connection: sqlite3.Connection, numbers: Iterable[str], asked: Asked) -> dict[str, tuple[Finding, ...]]:
    """Of those that there is something to be known of; the numbers are in E.164 form."""
    names = {int(id): str(name) for id, name in connection.execute(NAMES)}
    wanted = set(numbers)
    found = _last(connection, wanted, times.to_text(asked.since))
    for number, campaign in connection.execute(UNEXAMINED):
        if number in wanted:
            found[number] = [(campaign, State.QUEUED.value, "", None), *found.get(number, ())]
    findings = ((number, tuple(_findings(rows, names, asked))) for number, rows in found.items())
    return {number: some for number, some in findings if some}


def _last(connection: sqlite3.Connection, numbers: Collection[str], since: str) -> dict[str, list[Row]]:
    """Of each number the newest first, as far as the first that says all that there is to be said of what is older."""
    found: dict[str, list[Row]] = {}
    portion = connection.execute(NEWEST, {"numbers": json.dumps(sorted(numbers)), "since": since}).fetchall()
    for _round in range(LOOKED - 1):
        further = _noted(found, portion, since)
        if not further:
            return found
        portion = connection.execute(BEFORE, {"asked": json.dumps(further)}).fetchall()
    _noted(found, portion, since)
    return found


def _noted(found: dict[str, list[Row]], portion: Iterable[tuple[Any, ...]], since: str) -> list[tuple[str, int]]:
    """Of which numbers an older message is to be known, and the id before which it stands."""
    further = []
    for number, id, *row in portion:
        campaign, state, created_at, error_code = row
        found.setdefault(number, []).append((campaign, state, created_at, error_code))
        if state in NOT_GONE or created_at >= since:
            further.append((number, id))
    return further


def _findings(rows: Collection[Row], names: dict[int, str], asked: Asked) -> Iterator[Finding]:
    """At most one of each kind, of the newest message that it is about."""
    since = times.to_text(asked.since)
    of_campaigns = [row for row in rows if row[0] in names]
    to_go = next((row for row in of_campaigns if row[1] in TO_GO), None)
    if to_go is not None:
        sentence = _("Campaign “{name}” has a message to this number that still waits.")
        yield Finding(WAITING, sentence.format(name=_name(to_go, names)))
    went = next((row for row in of_campaigns if row[1] not in NOT_GONE and row[2] >= since), None)
    if went is not None:
        sentence = _("Campaign “{name}” wrote to this number on {day}.")
        yield Finding(RECENT, sentence.format(name=_name(went, names), day=_day(went, asked)))
    last = next((row for row in rows if row[1] not in NOT_GONE), None)
    if last is not None and last[1] in WENT_WRONG:
        sentence = _("The last message to this number, on {day}, did not arrive: {code}.")
        yield Finding(FAILED, sentence.format(day=_day(last, asked), code=last[3] or last[1]))


def _name(row: Row, names: dict[int, str]) -> str:
    return names[row[0]] if isinstance(row[0], int) else ""


def _day(row: Row, asked: Asked) -> str:
    return forms.day(times.from_text(row[2]).astimezone(asked.zone))
