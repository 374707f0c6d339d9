"""Draining a backlog through one modem whose radio takes no time: what the gateway itself can do."""

from __future__ import annotations

from scripts.benchmarks.rig import Rig, running
from scripts.benchmarks.rows import Row, median

SIZE = 600  # messages in each run's backlog
RUNS = 3  # the median of them counts
AT_LEAST = (100.0,)
AIM = (300.0,)


def measure(size: int) -> list[Row]:
    """Until all are sent, and until all are delivered."""
    with running() as rig:
        runs = [_rates(rig, size) for _ in range(RUNS)]
    sent, delivered = (median(rates) for rates in zip(*runs, strict=True))
    return [
        Row("drain, one modem, instant radio, sent", (sent,), "SMS/s", AT_LEAST, AIM, is_more_better=True),
        Row("drain, one modem, instant radio, delivered", (delivered,), "SMS/s", is_more_better=True),
    ]


def _rates(rig: Rig, size: int) -> tuple[float, float]:
    """SMS per second from the first AT+CMGS to the last answer, and to the last report in the database."""
    before = len(rig.journal.read())
    rig.send(size)
    submits = rig.journal.read()[before:]
    began_at = submits[0].command_at
    return len(submits) / (submits[-1].answer_at - began_at), len(submits) / (rig.last_delivery_at() - began_at)
