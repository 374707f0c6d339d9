"""Many seeds, over some processes; each seed's story stands alone."""

from __future__ import annotations

import multiprocessing
import os
import resource
from collections.abc import Iterator
from functools import partial

import structlog

from tests.simulation import story
from tests.simulation.story import Ending

SEEDS_OF_A_PROCESS = 500  # its memory is measured over these
EVERYTHING, NOTHING = 0, 50  # logging's levels


def told(seeds: range, days: int, processes: int) -> Iterator[Ending]:
    tell = partial(_tell, days)
    if processes == 1:
        quiet()
        yield from map(tell, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(processes, quiet, maxtasksperchild=SEEDS_OF_A_PROCESS) as pool:
        yield from pool.imap_unordered(tell, seeds, chunksize=1)


def _tell(days: int, seed: int) -> Ending:
    try:
        ending = story.tell(seed, days)
    except Exception as fault:  # noqa: BLE001 - one seed that falls must not hide the others
        ending = Ending(seed, [f"fell: {type(fault).__name__}: {fault}"], 0, 0, 0, 0.0, 0.0)
    ending.process, ending.size_kib = os.getpid(), _size_kib()
    return ending


def _size_kib() -> int:
    """Its present size, not its largest."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() // 1024


def quiet(is_traced: bool = False) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(EVERYTHING if is_traced else NOTHING))
