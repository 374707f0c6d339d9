"""How fast each SIM and each bind goes: the pause between two SMS, its chance, and what a second takes.

The pause is one between the beginnings of two SMS over a SIM, by the gateway's own clock. What went out, or may have,
is known also after a restart and in another stick; of what was refused only the run that tried it knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from gateway.queue.states import State
from tests.simulation.facts import Facts
from tests.simulation.limits import in_order
from tests.simulation.network import Try

CUT = timedelta(milliseconds=5)  # times are written down in milliseconds
PROMPT_S = 1.0  # a modem that hands an SMS over in so little time
SECOND_S = 1.0 - 1e-6
MANY, NEARLY_ALL = 20, 0.8  # pauses that show whether chance has a part in them: a quarter of them would be short
SHORT = 0.25  # of the jitter
NOT_OUT = frozenset({"refused", "deferred"})


def pauses_between_sms_are_kept(facts: Facts) -> Iterator[str]:
    for line, tries in facts.by_line.items():
        last: tuple[Try, datetime] | None = None
        before: Try | None = None
        for tried, put_back in in_order(facts, tries):
            pause = timedelta(seconds=facts.story.plans.by_name[tried.carrier].min_interval_s)
            if last and put_back:
                last = last[0], min(last[1], put_back)
            if last and tried.wall < last[1] + pause - CUT:
                yield f"{line} began at {tried.wall}, after {tried.wall - last[1]}: pause {pause}"
            elif before and _is_of_one_run(facts, before, tried) and tried.wall < before.wall + pause - CUT:
                yield f"{line} began at {tried.wall}, after one that was refused {tried.wall - before.wall} ago"
            if tried.is_accepted or tried.told not in NOT_OUT:
                last = tried, tried.wall
            before = tried


def pauses_are_of_different_length(facts: Facts) -> Iterator[str]:
    """Where SMS follow each other as fast as they may, chance is seen in their pauses."""
    radios = {modem.name: modem.radio_s[1] for modem in facts.story.modems}
    for line, tries in facts.by_line.items():
        gaps = [
            (later.moment - earlier.moment - plan.min_interval_s) / plan.jitter_s
            for earlier, later in pairwise(tries)
            if (plan := facts.story.plans.by_name[later.carrier]).jitter_s
            and radios.get(later.carrier, PROMPT_S + 1) <= PROMPT_S
            and _is_of_one_run(facts, earlier, later)
        ]
        close = [gap for gap in gaps if gap <= 1.0 + SHORT]
        if len(close) >= MANY and sum(gap < SHORT for gap in close) > NEARLY_ALL * len(close):
            yield f"{line} paused nearly always as short as it may, {len(close)} times"


def binds_keep_their_rate(facts: Facts) -> Iterator[str]:
    """No second of a run sees more than was agreed on, by a clock that nobody sets."""
    by_name: dict[str, list[float]] = defaultdict(list)
    for tried in facts.story.network.tries:
        by_name[tried.carrier].append(tried.moment)
    for bind in facts.story.binds:
        most = int(bind.settings.max_per_second)
        moments = sorted(by_name[bind.name])
        for first, beyond in zip(moments, moments[most:], strict=False):
            if beyond - first < SECOND_S and facts.story.gateway.has_run_since(first, beyond):
                yield f"{bind.name} sent more than {most} SMS in a second, at {first:.3f}"


def throttling_fails_no_message(facts: Facts) -> Iterator[str]:
    """An SMSC that is busy says nothing of a message: it waits."""
    for message, (state, *_rest) in facts.rows.items():
        tries = facts.tries_of(message)
        is_sure = state == State.FAILED and not facts.uncertain[message]
        if is_sure and tries and all(tried.is_throttled for tried in tries):
            yield f"message {message} is failed, and was only ever throttled"


def _is_of_one_run(facts: Facts, earlier: Try, later: Try) -> bool:
    """Over one stick with one SIM, and a clock that nobody set."""
    since, until = earlier.moment, later.moment
    is_same = earlier.carrier == later.carrier and not _was_swapped(facts.story.chaos.swapped_at[later.carrier], since)
    return is_same and facts.is_clock_steady(since, until) and facts.story.gateway.has_run_since(since, until)


def _was_swapped(moments: Sequence[float], since: float) -> bool:
    return any(moment >= since for moment in moments)
