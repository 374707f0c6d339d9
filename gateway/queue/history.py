"""What became of earlier messages to the numbers of a list: for a person to know before the next ones are queued.

Each number costs one look-up by the index of numbers, for the last few messages to it. What nobody has examined yet is
not in that index: it is read once, whole.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from gateway import forms
from gateway.i18n import _
from gateway.queue import times
from gateway.queue.states import State

RECENT = "recently_written"
WAITING = "waiting_elsewhere"
FAILED = "failed_before"
LOOKED = 5  # messages to one number, the newest first

OF_NUMBER = """
    SELECT campaign, state, created_at, error_code FROM outbox INDEXED BY outbox_msisdn
    WHERE msisdn = :msisdn ORDER BY id DESC LIMIT :limit"""
# Of several numbers those of which something may be told, as the newest message says: one that went well, and before
# that time, ends the look. So nearly all of a list cost one message each, and each message is a page of the file.
NOTABLE = """
    SELECT value FROM json_each(:numbers) WHERE (
        SELECT state NOT IN ('sending', 'uncertain', 'sent', 'delivered') OR created_at >= :since
        FROM outbox INDEXED BY outbox_msisdn WHERE msisdn = value ORDER BY id DESC LIMIT 1)"""
UNEXAMINED = """
    SELECT recipient, campaign FROM outbox INDEXED BY outbox_new
    WHERE state = 'queued' AND due IS NULL AND campaign IS NOT NULL"""
NAMES = "SELECT id, name FROM campaigns"
# In KiB: the index is gone through in its order, and each message stands on a page of its own.
ROOMY_CACHE = "PRAGMA cache_size = -16384"

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
    waiting = {str(number): campaign for number, campaign in connection.execute(UNEXAMINED)}
    connection.execute(ROOMY_CACHE)
    since = times.to_text(asked.since)
    found = {}
    for number in _notable(connection, set(numbers), waiting, since):
        rows = _last(connection, number, since)
        if number in waiting:
            rows.insert(0, (waiting[number], State.QUEUED.value, "", None))
        if rows and (findings := tuple(_findings(rows, names, asked))):
            found[number] = findings
    return found


def _notable(connection: sqlite3.Connection, numbers: set[str], waiting: Collection[str], since: str) -> list[str]:
    """In the order of their index."""
    values = {"numbers": json.dumps(sorted(numbers)), "since": since}
    known = {str(number) for (number,) in connection.execute(NOTABLE, values)}
    return sorted(known | numbers.intersection(waiting))


def _last(connection: sqlite3.Connection, number: str, since: str) -> list[Row]:
    """The newest first, as far as the first that says all that there is to be said of what is older."""
    rows: list[Row] = []
    for row in connection.execute(OF_NUMBER, {"msisdn": number, "limit": LOOKED}):
        rows.append(row)
        if row[1] not in NOT_GONE and row[2] < since:
            break
    return rows


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
