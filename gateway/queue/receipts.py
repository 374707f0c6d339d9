"""An SMSC's receipts: matched by the message id, which belongs to one segment alone, whatever clocks and counters do.

An id may be written otherwise in the receipt than in the answer (decimal and hexadecimal); until the carrier has
learnt how, each form is looked for, and only what leaves no doubt counts. A receipt that comes before its answer is
found again by any of its forms.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.carrier import Report, ReportStatus
from gateway.queue import matching, reporting, statements, times
from gateway.queue.states import SegmentState

WAY = timedelta(hours=1)  # a message without an answer was handed over no later than this after its receipt's date

OF_ID = """
    SELECT s.id, o.msisdn, s.state FROM segments AS s JOIN outbox AS o ON o.id = s.outbox_id
    WHERE s.line = :line AND s.message_reference = :form AND o.msisdn IS NOT NULL"""
# Handed over without an answer, whatever became of them since, but those whose only id is known by now: a late answer
# told it, or a receipt. One that waits for its next try, or had several, may still be meant.
WITHOUT_ID = f"""
    SELECT s.id, o.msisdn FROM segments AS s INDEXED BY segments_unanswered JOIN outbox AS o ON o.id = s.outbox_id
    WHERE s.unanswered > 0 AND s.begun_at >= :since AND o.msisdn IS NOT NULL
      AND NOT (s.attempts - ({statements.PUT_OFF}) = 1
               AND (COALESCE(s.message_reference, '') <> '' OR EXISTS (
                   SELECT 1 FROM reports WHERE segment_id = s.id)))"""
# Over this line, at about that time.
WENT_OUT = """
    SELECT EXISTS (
        SELECT 1 FROM spent WHERE line = :line AND at BETWEEN :since AND :until AND segment_id = :key)"""
IN_AIR = """
    SELECT o.msisdn FROM outbox AS o JOIN segments AS s ON s.outbox_id = o.id AND s.state = 'begun'
    WHERE o.state = 'sending' AND s.line = :line"""
KEEP_FORM = "INSERT OR IGNORE INTO report_forms (line, form, report_id) VALUES (:line, :form, :report)"
EARLY = """
    SELECT s.id, r.id, r.recipient, r.status, r.code, s.message_reference, o.msisdn
    FROM json_each(:keys) AS k CROSS JOIN segments AS s ON s.id = k.value
    CROSS JOIN report_forms AS f ON f.line = s.line AND f.form = s.message_reference
    CROSS JOIN reports AS r ON r.id = f.report_id AND r.segment_id IS NULL
    JOIN outbox AS o ON o.id = s.outbox_id
    WHERE s.message_reference <> '' ORDER BY r.id"""

# Whether any answer got lost lately enough for a receipt to be its: mostly none has.
ANY_LOST = "SELECT EXISTS (SELECT 1 FROM segments INDEXED BY segments_unanswered WHERE unanswered > 0)"
# How the handing over of `keys` ended is known: since when receipts may have waited for that, and to whom they went.
SINCE = """
    SELECT s.line, min(s.begun_at) FROM json_each(:keys) AS k CROSS JOIN segments AS s ON s.id = k.value
    WHERE s.line IS NOT NULL AND s.begun_at IS NOT NULL GROUP BY s.line"""
NUMBERS = """
    SELECT o.msisdn FROM json_each(:keys) AS k CROSS JOIN segments AS s ON s.id = k.value
    JOIN outbox AS o ON o.id = s.outbox_id WHERE o.msisdn IS NOT NULL"""
BEFORE = """
    SELECT id, recipient, status, code, message_reference, submitted_at FROM reports INDEXED BY reports_unmatched
    WHERE line = :line AND segment_id IS NULL AND received_at >= :since AND is_exact ORDER BY id"""


Keys = Mapping[str, str]  # segments, for json_each


@dataclass(frozen=True, slots=True)
class Owner:
    """A segment that a receipt may be about."""

    segment: int
    state: SegmentState


def store(connection: sqlite3.Connection, carrier: str, line: str, report: Report, now: datetime) -> None:
    """Keep the receipt, once, and let its segment and message follow it."""
    forms = forms_of(report)
    owner = _owner(connection, line, report, forms)
    stored = reporting.keep(connection, carrier, line, report, owner, now)
    if stored is None:
        return  # it came twice
    if owner is not None:
        reporting.apply(connection, owner, report.status, report.code, report.message_reference, now)
        return
    connection.executemany(KEEP_FORM, [{"line": line, "form": form, "report": stored} for form in forms])


def match_early(connection: sqlite3.Connection, segments: Iterable[int], now: datetime) -> None:
    """Their answers have told their ids, or are given up: the receipts that came before."""
    keys = {"keys": json.dumps(list(segments))}
    early = connection.execute(EARLY, keys).fetchall()
    for segment, stored, recipient, status, code, reference, msisdn in early:
        if matching.is_same_number(recipient, msisdn):
            reporting.match(connection, stored, segment)
            reporting.apply(connection, segment, ReportStatus(status), code, reference, now)
    if connection.execute(ANY_LOST).fetchone()[0]:
        _match_lost(connection, keys, now)


def _match_lost(connection: sqlite3.Connection, keys: Keys, now: datetime) -> None:
    """A receipt to one of these numbers had to wait while it might have been about one of these: it is no longer, or it
    has no answer either. So it settles what it would settle if it came now.
    """
    for line, stored, recipient, status, code, reference, submitted_at in _waiting(connection, keys):
        owner = _without_id(connection, line, recipient, times.optional_time(submitted_at))
        if owner is not None:
            reporting.match(connection, stored, owner)
            reporting.apply(connection, owner, ReportStatus(status), code, reference, now)


def _waiting(connection: sqlite3.Connection, keys: Keys) -> list[tuple[Any, ...]]:
    """The receipts to these numbers that came since and have no segment."""
    found = [
        (line, *row)
        for line, since in connection.execute(SINCE, keys).fetchall()
        for row in connection.execute(BEFORE, {"line": line, "since": since})
    ]
    if not found:
        return []
    ended = {matching.subscriber(msisdn) for (msisdn,) in connection.execute(NUMBERS, keys)}
    return [row for row in found if row[2] is not None and matching.subscriber(row[2]) in ended]


def forms_of(report: Report) -> tuple[str, ...]:
    """How the answer may have written the receipt's id, the likeliest first."""
    return report.message_reference, *report.other_forms


def _owner(connection: sqlite3.Connection, line: str, report: Report, forms: Sequence[str]) -> int | None:
    """The one segment that it must be about."""
    owners = _by_id(connection, line, report.recipient, forms)
    if len(owners) > 1:
        owners = [each for each in owners if each.state is SegmentState.SENT]
    if owners:
        return owners[0].segment if len(owners) == 1 else None
    return _without_id(connection, line, report.recipient, report.submitted_at)


def _by_id(connection: sqlite3.Connection, line: str, recipient: str | None, forms: Sequence[str]) -> list[Owner]:
    found = {}
    for form in forms:
        for key, msisdn, state in connection.execute(OF_ID, {"line": line, "form": form}):
            if matching.is_same_number(recipient, msisdn):
                found[key] = Owner(key, SegmentState(state))
    return list(found.values())


def _without_id(
    connection: sqlite3.Connection, line: str, recipient: str | None, submitted_at: datetime | None
) -> int | None:
    """The only segment to its number whose answer got lost, unless one is in the air whose answer may still come."""
    if recipient is None or _is_in_air(connection, line, recipient):
        return None
    around = {"line": line, **_around(submitted_at)}
    fitting = [
        key
        for key, msisdn in connection.execute(WITHOUT_ID, {"since": around["since"]}).fetchall()
        if matching.is_same_number(recipient, msisdn)
        and connection.execute(WENT_OUT, around | {"key": key}).fetchone()[0]
    ]
    return int(fitting[0]) if len(fitting) == 1 else None


def _around(submitted_at: datetime | None) -> dict[str, str]:
    """When it was handed over: receipts count in minutes, and by a clock and zone of their own."""
    if submitted_at is None:
        return {"since": "", "until": "9"}
    return {"since": times.to_text(submitted_at - WAY), "until": times.to_text(submitted_at + WAY)}


def _is_in_air(connection: sqlite3.Connection, line: str, recipient: str | None) -> bool:
    rows = connection.execute(IN_AIR, {"line": line}).fetchall()
    return any(matching.is_same_number(recipient, msisdn) for (msisdn,) in rows)
