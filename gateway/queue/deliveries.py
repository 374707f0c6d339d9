"""An SMSC's receipts, many at a time. Nearly all deliver the only SMS of their message: these share their statements.

Any other one (a failure, an intermediate one, one that comes twice, or to a long message, or before its answer) is
stored by itself, in its turn (receipts.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.carrier import Report, ReportStatus
from gateway.queue import many, matching, progress, receipts, times
from gateway.queue.states import State

OWNERS = """
    SELECT f.value, s.id, s.outbox_id, o.msisdn,
           s.total = 1 AND s.state = 'sent' AND s.unanswered = 0 AND o.state = 'sent'
    FROM json_each(:forms) AS f CROSS JOIN segments AS s ON s.line = :line AND s.message_reference = f.value
    JOIN outbox AS o ON o.id = s.outbox_id
    WHERE o.msisdn IS NOT NULL"""
KNOWN = """
    SELECT fingerprint FROM json_each(:fingerprints) AS f CROSS JOIN reports
    ON line = :line AND fingerprint = f.value"""

# As reporting.STORE_REPORT and reporting.SEGMENT_REPORTED.
STORE_REPORTS = """
    INSERT INTO reports (carrier, line, message_reference, recipient, status, code, text, submitted_at, discharged_at,
                         received_at, fingerprint, segment_id, is_exact)
    SELECT ?1, ?2, column1, column2, column3, column4, column5, column6, column7, ?3, column8, column9, column10
    FROM (VALUES {rows})"""
SEGMENTS_DELIVERED = """
    UPDATE segments SET state = 'delivered', reported_at = ?1, error_code = NULL,
                        message_reference = COALESCE(NULLIF(message_reference, ''), f.column2)
    FROM (VALUES {rows}) AS f WHERE id = f.column1 AND state = 'sent'"""


@dataclass(frozen=True, slots=True)
class Owner:
    """A segment with an id that a receipt may mean."""

    segment: int
    message: int
    msisdn: str = field(repr=False)
    is_plain: bool  # the only SMS of its message, and nothing is known of it but that it was accepted


@dataclass(frozen=True, slots=True)
class Delivery:
    """A receipt that delivers its segment, and so its message."""

    report: Report
    owner: Owner


def store(connection: sqlite3.Connection, carrier: str, line: str, reports: Sequence[Report], now: datetime) -> None:
    """As receipts.store does it with one after the other. In the caller's transaction."""
    owners, known = _owners(connection, line, reports), _known(connection, line, reports)
    seen: set[str] = set()  # forms of ids: of a segment that one of these is about, more may be known by now
    plain: list[Delivery] = []
    for report in reports:
        forms = receipts.forms_of(report)
        owner = _owner(report, forms, owners) if seen.isdisjoint(forms) and report.fingerprint not in known else None
        seen.update(forms)
        if owner is not None:
            plain.append(Delivery(report, owner))
            continue
        _deliver(connection, carrier, line, plain, now)
        plain = []
        receipts.store(connection, carrier, line, report, now)
    _deliver(connection, carrier, line, plain, now)


def _owners(connection: sqlite3.Connection, line: str, reports: Sequence[Report]) -> Mapping[str, Sequence[Owner]]:
    """Whom each form of each id may mean."""
    forms = {form for report in reports for form in receipts.forms_of(report)}
    found = defaultdict(list)
    for form, *owner in connection.execute(OWNERS, {"line": line, "forms": json.dumps(list(forms))}):
        found[form].append(Owner(*owner))
    return found


def _known(connection: sqlite3.Connection, line: str, reports: Sequence[Report]) -> Collection[str]:
    """Which of them were stored before, by their fingerprints."""
    fingerprints = json.dumps([report.fingerprint for report in reports])
    rows = connection.execute(KNOWN, {"line": line, "fingerprints": fingerprints})
    return {fingerprint for (fingerprint,) in rows}


def _owner(report: Report, forms: Sequence[str], owners: Mapping[str, Sequence[Owner]]) -> Owner | None:
    """The only segment that it can mean, if nothing else is to be thought of."""
    if report.status is not ReportStatus.DELIVERED:
        return None
    meant = [owner for form in forms for owner in owners.get(form, ())]
    fitting = {owner for owner in meant if matching.is_same_number(report.recipient, owner.msisdn)}
    owner = fitting.pop() if len(fitting) == 1 else None
    return owner if owner is not None and owner.is_plain else None


def _deliver(connection: sqlite3.Connection, carrier: str, line: str, plain: Sequence[Delivery], now: datetime) -> None:
    """Each statement once for all of them."""
    if not plain:
        return
    at = times.to_text(now)
    many.guarded(connection, STORE_REPORTS, (carrier, line, at), [_row(each) for each in plain])
    reported = [(each.owner.segment, each.report.message_reference) for each in plain]
    many.guarded(connection, SEGMENTS_DELIVERED, (at,), reported)
    details = [(each.owner.message, f"1/1 {each.report.status.value} {each.report.code}") for each in plain]
    progress.note_all(connection, "report", details, now)
    progress.move_all(connection, [each.owner.message for each in plain], State.SENT, State.DELIVERED, now)


def _row(delivery: Delivery) -> many.Row:
    report = delivery.report
    return (
        report.message_reference,
        report.recipient,
        report.status.value,
        report.code,
        report.text,
        times.optional_text(report.submitted_at),
        times.optional_text(report.discharged_at),
        report.fingerprint,
        delivery.owner.segment,
        report.is_exact,
    )
