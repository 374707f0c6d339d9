"""[pure] The states of a message and of its segments, and every legal change between them, as tables.

What a power cut leaves in each state of a message, and what the next start does:

- queued: nothing is in the air. Segments that are out already stay out; the next try goes on after them.
- held: waits for a person; a start changes nothing.
- sending: a carrier had it. The segment that was begun, if any, may or may not be out: the message becomes `uncertain`.
  Without a begun segment the progress is known: `queued` again, or `sent` when every segment is out.
- uncertain: one segment's bytes went out and no answer came. A late answer, a report, a person or the end of the
  waiting time settles it; a start changes nothing, the waiting time is written in the row. What is so urgent that it
  does not wait passes through here in one commit, and is queued.
- sent: the network has every segment; reports are waited for, for ever if need be.
- delivered, undelivered, rejected, expired, cancelled: final. failed: final too, but a person may queue it anew; one
  that was given up as uncertain tells in its error_code what a late report has said.

The trigger outbox_state_legal (schema/0002_triggers.sql) holds every writer to the same table.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """The state of a message, as outbox.state says it."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class SegmentState(StrEnum):
    """The state of one SMS, as segments.state says it."""

    OPEN = "open"  # to be sent, or to be sent again
    BEGUN = "begun"  # handed to a carrier; its bytes may be out. At most one per carrier
    UNCERTAIN = "uncertain"  # its bytes went out, no answer came
    SENT = "sent"  # the network accepted it; no final report yet
    DELIVERED = "delivered"  # the final report says so
    UNDELIVERED = "undelivered"  # the final report says that it will not arrive
    FAILED = "failed"  # refused for good, or given up


MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.HELD, State.REJECTED, State.EXPIRED, State.CANCELLED}),
    State.HELD: frozenset({State.QUEUED, State.CANCELLED, State.EXPIRED}),
    State.SENDING: frozenset({State.SENT, State.QUEUED, State.FAILED, State.UNCERTAIN}),
    State.UNCERTAIN: frozenset({State.SENT, State.QUEUED, State.FAILED, State.DELIVERED, State.UNDELIVERED}),
    State.SENT: frozenset({State.DELIVERED, State.UNDELIVERED}),
    State.DELIVERED: frozenset(),
    State.UNDELIVERED: frozenset(),
    State.FAILED: frozenset({State.QUEUED}),  # only by a person, who raises `retries` with it
    State.REJECTED: frozenset(),
    State.EXPIRED: frozenset(),
    State.CANCELLED: frozenset(),
}

UNFINISHED = (State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN)
FINAL = tuple(state for state in State if state not in UNFINISHED and state is not State.SENT)
OUT = (SegmentState.SENT, SegmentState.DELIVERED, SegmentState.UNDELIVERED)


def is_legal(from_state: State, to_state: State) -> bool:
    """Whether a message may go from one state to the other."""
    return to_state in MOVES[from_state]
