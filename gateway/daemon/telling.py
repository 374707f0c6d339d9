"""[pure] What the log says of the events: a line for each change, and one for many messages that change alike.

An import, a storm or a release in bulk changes thousands of messages in the same way; the database says which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_ALIKE = 20  # more messages than this that change alike are summed up in one line

Event = Mapping[str, Any]  # a row of events
Kind = dict[str, Any]  # a row of views.kinds_of_events


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log."""

    event: str
    words: Mapping[str, object]
    is_state: bool  # a change of state; what lies between two is for those who look closely


def lines(events: Iterable[Event]) -> Iterator[Line]:
    """What to say of one round's events, each kind where its first one stands."""
    kinds: dict[object, list[Event]] = defaultdict(list)
    for event in events:
        kinds[_kind(event)].append(event)
    for alike in kinds.values():
        if len(alike) > MOST_ALIKE and alike[0]["outbox_id"] is not None:
            yield _sum(alike)
        else:
            yield from map(_line, alike)


def summed(kinds: Iterable[Kind], events_of: Callable[[Kind], Iterable[Event]]) -> Iterator[Line]:
    """The same of very many events, which the database has sorted by their kinds."""
    for kind in kinds:
        if kind["count"] > MOST_ALIKE and kind["is_message"]:
            yield _total(kind["count"], kind["first_id"], kind["last_id"], _change(kind, kind["code"]), kind)
        else:
            yield from map(_line, events_of(kind))


def _kind(event: Event) -> object:
    """Equal for what can be said in one line."""
    return event["carrier"], event["outbox_id"] is None, event["event"], event["to_state"], _code(event)


def _code(event: Event) -> str:
    """Of `backlog: It was to go while …` the first word: the sentence may name the message."""
    return str(event["detail"] or "").partition(": ")[0]


def _line(event: Event) -> Line:
    change = _change(event, event["detail"])
    if event["carrier"]:
        return Line("carrier", {"carrier": event["carrier"], **change}, bool(event["to_state"]))
    if event["outbox_id"] is None:
        return Line("gateway", change, bool(event["to_state"]))
    return Line("message", {"id": event["outbox_id"], **change}, bool(event["to_state"]))


def _sum(alike: Sequence[Event]) -> Line:
    ids = [event["outbox_id"] for event in alike]
    return _total(len(ids), min(ids), max(ids), _change(alike[0], _code(alike[0])), alike[0])


def _total(count: int, first_id: int, last_id: int, change: Mapping[str, object], alike: Event | Kind) -> Line:
    words = {"count": count, "first_id": first_id, "last_id": last_id, **change}
    return Line("messages", words, bool(alike["to_state"]))


def _change(event: Event, detail: str | None) -> dict[str, object]:
    change: dict[str, object] = {"change": event["to_state"] or event["event"]}
    return change | {"detail": detail} if detail else change
