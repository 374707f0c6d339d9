"""Tells of the one thing that the table of alarms can't hold: that the database takes nothing.

Its disk is full or was made read-only by the kernel, or another program keeps it locked. All of this is in memory: a
daemon that begins anew on such a database ends at once, and the service manager tells of that. An SMS is no way to tell
of it, as it would begin as a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from gateway.alarms.judging import DATABASE_NOT_WRITABLE
from gateway.alarms.ways import DIRECT, Notice, Unsent, Way, tell_directly
from gateway.i18n import _
from gateway.queue import times

LOOKS = 4  # in a row, a minute: somebody's long transaction is over by then
REMEDY = _("Make room, or end the program that keeps it locked: `smsgw doctor` says more. Then it goes on by itself.")

log = structlog.get_logger("gateway.alarms")


@dataclass
class Outside:
    """One thread notes how it is, another one tells."""

    notice: Notice | None = None  # what is amiss; None: it takes what is written
    _looks: int = 0
    _heard: dict[str, Notice] = field(default_factory=dict)  # who was told of it and not yet that it is over

    @property
    def is_amiss(self) -> bool:
        return self.notice is not None

    def amiss(self, reason: str, now: datetime) -> None:
        """A look found it so."""
        self._looks += 1
        since = self.notice.raised_at if self.notice else times.to_text(now)
        self.notice = Notice(0, DATABASE_NOT_WRITABLE, "", reason, REMEDY, since)
        if self._looks == LOOKS:
            log.warning("alarm", code=DATABASE_NOT_WRITABLE, subject="", reason=reason, remedy=REMEDY)

    def well(self) -> None:
        """A look could write."""
        if self._looks >= LOOKS:
            log.info("alarm_cleared", code=DATABASE_NOT_WRITABLE, subject="")
        self._looks, self.notice = 0, None

    def tell(self, ways: Mapping[str, Way], now: datetime) -> None:
        """Each way until it has worked, while it lasts; that it is over once, where it was told."""
        notice = self.notice
        if notice is None:
            self._tell_end(ways, now)
        elif self._looks >= LOOKS:
            for name in [name for name, way in ways.items() if _is_for(way) and name not in self._heard]:
                if _is_told(ways[name], notice):
                    self._heard[name] = notice

    def _tell_end(self, ways: Mapping[str, Way], now: datetime) -> None:
        while self._heard:
            name, notice = self._heard.popitem()
            if name in ways:
                _is_told(ways[name], replace(notice, cleared_at=times.to_text(now)))


def _is_for(way: Way) -> bool:
    return way.kind in DIRECT and way.wants(DATABASE_NOT_WRITABLE)


def _is_told(way: Way, notice: Notice) -> bool:
    try:
        tell_directly(way, notice)
    except Unsent as fault:
        log.warning("alarm_not_told", way=way.name, reason=str(fault))
        return False
    return True
