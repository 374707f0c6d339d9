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


def find_open(clue: Clue, newest_first: Iterable[Candidate]) -> Candidate | None:
    """The newest one whose report is open, when the time says little: it is odd, or one of the clocks is wrong.

    Only sure while nothing else towards this number is in the air: that segment may be the one, with a reference
    that nobody knows yet.
    """
    return next((candidate for candidate in newest_first if _may_be(clue, candidate)), None)


def find_unanswered(clue: Clue, candidates: Iterable[Candidate]) -> Candidate | None:
    """Among the line's segments that never got an answer, and so no reference: the only one that fits, if only one."""
    fitting = [
        candidate
        for candidate in candidates
        if is_same_number(clue.recipient, candidate.recipient) and _reached_in_time(clue, candidate)
    ]
    return fitting[0] if len(fitting) == 1 else None


def find_accepted(clue: Clue, unreferenced: Iterable[Candidate]) -> Candidate | None:
    """Among segments accepted without a reference: the open one nearest in time that was handed over about then."""
    return find_unreferenced(clue, [each for each in unreferenced if _reached_in_time(clue, each)])


def is_surely(stamp: datetime, unanswered: Candidate, tried: Iterable[Candidate]) -> bool:
    """Whether no other SMS to its number may be meant, each of them given with the time of its try.

    A line hands over one after the other, so it is the last one that was handed over before the stamp.
    """
    rivals = [each.begun_at for each in tried if each.begun_at <= stamp + SAME_MOMENT]
    return not rivals or max(rivals) < unanswered.begun_at < stamp


def find_unreferenced(clue: Clue, candidates: Iterable[Candidate]) -> Candidate | None:
    """Among segments of a modem that gives no references: to this number, the one nearest in time; oldest of equals.

    Without a number in the report only a lone open segment can be meant.
    """
    fitting = [candidate for candidate in candidates if _may_be(clue, candidate)]
    if clue.recipient is None:
        return fitting[0] if len(fitting) == 1 else None
    return min(fitting, key=lambda candidate: (_distance(clue, candidate), candidate.segment_id), default=None)


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
    ours, theirs = _digits(recipient), _digits(reported)
    if min(len(ours), len(theirs)) < SUBSCRIBER_DIGITS:
        return ours == theirs
    return ours[-SUBSCRIBER_DIGITS:] == theirs[-SUBSCRIBER_DIGITS:]


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


def _may_be(clue: Clue, candidate: Candidate) -> bool:
    """To this number, its report open, and not stamped before it was handed over, but for a wrong zone."""
    if not _is_open(candidate) or not is_same_number(clue.recipient, candidate.recipient):
        return False
    if clue.submitted_at is None or clue.submitted_at >= candidate.begun_at - CLOCK_TOLERANCE:
        return True
    return _is_zone_slip(candidate.begun_at - clue.submitted_at)


def _reached_in_time(clue: Clue, candidate: Candidate) -> bool:
    if clue.submitted_at is None:
        return False
    return -CLOCK_TOLERANCE <= clue.submitted_at - candidate.begun_at <= CLOCK_TOLERANCE + ANSWER_WINDOW


def _is_later(clue: Clue, candidate: Candidate) -> bool:
    """Whether it was handed over after the stamp, which has whole seconds."""
    return clue.submitted_at is not None and candidate.begun_at > clue.submitted_at + SAME_MOMENT


def _is_zone_slip(too_early: timedelta) -> bool:
    hours = round(too_early / timedelta(hours=1))
    return hours <= ZONE_SLIP_LIMIT_H and abs(too_early - timedelta(hours=hours)) <= ZONE_SLIP_TOLERANCE


def _distance(clue: Clue, candidate: Candidate) -> timedelta:
    return abs(clue.submitted_at - candidate.begun_at) if clue.submitted_at else timedelta()
