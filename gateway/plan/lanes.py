"""[pure] Which way takes how many SMS within a short time, where not every message may go over each of them.

Of several ways of which one is better, that one takes all as long as it can send, be it busy; the next one goes on
where a limit or a quiet time ends that. Where none is better, whoever has room takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime

A_HAIR = 1e-9  # of an SMS: what sums of fractions miss

Arrival = tuple[datetime, int]  # from when on they may go, and how many SMS
Taken = tuple[int, str, float]  # number of the lane, name of the way, SMS


@dataclass(frozen=True, slots=True)
class Lane:
    """SMS that may go over the same ways."""

    names: tuple[str, ...]  # of the ways, the better one first
    arrivals: Sequence[Arrival] = ()  # in the order of their times
    is_shared: bool = True  # none of the ways is better
    ahead: float = 0.0  # SMS that wait for the same ways, and go before


@dataclass(slots=True)
class Room:
    """What one way can take still: so many SMS by its pace, and by its limits."""

    by_pace: float
    by_limit: float  # infinite: no limit; 0 also in a quiet time

    @property
    def sms(self) -> float:
        return max(0.0, min(self.by_pace, self.by_limit))

    @property
    def can_send(self) -> bool:
        """One that is only busy can."""
        return self.by_limit > A_HAIR

    def take(self, sms: float) -> None:
        self.by_pace -= sms
        self.by_limit -= sms


def shared_out(lanes: Sequence[Lane], wanted: Sequence[float], rooms: Mapping[str, Room]) -> Iterator[Taken]:
    """So many SMS of each lane; whoever has a choice of ways comes after those who have none. `rooms` get smaller."""
    if not any(room.can_send for room in rooms.values()):
        return
    ordered = {number: sms for number, sms in enumerate(wanted) if sms and not lanes[number].is_shared}
    yield from _to_the_better(lanes, ordered, rooms)
    free = [number for number, sms in enumerate(wanted) if sms and lanes[number].is_shared]
    for number in sorted(free, key=lambda number: len(lanes[number].names)):
        yield from _to_the_free(number, wanted[number], {name: rooms[name] for name in lanes[number].names})


def _to_the_better(
    lanes: Sequence[Lane], wanted: MutableMapping[int, float], rooms: Mapping[str, Room]
) -> Iterator[Taken]:
    while wanted:
        served = _by_server(lanes, wanted, rooms)
        rest: dict[int, float] = {}
        for name, numbers in served.items():
            whole = sum(wanted[number] for number in numbers)
            sms = min(whole, rooms[name].sms)
            rooms[name].take(sms)
            parts = [(number, sms * wanted[number] / whole) for number in numbers]
            yield from ((number, name, part) for number, part in parts if part)
            if not rooms[name].can_send:
                rest |= {number: left for number, part in parts if (left := wanted[number] - part) > A_HAIR}
        wanted = rest


def _by_server(lanes: Sequence[Lane], numbers: Mapping[int, float], rooms: Mapping[str, Room]) -> dict[str, list[int]]:
    """The lanes that each way serves: of every lane the best of its ways that can send."""
    served: dict[str, list[int]] = {}
    for number in numbers:
        server = next((name for name in lanes[number].names if rooms[name].can_send), None)
        if server is not None:
            served.setdefault(server, []).append(number)
    return served


def _to_the_free(number: int, wanted: float, rooms: Mapping[str, Room]) -> Iterator[Taken]:
    """Each as much as it has room for, if there is too much room in proportion to that."""
    whole = sum(room.sms for room in rooms.values())
    share = min(1.0, wanted / whole) if whole else 0.0
    for name, room in rooms.items():
        if part := room.sms * share:
            room.take(part)
            yield number, name, part
