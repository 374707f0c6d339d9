"""What is held for a person: storms, and the backlog of an outage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.queue import times
from gateway.queue.rules import EMERGENCY, InBacklog
from gateway.queue.states import State
from tests.simulation.facts import Facts
from tests.simulation.gateway import Outage

MARGIN = timedelta(minutes=1)  # a message that becomes stale just then may be counted or not
SOON = timedelta(seconds=10)  # a backlog is gone through as soon as a carrier is back
Taken = defaultdict[object, list[tuple[datetime, bool]]]  # when, and whether a limit is for this one
HELD_OR_DROPPED = """
    SELECT outbox_id, at FROM events
    WHERE outbox_id IS NOT NULL AND to_state IN ('held', 'expired') AND detail LIKE 'backlog: %'"""
# `proves` that a part of it is out: its details are such as "1/2 delivered tp_st_0x00" and "1/2 accepted 17"; so does a
# person who has settled it.
MOVES = """
    SELECT outbox_id, at, event, to_state,
           event = 'report' OR (event = 'late_answer' AND detail LIKE '% accepted %')
           OR (event = 'settled' AND detail = 'sent') AS proves
    FROM events WHERE outbox_id IS NOT NULL ORDER BY id"""


def storms_are_held(facts: Facts) -> Iterator[str]:
    """Neither the same text nor too many messages go to one number, what a person let go left aside.

    Whatever else goes there counts for no emergency, but other emergencies. What ended unsent counts for nothing.
    """
    safety = facts.story.rules.safety
    same, any_text, urgent = Taken(list), Taken(list), Taken(list)
    for asked in facts.story.clinic.asked.values():
        state, _category, text = facts.rows.get(asked.id, (None, None, None))
        was_spared = state in (State.CANCELLED, State.EXPIRED) and not any(map(facts.accepted, facts.keys[asked.id]))
        if text and not was_spared and not asked.is_released and asked.recipient:
            at, is_urgent = times.from_text(text), asked.category == EMERGENCY
            same[asked.recipient, " ".join(asked.body.split()).casefold()].append((at, True))
            any_text[asked.recipient].append((at, not is_urgent))
            if is_urgent:
                urgent[asked.recipient].append((at, True))
    window = timedelta(seconds=safety.same_text_window_s)
    yield from _too_often(same, window, safety.same_text_limit, "the same text")
    yield from _too_often(any_text, timedelta(days=1), safety.daily_limit, "a message")
    yield from _too_often(urgent, timedelta(days=1), safety.daily_limit, "an emergency")


def _too_often(taken: Taken, window: timedelta, limit: int, what: str) -> Iterator[str]:
    for each in taken.values():
        moments = sorted(each, key=lambda at_and_kind: (at_and_kind[0], not at_and_kind[1]))
        for place, (moment, is_judged) in enumerate(moments):
            count = sum(moment - at < window for at, _is_judged in moments[: place + 1])
            if is_judged and count > limit:
                yield f"{what} was sent {count} times to one number within the window"


@dataclass
class Way:
    """A message's events, by the gateway's clock: what is asked of them here."""

    moves: list[tuple[datetime, str]] = field(default_factory=list)  # to which state
    is_excepted_from: datetime | None = None  # a person has decided about it
    proved: list[datetime] = field(default_factory=list)  # a report or a late answer said that a part is out

    def state_at(self, moment: datetime) -> str | None:
        return next((state for at, state in reversed(self.moves) if at < moment), None)

    def next_after(self, moment: datetime) -> str | None:
        return next((state for at, state in self.moves if at >= moment), None)


def backlogs_are_held(facts: Facts) -> Iterator[str]:
    """After an outage more than backlog_limit stale messages go by their categories, and else none does.

    Where the clock was set, nobody knows what is stale: an outage is told by both clocks.
    """
    if facts.story.chaos.clock_set:
        return
    ways = _ways(facts)
    put_aside = [times.from_text(at) for _message, at in facts.connection.execute(HELD_OR_DROPPED)]
    limit = facts.story.rules.safety.backlog_limit
    with_backlog = []
    for outage in facts.story.gateway.outages:
        sure = _stale(facts, ways, outage, -MARGIN, outage.wall + SOON)
        if len(_stale(facts, ways, outage, MARGIN, outage.wall)) > limit:
            with_backlog.append(outage.wall)
        if len(sure) > limit:
            yield from _blasted(facts, ways, outage, sure)
    for at in put_aside:
        if not any(wall <= at <= wall + SOON for wall in with_backlog):
            yield f"a message was put aside as backlog at {at}, and there was none"


def _blasted(facts: Facts, ways: dict[int, Way], outage: Outage, stale: list[int]) -> Iterator[str]:
    categories = facts.story.rules.categories
    for message in stale:
        policy = categories[facts.story.clinic.asked[message].category].in_backlog
        if policy is not InBacklog.SEND and ways[message].next_after(outage.wall) == State.SENDING:
            yield f"message {message} of a backlog of {len(stale)} was sent at {outage.wall}"


def _stale(facts: Facts, ways: dict[int, Way], outage: Outage, margin: timedelta, known_by: datetime) -> list[int]:
    """Those that had waited for as long as an outage lasts when this one ended, as the gateway counts them.

    Reports of what is out in part may come in just when the backlog is counted: those until `known_by` were seen.
    """
    before = outage.wall - timedelta(seconds=facts.story.rules.safety.outage_s) + margin
    is_sure = margin < timedelta()
    return [
        message for message, way in ways.items() if _is_stale(facts, message, way, outage, before, known_by, is_sure)
    ]


def _is_stale(
    facts: Facts, message: int, way: Way, outage: Outage, before: datetime, known_by: datetime, is_sure: bool
) -> bool:
    asked = facts.story.clinic.asked.get(message)
    taken_at = times.optional_time(facts.rows[message][2]) if message in facts.rows else None
    if asked is None or asked.due_at is None or way.state_at(outage.wall) != State.QUEUED:
        return False
    if way.is_excepted_from is not None and way.is_excepted_from < outage.wall:
        return False
    if facts.is_stopped(message, outage.ended, MARGIN.total_seconds() if is_sure else -MARGIN.total_seconds()):
        return False
    since = taken_at if taken_at is not None and taken_at < outage.wall else asked.due_at
    return since <= before and not _is_part_out(facts, message, way, outage, known_by)


def _is_part_out(facts: Facts, message: int, way: Way, outage: Outage, known_by: datetime) -> bool:
    """As far as the gateway knew: what the network took without an answer that came through counts from its report."""
    is_told = any(
        tried.told == "accepted" and tried.moment < outage.ended
        for key in facts.keys[message]
        for tried in facts.tries[key]
    )
    return is_told or any(at < known_by for at in way.proved)


def _ways(facts: Facts) -> dict[int, Way]:
    ways: dict[int, Way] = defaultdict(Way)
    for message, text, event, state, proves in facts.connection.execute(MOVES):
        way, at = ways[message], times.from_text(text)
        is_let_go = bool(way.moves) and way.moves[-1][1] == State.HELD and state == State.QUEUED
        if (event == "retry" or is_let_go) and way.is_excepted_from is None:
            way.is_excepted_from = at
        if state:
            way.moves.append((at, state))
        if proves:
            way.proved.append(at)
    return ways
