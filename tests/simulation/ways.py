"""Over which carrier, in which order, and who is let go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from gateway.plan.limits import URGENT_RANK
from gateway.queue.states import State
from tests.simulation.clinic import Asked
from tests.simulation.facts import Facts
from tests.simulation.network import Try

NEAR = timedelta(minutes=1)  # around a message's examining: what went out to its number then may count or not
LOOKED_BACK = 20  # messages to a number
SETTLED_S = 600.0  # of a run of the gateway, until every carrier that is there has been seen


def parts_go_in_their_order(facts: Facts) -> Iterator[str]:
    for message, keys in facts.keys.items():
        firsts = [facts.tries[key][0].moment for key in keys if facts.tries[key]]
        if any(later < earlier for earlier, later in pairwise(firsts)):
            yield f"message {message}: its parts first went at {[round(moment) for moment in firsts]}"


def who_is_let_go_is_not_held_again(facts: Facts) -> Iterator[str]:
    for message, events in facts.events.items():
        moves = [after for _event, _before, after in events if after]
        if moves.count(State.HELD) > 1:
            yield f"message {message} was held again after a person had let it go"


def late_answers_are_believed(facts: Facts) -> Iterator[str]:
    """What is known to be out is not sent once more."""
    out: set[tuple[int, str]] = set()
    query = "SELECT outbox_id, event, detail FROM events WHERE event IN ('late_answer', 'resend') ORDER BY id"
    for message, event, detail in facts.connection.execute(query):
        part, *words = detail.split()
        if event == "late_answer" and words[0] == "accepted":
            out.add((message, part))
        elif event == "resend" and (message, part) in out:
            yield f"message {message}: part {part} was sent once more after its late answer"


def patients_see_the_number_that_they_know(facts: Facts) -> Iterator[str]:
    """What is not urgent waits for the SIM that its number knows, for a while and as long as that one can send.

    Looked at where nothing disturbs: one run of the gateway, SIMs that stay in their sticks, a clock that stays.
    """
    if facts.story.chaos.swapped_at or not facts.sent:
        return
    for asked in facts.story.clinic.asked.values():
        tries = facts.tries_of(asked.id)
        if not tries or not _is_about(facts, asked, tries[0]):
            continue
        known = _known(facts, asked)
        first = facts.first_taken[asked.id]  # which may have put it off before it was handed over
        if (
            known
            and known not in (first, tries[0].carrier)
            and facts.story.gateway.was_able(known, asked.moment, tries[0].moment)
        ):
            yield f"message {asked.id} went over {tries[0].carrier}, its number knows {known}, which was able"


def _is_about(facts: Facts, asked: Asked, tried: Try) -> bool:
    start = asked.moment + max(0.0, ((asked.not_before or asked.asked_at) - asked.asked_at).total_seconds())
    return (
        (asked.priority or 0) < URGENT_RANK
        and not asked.is_released
        and tried.moment < start + facts.story.rules.sticky_wait_s - SETTLED_S / 60
        and facts.story.gateway.has_run_since(asked.moment - SETTLED_S, tried.moment)
        and facts.is_clock_steady(0.0, tried.moment)
    )


def _known(facts: Facts, asked: Asked) -> str:
    """The carrier whose SIM the number got its last message over; none where that is not plain."""
    begun = facts.begun[asked.id]
    earlier = [each for each in facts.sent[asked.recipient] if each.message != asked.id and each.event < begun]
    if any(abs(each.at - asked.asked_at) < NEAR for each in earlier):
        return ""
    before = [each for each in earlier if each.at < asked.asked_at]
    last = max(before, key=lambda each: each.message, default=None)
    return "" if last is None or _is_forgotten(facts, asked, last.message) else last.carrier


def _is_forgotten(facts: Facts, asked: Asked, last: int) -> bool:
    """So many were written for the number since, and did not go out, that the queue looks no further back."""
    newer = (each for each in facts.story.clinic.asked.values() if last < each.id < asked.id)
    return sum(each.recipient == asked.recipient for each in newer) >= LOOKED_BACK
