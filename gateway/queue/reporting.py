"""Status reports: matched to a segment if one surely fits, stored, and kept if none does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.carrier import Report, ReportStatus
from gateway.queue import attributing, matching, progress, reportable, times
from gateway.queue.attributing import Pair, Waiting
from gateway.queue.matching import Candidate, Clue
from gateway.queue.progress import SegmentRow
from gateway.queue.states import SegmentState

EARLY = timedelta(minutes=15)  # a report may have waited for the answers to several segments in a row

# What a report makes of its segment. PENDING is no end, but it proves that the network has the segment.
MEANING = {
    ReportStatus.DELIVERED: SegmentState.DELIVERED,
    ReportStatus.UNDELIVERED: SegmentState.UNDELIVERED,
    ReportStatus.PENDING: SegmentState.SENT,
}

STORE_REPORT = """
    INSERT INTO reports (carrier, line, message_reference, recipient, status, code, text, submitted_at, discharged_at,
                         received_at, fingerprint, segment_id, is_exact, place)
    VALUES (:carrier, :line, :reference, :recipient, :status, :code, :text, :submitted_at, :discharged_at,
            :now, :fingerprint, :key, :is_exact, (SELECT COALESCE(max(id), 0) FROM events))
    ON CONFLICT (line, fingerprint) DO NOTHING"""
# One accepted without a reference learns it here: the same report once more then is about none but this segment. One
# that waits, and was tried over another carrier since, is out over the one that has told so: the rest follows it.
SEGMENT_REPORTED = """
    UPDATE segments SET state = :state, reported_at = :now, error_code = :code,
                        message_reference = COALESCE(NULLIF(message_reference, ''), :reference),
                        carrier = CASE state WHEN 'sent' THEN carrier ELSE COALESCE((
                            SELECT carrier FROM reports WHERE segment_id = :key ORDER BY id DESC LIMIT 1), carrier) END,
                        line = CASE state WHEN 'sent' THEN line ELSE COALESCE((
                            SELECT line FROM reports WHERE segment_id = :key ORDER BY id DESC LIMIT 1), line) END
    WHERE id = :key AND state IN ('uncertain', 'open', 'sent')"""
KNOWN = "SELECT carrier, line, message_reference, status, code FROM reports WHERE segment_id = :key ORDER BY id"
NUMBER = "SELECT o.msisdn FROM segments AS s JOIN outbox AS o ON o.id = s.outbox_id WHERE s.id = :key"
MATCHED = "UPDATE reports SET segment_id = :key WHERE id = :report AND segment_id IS NULL"


@dataclass(frozen=True, slots=True)
class Known:
    """What a report has told of a segment."""

    carrier: str
    line: str
    reference: str
    status: str
    code: str

    @property
    def is_final(self) -> bool:
        return self.status != ReportStatus.PENDING.value

    @property
    def is_delivered(self) -> bool:
        return self.status == ReportStatus.DELIVERED.value


def store(connection: sqlite3.Connection, carrier: str, line: str, report: Report, now: datetime) -> None:
    """Keep the report, once, and let its segment and message follow it."""
    found = _find(connection, line, report.message_reference, Clue(report.recipient, report.submitted_at))
    stored = keep(connection, carrier, line, report, None if found is None else found.segment_id, now)
    if stored is None:
        return  # read twice
    if found is not None:
        apply(connection, found.segment_id, report.status, report.code, report.message_reference, now)
        return
    pairs = attributing.settled(connection, line, attributing.stored(connection, stored), now)
    _match(connection, pairs, now)
    if stored not in {each.key for each, _segment in pairs}:
        detail = f"{line} {report.message_reference} {report.code}"
        progress.note(connection, None, "report_unmatched", detail, now)


def keep(
    connection: sqlite3.Connection, carrier: str, line: str, report: Report, segment: int | None, now: datetime
) -> int | None:
    """Store it, once; its id, or None when it is there already."""
    done = connection.execute(STORE_REPORT, row_of(carrier, line, report, now) | {"key": segment})
    return done.lastrowid if done.rowcount else None


def match(connection: sqlite3.Connection, stored: int, segment: int) -> None:
    """A stored report turns out to be about this segment."""
    connection.execute(MATCHED, {"key": segment, "report": stored})


def match_early(connection: sqlite3.Connection, segments: Sequence[SegmentRow], now: datetime) -> None:
    """Look again at the reports that came while the answers of these were not known, and found no segment."""
    for line in dict.fromkeys(segment.line or "" for segment in segments):
        own = [(segment, _since(segment, now)) for segment in segments if (segment.line or "") == line]
        left = attributing.waiting(connection, line, None, min(since for _segment, since in own))
        for segment, since in own if left else ():
            early = [report for report in left if report.received_at >= since]
            settled = _match_one(connection, line, segment, early, now)
            left = [report for report in left if report.key not in settled]


def _since(segment: SegmentRow, now: datetime) -> datetime:
    """No report of it came before."""
    return (times.optional_time(segment.begun_at) or now) - EARLY


def _match_one(
    connection: sqlite3.Connection, line: str, segment: SegmentRow, early: Iterable[Waiting], now: datetime
) -> set[int]:
    """Which of these reports, all without a segment, have one now."""
    (msisdn,) = connection.execute(NUMBER, {"key": segment.key}).fetchone()
    settled: set[int] = set()
    for report in early:
        if report.key not in settled and matching.is_same_number(report.recipient, msisdn):
            pairs = _found(connection, line, report, now)
            settled |= {each.key for each, _segment in pairs}
            _match(connection, pairs, now)
    return settled


def _found(connection: sqlite3.Connection, line: str, report: Waiting, now: datetime) -> list[Pair]:
    """By reference and time, else by all that may be meant."""
    found = _find(connection, line, report.reference, report.clue)
    if found is not None:
        return [(report, found.segment_id)]
    return attributing.settled(connection, line, report, now)


def _find(connection: sqlite3.Connection, line: str, reference: str, clue: Clue) -> Candidate | None:
    """The segment of this reference that was handed over at the time that the report bears."""
    if not reference or clue.submitted_at is None:
        return None
    stamp = times.to_text(clue.submitted_at)
    values = {"line": line, "reference": reference, "stamp": stamp, **_around(clue.submitted_at)}
    return matching.find(clue, _candidates(connection, values))


def _around(moment: datetime) -> dict[str, object]:
    """When a segment was handed over that a service centre stamped at this moment."""
    tolerance = matching.CLOCK_TOLERANCE
    return {"since": times.to_text(moment - tolerance), "until": times.to_text(moment + tolerance)}


def _candidates(connection: sqlite3.Connection, values: dict[str, object]) -> Iterator[Candidate]:
    for key, msisdn, state, begun_at in connection.execute(reportable.CANDIDATES_AT, values):
        yield Candidate(key, msisdn, SegmentState(state), times.from_text(begun_at))


def _match(connection: sqlite3.Connection, pairs: Iterable[Pair], now: datetime) -> None:
    for report, key in pairs:
        match(connection, report.key, key)
        apply(connection, key, ReportStatus(report.status), report.code, report.reference, now)


def apply(
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
    detail = f"{segment.number}/{segment.total} {status.value} {code}"
    progress.note(connection, segment.message, "report", detail, now)
    _settle(connection, segment, status, code, reference, now)


def _settle(
    connection: sqlite3.Connection, segment: SegmentRow, status: ReportStatus, code: str, reference: str, now: datetime
) -> None:
    """One that is in the air just now is left alone: what is told of an earlier copy counts after its outcome."""
    values = {
        "key": segment.key,
        "state": MEANING[status],
        "now": times.to_text(now),
        "reference": reference,
        "code": code if status is ReportStatus.UNDELIVERED else None,
    }
    connection.execute(SEGMENT_REPORTED, values)
    progress.advance(connection, segment.message, now)


def known(connection: sqlite3.Connection, segment: SegmentRow) -> list[Known]:
    """What has been told of copies that went out before the one in the air, whose outcome is to be written down."""
    return [Known(*row) for row in connection.execute(KNOWN, {"key": segment.key})] if segment.unanswered else []


def catch_up(connection: sqlite3.Connection, segment: SegmentRow, told: Iterable[Known], now: datetime) -> None:
    """The segment is out: what was told of an earlier copy while this one was in the air counts now."""
    for each in told:
        if each.is_final:
            _settle(connection, segment, ReportStatus(each.status), each.code, each.reference, now)


def keep_answer(
    connection: sqlite3.Connection, carrier: str, line: str, key: int, reference: str, now: datetime
) -> None:
    """An earlier copy was accepted, says a late answer while another one is in the air: as a report without an end."""
    report = Report(reference, None, ReportStatus.PENDING, "late_answer", None, None, f"late answer {key} {now}")
    keep(connection, carrier, line, report, key, now)


def row_of(carrier: str, line: str, report: Report, now: datetime) -> dict[str, object]:
    """For STORE_REPORT, but for the segment."""
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
        "is_exact": report.is_exact,
    }
