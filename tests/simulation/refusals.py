"""Who asks for no more gets no more, and nobody else is refused: by what patients wrote.

Between being told of an SMS and acknowledging it the gateway writes it down; in which order it did so is known where
these times do not overlap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gateway.queue.rules import Consent
from gateway.queue.states import State
from tests.simulation.clinic import Asked
from tests.simulation.facts import NEAR_S, Facts
from tests.simulation.network import Try
from tests.simulation.words import Word

HEARD_S = 2.0  # what a carrier was about to hand over just then
EXAMINED_S = 10.0  # after it was written, or the gateway had started
OPTED_OUT = "opted_out"
NOT_OUT = frozenset({"refused", "deferred"})
Said = dict[str, list[Word]]  # by number: what each asked for


def who_asked_for_no_more_gets_none(facts: Facts) -> Iterator[str]:
    """Not the rest of a long message, and not once more what got no answer."""
    said = _said(facts)
    for asked in _refusable(facts):
        for tried in facts.tries_of(asked.id):
            at = _handed_at(tried)
            if is_last_word(said[asked.recipient], at - HEARD_S, at, is_out=True):
                yield f"message {asked.id} ({asked.category}) began at {tried.wall}, its number had asked for no more"


def a_wish_for_no_more_ends_what_waits(facts: Facts) -> Iterator[str]:
    """Also when the patient asks for more again, before it would have gone. What had failed may be queued anew then."""
    said = _said(facts)
    for asked in _refusable(facts):
        is_anew = facts.has_event(asked.id, "retry")
        tries = [] if is_anew else list(_new_ones(facts.tries_of(asked.id)))
        for word in said[asked.recipient] if tries else ():
            sure = word.sure
            if word.wish and sure and _had_waited(facts, asked, tries, sure.since, sure.until):
                yield f"message {asked.id} began at {tries[-1].wall}, it had waited when its number asked for no more"


def nobody_else_is_refused(facts: Facts) -> Iterator[str]:
    said = _said(facts)
    categories = _categories(facts)
    for asked in facts.story.clinic.asked.values():
        at = _refused_at(facts, asked)
        if not at:
            continue
        if asked.category not in categories:
            yield f"message {asked.id} ({asked.category}) was refused, and nobody may refuse such"
        elif all(is_last_word(said[asked.recipient], moment, moment + NEAR_S, is_out=False) for moment in at):
            yield f"message {asked.id} was refused at {at}, its number had not asked for no more"


def is_last_word(words: list[Word], since: float, until: float, *, is_out: bool) -> bool:
    """Whether of what a number asked for this was surely the last all the time, as far as the gateway could know."""
    against = [each for word in words if word.wish is not is_out for each in word.tellings if each.since <= until]
    if not is_out and not against:
        return True
    sure = [word.sure for word in words if word.wish is is_out]
    known = [each for each in sure if each and each.until <= since]
    return any(all(other.until < each.since for other in against) for each in known)


def _said(facts: Facts) -> Said:
    said: Said = defaultdict(list)
    for word in facts.story.patients.words:
        if word.wish is not None:
            said[word.sender].append(word)
    return said


def _categories(facts: Facts) -> set[str]:
    return {name for name, each in facts.story.rules.categories.items() if each.consent is not Consent.NONE}


def _refusable(facts: Facts) -> Iterator[Asked]:
    categories = _categories(facts)
    return (asked for asked in facts.story.clinic.asked.values() if asked.category in categories)


def _new_ones(tries: list[Try]) -> Iterator[Try]:
    """Those before which nothing of the message was out, or might have been."""
    for tried in tries:
        yield tried
        if tried.is_accepted or tried.told not in NOT_OUT:
            return


def _handed_at(tried: Try) -> float:
    return tried.moment if tried.handed_at is None else tried.handed_at


def _had_waited(facts: Facts, asked: Asked, tries: list[Try], since: float, until: float) -> bool:
    """Examined before, in no carrier's hands meanwhile, and handed over after all."""
    if asked.moment > since - EXAMINED_S or not facts.story.gateway.has_run_since(since - EXAMINED_S, since):
        return False
    in_hand = any(_handed_at(tried) - HEARD_S <= until and tried.moment >= since - HEARD_S for tried in tries)
    return not in_hand and _handed_at(tries[-1]) > until + HEARD_S


def _refused_at(facts: Facts, asked: Asked) -> list[float]:
    """When its number's wish ended it, as the clocks allow; none: nothing of the kind did."""
    state, moves = facts.rows.get(asked.id, ("",))[0], facts.moves.get(asked.id)
    is_rejected = state == State.REJECTED and facts.codes[asked.id] == OPTED_OUT
    is_cancelled = (
        state == State.CANCELLED and moves and moves[-1][0] == State.HELD and asked.id not in facts.taken_back
    )
    at = facts.moved_at(asked.id, State(state)) if is_rejected or is_cancelled else None
    return [] if at is None else facts.moments_of(at)
