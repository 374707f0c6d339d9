"""[pure] What a segment's outcome means for its message: done, once more and when, given up, or nobody knows.

A message's expiry always wins: whoever waits here is taken out of the queue when it has passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Scope, Uncertain
from gateway.i18n import _, ngettext
from gateway.queue.rules import Category, WhenUncertain

MINUTE_S = 60.0
UNANSWERED_LIMIT = 2  # sent, and once more; a third copy would be worse than none
OTHERS_FIRST_S = 5.0  # what is sent once more at once is left to other carriers for so long, and may still be answered


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait after the first, second, … try that was put off; the last wait repeats."""

    waits_s: tuple[float, ...]
    limit: int | None  # tries that may be put off; None: until the message expires

    def wait_s(self, tries: int) -> float:
        """`tries` counts this one."""
        return self.waits_s[min(tries, len(self.waits_s)) - 1]

    def is_spent(self, tries: int) -> bool:
        return self.limit is not None and tries >= self.limit


BACK_OFF: Mapping[Scope, BackOff] = MappingProxyType(
    {
        # A phone that is off or full comes back in hours, and every try costs the others a place.
        Scope.NUMBER: BackOff((1 * MINUTE_S, 5 * MINUTE_S, 30 * MINUTE_S, 120 * MINUTE_S), limit=5),
        # A busy cell is free again in seconds, a lost network in minutes; nobody can tell how many. Another SIM may
        # have a network at once.
        Scope.NETWORK: BackOff((5.0, 15.0, 30.0, MINUTE_S, 2 * MINUTE_S, 5 * MINUTE_S), limit=None),
        # Another account may send it at once. With this one nothing is wrong but that a person has to pay, or to ask
        # the operator: the message is as good after that as before. The carrier itself tries seldom meanwhile.
        Scope.ACCOUNT: BackOff((30.0, MINUTE_S, 5 * MINUTE_S), limit=None),
        # Another kind of carrier may take it at once. The same SMS in the same form is refused again until a person has
        # changed a setting: that takes hours, or never happens.
        Scope.GATEWAY: BackOff((5.0, MINUTE_S, 5 * MINUTE_S, 30 * MINUTE_S), limit=12),
        # Another carrier may take it at once; this one needs the time to come round.
        Scope.DEVICE: BackOff((5.0, 30.0, MINUTE_S, 5 * MINUTE_S), limit=50),
    }
)


@dataclass(frozen=True, slots=True)
class Done:
    """The network has it."""


@dataclass(frozen=True, slots=True)
class Again:
    """Send it once more, not earlier than in `wait_s`; `elsewhere`: at once over another carrier."""

    wait_s: float
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further try."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nobody knows whether it went out: wait for a late answer or a report."""


Decision = Done | Again | GiveUp | Wait


def decide(outcome: Outcome, tries: Mapping[Scope, int]) -> Decision:
    """`tries`: how often this segment was put off before, for each scope."""
    match outcome:
        case Accepted():
            return Done()
        case Refused(code, text):
            return GiveUp(code, text)
        case Uncertain():
            return Wait()
        case Deferred():
            return _put_off(outcome, tries[outcome.scope] + 1)


def after_silence(category: Category | None, unanswered: int, is_expired: bool) -> Again | GiveUp:
    """The waiting time of an uncertain segment is over. `unanswered`: how often its bytes went out unanswered, since a
    person queued it anew."""
    reason = why_not_again(category, unanswered, is_expired)
    return Again(0.0) if reason is None else unknown(reason)


def out_of_time() -> GiveUp:
    """It was to be sent once more, and did not get so far in its time."""
    return unknown(_("Its time is over."))


def unknown(reason: str) -> GiveUp:
    """Not sent once more for this reason, and nobody knows whether it has arrived."""
    silence = _("No answer and no delivery report came: it may or may not have arrived.")
    return GiveUp("uncertain", f"{silence} {reason}")


def at_once(category: Category | None, unanswered: int, is_expired: bool) -> Again | None:
    """No answer came, just now: what is so urgent that two are better than none doesn't wait for the silence to end."""
    is_urgent = category is not None and category.when_uncertain == WhenUncertain.AT_ONCE
    if is_urgent and why_not_again(category, unanswered, is_expired) is None:
        return Again(OTHERS_FIRST_S, elsewhere=True)
    return None


def why_not_again(category: Category | None, unanswered: int, is_expired: bool) -> str | None:
    """Why an SMS without an answer is not sent once more; None when it is."""
    if is_expired:
        return _("Its time is over.")
    if unanswered >= UNANSWERED_LIMIT:
        return _("It was sent once more already.")
    if category is None or category.when_uncertain == WhenUncertain.NEVER:
        return _("Messages of its category are not sent twice.")
    return None


def _put_off(outcome: Deferred, tries: int) -> Again | GiveUp:
    back_off = BACK_OFF[outcome.scope]
    if not outcome.is_counted:
        return Again(back_off.wait_s(1), elsewhere=True)
    if back_off.is_spent(tries):
        given_up = ngettext("Given up after {count} try.", "Given up after {count} tries.", tries).format(count=tries)
        return GiveUp(outcome.code, f"{outcome.text} {given_up}")
    # Every other time: a message that fails with each carrier would else go round among them without a rest.
    return Again(back_off.wait_s(tries), elsewhere=outcome.scope is not Scope.NUMBER and tries % 2 == 1)
