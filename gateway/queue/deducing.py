"""[pure] Which SMS reports are about when no reference says it: only what is certain, the rest stays unknown.

A modem may tell no reference at all, or give no answer. What its report is about was then handed over by this line, to
the report's number, at about the time that the report bears, and before the report came. A line hands over one SMS
after the other, and the service centre stamps them in that order, each once. So reports that are uncertain one by one
may be certain together: of all ways to lay them, in order, over the SMS that may be meant, what is the same in each of
them is known. The first and the last way, as far to the front and to the back as it goes, show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

NARROW = 256  # TP-MR comes round


@dataclass(frozen=True, slots=True)
class Try:
    """An SMS that was handed over, once, and whose reference nobody knows."""

    segment_id: int
    recipient: str = field(repr=False)
    at: datetime  # by this machine's clock
    until: datetime  # the service centre has stamped it by then, or never gets it
    is_accepted: bool  # the network has it; else nobody knows
    place: int = 0  # among all that happened, whatever the clock said; 0: not known


@dataclass(frozen=True, slots=True)
class Told:
    """An SMS that the network has, as its reports name it; however many there are of them."""

    reference: str
    stamp: datetime  # TP-SCTS
    received_at: datetime  # the first of its reports
    segment_id: int | None = None  # when that is known: another SMS is not meant by the same reports
    place: int = 0  # of the first of its reports


Fits = Callable[[Told, Try], bool]


def certain(told: Iterable[Told], tries: Sequence[Try], tolerance: timedelta) -> dict[Told, Try]:
    """What is known of these, all about one number; `tries` in the order in which they were handed over.

    `tolerance`: how far this machine's clock and the service centre's may be apart.
    """

    def fits(each: Told, tried: Try) -> bool:
        return may_be(each, tried, tolerance)

    ours = [each for each in _in_order(told) if any(fits(each, tried) for tried in tries)]
    found: dict[Told, Try] = {}
    for each, (first, last) in zip(ours, _ways(ours, tries, fits), strict=False):
        meant = [tried for tried in tries[first : last + 1] if fits(each, tried)]
        if len({tried.segment_id for tried in meant}) == 1:
            found[each] = meant[0]
    return found


def lone(each: Told, tries: Iterable[Try], tolerance: timedelta) -> Try | None:
    """For a report that names no number: the only SMS that may be meant, if it is known to be out."""
    meant = [tried for tried in tries if may_be(each, tried, tolerance)]
    is_one = len({tried.segment_id for tried in meant}) == 1 and all(tried.is_accepted for tried in meant)
    return meant[0] if is_one else None


def may_be(told: Told, tried: Try, tolerance: timedelta) -> bool:
    """Stamped between the handing over and its end, but for the clocks; and no report comes before its SMS is out."""
    if told.segment_id not in (None, tried.segment_id):
        return False
    return tried.at - tolerance <= told.stamp <= tried.until + tolerance and _is_out_by_then(told, tried)


def _is_out_by_then(told: Told, tried: Try) -> bool:
    """The clock may have been set between the two, and is asked only where the place of neither is known."""
    if told.place or tried.place:
        return tried.place <= told.place
    return tried.at <= told.received_at


def _in_order(told: Iterable[Told]) -> list[Told]:
    """As the service centre stamped them; within a second by their references."""
    every = list(told)
    return sorted(every, key=lambda each: (each.stamp, _place(each, every)))


def _place(told: Told, every: Sequence[Told]) -> int:
    """255 comes before 0 when both were stamped in one second."""
    numbers = [int(each.reference) for each in every if each.stamp == told.stamp and each.reference.isdecimal()]
    number = int(told.reference) if told.reference.isdecimal() else 0
    has_come_round = bool(numbers) and max(numbers) - min(numbers) > NARROW // 2
    return number + NARROW if has_come_round and number < NARROW // 2 else number


def _ways(told: Sequence[Told], tries: Sequence[Try], fits: Fits) -> list[tuple[int, int]]:
    """The first and the last place that each can have; none when they can't be laid over the tries at all."""
    front, back = _lay(told, tries, fits), _lay(told[::-1], tries[::-1], fits)
    if front is None or back is None:
        return []
    return [(first, len(tries) - 1 - last) for first, last in zip(front, reversed(back), strict=True)]


def _lay(told: Sequence[Told], tries: Sequence[Try], fits: Fits) -> list[int] | None:
    """The foremost place for each, one after the other."""
    places: list[int] = []
    for each in told:
        start = places[-1] + 1 if places else 0
        place = next((index for index in range(start, len(tries)) if fits(each, tries[index])), None)
        if place is None:
            return None
        places.append(place)
    return places
