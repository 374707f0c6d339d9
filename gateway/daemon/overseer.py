"""The daemon's watch over itself: do all loops move? The service manager is told, the log and people which one hangs.

What is not a loop of the sending, such as a housekeeping job that hangs, feeds nothing and starves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from gateway.clock import REAL, Time
from gateway.daemon import watchdog
from gateway.daemon.notify import Manager
from gateway.daemon.watchdog import Loop, Moving
from gateway.i18n import _

LOOK_S = 5.0  # between two looks, or sooner when the manager's patience asks for it
LOOKS_WITHIN = 3.0  # so often within the manager's patience

log = structlog.get_logger("gateway.overseer")


class Overseer:
    """Called by the main thread, whose own progress is so part of what is shown."""

    def __init__(
        self,
        manager: Manager,
        loops: Callable[[], Mapping[str, Moving]],
        time: Time = REAL,
        *,
        on_hung: Callable[[frozenset[str]], bool] = lambda _names: True,
    ) -> None:
        """`on_hung` hears which loops hang whenever these are others; it says whether it could take note of it."""
        self._manager = manager
        self._loops = loops
        self._time = time
        self._on_hung = on_hung
        self._told: frozenset[str] = frozenset()
        self._last_look = self._not_before = time.monotonic()
        self.every_s = min(LOOK_S, (manager.watchdog_s or LOOK_S * LOOKS_WITHIN) / LOOKS_WITHIN)

    def look(self) -> bool:
        """Feed the watchdog when every loop moves; whether they do."""
        now = self._time.monotonic()
        self._not_before = watchdog.since(self._last_look, now, self.every_s, self._not_before)
        self._last_look = now
        hung = watchdog.hung((Loop.of(*each) for each in self._loops().items()), now, self._not_before)
        for loop in hung:
            advice = _("This thread does not move any more; a restart of the daemon helps.")
            log.error("hung", loop=loop.name, for_s=loop.for_s, advice=advice)
        self._tell(frozenset(loop.name for loop in hung))
        if not hung:
            self._manager.alive()
        return not hung

    def _tell(self, names: frozenset[str]) -> None:
        """Again at the next look when it could not be noted."""
        if names != self._told and self._on_hung(names):
            self._told = names
