"""The machine's clock is set, by hours and at night: only the daemon sees it (shifted.py); all else keeps its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.reliability import shifted
from tests.reliability.clinic import NOTHING_LOST, SETTLE_S, recovered, under_load
from tests.reliability.load import Load
from tests.reliability.result import Result

PROGRAM = ("tests.reliability.shifted",)
HOUR_S = 3600.0
STAY_S = 4.0  # so long after each jump
HEAP = 80  # messages that wait at a jump: more than a backlog may have


class Clock:
    """The daemon's wall clock, so many seconds off."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set(0.0)

    def set(self, offset_s: float) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset_s:.3f}\n")
        new.replace(self._file)

    def begin_at(self, moment: datetime) -> None:
        self.set((moment - datetime.now(UTC)).total_seconds())

    @property
    def environment(self) -> dict[str, str]:
        return {shifted.VARIABLE: str(self._file)}


BREAKERS = {"same_text_limit": 0, "daily_limit": 0, "backlog_limit": 50}


def _with_clock(play: Callable[[Load, Clock], Result]) -> Callable[[Path], Result]:
    def tried(folder: Path) -> Result:
        clock = Clock(folder)
        with under_load(folder, PROGRAM, clock.environment, timezone="Europe/Berlin", safety=BREAKERS) as load:
            return play(load, clock)

    return tried


def _sent(load: Load) -> int:
    return len(load.fleet.bank.submitted)


def _finished(name: str, done: str, must: str, load: Load, wrong: list[str], back_s: float | None, note: str) -> Result:
    load.stop()
    if not load.settle(SETTLE_S):
        wrong.append("it did not settle")
    wrong += load.complaints()
    counts = ", ".join(f"{value} {what}" for what, value in load.counted().items())
    return Result(name, done, must, f"{note}; {counts}", wrong, back_s, (27,))


JUMPS = (6 * HOUR_S, 0.0, -6 * HOUR_S, 0.0, 30 * HOUR_S, 0.0)


def _jumping(load: Load, clock: Clock) -> Result:
    wrong, slowest = [], 0.0
    for offset_s in JUMPS:
        for _ in range(HEAP // len(JUMPS)):
            load.write_one("Heap")
        clock.set(offset_s)
        back_s = recovered(load, time.monotonic(), 20.0)
        if back_s is None:
            wrong.append(f"nothing sent for 20 s after the jump to {offset_s / HOUR_S:+.0f} h")
        slowest = max(slowest, back_s or 20.0)
        time.sleep(STAY_S)
    return _finished(*JUMPING, load, wrong, slowest, "six jumps")


JUMPING = (
    "clock jumps by hours",
    "the wall clock goes to +6 h, back, to -6 h, back, to +30 h and back, every few seconds, under load",
    f"sending goes on after each jump; nothing is held or expires for it; {NOTHING_LOST}",
)


def _heaped(load: Load, clock: Clock) -> Result:
    for _ in range(HEAP):
        load.write_one("Heap")
    clock.set(6 * HOUR_S)
    time.sleep(STAY_S)
    held = load.fleet.clinic.rows("SELECT count(*) AS n FROM outbox WHERE state = 'held'")[0]["n"]
    wrong = [f"{held} messages are held as if there had been an outage"] if held else []
    back_s = recovered(load, time.monotonic())
    return _finished(*HEAPED, load, wrong, back_s, f"{held} held")


HEAPED = (
    "clock jumps with a heap",
    f"{HEAP} messages wait when the wall clock goes to +6 h",
    f"a jump is no outage: nothing is held; {NOTHING_LOST}",
)
NIGHTS = {  # UTC; Berlin's clocks change at 01:00 UTC
    "autumn": (datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC), "2026-10-25T02:30:00", 0.0),
    "spring": (datetime(2026, 3, 29, 0, 59, 50, tzinfo=UTC), "2026-03-29T02:30:00", 30 * 60.0),
}


def _night(which: str) -> Callable[[Load, Clock], Result]:
    """A message for half past two, which comes twice in autumn and never in spring."""
    begins_at, not_before, later_s = NIGHTS[which]

    def play(load: Load, clock: Clock) -> Result:
        clock.begin_at(begins_at)
        time.sleep(2.0)
        timed = load.fleet.clinic.insert("+79005550000", "At half past two", not_before=not_before)
        load.accepted.append(timed)
        before = _sent(load)
        time.sleep(12.0)  # over the change
        wrong = [] if _sent(load) > before else ["nothing sent over the change"]
        state = load.fleet.clinic.row(timed)["state"]
        if later_s:
            wrong += [] if state == "queued" else [f"the message for half past two is {state} already"]
            clock.begin_at(begins_at.replace(hour=1, minute=30, second=5))
        back_s = recovered(load, time.monotonic())
        return _finished(*night_of(which), load, wrong, back_s, f"the timed message was {state} at the change")

    return play


def night_of(which: str) -> tuple[str, str, str]:
    return (
        f"the night when the clocks change, {which}",
        "the daemon lives through the change, with a message for 02:30 local time",
        f"sending goes on; the message goes out at its hour; {NOTHING_LOST}",
    )


jumps = _with_clock(_jumping)
heap = _with_clock(_heaped)
autumn = _with_clock(_night("autumn"))
spring = _with_clock(_night("spring"))
