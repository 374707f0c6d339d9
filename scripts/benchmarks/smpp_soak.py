"""100,000 messages over two binds with everything going wrong: nothing lost or doubled in silence, memory flat."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.benchmarks.process import rss_mb
from scripts.benchmarks.rows import Row, median
from tests.e2e.binds import Clinic, number_of, opened
from tests.fake_smsc import Conduct, Smsc

SIZE = 100_000
FAULTS_A_SECOND = 0.5  # each one costs a bind some seconds
SAMPLE_S = 2.0  # between two looks at the daemon's memory
WARM = 0.2  # of the samples: until everything is loaded and every cache is full
PATIENCE_S = 3600.0
BATCH = 10_000  # in parts, as an information system would, so that the queue is never empty
LONG_EVERY = 20  # one message of so many takes two SMS
BODY = "Ждём вас завтра в 10:30, врач Примерова, каб. 12"
WINDOW, RATE, BUSY = 20, 2000, 50
CONDUCT = Conduct(answer_s=0.005, receipt_s=0.05, receipt_spread_s=0.2, ids="padded_hex", receipt_ids="decimal")
BINDS = ({"name": "operator"}, {"name": "second", "bind": "pair"})
SETTINGS = {"window": WINDOW, "max_per_second": RATE, "answer_timeout": "3 s", "enquire_every": "2 s"}
BREAKS = ("submit", "taken", "half_answer", "answered", "deliver", "half_deliver", "acknowledged", "bind")
WAYS = ("reset", "close", "half_close", "stall")
OPEN = "SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending', 'uncertain', 'held')"
UNCERTAIN = "SELECT DISTINCT outbox_id FROM events WHERE to_state = 'uncertain'"


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


def measure(size: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder, opened(Path(folder), CONDUCT) as clinic:
        clinic.configure(*({**bind, **SETTINGS} for bind in BINDS), uncertain_wait="10 s")
        clinic.start(binds_ready=len(BINDS))
        began_at = time.monotonic()
        with _troubled(clinic) as watch:
            _insert(clinic, size)
            _wait(clinic, leaving=size // 100)
        _wait(clinic)  # in calm: the last ones wait for their next try
        return _rows(clinic, watch, size, time.monotonic() - began_at)


def _insert(clinic: Clinic, size: int) -> None:
    for start in range(0, size, BATCH):
        numbers = range(start, min(size, start + BATCH))
        with closing(sqlite3.connect(clinic.installation.database, timeout=30.0)) as connection, connection:
            rows = ((number_of(n), BODY if n % LONG_EVERY else f"{BODY}. {BODY}") for n in numbers)
            connection.executemany("INSERT INTO outbox (recipient, body) VALUES (?, ?)", rows)


def _wait(clinic: Clinic, leaving: int = 0) -> None:
    """Until no more wait than `leaving`, and the last receipts have come."""
    deadline = time.monotonic() + PATIENCE_S
    while int(clinic.installation.rows(OPEN)[0]["n"]) > leaving:
        assert time.monotonic() < deadline, f"never: an end; {clinic.installation.states()}"
        time.sleep(SAMPLE_S)
    time.sleep(SAMPLE_S)


# What goes wrong.


def _breaks(smsc: Smsc, chance: random.Random) -> None:
    smsc.break_at(chance.choice(BREAKS), chance.choice(WAYS), after=chance.randrange(1, 50))


def _falls(smsc: Smsc, chance: random.Random) -> None:
    smsc.cut(chance.choice(WAYS))


def _restarts(smsc: Smsc, chance: random.Random) -> None:
    smsc.close(chance.choice(("reset", "close")))
    time.sleep(chance.uniform(0.0, 2.0))
    smsc.open()


def _says_nothing(smsc: Smsc, chance: random.Random) -> None:
    smsc.behave(ignore_next=chance.randrange(1, 6))


def _says_it_late(smsc: Smsc, chance: random.Random) -> None:
    smsc.behave(late_next=chance.randrange(1, 6), late_s=chance.uniform(2.0, 6.0))


def _is_busy(smsc: Smsc, chance: random.Random) -> None:
    smsc.behave(most_per_second=BUSY)
    time.sleep(chance.uniform(0.2, 3.0))
    smsc.behave(most_per_second=None)


def _refuses(smsc: Smsc, chance: random.Random) -> None:
    smsc.behave(refuse_next=chance.randrange(1, 4), refuse_next_with=chance.choice((0x08, 0x14, 0x45, 0x58, 0xFF)))


def _changes(smsc: Smsc, chance: random.Random) -> None:
    """It answers faster or slower, reports twice, or before its answer."""
    smsc.behave(
        answer_s=chance.choice((0.0, 0.005, 0.05)),
        receipt_copies=chance.choice((1, 1, 2)),
        receipt_is_early=chance.random() < 0.3,
    )


TROUBLES: tuple[Callable[[Smsc, random.Random], None], ...] = (
    _breaks, _breaks, _falls, _restarts, _says_nothing, _says_it_late, _is_busy, _refuses, _changes
)  # fmt: skip


@contextmanager
def _troubled(clinic: Clinic) -> Iterator[Watch]:
    """Random troubles, one after the other, and a look at the memory now and then."""
    watch, stop = Watch(), threading.Event()
    thread = threading.Thread(target=_trouble, args=(clinic, watch, stop), daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()


def _trouble(clinic: Clinic, watch: Watch, stop: threading.Event) -> None:
    chance, next_sample = random.Random(34), 0.0
    assert clinic.installation.daemon is not None
    while not stop.wait(chance.expovariate(FAULTS_A_SECOND)):
        trouble = chance.choice(TROUBLES)
        trouble(clinic.smsc, chance)
        watch.faults[trouble.__name__.strip("_")] += 1
        if time.monotonic() >= next_sample:
            watch.sizes.append(rss_mb(clinic.installation.daemon.pid))
            next_sample = time.monotonic() + SAMPLE_S
    clinic.smsc.behave(ignore_next=0, late_next=0, refuse_next=0)


# What came of it.


def _rows(clinic: Clinic, watch: Watch, size: int, elapsed_s: float) -> list[Row]:
    found, counts = _compare(clinic, size), clinic.smsc.counts
    states = ", ".join(f"{state} {count}" for state, count in sorted(clinic.installation.states().items()))
    troubles = ", ".join(f"{name} {count}" for name, count in watch.faults.most_common())
    print(f"\nsmpp_soak: {states}; {troubles}; {dict(counts)}; {clinic.smsc.complaints[:3]}", flush=True)
    zero = (0.0,)
    return [
        Row(f"smpp_soak, {size} messages, two binds, until all have an end", (elapsed_s,), "s"),
        Row("smpp_soak, troubles", (float(watch.faults.total()),), ""),
        Row("smpp_soak, binds", (float(counts["binds"]),), ""),
        Row("smpp_soak, messages lost", (float(found["lost"]),), "", zero, zero),
        Row("smpp_soak, texts twice on a phone without `uncertain`", (float(found["silent"]),), "", zero, zero),
        Row("smpp_soak, texts twice on a phone, said so", (float(found["said"]),), ""),
        Row("smpp_soak, messages that were uncertain", (float(found["uncertain"]),), ""),
        Row("smpp_soak, PDUs that an SMSC complains of", (float(len(clinic.smsc.complaints)),), "", zero, zero),
        Row("smpp_soak, memory, median", (median(watch.settled),), "MB"),
        Row("smpp_soak, memory, last tenth less first tenth", (watch.growth_mb,), "MB", (10.0,), (3.0,)),
    ]


def _compare(clinic: Clinic, size: int) -> Counter[str]:
    """Each phone's texts against its row: a number has one message only."""
    shown, found = clinic.shown(), Counter[str]()
    with closing(sqlite3.connect(clinic.installation.database)) as connection:
        uncertain = {message for (message,) in connection.execute(UNCERTAIN)}
        rows = connection.execute("SELECT id, msisdn, state FROM outbox").fetchall()
    for message, msisdn, state in rows:
        copies, is_said = shown[msisdn], message in uncertain
        is_lost = not copies if state in ("sent", "delivered") else not is_said
        found["uncertain"] += is_said
        found["lost"] += is_lost
        found["said" if is_said else "silent"] += max(0, copies - 1)
        if is_lost or (copies > 1 and not is_said):
            print(
                f"\nmessage {message} is {state}, its phone shows {copies} texts", _events(clinic, message), flush=True
            )
    found["lost"] += size - len(rows)
    return found


def _events(clinic: Clinic, message: int) -> list[str]:
    statement = "SELECT event, to_state, detail FROM events WHERE outbox_id = ? ORDER BY id"
    rows = clinic.installation.rows(statement, message)
    return [" ".join(str(each) for each in row.values() if each) for row in rows]
