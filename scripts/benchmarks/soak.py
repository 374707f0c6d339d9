"""100,000 messages over 16 modems with random faults: nothing lost, nothing doubled in silence, memory flat."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.benchmarks.process import rss_mb
from scripts.benchmarks.rig import Rig, running
from scripts.benchmarks.rows import Row, median
from tests.fake_modem.control import order

SIZE = 100_000
MODEMS = 16
FAULTS_A_SECOND = 2.0  # each modem meets one every eight seconds, and is well again by the next
SAMPLE_S = 2.0  # between two looks at the daemon's memory
WARM = 0.2  # of the samples: until everything is loaded and every cache is full
ANSWER_WAIT, UNCERTAIN_WAIT = "5 s", "30 s"
PATIENCE_S = 1800.0
# What goes wrong, each with how it is told the bank.
FAULTS: tuple[dict[str, object], ...] = (
    {"kind": "no_answer", "after": "AT+CMGS"},
    {"kind": "swallow"},
    {"kind": "answer_lost", "after": "PDU"},
    {"kind": "refuse", "code": "CMS 38"},
    {"kind": "refuse", "code": "CMS 500"},
    {"kind": "refuse", "code": "CMS 27"},
    {"kind": "late_result", "seconds": 7.0},
    {"kind": "split_result", "seconds": 0.01},
    {"kind": "urc_before_result"},
    {"kind": "garbage", "after": "AT+CMGS"},
    {"kind": "sent_and_unplugged"},
    {"kind": "report_lost", "after": "REPORT"},
    {"kind": "report_noise", "after": "REPORT"},
    {"kind": "hang", "after": "AT+CMGS", "seconds": 8.0},
)


@dataclass
class Watch:
    """The daemon's memory while it works, in MB."""

    sizes: list[float] = field(default_factory=list)
    faults: int = 0

    @property
    def settled(self) -> list[float]:
        return self.sizes[int(len(self.sizes) * WARM) :]

    @property
    def growth_mb(self) -> float:
        """From the median of the first tenth to that of the last."""
        tenth = max(1, len(self.settled) // 10)
        return median(self.settled[-tenth:]) - median(self.settled[:tenth])


def measure(size: int, modems: int = MODEMS) -> list[Row]:
    with running(modems, 0.0, control=True, answer_wait=ANSWER_WAIT, uncertain_wait=UNCERTAIN_WAIT) as rig:
        began_at = time.monotonic()
        with _troubled(rig) as watch:
            _insert(rig, size)
            _wait(rig, leaving=size // 100)
        _wait(rig)  # in calm: the last ones wait for their next try
        elapsed_s = time.monotonic() - began_at
        return _rows(rig, watch, size, elapsed_s)


def _insert(rig: Rig, size: int) -> None:
    """In parts, as an information system would, so that the queue is never empty."""
    for start in range(0, size, 10_000):
        rig.insert(min(10_000, size - start))


def _wait(rig: Rig, leaving: int = 0) -> None:
    """Until no more wait than `leaving`; a report that was lost leaves its message `sent`."""
    deadline = time.monotonic() + PATIENCE_S
    waiting = "SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending', 'uncertain', 'held')"
    while int(rig.installation.rows(waiting)[0]["n"]) > leaving:
        assert time.monotonic() < deadline, f"never: an end; {rig.installation.states()}"
        time.sleep(SAMPLE_S)
    time.sleep(SAMPLE_S)  # the last reports


@contextmanager
def _troubled(rig: Rig) -> Iterator[Watch]:
    """Random faults at random modems, and a look at the memory now and then."""
    watch, stop = Watch(), threading.Event()
    thread = threading.Thread(target=_trouble, args=(rig, watch, stop), daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()


def _trouble(rig: Rig, watch: Watch, stop: threading.Event) -> None:
    chance, next_sample = random.Random(16), 0.0
    while not stop.wait(chance.expovariate(FAULTS_A_SECOND)):
        modem = chance.randrange(rig.modems) + 1
        for do in ("plug", "clear_faults", "recover"):  # whatever it met before is over
            order(rig.control, do, modem=modem)
        order(rig.control, "fault", modem=modem, **chance.choice(FAULTS))
        watch.faults += 1
        if time.monotonic() >= next_sample:
            watch.sizes.append(rss_mb(rig.pid))
            next_sample = time.monotonic() + SAMPLE_S


def _rows(rig: Rig, watch: Watch, size: int, elapsed_s: float) -> list[Row]:
    found = _compare(rig, size)
    states = ", ".join(f"{state} {count}" for state, count in sorted(rig.installation.states().items()))
    print(f"\nsoak: {states}; {watch.faults} faults", flush=True)
    return [
        Row(f"soak, {size} messages, {rig.modems} modems, until all have an end", (elapsed_s,), "s"),
        Row("soak, faults", (float(watch.faults),), ""),
        Row("soak, messages lost", (float(found["lost"]),), "", (0.0,), (0.0,)),
        Row("soak, texts twice on a phone without `uncertain`", (float(found["silent"]),), "", (0.0,), (0.0,)),
        Row("soak, texts twice on a phone, said so", (float(found["said"]),), ""),
        Row("soak, messages that were uncertain", (float(found["uncertain"]),), ""),
        Row("soak, memory, median", (median(watch.settled),), "MB"),
        Row("soak, memory, last tenth less first tenth", (watch.growth_mb,), "MB", (10.0,), (3.0,)),
    ]


def _compare(rig: Rig, size: int) -> Counter[str]:
    """Each phone's texts against its row: a number has one message only."""
    received = _received(rig.folder / "journal.jsonl")
    found: Counter[str] = Counter()
    with closing(sqlite3.connect(rig.installation.database)) as connection:
        uncertain = {row for (row,) in connection.execute("SELECT outbox_id FROM events WHERE to_state = 'uncertain'")}
        rows = connection.execute("SELECT id, msisdn, state FROM outbox").fetchall()
    for message, msisdn, state in rows:
        count = received[msisdn]
        found["uncertain"] += message in uncertain
        is_said = message in uncertain
        is_lost = not count if state in ("sent", "delivered") else bool(count) and not is_said
        found["lost"] += is_lost
        found["said" if is_said else "silent"] += max(0, count - 1)
        if is_lost or (count > 1 and not is_said):
            print(f"\nmessage {message} is {state}, its phone shows {count} texts", _events(rig, message), flush=True)
    found["lost"] += size - len(rows)
    return found


def _events(rig: Rig, message: int) -> list[str]:
    statement = "SELECT event, detail FROM events WHERE outbox_id = ? ORDER BY id"
    return [f"{row['event']} {row['detail'] or ''}".strip() for row in rig.installation.rows(statement, message)]


def _received(journal: Path) -> Counter[str]:
    """How many texts each phone has shown."""
    received: Counter[str] = Counter()
    with journal.open("rb") as lines:
        for line in lines:
            if b'"delivered"' in line:
                event = json.loads(line)
                if event.get("event", event.get("what")) == "delivered":
                    received[event["recipient"]] += 1
    return received
