"""[pure] Tells an SMS that the SMSC hands over again from one that somebody wrote twice.

A deliver_sm bears no time and no id, and two with the same text ("Yes") have the same octets. What the SMSC repeats, it
repeats because it has not seen our answer: so a message is another one as soon as the one before was surely answered.
After a restart of the gateway nothing is known: rather one twice than one not at all.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass


@dataclass(slots=True)
class Arrival:
    """One message that came, and may come again."""

    token: str
    repeats_until: float  # one that comes until then is the same
    answered_at: float | None = None
    is_doubtful: bool = False  # its answer may have been lost with the link


class Arrivals:
    """Of one bind; told the time, in seconds of a clock that never jumps."""

    SURE_S = 10.0  # an answer that was written so long before the link fell has reached the SMSC
    DOUBT_S = 600.0  # one that may not have: SMSCs repeat soon after the next bind, whenever that is
    UNANSWERED_S = 24 * 3600.0  # or later, and give up after a day or two
    REMEMBERED = 10_000

    def __init__(self, start: str) -> None:
        """`start` is another one each time that the gateway starts."""
        self._start = start
        self._count = 0
        self._known: OrderedDict[bytes, Arrival] = OrderedDict()  # by the body's digest, the oldest first

    def token(self, body: bytes, now: float) -> str:
        """Of a PDU's body: the same for a message and its repetitions, and never used for another one."""
        key = _digest(body)
        known = self._known.pop(key, None)
        if known is None or now >= known.repeats_until:
            self._count += 1
            known = Arrival(f"{self._start}-{self._count}", now + self.UNANSWERED_S)
        self._known[key] = known
        if len(self._known) > self.REMEMBERED:
            self._known.popitem(last=False)
        return known.token

    def answered(self, body: bytes, now: float) -> None:
        """Its answer was handed to the link."""
        known = self._known.get(_digest(body))
        if known is not None:
            known.answered_at, known.repeats_until, known.is_doubtful = now, now, False

    def fell(self, now: float, written_until: float) -> None:
        """The link is gone, and with it perhaps the answers of the last moments, or those that it never took: those
        messages may come again. What was handed to it before `written_until` it has taken.
        """
        for key, known in list(self._known.items()):
            if known.answered_at is None:
                continue
            if written_until - known.answered_at > self.SURE_S:
                del self._known[key]
            else:
                known.answered_at, known.repeats_until, known.is_doubtful = None, now + self.UNANSWERED_S, True

    def bound(self, now: float) -> None:
        """Over a new link: what the SMSC does not repeat soon it has counted as answered."""
        for known in self._known.values():
            if known.is_doubtful:
                known.repeats_until, known.is_doubtful = now + self.DOUBT_S, False


def _digest(body: bytes) -> bytes:
    """No text of a patient is kept for it."""
    return hashlib.sha256(body).digest()
