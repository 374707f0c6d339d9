"""100,000 messages over two binds with everything going wrong: nothing lost or doubled in silence, memory flat."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from scripts.benchmarks.rows import Row
from scripts.benchmarks.troubled import NONE, Watch, compared, rows_of, troubled, wait
from tests.e2e.binds import Clinic, number_of, opened
from tests.fake_smsc import Conduct, Smsc

SIZE = 100_000
FAULTS_A_SECOND = 0.5  # each one costs a bind some seconds
PATIENCE_S = 3600.0
LONG_S = 120.0  # so long, once, it refuses all for its haste
BATCH = 10_000  # in parts, as an information system would, so that the queue is never empty
LONG_EVERY = 20  # one message of so many takes two SMS
BODY = "Ждём вас завтра в 10:30, врач Примерова, каб. 12"
WINDOW, RATE, BUSY = 20, 2000, 50
CONDUCT = Conduct(answer_s=0.005, receipt_s=0.05, receipt_spread_s=0.2, ids="padded_hex", receipt_ids="decimal")
BINDS = ({"name": "operator"}, {"name": "second", "bind": "pair"})
SETTINGS = {"window": WINDOW, "max_per_second": RATE, "answer_timeout": "3 s", "enquire_every": "2 s"}
BREAKS = ("submit", "taken", "half_answer", "answered", "deliver", "half_deliver", "acknowledged", "bind")
WAYS = ("reset", "close", "half_close", "stall")


def measure(size: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder, opened(Path(folder), CONDUCT) as clinic:
        clinic.configure(*({**bind, **SETTINGS} for bind in BINDS), uncertain_wait="10 s")
        clinic.start(binds_ready=len(BINDS))
        began_at, installation = time.monotonic(), clinic.installation
        assert installation.daemon is not None
        with troubled(installation.daemon.pid, partial(_trouble, clinic.smsc), FAULTS_A_SECOND, seed=34) as watch:
            _insert(clinic, size)
            wait(installation, size * 2 // 3, PATIENCE_S)
            _takes_nothing(clinic.smsc, min(LONG_S, size / 100))
            wait(installation, size // 100, PATIENCE_S)
        clinic.smsc.behave(ignore_next=0, late_next=0, refuse_next=0)
        wait(installation, 0, PATIENCE_S)  # in calm: the last ones wait for their next try
        return _rows(clinic, watch, size, time.monotonic() - began_at)


def _insert(clinic: Clinic, size: int) -> None:
    for start in range(0, size, BATCH):
        numbers = range(start, min(size, start + BATCH))
        with closing(sqlite3.connect(clinic.installation.database, timeout=30.0)) as connection, connection:
            rows = ((number_of(n), BODY if n % LONG_EVERY else f"{BODY}. {BODY}") for n in numbers)
            connection.executemany("INSERT INTO outbox (recipient, body) VALUES (?, ?)", rows)


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


def _takes_nothing(smsc: Smsc, for_s: float) -> None:
    """Throttled for minutes; all the rest goes wrong meanwhile."""
    smsc.behave(refuse_with=0x58)
    time.sleep(for_s)
    smsc.behave(refuse_with=0)


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


def _trouble(smsc: Smsc, chance: random.Random) -> str:
    trouble = chance.choice(TROUBLES)
    trouble(smsc, chance)
    return trouble.__name__.strip("_")


# What came of it.


def _rows(clinic: Clinic, watch: Watch, size: int, elapsed_s: float) -> list[Row]:
    found, counts = compared(clinic.installation.database, clinic.shown(), size, _is_lost), clinic.smsc.counts
    states = ", ".join(f"{state} {count}" for state, count in sorted(clinic.installation.states().items()))
    troubles = ", ".join(f"{name} {count}" for name, count in watch.faults.most_common())
    complaints = clinic.smsc.complaints
    print(f"\nsmpp_soak: {states}; {troubles}; {dict(counts)}; {complaints[:3]}", flush=True)
    return [
        Row(f"smpp_soak, {size} messages, two binds, until all have an end", (elapsed_s,), "s"),
        Row("smpp_soak, troubles", (float(watch.faults.total()),), ""),
        Row("smpp_soak, binds", (float(counts["binds"]),), ""),
        Row("smpp_soak, PDUs that an SMSC complains of", (float(len(complaints)),), "", NONE, NONE),
        *rows_of("smpp_soak", found, watch),
    ]


def _is_lost(state: str, copies: int, is_said: bool) -> bool:
    """Every message is delivered, but one that met a broken link twice."""
    return not copies if state in ("sent", "delivered") else not is_said
