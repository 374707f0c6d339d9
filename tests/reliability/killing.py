"""kill -9 and SIGTERM at random moments, under load."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.e2e.fleet import Fleet, assembled
from tests.reliability.load import Load
from tests.reliability.result import Result

MODEMS = [f"sim-{n}" for n in range(1, 5)]
LONGEST_LIFE_S = 1.0  # a daemon lives so long at most, from its launch or from its first ready modem on
IN_THE_START = 0.25  # this share is hit while it starts, which takes some 0.4 s on a machine at rest
SETTLE_S = 60.0
EVERY_S = 0.15  # between two rows of a writer: lives are short, and what they leave has to go out at the end
BANK = {"radio_s": 0.05, "report_s": 0.1}


def _lives(fleet: Fleet, times: int, seed: int, *, is_killed: bool) -> list[str]:
    """So many short lives; what an orderly end must not show."""
    chance, wrong = random.Random(seed), []
    for life in range(times):
        fleet.clinic.start(modems_ready=-1 if chance.random() < IN_THE_START else 1)
        time.sleep(chance.uniform(0.0, LONGEST_LIFE_S))
        if is_killed:
            fleet.clinic.kill()
        elif (code := fleet.clinic.terminate()) != 0 and code != -15:  # before its handler stands, the signal kills
            wrong.append(f"life {life} ended with {code}")
    return wrong


def _tried(folder: Path, times: int, seed: int, *, is_killed: bool) -> tuple[Load, list[str], float]:
    with assembled(folder, MODEMS, bank={**BANK, "seed": seed}, uncertain_wait=1, modem={"answer_wait": 2}) as fleet:
        for modem in fleet.modems.values():
            modem.patience(0.5, 0.5)
        load = Load(fleet, EVERY_S, seed=seed)
        with load.running():
            wrong = _lives(fleet, times, seed, is_killed=is_killed)
        started = time.monotonic()
        fleet.clinic.start()
        if not load.settle(SETTLE_S):
            wrong.append("it did not settle")
        return _counted(load, wrong, time.monotonic() - started)


def _counted(load: Load, wrong: list[str], settled_s: float) -> tuple[Load, list[str], float]:
    wrong += load.complaints()
    return load, wrong, settled_s


def killed(folder: Path, times: int, seed: int = 0) -> Result:
    """Nothing lost, nothing doubled silently."""
    with_load, wrong, settled_s = _tried(folder, times, seed, is_killed=True)
    counts = ", ".join(f"{value} {name}" for name, value in with_load.counted().items())
    return Result(
        f"kill -9, {times} times",
        "the daemon is killed while two writers insert and patients answer: every fourth time in its start, else within"
        f" {LONGEST_LIFE_S:.0f} s after its first modem is ready",
        "no row and no answer lost; no SMS twice unless the message was called uncertain; every row's word is true",
        f"{counts}; settled {settled_s:.0f} s after the last start",
        wrong,
        pains=(3, 4, 7, 17),
    )


def terminated(folder: Path, times: int, seed: int = 0) -> Result:
    """An orderly end: what is in the air finishes."""
    with_load, wrong, settled_s = _tried(folder, times, seed, is_killed=False)
    counts = with_load.counted()
    said = ", ".join(f"{value} {name}" for name, value in counts.items())
    return Result(
        f"SIGTERM, {times} times",
        "the same with SIGTERM",
        "the same, and nothing uncertain at all: what is in the air finishes",
        f"{said}; settled {settled_s:.0f} s after the last start",
        [*wrong, *([f"{counts['uncertain']} were uncertain"] if counts["uncertain"] else [])],
        pains=(3, 7),
    )
