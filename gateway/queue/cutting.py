"""A message that was taken is cut into segments, once, with a reference that no other SMS to its number bears now."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from gateway.i18n import _
from gateway.queue import progress, references, statements, times
from gateway.queue.asked import Due
from gateway.queue.examining import NO_CODING, NOT_WRITTEN
from gateway.queue.rules import IntakeRules
from gateway.queue.states import State
from gateway.sms.message import Segment, TextRefused
from gateway.sms.repertoire import NOTHING, is_carried
from gateway.sms.segmentation import TooLong, split


def cut(
    connection: sqlite3.Connection, rules: IntakeRules, due: Due, body: str, carrier: str, now: datetime
) -> tuple[Segment, ...]:
    """The message's segments; none when its text can't be cut after all, or not for this carrier, and it has failed."""
    try:
        segments = _cut(connection, due, body, now)
        if is_carried(segments, rules.lacking.get(carrier, NOTHING)):
            return segments
        code, text = NO_CODING, NOT_WRITTEN  # when it was examined its carriers, or their configuration, were others
    except TextRefused as error:
        code, text = "invalid_text", str(error)
    except Exception as fault:  # noqa: BLE001 - one text that nobody foresaw must not hold up the others
        code, text = "not_understood", _("The gateway could not cut it into SMS: {fault}.")
        text = text.format(fault=type(fault).__name__)
    progress.move(connection, due.id, State.SENDING, State.FAILED, now, code, text)
    return ()


def _cut(connection: sqlite3.Connection, due: Due, body: str, now: datetime) -> tuple[Segment, ...]:
    if due.segments == 1:
        return split(body, 0)
    reference = _reference(connection, due.msisdn, due.id, now)
    try:
        return split(body, reference.number, reference.is_wide)
    except TooLong:  # 255 segments with the short header, more with the long one
        return split(body, reference.number % references.NARROW)


def _reference(connection: sqlite3.Connection, msisdn: str, message: int, now: datetime) -> references.Reference:
    rows = connection.execute(statements.REFERENCES, {"msisdn": msisdn, "now": times.to_text(now)}).fetchall()
    used = [references.Used(number, bool(is_wide), bool(is_under_way)) for number, is_wide, is_under_way in rows]
    return references.following(used, message % references.NARROW)


def segment_row(message: int, number: int, segments: Sequence[Segment]) -> dict[str, object]:
    """For WRITE_SEGMENT: the `number`-th of a message's segments."""
    segment = segments[number - 1]
    concatenation = segment.concatenation
    return {
        "id": message,
        "number": number,
        "total": len(segments),
        "reference": concatenation and concatenation.reference,
        "is_wide": bool(concatenation and concatenation.is_wide),
        "alphabet": segment.alphabet.value,
        "body": segment.text,
    }
