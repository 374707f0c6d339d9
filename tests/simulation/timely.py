"""Every SMS goes in its time: not before it is to go, not after its expiry, not in quiet hours, not during a pause.

All of it by the gateway's own clock at the moment at which the SMS is handed over. What a carrier has begun it ends,
so most of this is about the first SMS of a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gateway.plan.limits import URGENT_RANK
from gateway.queue.states import State
from tests.simulation.clinic import Asked
from tests.simulation.facts import Facts
from tests.simulation.network import Try

MARGIN = timedelta(seconds=2)  # between what was begun and its bytes, and what an information system's times leave out
HEARD_S = 2.0  # a pause is heard of within a turn of the dispatcher
LEASE_S = 15 * 60.0  # an SMS is in a carrier's hands no longer


def nothing_goes_before_its_time(facts: Facts) -> Iterator[str]:
    for asked, tries in _messages(facts):
        if asked.not_before is None or not tries or not facts.is_clock_steady(asked.moment, tries[0].moment):
            continue
        if tries[0].wall < asked.not_before - MARGIN:
            yield f"message {asked.id} went at {tries[0].wall}, to go from {asked.not_before} on"


def nothing_goes_after_its_time(facts: Facts) -> Iterator[str]:
    """Also the rest of a long one, and what is sent once more. A person may give a failed one a new time."""
    for asked, tries in _messages(facts):
        if asked.expires_at is None or facts.has_event(asked.id, "retry"):
            continue
        for tried in tries:
            is_sure = facts.is_clock_steady(tried.moment - LEASE_S, tried.moment)
            if is_sure and tried.wall > asked.expires_at + MARGIN:
                yield f"message {asked.id} went at {tried.wall}, to go until {asked.expires_at}"


def what_is_too_late_is_called_so(facts: Facts) -> Iterator[str]:
    """Expired is only what was still waiting when its time was over."""
    for asked, _tries in _messages(facts):
        at = facts.moved_at(asked.id, State.EXPIRED)
        if at is None or asked.expires_at is None or facts.is_put_aside(asked.id):
            continue
        if at < asked.expires_at - MARGIN:
            yield f"message {asked.id} expired at {at}, to go until {asked.expires_at}"


def quiet_hours_are_kept(facts: Facts) -> Iterator[str]:
    """Only what is urgent begins in them; what is out in part goes on."""
    for asked, tries in _messages(facts):
        if (asked.priority or 0) >= URGENT_RANK:
            continue
        for tried in beginnings(tries):
            plan = facts.story.plans.by_name[tried.carrier]
            if plan.window(tried.wall - MARGIN, facts.story.zone) and plan.window(tried.wall, facts.story.zone):
                yield f"message {asked.id} of priority {asked.priority} went at {tried.wall}, in quiet hours"


def pauses_are_kept(facts: Facts) -> Iterator[str]:
    """Nothing begins over a carrier that a person has paused."""
    for asked, tries in _messages(facts):
        for tried in beginnings(tries):
            if any(since + HEARD_S < tried.moment < until for since, until in facts.pauses[tried.carrier]):
                yield f"message {asked.id} began at {tried.wall} over {tried.carrier}, which was paused"


def _messages(facts: Facts) -> Iterator[tuple[Asked, list[Try]]]:
    for asked in facts.story.clinic.asked.values():
        yield asked, facts.tries_of(asked.id)


def beginnings(tries: list[Try]) -> Iterator[Try]:
    """Those of a message of which nothing was out yet, as far as anybody knew."""
    for tried in tries:
        yield tried
        if tried.is_accepted or tried.told == "uncertain":
            return
