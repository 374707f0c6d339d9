"""The storm breaker's first look: what a loop writes by the thousand is held where it is examined.

Only a crowd is looked at: more messages for one number in one batch than a limit lets out. The first of them pass, as
many as the limit allows, whether or not a carrier has taken them yet; the rest is held at once. Whatever comes one by
one, and what passes here, is judged where a carrier takes it, by what was really taken (storm.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.i18n import _
from gateway.queue.rules import HOUR_S, SafetyRules
from gateway.queue.storm import MARK, SAME_NUMBER, SAME_TEXT, Storm, same_text

REMEMBERED_S = 600.0  # so long a crowd is known; what may pass after that storm.py judges


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that may go now."""

    id: int
    msisdn: str = field(repr=False)
    body: str = field(repr=False)
    is_emergency: bool = False


@dataclass(frozen=True, slots=True)
class Crowd:
    """What has passed for one number, since when: the ids, by text and in all."""

    since: datetime
    by_text: dict[str, set[int]] = field(default_factory=dict, repr=False)
    passed: set[int] = field(default_factory=set)
    urgent: set[int] = field(default_factory=set)  # of them the emergencies: for these nothing else counts


class Flood:
    """What one examiner of rows has seen; it lasts from batch to batch."""

    def __init__(self, safety: SafetyRules) -> None:
        self._safety = safety
        self._least = min((limit for limit in (safety.same_text_limit, safety.daily_limit) if limit), default=0)
        self._known_for = timedelta(seconds=min(REMEMBERED_S, safety.same_text_window_s))
        self._crowds: dict[str, Crowd] = {}

    def find(self, arrivals: Sequence[Arrival], now: datetime) -> dict[int, Storm]:
        """Which of a batch, in the order in which they go, are too many: by id, and why."""
        if not self._least:
            return {}
        self._look_around(arrivals, now)
        crowded = ((each, self._crowds[each.msisdn]) for each in arrivals if each.msisdn in self._crowds)
        return {each.id: storm for each, crowd in crowded if (storm := self._judge(each, crowd))}

    def _look_around(self, arrivals: Iterable[Arrival], now: datetime) -> None:
        """Forget the crowds of long ago, also those from before a clock was set back; note those that are new."""
        known = {msisdn: crowd for msisdn, crowd in self._crowds.items() if self._is_recent(crowd, now)}
        counts = Counter(arrival.msisdn for arrival in arrivals)
        found = [msisdn for msisdn, count in counts.items() if count > self._least]
        new = {msisdn: Crowd(now) for msisdn in found if msisdn not in self._safety.exempt}
        self._crowds = new | known

    def _is_recent(self, crowd: Crowd, now: datetime) -> bool:
        return timedelta() <= now - crowd.since < self._known_for

    def _judge(self, arrival: Arrival, crowd: Crowd) -> Storm | None:
        text = same_text(arrival.body)
        if _is_full(crowd.by_text.get(text, set()), arrival.id, self._safety.same_text_limit):
            return Storm(SAME_TEXT, _same_text_words(self._safety))
        of_its_kind = crowd.urgent if arrival.is_emergency else crowd.passed
        if _is_full(of_its_kind, arrival.id, self._safety.daily_limit):
            return Storm(SAME_NUMBER, _same_number_words(self._safety))
        crowd.by_text.setdefault(text, set()).add(arrival.id)
        crowd.passed.add(arrival.id)
        if arrival.is_emergency:
            crowd.urgent.add(arrival.id)
        return None


def _is_full(passed: set[int], message: int, limit: int) -> bool:
    """Whether another one is too many; one that its writer has changed is the same one."""
    return bool(limit) and message not in passed and len(passed) >= limit


def _same_text_words(safety: SafetyRules) -> str:
    sentence = _(
        "This text was written for this number again and again; the limit is {limit} within {hours} h."
        " `smsgw outbox release {id}` lets it go, `smsgw outbox cancel {id}` takes it back."
    )
    return sentence.format(limit=safety.same_text_limit, hours=f"{safety.same_text_window_s / HOUR_S:g}", id=MARK)


def _same_number_words(safety: SafetyRules) -> str:
    sentence = _(
        "Many messages were written for this number at once; the limit is {limit} within 24 h."
        " `smsgw outbox release {id}` lets it go, `smsgw outbox cancel {id}` takes it back."
    )
    return sentence.format(limit=safety.daily_limit, id=MARK)
