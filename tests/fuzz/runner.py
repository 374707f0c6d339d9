"""Runs items: each is made from its target, seed and number alone, so that one command makes it again."""

from __future__ import annotations

import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from types import FrameType
from typing import Any

from tests.fuzz import answers, bound, lines, pdus, smpp

CPU_LIMIT_S = 0.5  # of one item: a hundred times what the slowest sound one takes
MEMORY_LIMIT = 512 << 20  # octets beyond what the process has at the start
MOST_FAULTS = 20  # then enough is known


@dataclass(frozen=True)
class Target:
    """How an item is made, what must hold for it, and how many of the lines, PDUs and answers it is."""

    make: Callable[[Random], Any]
    check: Callable[[Any], None]
    count: Callable[[Any], int] = lambda _item: 1
    share: int = 1  # how many of its items come in one round


TARGETS = {
    "lines": Target(lines.make, lines.check, lines.count),
    "incoming": Target(pdus.make_incoming, pdus.check_incoming, share=24),
    "submit": Target(pdus.make_submit, pdus.check_submit, share=10),
    "ussd": Target(answers.make, answers.check, share=16),
    "smpp": Target(smpp.make, smpp.check, lambda stream: stream.count, share=8),
    "bind": Target(bound.make, bound.check, lambda dialogue: max(1, dialogue.count), share=2),
    "text": Target(pdus.make_text, pdus.check_text, share=6),
}


@dataclass(frozen=True)
class Fault:
    """An item that broke something."""

    target: str
    seed: int
    number: int
    reason: str
    trace: str

    @property
    def command(self) -> str:
        return f"scripts/fuzz --target {self.target} --seed {self.seed} --item {self.number}"


class TooSlow(Exception):
    """An item took more than its share of the processor."""


@dataclass
class Figures:
    """How many were tried, in how long."""

    counts: dict[str, int]
    elapsed_s: float
    grown_kib: int  # of the process's largest size
    slowest_s: float  # an item's processor time


def item(target: str, seed: int, number: int) -> Any:
    """The item of this number, always the same one."""
    return TARGETS[target].make(Random(f"{target} {seed} {number}"))


def tried(target: str, seed: int, number: int) -> tuple[int, Fault | None]:
    """How many lines it was, and what it broke."""
    made = item(target, seed, number)
    try:
        with bounded():
            TARGETS[target].check(made)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        reason = f"{type(error).__name__}: {error}"[:200]
        return 1, Fault(target, seed, number, reason, traceback.format_exc(limit=-4))
    return TARGETS[target].count(made), None


def run(wanted: int, seed: int, targets: tuple[str, ...] = tuple(TARGETS)) -> Iterator[Fault | Figures]:
    """Rounds of items until so many lines were tried; the faults as they are found, the figures last."""
    counts = dict.fromkeys(targets, 0)
    began, size, slowest_s, numbers, faults = time.monotonic(), _size_kib(), 0.0, dict.fromkeys(targets, 0), 0
    while sum(counts.values()) < wanted and faults < MOST_FAULTS:
        for target in (each for each in targets for _ in range(TARGETS[each].share)):
            before = time.process_time()
            count, fault = tried(target, seed, numbers[target])
            slowest_s = max(slowest_s, time.process_time() - before)
            counts[target] += count
            numbers[target] += 1
            if fault:
                faults += 1
                yield fault
    yield Figures(counts, time.monotonic() - began, _size_kib() - size, slowest_s)


def limit_memory() -> None:
    """What asks for more memory than an item may ever need fails with MemoryError."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        pages = int(statm.read().split()[0])
    limit = pages * resource.getpagesize() + MEMORY_LIMIT
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


@contextmanager
def bounded() -> Iterator[None]:
    """By the processor's time: how busy the machine is makes no difference."""
    earlier = signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, CPU_LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, earlier)


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"more than {CPU_LIMIT_S} s of the processor")


def _size_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
