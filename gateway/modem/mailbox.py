"""What a line's reader leaves for those who wait: the reply, what came unasked, late results, and the news of a loss.

One condition guards it all, so that whoever waits is woken at once; nothing here polls.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.errors import CarrierLost
from gateway.modem import at, urc
from gateway.modem.lines import Prompt


class Overheard:
    """What belongs to no command any more, while somebody listens."""

    def __init__(self) -> None:
        self.error: at.Final | None = None  # the first one

    def hear(self, line: str) -> None:
        final = at.final_in(line)
        if final and final is not at.OK:
            self.error = self.error or final


class Mailbox:
    """Every method takes the lock itself; `changed` is for those who need it longer."""

    def __init__(self) -> None:
        self._on_late: Callable[[str], None] = _to_nobody  # what belongs to no command any more
        self.on_sim: Callable[[str], None] = _to_nobody  # what is said of the SIM; the reader's thread, so be quick
        self.on_silence: Callable[[], object] = lambda: None  # it is called and does not answer; who asks hears of it
        self.changed = threading.Condition()
        self.is_woken = False
        self._reply: at.Answer | Prompt | None = None
        self._has_begun = False
        self._has_restarted = False
        self._unsolicited: deque[urc.Unsolicited] = deque()
        self._late_submits: deque[at.LateSubmit] = deque()
        self._lost: CarrierLost | None = None

    # The reader's side.

    def put(self, event: at.Event) -> None:
        with self.changed:
            match event:
                case at.Answer() | Prompt():
                    self._reply = event
                case at.Begun():
                    self._has_begun = True
                case urc.Unsolicited(urc.Kind.NOISE):
                    return  # some modems say a hundred such lines a second: they shall wake nobody
                case urc.Unsolicited():
                    self._unsolicited.append(event)
                    self._has_restarted |= event.kind is urc.Kind.RESTARTED
                    if event.kind is urc.Kind.SIM:
                        self.on_sim(event.line)
                case at.LateSubmit():
                    self._late_submits.append(event)
                case at.Late():
                    self._on_late(event.line)
            self.changed.notify_all()

    def lose(self, reason: CarrierLost) -> None:
        """The line is gone; the first reason counts."""
        with self.changed:
            self._lost = self._lost or reason
            self.changed.notify_all()

    @property
    def is_lost(self) -> bool:
        return self._lost is not None

    def raise_if_lost(self) -> None:
        if self._lost:
            raise CarrierLost(str(self._lost), self._lost.cause)

    # Waiting for a reply.

    def forget_reply(self) -> None:
        """A new question begins."""
        self._reply, self._has_begun, self._has_restarted = None, False, False

    def await_reply(self, until: float, settle_s: float | None) -> at.Answer | Prompt | None:
        """The reply; None at `until`, or when the modem restarted and so forgot the question. Raises CarrierLost.

        settle_s: once information came, wait only so long.
        """
        with self.changed:
            while self._reply is None:
                self.raise_if_lost()
                if self._has_begun and settle_s is not None:
                    until, settle_s = min(until, time.monotonic() + settle_s), None
                left_s = until - time.monotonic()
                if left_s <= 0 or self._has_restarted:
                    return None
                self.changed.wait(left_s)
            return self._reply

    def pause(self, pause_s: float) -> None:
        """Wait a little before asking again; raises CarrierLost when the line is lost meanwhile."""
        with self.changed:
            self.changed.wait_for(lambda: self._lost, pause_s)
            self.raise_if_lost()

    # What came unasked.

    def take_unsolicited(self) -> list[urc.Unsolicited]:
        """Everything that came unasked since the last call, oldest first."""
        with self.changed:
            taken = list(self._unsolicited)
            self._unsolicited.clear()
        return taken

    def take_kind(self, kind: urc.Kind) -> list[urc.Unsolicited]:
        """Everything of this kind that came unasked; the rest stays for `take_unsolicited`."""
        with self.changed:
            taken = [each for each in self._unsolicited if each.kind is kind]
            self._unsolicited = deque(each for each in self._unsolicited if each.kind is not kind)
        return taken

    @property
    def tells_of_restart(self) -> bool:
        """Whether a restart waits to be taken notice of."""
        with self.changed:
            return any(each.kind is urc.Kind.RESTARTED for each in self._unsolicited)

    @contextmanager
    def overhearing(self) -> Iterator[Overheard]:
        """Listen to what belongs to no command."""
        heard = Overheard()
        self._on_late = heard.hear
        try:
            yield heard
        finally:
            self._on_late = _to_nobody

    def await_kind(self, kind: urc.Kind, until: float, heard: Overheard) -> urc.Unsolicited | None:
        """The next one of this kind; None at `until`, or when an error was overheard instead. Raises CarrierLost."""
        with self.changed:
            while True:
                found = next((each for each in self._unsolicited if each.kind is kind), None)
                if found:
                    self._unsolicited.remove(found)
                    return found
                self.raise_if_lost()
                left_s = until - time.monotonic()
                if left_s <= 0 or heard.error:
                    return None
                self.changed.wait(left_s)

    def take_late_submits(self) -> list[at.LateSubmit]:
        with self.changed:
            taken = list(self._late_submits)
            self._late_submits.clear()
        return taken

    def late_instead_of(self, answer: at.Answer, wait_s: float) -> at.Answer:
        """If a late result comes within `wait_s`, that one, and `answer` is left in its place; else `answer` itself."""
        with self.changed:
            count = len(self._late_submits)
            self.changed.wait_for(lambda: len(self._late_submits) > count or self._lost, wait_s)
            if len(self._late_submits) == count:
                return answer
            late = self._late_submits.pop()
            self._late_submits.append(at.LateSubmit(late.key, at.reference_in(answer.lines), answer.final))
            return at.Answer(late.final, late.lines)

    def wait(self, wait_s: float) -> bool:
        """Until something came unasked, `wake`, or the time is over; whether it was `wake`. Raises CarrierLost."""
        with self.changed:
            self.changed.wait_for(self._is_worth_a_look, max(0.0, wait_s))
            was_woken, self.is_woken = self.is_woken, False
            if not (self._unsolicited or self._late_submits):
                self.raise_if_lost()
            return was_woken

    def wake(self) -> None:
        """End a `wait`; any thread."""
        with self.changed:
            self.is_woken = True
            self.changed.notify_all()

    def _is_worth_a_look(self) -> bool:
        return bool(self.is_woken or self._lost or self._unsolicited or self._late_submits)


def _to_nobody(_line: str) -> None:
    """Nobody wants such lines."""
