"""What both soaks are: a daemon at work while one thing after the other goes wrong, its memory, and what came of it."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.benchmarks.process import rss_mb
from scripts.benchmarks.rows import Row, median
from tests.e2e.installation import Installation

SAMPLE_S = 2.0  # between two looks at the daemon's memory
WARM = 0.2  # of the samples: until everything is loaded and every cache is full
NONE = (0.0,)
OPEN = "SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending', 'uncertain', 'held')"
UNCERTAIN = "SELECT DISTINCT outbox_id FROM events WHERE to_state = 'uncertain'"
EVENTS = "SELECT event, to_state, detail FROM events WHERE outbox_id = ? ORDER BY id"

Trouble = Callable[[random.Random], str]  # lets something go wrong; its name
IsLost = Callable[[str, int, bool], bool]  # by its state, how many texts the phone shows, whether it was uncertain


@dataclass
class Watch:
    """The daemon's memory while it works, in MB, and what it met."""

    sizes: list[float] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def settled(self) -> list[float]:
        return self.sizes[int(len(self.sizes) * WARM) :]

    @property
    def growth_mb(self) -> float:
        """From the median of the first tenth to that of the last."""
        tenth = max(1, len(self.settled) // 10)
        return median(self.settled[-tenth:]) - median(self.settled[:tenth])


@contextmanager
def troubled(pid: int, trouble: Trouble, a_second: float, seed: int) -> Iterator[Watch]:
    """Random troubles, one after the other, and a look at the memory now and then."""
    watch, stop = Watch(), threading.Event()
    thread = threading.Thread(target=_trouble, args=(pid, trouble, a_second, seed, watch, stop), daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()


def _trouble(pid: int, trouble: Trouble, a_second: float, seed: int, watch: Watch, stop: threading.Event) -> None:
    chance, next_sample = random.Random(seed), 0.0
    while not stop.wait(chance.expovariate(a_second)):
        watch.faults[trouble(chance)] += 1
        if time.monotonic() >= next_sample:
            watch.sizes.append(rss_mb(pid))
            next_sample = time.monotonic() + SAMPLE_S


def wait(installation: Installation, leaving: int, patience_s: float) -> None:
    """Until no more wait than `leaving`, and the last reports have come."""
    deadline = time.monotonic() + patience_s
    while int(installation.rows(OPEN)[0]["n"]) > leaving:
        assert time.monotonic() < deadline, f"never: an end; {installation.states()}"
        time.sleep(SAMPLE_S)
    time.sleep(SAMPLE_S)


def compared(database: Path, shown: Mapping[str, int], size: int, is_lost: IsLost) -> Counter[str]:
    """Each phone's texts, by number, against its row: a number has one message only."""
    found: Counter[str] = Counter()
    with closing(sqlite3.connect(database)) as connection:
        uncertain = {message for (message,) in connection.execute(UNCERTAIN)}
        rows = connection.execute("SELECT id, msisdn, state FROM outbox").fetchall()
        for message, msisdn, state in rows:
            copies, is_said = shown.get(msisdn, 0), message in uncertain
            found["uncertain"] += is_said
            found["lost"] += is_lost(state, copies, is_said)
            found["said" if is_said else "silent"] += max(0, copies - 1)
            if is_lost(state, copies, is_said) or (copies > 1 and not is_said):
                events = [" ".join(filter(None, event)) for event in connection.execute(EVENTS, (message,))]
                print(f"\nmessage {message} is {state}, its phone shows {copies} texts", events, flush=True)
    found["lost"] += size - len(rows)
    return found


def rows_of(name: str, found: Mapping[str, int], watch: Watch) -> list[Row]:
    """What holds for any soak."""
    return [
        Row(f"{name}, messages lost", (float(found["lost"]),), "", NONE, NONE),
        Row(f"{name}, texts twice on a phone without `uncertain`", (float(found["silent"]),), "", NONE, NONE),
        Row(f"{name}, texts twice on a phone, said so", (float(found["said"]),), ""),
        Row(f"{name}, messages that were uncertain", (float(found["uncertain"]),), ""),
        Row(f"{name}, memory, median", (median(watch.settled),), "MB"),
        Row(f"{name}, memory, last tenth less first tenth", (watch.growth_mb,), "MB", (10.0,), (3.0,)),
    ]
