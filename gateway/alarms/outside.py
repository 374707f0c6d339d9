"""Tells of the one thing that the table of alarms can't hold: that the database takes nothing.

Its disk is full or was made read-only by the kernel, or another program keeps it locked. All of this is in memory: a
daemon that begins anew on such a database ends at once, and the service manager tells of that. An SMS is no way to tell
of it, as it would begin as a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from gateway.alarms.judging import DATABASE_NOT_WRITABLE
from gateway.alarms.telling import WAITS_S
from gateway.alarms.ways import DIRECT, Notice, Unsent, Way, tell_directly
from gateway.i18n import _
from gateway.queue import times

LASTS = timedelta(seconds=45)  # some looks, however near to each other: somebody's long transaction is over by then
REMEDY = _("Make room, or end the program that keeps it locked: `smsgw doctor` says more. Then it goes on by itself.")

log = structlog.get_logger("gateway.alarms")


@dataclass(frozen=True, slots=True)
class _Vain:
    """Of one way, in which it could not be told. A server that is away, or a program that mails and then fails, is not
    to be tried every few seconds all night."""

    tries: int
    next_at: datetime

    def is_due(self, now: datetime) -> bool:
        """What waits for longer than anything does was put off by a clock that has been set back since."""
        is_waiting = now < self.next_at <= now + timedelta(seconds=max(WAITS_S))
        return not self.is_given_up and not is_waiting

    @property
    def is_given_up(self) -> bool:
        return self.tries > len(WAITS_S)


@dataclass
class Outside:
    """One thread notes how it is, another one tells."""

    notice: Notice | None = None  # what is amiss; None: it takes what is written
    _since: datetime | None = None
    _has_lasted: bool = False
    _over_at: str = ""
    _heard: dict[str, Notice] = field(default_factory=dict)  # who was told of it and not yet that it is over
    _is_over: bool = True  # what _vain is about: that it is amiss, or over
    _vain: dict[str, _Vain] = field(default_factory=dict)

    @property
    def is_amiss(self) -> bool:
        return self.notice is not None

    def amiss(self, reason: str, now: datetime) -> None:
        """A look found it so. With a clock that was set back it begins anew."""
        since = self._since = min(self._since or now, now)
        self.notice = Notice(0, DATABASE_NOT_WRITABLE, "", reason, REMEDY, times.to_text(since))
        if not self._has_lasted and now - since >= LASTS:
            self._has_lasted = True
            log.warning("alarm", code=DATABASE_NOT_WRITABLE, subject="", reason=reason, remedy=REMEDY)

    def well(self, now: datetime) -> None:
        """A look could write."""
        if self._has_lasted:
            log.info("alarm_cleared", code=DATABASE_NOT_WRITABLE, subject="")
        if self.notice is not None:
            self._over_at = times.to_text(now)
        self.notice, self._since, self._has_lasted = None, None, False

    def tell(self, ways: Mapping[str, Way], now: datetime) -> None:
        """Each way while it lasts; that it is over, where it was told. What fails is tried again as seldom as any other
        notice, and as often."""
        notice = self.notice
        if self._is_over is not (notice is None):
            self._is_over, self._vain = notice is None, {}
        if notice is None:
            self._tell_end(ways, now)
        elif self._has_lasted:
            for name in [name for name, way in ways.items() if _is_for(way) and name not in self._heard]:
                if self._is_told(ways[name], notice, now):
                    self._heard[name] = notice

    def _tell_end(self, ways: Mapping[str, Way], now: datetime) -> None:
        for name, heard in tuple(self._heard.items()):
            over = replace(heard, cleared_at=self._over_at)
            is_open = name in ways and not self._is_told(ways[name], over, now)
            if not is_open or self._vain[name].is_given_up:
                del self._heard[name]

    def _is_told(self, way: Way, notice: Notice, now: datetime) -> bool:
        vain = self._vain.get(way.name)
        if vain is not None and not vain.is_due(now):
            return False
        try:
            tell_directly(way, notice)
        except Unsent as fault:
            log.warning("alarm_not_told", way=way.name, reason=str(fault))
            tries = vain.tries if vain else 0
            wait = timedelta(seconds=WAITS_S[min(tries, len(WAITS_S) - 1)])
            self._vain[way.name] = _Vain(tries + 1, now + wait)
            return False
        return True


def _is_for(way: Way) -> bool:
    return way.kind in DIRECT and way.wants(DATABASE_NOT_WRITABLE)
