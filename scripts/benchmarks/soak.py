"""100,000 messages over 16 modems with random faults: nothing lost, nothing doubled in silence, memory flat."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from functools import partial
from pathlib import Path

from scripts.benchmarks.rig import Rig, running
from scripts.benchmarks.rows import Row
from scripts.benchmarks.troubled import Watch, compared, rows_of, troubled, wait
from tests.fake_modem.control import order

SIZE = 100_000
MODEMS = 16
FAULTS_A_SECOND = 2.0  # each modem meets one every eight seconds, and is well again by the next
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


def measure(size: int, modems: int = MODEMS) -> list[Row]:
    with running(modems, 0.0, control=True, answer_wait=ANSWER_WAIT, uncertain_wait=UNCERTAIN_WAIT) as rig:
        began_at = time.monotonic()
        with troubled(rig.pid, partial(_trouble, rig), FAULTS_A_SECOND, seed=16) as watch:
            _insert(rig, size)
            wait(rig.installation, size // 100, PATIENCE_S)
        wait(rig.installation, 0, PATIENCE_S)  # in calm: the last ones wait for their next try
        return _rows(rig, watch, size, time.monotonic() - began_at)


def _insert(rig: Rig, size: int) -> None:
    """In parts, as an information system would, so that the queue is never empty."""
    for start in range(0, size, 10_000):
        rig.insert(min(10_000, size - start))


def _trouble(rig: Rig, chance: random.Random) -> str:
    """Of a modem that is well again after what it met before."""
    modem, fault = chance.randrange(rig.modems) + 1, chance.choice(FAULTS)
    for do in ("plug", "clear_faults", "recover"):
        order(rig.control, do, modem=modem)
    order(rig.control, "fault", modem=modem, **fault)
    return str(fault["kind"])


def _rows(rig: Rig, watch: Watch, size: int, elapsed_s: float) -> list[Row]:
    found = compared(rig.installation.database, _received(rig.folder / "journal.jsonl"), size, _is_lost)
    states = ", ".join(f"{state} {count}" for state, count in sorted(rig.installation.states().items()))
    print(f"\nsoak: {states}; {watch.faults.total()} faults", flush=True)
    return [
        Row(f"soak, {size} messages, {rig.modems} modems, until all have an end", (elapsed_s,), "s"),
        Row("soak, faults", (float(watch.faults.total()),), ""),
        *rows_of("soak", found, watch),
    ]


def _is_lost(state: str, copies: int, is_said: bool) -> bool:
    """A report that was lost leaves its message `sent`."""
    return not copies if state in ("sent", "delivered") else bool(copies) and not is_said


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
