"""One carrier's health over time: its run of failures, how far up the ladder it is, and the remedy that is due next.

Its worker's thread decides and applies; any thread may ask how it stands.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from gateway.carrier import Accepted, Outcome, Remedy
from gateway.clock import Time
from gateway.errors import Cause
from gateway.i18n import _, ngettext
from gateway.worker.flapping import Flapping
from gateway.worker.ladder import SHAKEN, Climb, Step
from gateway.worker.rest import Condition


class Treatment:
    """What is done about a carrier that fails."""

    def __init__(self, time: Time, *, may_reset: bool = True) -> None:
        self.trouble = ""  # what its last SMS met, or why it fell; empty: all is well
        self.last: tuple[str, datetime] | None = None  # the last trouble and when it was, also when it is over
        self.is_applied = False  # a remedy is being applied
        self._time = time
        self.may_reset = may_reset
        self._condition = Condition()
        self._climb = Climb()
        self._step: Step | None = None  # what is due next
        self._cause: Cause | None = None  # of the last fall
        self._is_ordered = False  # by a person: what falls meanwhile does not put it off
        self._due_at = 0.0  # monotonic
        self._well_since = time.monotonic()
        self._flapping = Flapping()
        self._up_since: float | None = None  # monotonic: it has served since; None: it does not serve
        self._watched_until = 0.0  # monotonic

    # How it stands.

    @property
    def is_failed(self) -> bool:
        """Whether every remedy was tried in vain."""
        return self._climb.is_failed

    @property
    def is_pending(self) -> bool:
        """Whether something is to be done, or waited for, before it may send again."""
        return self._step is not None

    @property
    def has_remedy(self) -> bool:
        """Whether a remedy is to be tried next."""
        step = self._step
        return step is not None and step.remedy is not None

    @property
    def is_on_trial(self) -> bool:
        """Whether a remedy was tried that has not proved itself."""
        return self._climb.is_on_trial

    @property
    def is_in_doubt(self) -> bool:
        """Whether it has not proved itself since a remedy, or since a fault of the gateway's own."""
        return self._climb.is_on_trial or self._climb.own_faults > 0

    @property
    def own_fault(self) -> str:
        """What the gateway's own code met with it, as long as that keeps it out of service; empty: nothing."""
        is_out = self.is_pending or self._climb.is_failed
        return self.trouble if is_out and self._cause is Cause.GATEWAY else ""

    @property
    def owes_sms(self) -> bool:
        """Whether it failed with SMS, and has sent none since."""
        return self._climb.owes_sms

    @property
    def needs_remedy(self) -> bool:
        """Whether its SMS fail one after the other."""
        return self._condition.needs_remedy(self._climb.is_on_trial)

    @property
    def watch(self) -> str:
        """Why it is given no messages though it is open, for a person; empty: it may have them."""
        moment = self._time.monotonic()
        if moment >= self._watched_until:
            return ""
        count = self._flapping.count(moment)
        sentence = ngettext(
            "It came and went {count} time within the last hour: are its plug and its power supply good?"
            " It is given messages again when it has stayed for {seconds:.0f} s.",
            "It came and went {count} times within the last hour: are its plug and its power supply good?"
            " It is given messages again when it has stayed for {seconds:.0f} s.",
            count,
        )
        return sentence.format(count=count, seconds=self._flapping.watch_s(moment))

    @property
    def is_watched(self) -> bool:
        """Whether it is open and must stay so for a while before it is given messages."""
        return self._time.monotonic() < self._watched_until

    def wait_s(self) -> float:
        """Until what is due next; 0.0: now, or nothing is."""
        return max(0.0, self._due_at - self._time.monotonic()) if self._step else 0.0

    # What happens to it.

    def after(self, met: Outcome) -> float:
        """It has handed over an SMS; how long it rests, in seconds."""
        self._condition = self._condition.after(met)
        if isinstance(met, Accepted):
            self._climb, self._flapping = self._climb.after_sms(), self._flapping.after_sms()
        self.trouble = ""
        if not isinstance(met, Accepted) and self._condition != Condition():
            self._met(met.text)
        return self._condition.rest_s

    def fell_with_sms(self, has: Collection[Remedy]) -> Step:
        """Its SMS fail one after the other."""
        return self._fall(self._condition.cause, has, with_sms=True)

    def fell(self, cause: Cause, detail: str, has: Collection[Remedy], *, with_sms: bool = False) -> Step:
        """It was lost, or could not be opened; `with_sms`: by an SMS, so that only an SMS proves it well."""
        self._met(detail)
        if cause is Cause.ABSENT:
            self._ended()
        return self._fall(cause, has, with_sms=with_sms)

    def remedy_failed(self, cause: Cause, detail: str, has: Collection[Remedy]) -> Step:
        """The remedy itself could not be applied. A device that it has lost still has what the remedy was for."""
        is_lost = cause is Cause.ABSENT and self._climb.last in SHAKEN
        return self.fell(self._climb.cause or cause if is_lost else cause, detail, has)

    def opened(self) -> float:
        """It is open and ready; how long it is watched before it is given messages, in seconds."""
        moment = self._time.monotonic()
        self._climb = self._climb.after_opening()
        self._flapping, self._up_since = replace(self._flapping, sent=0), moment
        self._watched_until = moment + self._flapping.watch_s(moment)
        self.mended()
        return self._watched_until - moment

    def mended(self) -> None:
        """It serves again: what it met before is past, unless it is out of service for it."""
        self.trouble = self.trouble if self._climb.is_failed else ""
        self._well_since = self._time.monotonic()

    def served(self) -> None:
        """It still serves."""
        if self._climb != Climb():
            self._climb = self._climb.after_serving(self._time.monotonic() - self._well_since)

    def _met(self, trouble: str) -> None:
        self.trouble, self.last = trouble, (trouble, self._time.now())

    # What is done.

    def take(self) -> Remedy | None:
        """What is due is done now: the remedy, if it is one."""
        step, self._step, self._is_ordered, self._up_since = self._step, None, False, None
        self._well_since = self._time.monotonic()
        return step.remedy if step else None

    def hurry(self) -> None:
        """Its device may be back: no remedy and no more waiting, it is opened at once."""
        if self._step is not None and not self._is_ordered:
            self._step, self._due_at = Step(0.0), 0.0

    def order(self, remedy: Remedy) -> None:
        """A person wants this remedy, now."""
        self.trouble = _("A person has ordered this.")
        self._step, self._due_at, self._is_ordered = Step(0.0, remedy), 0.0, True

    def begin_anew(self) -> None:
        """A person says that it is well again."""
        self._climb, self._condition, self.trouble = Climb(), Condition(), ""
        self._flapping, self._watched_until = Flapping(), 0.0
        self.hurry()

    def _ended(self) -> None:
        """Its device has gone."""
        up_since, self._up_since = self._up_since, None
        if up_since is not None:
            moment, failed_sms = self._time.monotonic(), self._condition != Condition()
            self._flapping = self._flapping.after_life(moment - up_since, moment, failed_sms=failed_sms)

    def _fall(self, cause: Cause, has: Collection[Remedy], *, with_sms: bool = False) -> Step:
        self._cause = cause
        allowed = has if self.may_reset else set(has) - SHAKEN
        self._climb, step = self._climb.after_fall(cause, allowed, with_sms=with_sms)
        self._condition = Condition()
        if not self._is_ordered or self._step is None:
            self._step, self._due_at = step, self._time.monotonic() + step.wait_s
        return self._step
