"""A bind: SMS and receipts per second, CPU, and how long an urgent SMS, another program and a modem wait meanwhile."""

from __future__ import annotations

import sqlite3
import time
from bisect import bisect
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from scripts.benchmarks import gap
from scripts.benchmarks.journal import gaps
from scripts.benchmarks.other_program import Other
from scripts.benchmarks.rig import running
from scripts.benchmarks.rows import Row, median_and_p95, percentile
from scripts.benchmarks.smpp_rig import START_S, WINDOW, Bind, Drain, add_bind, bound
from tests.fake_smsc.process import SmscProcess

SIZE = 5_000
ANSWERS_S = (0.0, 0.02, 0.1)  # the SMSC's
RATES = {  # at least and aim, SMS a second, by whether there are receipts
    False: ((2000.0, 1800.0, 450.0), (4000.0, 2300.0, 490.0)),
    True: ((1200.0, 1000.0, 400.0), (2500.0, 2000.0, 480.0)),
}
CPU = {False: ((0.5,), (0.25,)), True: ((0.8,), (0.4,))}  # at least and aim, s for 1,000 SMS
EVERY_S = 0.005  # another program writes so often
MEANWHILE = 5  # of so many SMS one is sent while it writes
WAIT_GOAL_MS = 50.0  # at the 99th percentile
URGENT_TIMES, URGENT_EVERY_S, URGENT_DIGITS = 30, 0.1, "7900888"
# Beside a modem: its radio, the SMSC's answers, how much is left to both, and at least so many for the modem alone.
RADIO_S, BESIDE_ANSWER_S, BESIDE_TIMES, LEAST_PINNED = 0.2, 0.02, 4, 4

URGENT = "INSERT INTO outbox (recipient, body, category) VALUES (?, 'Code 4711', 'otp')"
PINNED = "INSERT INTO outbox (recipient, body, sender) VALUES (?, 'By the modem', 'sim-1')"
URGENT_OPEN = "SELECT count(*) AS n FROM outbox WHERE recipient LIKE '+7900888%' AND state IN ('queued', 'sending')"


def measure(size: int, answers: int = len(ANSWERS_S)) -> Iterator[Row]:
    """`answers`: how many of ANSWERS_S are tried. Minutes in all where the machine is busy: each row comes when it is
    known."""
    for has_receipts in RATES:
        yield from _rates(size, has_receipts, answers)
    for answer_s in ANSWERS_S[:answers]:
        yield from _meanwhile(size, answer_s)
    yield _modem(size)


def _rates(size: int, has_receipts: bool, answers: int) -> Iterator[Row]:
    what = "delivered" if has_receipts else "sent"
    for answer_s, at_least, aim in islice(zip(ANSWERS_S, *RATES[has_receipts], strict=True), answers):
        with bound(answer_s, has_receipts=has_receipts) as bind:
            found = bind.drain(size)
            wait = _wait(bind, max(1, size // MEANWHILE), f"bind, SMS {what}, {answer_s * 1000:g} ms")
        name = f"bind, {size} SMS {what}, answers after {answer_s * 1000:g} ms"
        yield Row(name, (found.per_second,), "SMS/s", (at_least,), (aim,), is_more_better=True)
        yield wait
        if answer_s == 0.0:
            yield from _cpu(found, what, has_receipts)


def _cpu(found: Drain, what: str, has_receipts: bool) -> Iterator[Row]:
    yield Row(f"bind, CPU for 1000 SMS {what}", (found.cpu_per_1000_s,), "s", *CPU[has_receipts])
    yield Row("bind, CPU of the SMSC that plays along", (found.smsc_cpu_s / found.count * 1000,), "s")


def _meanwhile(size: int, answer_s: float) -> Iterator[Row]:
    """Codes that are written while a backlog with receipts is drained: how long until the SMSC has each, and how many
    SMS it gets meanwhile."""
    with bound(answer_s, has_receipts=True, watch=URGENT_DIGITS) as bind:
        bind.insert(size)
        committed_at = _urgent(bind)
        bind.installation.wait_for(lambda: not bind.installation.rows(URGENT_OPEN)[0]["n"], "the codes out", START_S)
        found = bind.smsc.stop()
    taken_at, places = found["taken_at"], found["watched"]
    wait_ms = [(taken_at[place] - at) * 1000 for place, at in zip(places, committed_at, strict=True)]
    in_front = [float(place - bisect(taken_at, at)) for place, at in zip(places, committed_at, strict=True)]
    name = f"bind, an urgent row behind {size}, {answer_s * 1000:g} ms"
    yield Row(f"{name}: until the SMSC has it", median_and_p95(wait_ms), "ms")
    yield Row(f"{name}: SMS in front of it", median_and_p95(in_front), "", (WINDOW, WINDOW))


def _urgent(bind: Bind) -> list[float]:
    """Codes, one after the other; the time of day of each one's commit."""
    committed_at = []
    with closing(sqlite3.connect(bind.installation.database, timeout=30.0)) as connection:
        for number in range(URGENT_TIMES):
            time.sleep(URGENT_EVERY_S)
            with connection:
                connection.execute(URGENT, (f"+{URGENT_DIGITS}{number:04}",))
            committed_at.append(time.time())
    return committed_at


def _wait(bind: Bind, size: int, name: str) -> Row:
    """How long another program's commits took while the bind sent so many."""
    bind.insert(size)
    with Other(bind.installation.database, EVERY_S) as other:
        bind.wait_for_backlog()
    wait_ms = percentile(other.waits_ms, 50), percentile(other.waits_ms, 99)
    return Row(f"{name}: another program's commit (median / p99)", wait_ms, "ms", (WAIT_GOAL_MS, WAIT_GOAL_MS))


def _modem(size: int) -> Row:
    """Its gaps while the bind beside it drains what is left to both."""
    with (
        SmscProcess("--answer-s", f"{BESIDE_ANSWER_S}", "--receipt-s", "0") as smsc,
        running(radio_s=RADIO_S, more=lambda installation: add_bind(installation, smsc.port)) as rig,
    ):
        rig.insert(size * BESIDE_TIMES)
        with closing(sqlite3.connect(rig.installation.database, timeout=30.0)) as connection, connection:
            connection.executemany(PINNED, [(f"+7900777{n:04}",) for n in range(max(LEAST_PINNED, size // 100))])
        rig.wait_delivered()
        gap_ms = median_and_p95(gaps(rig.journal.read()), 1000)
    return Row(f"modem beside a busy bind, idle gap, radio {RADIO_S:g} s", gap_ms, "ms", gap.AT_LEAST, gap.AIM)
