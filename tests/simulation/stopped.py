"""Of a campaign that people have stopped nothing begins, and of one that they took back nothing is left."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.queue.states import State
from tests.simulation.facts import Facts
from tests.simulation.timely import beginnings

HEARD_S = 2.0  # what a carrier was about to hand over just then
SEEN_TO_S = 60.0
WAITING = frozenset({State.QUEUED, State.HELD})


def stopped_campaigns_stand_still(facts: Facts) -> Iterator[str]:
    for campaign in facts.story.clinic.campaigns.all:
        for message in campaign.messages:
            for tried in beginnings(facts.tries_of(message)):
                at = tried.moment if tried.handed_at is None else tried.handed_at
                if any(since + HEARD_S < at < until for since, until in campaign.stops):
                    yield f"message {message} began at {tried.wall}, its campaign was stopped"


def nothing_is_left_of_what_was_taken_back(facts: Facts) -> Iterator[str]:
    """Nor does it expire later, where the gateway ran to see to it."""
    for campaign in facts.story.clinic.campaigns.all:
        at = campaign.cancelled_at
        for message in campaign.messages if at is not None else ():
            state = facts.rows[message][0]
            if state in WAITING or (state == State.EXPIRED and _has_expired_after(facts, message, at or 0.0)):
                yield f"message {message} is {state}, its campaign was cancelled"


def _has_expired_after(facts: Facts, message: int, at: float) -> bool:
    expired_at = facts.moved_at(message, State.EXPIRED)
    later = [] if expired_at is None else facts.moments_of(expired_at)
    is_seen_to = facts.story.gateway.has_run_since(at, at + SEEN_TO_S)
    return is_seen_to and bool(later) and all(moment > at + SEEN_TO_S for moment in later)
