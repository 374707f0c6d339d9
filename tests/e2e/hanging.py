"""The real daemon, of which one part hangs from some moment on: `python -m tests.e2e.hanging PART --config … run`.

No modem, disk or lock makes these parts hang, so it takes a program of its own to see what happens then.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.__main__ import main
from gateway.clock import utc_now
from gateway.daemon import dispatcher, housekeeping, rounds

HANGS_AFTER_S = 2.0
LONGEST_TURN_S = 1.0


def hang(*_: Any) -> None:
    time.sleep(3600)


def hang_the_dispatcher() -> None:
    """Its loop stands still in the middle of a turn, holding nothing."""
    turn, begun_at = rounds.Watch.turn, time.monotonic()

    def turn_or_hang(self: rounds.Watch, now: datetime, moment: float) -> None:
        if time.monotonic() > begun_at + HANGS_AFTER_S:
            hang()
        turn(self, now, moment)

    dispatcher.LONGEST_TURN_S = LONGEST_TURN_S
    rounds.Watch.turn = turn_or_hang  # type: ignore[method-assign]


def hang_housekeeping() -> None:
    """Every job begins at once, says so, and hangs."""
    add = housekeeping.Housekeeping._add

    def add_for_now(self: housekeeping.Housekeeping, name: str, job: Callable[[], None], **when: Any) -> None:
        add(self, name, job, **when | {"next_run_time": utc_now()})

    def begin_and_hang(self: housekeeping.Housekeeping, name: str, job: Callable[[], None]) -> None:
        os.write(sys.stderr.fileno(), f"hangs: {name}\n".encode())  # in one piece: the others say it at the same time
        hang()

    housekeeping.Housekeeping._add = add_for_now  # type: ignore[method-assign]
    housekeeping.Housekeeping._run = begin_and_hang  # type: ignore[method-assign]


PARTS = {"dispatcher": hang_the_dispatcher, "housekeeping": hang_housekeeping}

if __name__ == "__main__":
    PARTS[sys.argv.pop(1)]()
    main()
