"""An SMS that got no answer: it is sent once more or it is not, and every such decision is an event with its reason.

All of it runs inside the caller's transaction.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from gateway.i18n import _
from gateway.queue import progress, retry, statements, withdrawals
from gateway.queue.progress import SegmentRow
from gateway.queue.retry import Again, GiveUp
from gateway.queue.rules import IntakeRules
from gateway.queue.states import State


def after_silence(connection: sqlite3.Connection, rules: IntakeRules, segment: SegmentRow, now: datetime) -> None:
    """The waiting time is over, and neither an answer nor a report came."""
    decision = retry.after_silence(rules.category(segment.category), segment.silences, segment.is_expired(now))
    refusal = withdrawals.refusal(connection, segment.message, rules) if isinstance(decision, Again) else None
    if refusal is not None:
        decision = retry.unknown(refusal[1])
    if isinstance(decision, GiveUp):
        progress.note(connection, segment.message, "not_resent", f"{_place(segment)} {decision.text}", now)
        progress.move(connection, segment.message, State.UNCERTAIN, State.FAILED, now, decision.code, decision.text)
        return
    _send_again(connection, segment, decision, _("no answer and no report came: sent once more"), now)


def at_once(connection: sqlite3.Connection, rules: IntakeRules, segment: SegmentRow, now: datetime) -> None:
    """It became uncertain just now, with `segment` as it was before: some categories don't wait."""
    decision = retry.at_once(rules.category(segment.category), segment.silences + 1, segment.is_expired(now))
    if decision is not None and withdrawals.refusal(connection, segment.message, rules) is None:
        is_pinned = progress.is_part_out(connection, segment.message)
        decision = Again(0.0) if is_pinned else decision
        _send_again(connection, segment, decision, _("no answer came: sent once more at once"), now)


def _send_again(connection: sqlite3.Connection, segment: SegmentRow, again: Again, why: str, now: datetime) -> None:
    progress.guarded(connection, statements.SEGMENT_OPEN, {"key": segment.key})
    progress.note(connection, segment.message, "resend", f"{_place(segment)} {why}", now)
    progress.to_queue(
        connection,
        segment.message,
        State.UNCERTAIN,
        now,
        again,
        code="uncertain",
        text=_("No answer came: it is sent once more, and may arrive twice."),
        carrier=segment.carrier,
    )


def _place(segment: SegmentRow) -> str:
    return f"{segment.number}/{segment.total}"
