"""Status reports: stored first, matched to a segment if one fits, and kept if none does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta

from gateway.carrier import Report, ReportStatus
from gateway.queue import matching, progress, statements, times
from gateway.queue.matching import Candidate, Clue
from gateway.queue.progress import SegmentRow
from gateway.queue.states import SegmentState

NO_REFERENCE = ""  # of a segment that the modem accepted without telling its TP-MR; its report bears one all the same
CANDIDATE_LIMIT = 200  # a TP-MR comes round every 256 SMS: this looks 50,000 SMS of a SIM back

EARLY = timedelta(minutes=15)  # a report may have waited for the answers to several segments in a row
EARLY_LIMIT = 50  # reports without a segment that are looked at again

# What a report makes of its segment. PENDING is no end, but it proves that the network has the segment.
MEANING = {
    ReportStatus.DELIVERED: SegmentState.DELIVERED,
    ReportStatus.UNDELIVERED: SegmentState.UNDELIVERED,
    ReportStatus.PENDING: SegmentState.SENT,
}

STORE_REPORT = """
    INSERT INTO reports (carrier, line, message_reference, recipient, status, code, text, submitted_at, discharged_at,
                         received_at, fingerprint, segment_id)
    VALUES (:carrier, :line, :reference, :recipient, :status, :code, :text, :submitted_at, :discharged_at,
            :now, :fingerprint, :key)
    ON CONFLICT (line, fingerprint) DO NOTHING"""
UNMATCHED = """
    SELECT id, message_reference, recipient, submitted_at, status, code FROM reports
    WHERE line = :line AND segment_id IS NULL AND received_at >= :since ORDER BY received_at, id LIMIT :limit"""
MATCHED = "UPDATE reports SET segment_id = :key WHERE id = :report AND segment_id IS NULL"


def store(connection: sqlite3.Connection, carrier: str, line: str, report: Report, now: datetime) -> None:
    """Keep the report, once, and let its segment and message follow it."""
    found = _find(connection, line, report.message_reference, Clue(report.recipient, report.submitted_at))
    values = _values(carrier, line, report, now) | {"key": found and found.segment_id}
    if connection.execute(STORE_REPORT, values).rowcount == 0:
        return  # read twice
    if found is None:
        detail = f"{line} {report.message_reference} {report.code}"
        progress.note(connection, None, "report_unmatched", detail, now)
        return
    _apply(connection, found.segment_id, report.status, report.code, report.message_reference, now)


def match_early(connection: sqlite3.Connection, segment: SegmentRow, now: datetime) -> None:
    """Look again at the reports that came while this segment's answer was not known, and found no segment."""
    line = segment.line or ""
    since = times.optional_time(segment.begun_at) or now
    values = {"line": line, "since": times.to_text(since - EARLY), "limit": EARLY_LIMIT}
    for report, reference, recipient, submitted_at, status, code in connection.execute(UNMATCHED, values).fetchall():
        found = _find(connection, line, reference, Clue(recipient, times.optional_time(submitted_at)))
        if found is not None:
            connection.execute(MATCHED, {"key": found.segment_id, "report": report})
            _apply(connection, found.segment_id, ReportStatus(status), code, reference, now)


def _find(connection: sqlite3.Connection, line: str, reference: str, clue: Clue) -> Candidate | None:
    """By reference and time; else one that never got its answer; else by reference, or one that was given none.

    The last three only while nothing is in the air: that may be the one, and its outcome brings the report up again.
    """
    values = {"line": line, "reference": reference, "limit": CANDIDATE_LIMIT}
    if reference and clue.submitted_at is not None:
        found = matching.find(
            clue, _candidates(connection, statements.CANDIDATES_AT, values | _around(clue.submitted_at))
        )
        if found is not None:
            return found
    if _is_in_air(connection, line, clue):
        return None
    waiting = _candidates(connection, statements.CANDIDATES_UNANSWERED, {"line": line})
    found = matching.find_unanswered(clue, waiting)
    if found is not None:
        return _unless_another(connection, line, clue, found)
    found = matching.find_open(clue, _candidates(connection, statements.CANDIDATES, values)) if reference else None
    if found is not None:
        return found
    unreferenced = _candidates(connection, statements.CANDIDATES, values | {"reference": NO_REFERENCE})
    return matching.find_unreferenced(clue, unreferenced)


def _unless_another(connection: sqlite3.Connection, line: str, clue: Clue, found: Candidate) -> Candidate | None:
    """The unanswered one, or one accepted without a reference; none when it may as well be an earlier copy of a third.

    That an accepted one is out is known; of an unanswered one it would be a guess.
    """
    values = {"line": line, "reference": NO_REFERENCE, "limit": CANDIDATE_LIMIT}
    accepted = matching.find_accepted(clue, _candidates(connection, statements.CANDIDATES, values))
    if accepted is not None or clue.submitted_at is None or clue.recipient is None:
        return accepted
    other = {"line": line, "msisdn": found.recipient, "key": found.segment_id}
    window = _around(clue.submitted_at, matching.ANSWER_WINDOW)
    tried = _candidates(connection, statements.TRIED, other | window)
    return found if matching.is_surely(clue.submitted_at, found, tried) else None


def _around(moment: datetime, earlier: timedelta = timedelta()) -> dict[str, object]:
    """When a segment was handed over that a service centre stamped at this moment, `earlier` at most."""
    tolerance = matching.CLOCK_TOLERANCE
    return {"since": times.to_text(moment - tolerance - earlier), "until": times.to_text(moment + tolerance)}


def _is_in_air(connection: sqlite3.Connection, line: str, clue: Clue) -> bool:
    """Whether this line is handing over an SMS to the report's number right now."""
    rows = connection.execute(statements.IN_AIR, {"line": line}).fetchall()
    return any(matching.is_same_number(clue.recipient, msisdn) for (msisdn,) in rows)


def _candidates(connection: sqlite3.Connection, statement: str, values: dict[str, object]) -> Iterator[Candidate]:
    for key, msisdn, state, begun_at in connection.execute(statement, values):
        yield Candidate(key, msisdn, SegmentState(state), times.from_text(begun_at))


def _apply(
    connection: sqlite3.Connection,
    key: int,
    status: ReportStatus,
    code: str,
    reference: str,
    now: datetime,
) -> None:
    """The first final report of a segment counts; the message follows its segments."""
    segment = progress.read_segment(connection, key)
    assert segment is not None  # it was a candidate in this very transaction
    values = {
        "key": key,
        "state": MEANING[status],
        "now": times.to_text(now),
        "reference": reference,
        "code": code if status is ReportStatus.UNDELIVERED else None,
    }
    connection.execute(statements.SEGMENT_REPORTED, values)
    detail = f"{segment.number}/{segment.total} {status.value} {code}"
    progress.note(connection, segment.message, "report", detail, now)
    progress.advance(connection, segment.message, now)


def _values(carrier: str, line: str, report: Report, now: datetime) -> dict[str, object]:
    return {
        "carrier": carrier,
        "line": line,
        "reference": report.message_reference,
        "recipient": report.recipient,
        "status": report.status.value,
        "code": report.code,
        "text": report.text,
        "submitted_at": times.optional_text(report.submitted_at),
        "discharged_at": times.optional_text(report.discharged_at),
        "now": times.to_text(now),
        "fingerprint": report.fingerprint,
    }
