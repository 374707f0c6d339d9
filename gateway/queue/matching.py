"""[pure] Which segment a status report is about, and what the reports of all segments make of the message.

The TP-MR of a report (3GPP TS 23.040, 9.2.3.6) counts 0-255 in the name of one SIM, so a reference alone means little:
the report must come over the same line, be about the same number, and carry a service centre time stamp (TP-SCTS)
near the time at which the segment was handed over. The newest segment that fits is the one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.queue.states import SegmentState, State

CLOCK_TOLERANCE = timedelta(minutes=15)  # how far this machine's clock and the service centre's may be apart
ANSWER_WINDOW = timedelta(minutes=15)  # an unanswered segment reached the service centre within this, or never
SAME_MOMENT = timedelta(seconds=2)  # TP-SCTS has whole seconds
SAME_CLOCK = timedelta(seconds=3)  # clocks that agree: TP-SCTS counts whole seconds, the way there takes one or two
ZONE_SLIP_LIMIT_H = 14  # a service centre that takes its local time for another zone's is off by whole hours, to this
ZONE_SLIP_TOLERANCE = timedelta(minutes=2)
SUBSCRIBER_DIGITS = 9  # the end of a number that its national and international forms share

FINAL_REPORT = (SegmentState.DELIVERED, SegmentState.UNDELIVERED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A segment that a report may be about."""

    segment_id: int
    recipient: str = field(repr=False)
    state: SegmentState
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Clue:
    """What a report says about its segment, beside the reference."""

    recipient: str | None = field(repr=False)
    submitted_at: datetime | None  # TP-SCTS


def find(clue: Clue, newest_first: Iterable[Candidate]) -> Candidate | None:
    """Among segments with the report's line and reference: the newest one handed over at about the time that it bears.

    When TP-MR comes round within minutes, one of the very same time is nearer than the newest.
    """
    fitting = [candidate for candidate in newest_first if _is_its_time(clue, candidate)]
    return min(fitting, key=lambda candidate: _remoteness(clue, candidate), default=None)


def fold(states: Iterable[SegmentState]) -> State | None:
    """What the segments' reports make of a message that is out; None while reports are open."""
    found = set(states)
    if SegmentState.UNDELIVERED in found:
        return State.UNDELIVERED
    return State.DELIVERED if found == {SegmentState.DELIVERED} else None


def is_same_number(reported: str | None, recipient: str) -> bool:
    """A report may leave the number out, or write it in its national form."""
    if reported is None:
        return True
    return subscriber(reported) == subscriber(recipient)


def subscriber(number: str) -> str:
    """What all forms of a number share: two forms with the same are the same number's. Of a short one all digits."""
    return _digits(number)[-SUBSCRIBER_DIGITS:]


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))


def _is_open(candidate: Candidate) -> bool:
    return candidate.state not in FINAL_REPORT


def _is_its_time(clue: Clue, candidate: Candidate) -> bool:
    """The service centre stamps what it gets, so its stamp and the handing over are together, but for the clocks."""
    is_near = clue.submitted_at is not None and _distance(clue, candidate) <= CLOCK_TOLERANCE
    return is_near and is_same_number(clue.recipient, candidate.recipient)


def _remoteness(clue: Clue, candidate: Candidate) -> tuple[bool, bool, timedelta]:
    """Equal for all that are further, or nearer, than the clocks can tell, so that the order stands."""
    distance = _distance(clue, candidate)
    is_far = distance > SAME_CLOCK
    return is_far, not _is_open(candidate), timedelta() if is_far or distance <= SAME_MOMENT else distance


def may_be(clue: Clue, candidate: Candidate) -> bool:
    """To this number, and not stamped before it was handed over, but for a wrong zone."""
    if not is_same_number(clue.recipient, candidate.recipient):
        return False
    if clue.submitted_at is None or clue.submitted_at >= candidate.begun_at - CLOCK_TOLERANCE:
        return True
    return _is_zone_slip(candidate.begun_at - clue.submitted_at)


def _is_zone_slip(too_early: timedelta) -> bool:
    hours = round(too_early / timedelta(hours=1))
    return hours <= ZONE_SLIP_LIMIT_H and abs(too_early - timedelta(hours=hours)) <= ZONE_SLIP_TOLERANCE


def _distance(clue: Clue, candidate: Candidate) -> timedelta:
    return abs(clue.submitted_at - candidate.begun_at) if clue.submitted_at else timedelta()
