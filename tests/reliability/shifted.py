"""`python -m tests.reliability.shifted … run`: the daemon itself, with a wall clock that a file puts off.

gateway/clock.py is the one reader of the clock, so nothing else has to be told; the monotonic clock stays true, as it
does on a machine whose clock is set.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from gateway import clock
from gateway.__main__ import main

VARIABLE = "SHIFTED_CLOCK"  # the file: seconds, as text


class Shifted(datetime):
    """Only what clock.py asks of it."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(seconds=float(Path(os.environ[VARIABLE]).read_text()))


if __name__ == "__main__":
    clock.datetime = Shifted  # type: ignore[attr-defined]
    main()
