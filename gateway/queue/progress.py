"""A message's way once a carrier had it: the steps that outcomes, reports, people and recovery share.

All of them run inside the caller's write transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.carrier import Scope
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import many, matching, retry, statements, times
from gateway.queue.retry import Again
from gateway.queue.states import OUT, SegmentState, State, is_legal

EVENTS = """
    INSERT INTO events (outbox_id, at, event, detail) SELECT column1, ?1, ?2, column2 FROM (VALUES {rows})"""

Share = tuple[SegmentState, int]  # a segment's state, and the times that it got no answer


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment with what its message says about it."""

    key: int
    message: int
    state: SegmentState
    number: int
    total: int
    carrier: str | None
    line: str | None
    begun_at: str | None
    unanswered: int
    forgiven: int  # of them before a person queued it anew
    number_tries: int
    network_tries: int
    account_tries: int
    gateway_tries: int
    device_tries: int
    message_state: State
    category: str | None
    expires: str | None

    @property
    def tries(self) -> dict[Scope, int]:
        return {
            Scope.NUMBER: self.number_tries,
            Scope.NETWORK: self.network_tries,
            Scope.ACCOUNT: self.account_tries,
            Scope.GATEWAY: self.gateway_tries,
            Scope.DEVICE: self.device_tries,
        }

    @property
    def silences(self) -> int:
        """How often it got no answer, since it was last queued by hand."""
        return self.unanswered - self.forgiven

    def is_expired(self, now: datetime) -> bool:
        return self.expires is not None and times.is_over(self.expires, times.to_text(now))


def read_segment(connection: sqlite3.Connection, key: int) -> SegmentRow | None:
    """The segment of this key, None when there is none."""
    row = connection.execute(statements.SEGMENT, {"key": key}).fetchone()
    return None if row is None else SegmentRow(*row)


def note(connection: sqlite3.Connection, message: int | None, event: str, detail: str, now: datetime) -> None:
    """An event beside the changes of state, which note themselves."""
    values = {"id": message, "now": times.to_text(now), "event": event, "detail": detail}
    connection.execute(statements.EVENT, values)


def guarded(connection: sqlite3.Connection, statement: str, values: dict[str, object]) -> None:
    """Run an UPDATE that must find its row in the state that it names."""
    if connection.execute(statement, values).rowcount != 1:
        raise GatewayError(_("The queue has another state of this message or segment than the one expected."))


def note_all(connection: sqlite3.Connection, event: str, details: Iterable[tuple[int, str]], now: datetime) -> None:
    """The same event for many messages, each with its own detail."""
    many.run(connection, EVENTS, (times.to_text(now), event), list(details))


def state_of(connection: sqlite3.Connection, message: int) -> State:
    return State(connection.execute(statements.STATE, {"id": message}).fetchone()[0])


def is_part_out(connection: sqlite3.Connection, message: int) -> bool:
    """Whether the network has one of the message's segments already."""
    return bool(connection.execute(statements.IS_PART_OUT, {"id": message}).fetchone()[0])


def is_unanswered(connection: sqlite3.Connection, message: int) -> bool:
    """Whether one of its SMS got no answer and waits to be sent once more: it may have arrived."""
    return bool(connection.execute(statements.IS_UNANSWERED, {"id": message}).fetchone()[0])


def move(
    connection: sqlite3.Connection,
    message: int,
    from_state: State,
    to_state: State,
    now: datetime,
    code: str | None = None,
    text: str | None = None,
) -> None:
    """From one state to another, guarded by the table and by the row."""
    guarded(connection, statements.MOVE, _move(from_state, to_state, now, code, text) | {"id": message})


def move_all(
    connection: sqlite3.Connection, messages: Iterable[int], from_state: State, to_state: State, now: datetime
) -> None:
    """As `move`, many times, with nothing to say about it."""
    many.guarded_by_id(connection, statements.MOVE, _move(from_state, to_state, now, None, None), messages)


def _move(from_state: State, to_state: State, now: datetime, code: str | None, text: str | None) -> dict[str, object]:
    if not is_legal(from_state, to_state):
        raise ValueError(f"{from_state} -> {to_state} is no legal move")
    return {"from_state": from_state, "to_state": to_state, "now": times.to_text(now), "code": code, "text": text}


def to_queue(
    connection: sqlite3.Connection,
    message: int,
    from_state: State,
    now: datetime,
    again: Again,
    *,
    code: str | None = None,
    text: str | None = None,
    carrier: str | None = None,
) -> None:
    """Back into the queue; part-sent, for the same carrier. `carrier`: the one that should leave it to the others."""
    part_out = is_part_out(connection, message)
    values = {
        "id": message,
        "from_state": from_state,
        "now": times.to_text(now),
        "at": times.to_text(now + timedelta(seconds=again.wait_s)) if again.wait_s else None,
        "shunned": carrier if again.elsewhere and not part_out else None,
        "is_part_out": part_out,
        "code": code,
        "text": text,
    }
    guarded(connection, statements.TO_QUEUE, values)


def advance(connection: sqlite3.Connection, message: int, now: datetime) -> None:
    """Let a message's state follow those of its segments, after a report, a late answer or a person's word."""
    steps = {State.SENT: _advance_sent, State.UNCERTAIN: _settle, State.QUEUED: _leave_queue, State.FAILED: _tell_late}
    step = steps.get(state_of(connection, message))
    if step is not None:
        step(connection, message, now)


def expired_text() -> str:
    return _("Its time was over before it could be sent.")


def run_out(connection: sqlite3.Connection, message: int, now: datetime) -> None:
    """A queued message is too late: expired, or failed when a part of it is out already, or may be."""
    is_part = is_part_out(connection, message)
    if not is_part and not is_unanswered(connection, message):
        move(connection, message, State.QUEUED, State.EXPIRED, now, "expired", expired_text())
        return
    move(connection, message, State.QUEUED, State.SENDING, now)
    if is_part:
        break_off(connection, message, now)
    else:
        give_up = retry.out_of_time()
        move(connection, message, State.SENDING, State.FAILED, now, give_up.code, give_up.text)


def break_off(connection: sqlite3.Connection, message: int, now: datetime) -> None:
    """The rest of a long message is not sent after its expiry."""
    text = _("Its time was over when only a part of it had been sent.")
    move(connection, message, State.SENDING, State.FAILED, now, "expired", text)


def to_sent(connection: sqlite3.Connection, message: int, now: datetime) -> None:
    """The network has every segment; reports that came before may already end it."""
    found = _segments(connection, message)
    move(connection, message, State.SENDING, State.SENT, now, *_remark(connection, message, found))
    _fold(connection, message, found, now)


def segment_states(connection: sqlite3.Connection, message: int) -> list[SegmentState]:
    return [state for state, _unanswered in _segments(connection, message)]


def _segments(connection: sqlite3.Connection, message: int) -> list[Share]:
    rows = connection.execute(statements.SEGMENT_STATES, {"id": message}).fetchall()
    return [(SegmentState(state), unanswered) for state, unanswered in rows]


def _advance_sent(connection: sqlite3.Connection, message: int, now: datetime) -> None:
    _fold(connection, message, _segments(connection, message), now)


def _fold(connection: sqlite3.Connection, message: int, found: Sequence[Share], now: datetime) -> None:
    verdict = matching.fold(state for state, _unanswered in found)
    if verdict is not None:
        move(connection, message, State.SENT, verdict, now, *_reason(connection, message, verdict, found))


def _settle(connection: sqlite3.Connection, message: int, now: datetime) -> None:
    """Uncertain: go on when the unknown is known."""
    found = _segments(connection, message)
    states = {state for state, _unanswered in found}
    if SegmentState.UNCERTAIN in states or SegmentState.BEGUN in states:
        return
    if SegmentState.OPEN in states:
        to_queue(connection, message, State.UNCERTAIN, now, Again(0.0))
        return
    move(connection, message, State.UNCERTAIN, State.SENT, now, *_remark(connection, message, found))
    _fold(connection, message, found, now)


def _leave_queue(connection: sqlite3.Connection, message: int, now: datetime) -> None:
    """Queued to be sent once more, and it turns out that the network has had all of it, or a part, all the time."""
    found = segment_states(connection, message)
    if found and all(state in OUT for state in found):
        move(connection, message, State.QUEUED, State.SENDING, now)
        to_sent(connection, message, now)
    elif any(state in OUT for state in found):
        connection.execute(statements.PIN, {"id": message})


def _tell_late(connection: sqlite3.Connection, message: int, now: datetime) -> None:
    """Given up as uncertain, and now an answer or a report came after all: it stays failed, and says so."""
    found = segment_states(connection, message)
    if not all(state in OUT for state in found):
        return
    verdict = matching.fold(found)
    code, text = _late_words(verdict)
    values = {"id": message, "code": code, "text": text, "now": times.to_text(now)}
    if connection.execute(statements.TOLD_LATE, values | {"is_delivered": verdict is State.DELIVERED}).rowcount:
        note(connection, message, code, text, now)


def _late_words(verdict: State | None) -> tuple[str, str]:
    return {
        State.DELIVERED: ("delivered_late", _("Given up as uncertain; its report came later: it has arrived.")),
        State.UNDELIVERED: ("undelivered_late", _("Given up as uncertain; its report came later: it did not arrive.")),
    }.get(
        verdict or State.SENT, ("sent_late", _("Given up as uncertain; the network had accepted it, as it turned out."))
    )


def _remark(connection: sqlite3.Connection, message: int, found: Sequence[Share]) -> tuple[str | None, str | None]:
    """What is to be known of a message that is out: that its recipient may have it twice."""
    is_doubtful = any(unanswered and state in OUT for state, unanswered in found)
    if is_doubtful and connection.execute(statements.WAS_RESENT, {"id": message}).fetchone()[0]:
        return "resent", _("An SMS of it got no answer and was sent once more: it may have arrived twice.")
    return None, None


def _reason(
    connection: sqlite3.Connection, message: int, verdict: State, found: Sequence[Share]
) -> tuple[str | None, str | None]:
    """Why it is undelivered: what the report of its first SMS that is says."""
    if verdict is not State.UNDELIVERED:
        return _remark(connection, message, found)
    code, words = connection.execute(statements.WHY_UNDELIVERED, {"id": message}).fetchone()
    reason = _("Not delivered, the network reports: {words}.").format(words=words) if words else None
    return code, reason or _("The network reports that it could not deliver the message.")
