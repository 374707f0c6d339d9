"""What a carrier answered is written down, with what follows from it; late answers too."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.carrier import Accepted, Deferred, LateAnswer, Outcome, Refused, Scope, Submission, Uncertain
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import (
    db,
    opt_outs,
    progress,
    receipts,
    reporting,
    resending,
    retry,
    sending,
    spending,
    statements,
    times,
    withdrawals,
)
from gateway.queue.progress import SegmentRow
from gateway.queue.retry import Again, GiveUp
from gateway.queue.rules import IntakeRules
from gateway.queue.states import SegmentState, State


def record(
    connection: sqlite3.Connection, rules: IntakeRules, key: int, outcome: Outcome, now: datetime, *, go_on: bool
) -> Submission | None:
    """Store the outcome of a begun segment; the message's next segment, begun, or None when this carrier is free.

    `go_on` False: the carrier stops or has reached a limit; what is open goes on later, over the same carrier.
    """
    with db.write(connection):
        segment = progress.read_segment(connection, key)
        if segment is None or (segment.state != SegmentState.BEGUN and not segment.unanswered):
            raise GatewayError(_("Segment {key} was not begun: it has no outcome.").format(key=key))
        if segment.state != SegmentState.BEGUN:
            _given_up_before(connection, segment, outcome, now)
            return None
        if segment.message_state != State.SENDING:
            _changed_meanwhile(connection, segment, outcome, now)
            return None
        following = _settle(connection, rules, segment, outcome, now, go_on)
        match_early(connection, [segment], now)
    return following


def _settle(
    connection: sqlite3.Connection,
    rules: IntakeRules,
    segment: SegmentRow,
    outcome: Outcome,
    now: datetime,
    go_on: bool,
) -> Submission | None:
    """What follows from the outcome, and from what was told meanwhile of a copy that had gone out before."""
    told = reporting.known(connection, segment)
    if told and not isinstance(outcome, Accepted):
        _out_before(connection, rules, segment, outcome, told[0], now)
        following = None
    else:
        following = _follow(connection, rules, segment, outcome, now, go_on)
        told = [each for each in told if each.is_delivered]  # the copy that was accepted just now may still arrive
    reporting.catch_up(connection, segment, told, now)
    return following


def _out_before(
    connection: sqlite3.Connection,
    rules: IntakeRules,
    segment: SegmentRow,
    outcome: Outcome,
    told: reporting.Known,
    now: datetime,
) -> None:
    """Whatever became of this copy, an earlier one is out: it is not sent once more, and the rest follows that one."""
    _note_outcome(connection, segment, outcome, now)
    out = replace(segment, carrier=told.carrier, line=told.line)
    _accepted(connection, rules, out, told.reference, now, go_on=False)


def _given_up_before(connection: sqlite3.Connection, segment: SegmentRow, outcome: Outcome, now: datetime) -> None:
    """It was called uncertain while its carrier still had it: the clock was set by hours, and its lease seemed over."""
    if not isinstance(outcome, Uncertain):
        late(connection, segment.carrier or "", segment.line or "", LateAnswer(segment.key, outcome), now)


def _changed_meanwhile(connection: sqlite3.Connection, segment: SegmentRow, outcome: Outcome, now: datetime) -> None:
    """Another program has moved the message on: what became of its SMS stands all the same, and says what it can."""
    _note_outcome(connection, segment, outcome, now)
    progress.advance(connection, segment.message, now)
    match_early(connection, [segment], now)


def _note_outcome(connection: sqlite3.Connection, segment: SegmentRow, outcome: Outcome, now: datetime) -> None:
    """Of the segment alone."""
    if isinstance(outcome, Uncertain):
        values = {"key": segment.key, "at": times.to_text(now), "code": outcome.code}
        progress.guarded(connection, statements.SEGMENT_UNANSWERED, values)
    else:
        keep(connection, segment.key, outcome, now)


def keep(connection: sqlite3.Connection, key: int, outcome: Outcome, now: datetime) -> None:
    """What became of a begun segment whose message can't follow it: another program has changed that, or a trigger
    holds it. An SMS without an answer stays begun, until its lease is over. In the caller's transaction. Reports that
    came before are not looked at: it may be one of these that can't be followed.
    """
    segment = progress.read_segment(connection, key)
    if segment is None or segment.state != SegmentState.BEGUN:
        return
    match outcome:
        case Accepted(message_reference):
            _to_sent(connection, segment, message_reference, now)
        case Deferred() | Refused():
            spending.take_back(connection, segment.line or "", segment.key, segment.begun_at or "")
            values = {"key": key, "code": outcome.code, "scope": Scope.NUMBER.value}
            progress.guarded(connection, statements.SEGMENT_PUT_OFF, values)


def late(connection: sqlite3.Connection, carrier: str, line: str, answer: LateAnswer, now: datetime) -> None:
    """The answer to a segment that was given up as uncertain: it settles it, if nothing else has.

    It is that of this carrier, whichever has tried since.
    """
    segment = progress.read_segment(connection, answer.key)
    if segment is None:
        return
    outcome = answer.outcome
    word = outcome.message_reference if isinstance(outcome, Accepted) else outcome.code
    detail = f"{segment.number}/{segment.total} {type(outcome).__name__.lower()} {word}"
    progress.note(connection, segment.message, "late_answer", detail, now)
    if isinstance(outcome, Accepted):
        way = replace(segment, carrier=carrier, line=line)
        _late_accepted(connection, way, outcome.message_reference, now)
    elif segment.state == SegmentState.UNCERTAIN and segment.message_state == State.UNCERTAIN:
        _not_sent(connection, segment, outcome, State.UNCERTAIN, now)


def unanswered(
    connection: sqlite3.Connection,
    rules: IntakeRules,
    segment: SegmentRow,
    code: str,
    text: str,
    at: datetime,
    now: datetime,
) -> None:
    """Its bytes went out at `at`, and nobody knows more: wait for an answer or a report, or send it again at once."""
    values = {"key": segment.key, "at": times.to_text(at), "code": code}
    progress.guarded(connection, statements.SEGMENT_UNANSWERED, values)
    until = times.to_text(now + timedelta(seconds=rules.uncertain_wait_s))
    values = {"id": segment.message, "now": times.to_text(now), "code": code, "text": text, "until": until}
    progress.guarded(connection, statements.TO_UNCERTAIN, values)
    resending.at_once(connection, rules, segment, now)


def interrupted(connection: sqlite3.Connection, rules: IntakeRules, key: int, now: datetime) -> None:
    """Begun, and whoever began it is gone."""
    segment = progress.read_segment(connection, key)
    assert segment is not None  # its key was read in this very transaction
    text = _("The gateway was interrupted while this SMS was in the air: nobody knows whether it went out.")
    begun_at = times.optional_time(segment.begun_at) or now
    told = reporting.known(connection, segment)
    if told:
        _out_before(connection, rules, segment, Uncertain("interrupted", text), told[0], now)
        reporting.catch_up(connection, segment, told, now)
    else:
        unanswered(connection, rules, segment, "interrupted", text, begun_at, now)
    match_early(connection, [segment], now)


def give_up(
    connection: sqlite3.Connection, segment: SegmentRow, reason: GiveUp, from_state: State, now: datetime
) -> None:
    """The message has failed with this segment."""
    connection.execute(statements.SEGMENT_FAILED, {"key": segment.key, "code": reason.code})
    progress.move(connection, segment.message, from_state, State.FAILED, now, reason.code, reason.text)


def _follow(
    connection: sqlite3.Connection,
    rules: IntakeRules,
    segment: SegmentRow,
    outcome: Outcome,
    now: datetime,
    go_on: bool,
) -> Submission | None:
    """What follows from the outcome; the next segment of an accepted one."""
    match outcome:
        case Accepted(message_reference):
            return _accepted(connection, rules, segment, message_reference, now, go_on)
        case Uncertain(code, text):
            unanswered(connection, rules, segment, code, text, now, now)
        case _:
            _not_sent(connection, segment, outcome, State.SENDING, now)
    return None


def _accepted(
    connection: sqlite3.Connection, rules: IntakeRules, segment: SegmentRow, reference: str, now: datetime, go_on: bool
) -> Submission | None:
    """The last segment ends the message; after another one it goes on, waits, or is out of time."""
    _to_sent(connection, segment, reference, now)
    if segment.total == 1 or SegmentState.OPEN not in progress.segment_states(connection, segment.message):
        progress.to_sent(connection, segment.message, now)
    elif segment.is_expired(now):
        progress.break_off(connection, segment.message, now)
    elif go_on and _is_wanted(connection, rules, segment):
        return sending.begin(connection, rules, segment.message, segment.carrier or "", segment.line or "", now)
    else:
        progress.to_queue(connection, segment.message, State.SENDING, now, Again(0.0))
    return None


def _is_wanted(connection: sqlite3.Connection, rules: IntakeRules, segment: SegmentRow) -> bool:
    """Whether the rest may go out: else it goes back to the queue, and ends there."""
    is_refusable = opt_outs.is_refusable(rules, segment.category)
    return not is_refusable or withdrawals.refusal(connection, segment.message, rules) is None


def _to_sent(connection: sqlite3.Connection, segment: SegmentRow, reference: str, now: datetime) -> None:
    values: dict[str, object] = {"key": segment.key, "reference": reference, "now": times.to_text(now)}
    way = {"carrier": segment.carrier, "line": segment.line}
    progress.guarded(connection, statements.SEGMENT_SENT, values | way)


def _not_sent(
    connection: sqlite3.Connection, segment: SegmentRow, outcome: Deferred | Refused, from_state: State, now: datetime
) -> None:
    """Known not to be out: once more later, or given up."""
    spending.take_back(connection, segment.line or "", segment.key, segment.begun_at or "")
    decision = retry.decide(outcome, segment.tries)
    if isinstance(decision, GiveUp):
        give_up(connection, segment, decision, from_state, now)
    elif isinstance(decision, Again) and isinstance(outcome, Deferred):
        values = {"key": segment.key, "code": outcome.code, "scope": outcome.scope.value if outcome.is_counted else ""}
        progress.guarded(connection, statements.SEGMENT_PUT_OFF, values)
        progress.to_queue(
            connection,
            segment.message,
            from_state,
            now,
            decision,
            code=outcome.code,
            text=outcome.text,
            carrier=segment.carrier,
        )


def match_early(connection: sqlite3.Connection, segments: Sequence[SegmentRow], now: datetime) -> None:
    """How their handing over ended is known: reports that came before may be about these."""
    reporting.match_early(connection, segments, now)
    receipts.match_early(connection, [segment.key for segment in segments], now)


def _late_accepted(connection: sqlite3.Connection, segment: SegmentRow, reference: str, now: datetime) -> None:
    """Also for one that waits to be sent once more, which is so spared; for one in the air again after its outcome."""
    if segment.state == SegmentState.BEGUN:
        reporting.keep_answer(connection, segment.carrier or "", segment.line or "", segment.key, reference, now)
    waits = segment.state == SegmentState.UNCERTAIN or (segment.state == SegmentState.OPEN and segment.unanswered)
    if waits:
        _to_sent(connection, segment, reference, now)
        progress.advance(connection, segment.message, now)
        match_early(connection, [segment], now)
