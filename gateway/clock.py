"""The one place that reads the clocks; everything else is told the time, or is given a `Time` to ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time as an aware datetime in UTC."""
    return datetime.now(UTC)


thread_s = time.thread_time  # seconds of the processor that the calling thread has had; a busy machine adds none


@dataclass(frozen=True, slots=True)
class Time:
    """The clocks of a thread and its way to wait; a simulation lays its own under the real loops."""

    now: Clock = utc_now  # the wall clock: may jump
    monotonic: Callable[[], float] = time.monotonic  # seconds; never jumps
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait  # whether the event came within the seconds


REAL = Time()
