"""The command line of scripts/simulate."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from tests.simulation import breaking, many, story
from tests.simulation.breakings import BREAKINGS
from tests.simulation.story import Ending

DEFAULT_DAYS = 14
WARM_SEEDS, SEEDS_TO_TELL = 10, 20  # of a process
MOST_GROWN_KIB = 32 * 1024  # what Python's own caches and holes make up; SQLite's are a few MiB


@dataclass(frozen=True)
class Growth:
    """How a process's memory went over its seeds."""

    first_kib: int
    last_kib: int
    seeds: int

    @property
    def is_too_much(self) -> bool:
        return self.last_kib - self.first_kib > MOST_GROWN_KIB

    def __str__(self) -> str:
        first, last = self.first_kib / 1024, self.last_kib / 1024
        return f"{first:.0f} to {last:.0f} MiB over {self.seeds} seeds" + (" TOO MUCH" if self.is_too_much else "")


def main() -> int:
    options = _parser().parse_args()
    if options.seed is not None:
        return _replay(options.seed, options.days, is_traced=options.trace)
    seeds = range(options.first, options.first + options.seeds)
    if options.breakings is not None:
        return _break(options.breakings or list(BREAKINGS), seeds, options.days, options.processes)
    return _many(seeds, options.days, options.processes, is_first_enough=options.until_broken)


def _break(names: list[str], seeds: range, days: int, processes: int) -> int:
    """Whether each is seen."""
    is_seen = True
    for line in breaking.table(names, seeds, days, processes):
        print(line, flush=True)
        is_seen = is_seen and breaking.NOT_SEEN not in line
    return 0 if is_seen else 1


def _replay(seed: int, days: int, *, is_traced: bool) -> int:
    many.quiet(is_traced)
    ending = story.tell(seed, days, is_traced=is_traced)
    print(_line(ending))
    print(*ending.broken, *ending.explained, sep="\n")
    return 1 if ending.broken else 0


def _many(seeds: range, days: int, processes: int, *, is_first_enough: bool = False) -> int:
    """Ended by Ctrl-C, it tells of the seeds that are done."""
    began, endings = time.monotonic(), list[Ending]()
    with suppress(KeyboardInterrupt):
        for ending in many.told(seeds, days, processes):
            endings.append(ending)
            if ending.broken:
                again = f"    again: scripts/simulate --seed {ending.seed} --days {days} --trace\n"
                print(_line(ending), *ending.broken[:5], again, sep="\n", flush=True)
                if is_first_enough:
                    break
    _summary(endings, time.monotonic() - began)
    has_grown = any(growth.is_too_much for growth in _growth(endings))
    return 1 if has_grown or any(ending.broken for ending in endings) else 0


def _summary(endings: list[Ending], elapsed_s: float) -> None:
    states = sum((Counter(ending.states) for ending in endings), Counter[str]())
    failed = sum(bool(ending.broken) for ending in endings)
    print(
        f"{len(endings)} seeds, {sum(ending.days for ending in endings) / 365.25:.1f} years, "
        f"{sum(ending.messages for ending in endings)} messages, {sum(ending.sms for ending in endings)} SMS handed "
        f"over, {sum(ending.kills for ending in endings)} power cuts, in {elapsed_s:.0f} s; {failed} seeds failed"
    )
    print("states in the end:", ", ".join(f"{state} {count}" for state, count in sorted(states.items())))
    print("memory of a process:", "; ".join(map(str, _growth(endings))) or "too few seeds to tell")


def _growth(endings: list[Ending]) -> list[Growth]:
    """From the tenth of a process's seeds, when everything is loaded, to its last."""
    found = []
    for process in sorted({ending.process for ending in endings}):
        sizes = [ending.size_kib for ending in endings if ending.process == process]
        if len(sizes) > SEEDS_TO_TELL:
            found.append(Growth(sizes[WARM_SEEDS], sizes[-1], len(sizes)))
    return found


def _line(ending: Ending) -> str:
    return (
        f"seed {ending.seed}: {ending.messages} messages, {ending.sms} SMS, {ending.kills} power cuts, "
        f"{ending.days:.0f} days in {ending.wall_s:.1f} s, {len(ending.broken)} broken"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/simulate", description="Weeks of a clinic's traffic against simulated modems, seed by seed."
    )
    parser.add_argument("--seeds", type=int, default=100, help="how many (%(default)s)")
    parser.add_argument("--first", type=int, default=1, help="the first of them (%(default)s)")
    parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help="of traffic in each (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="at a time (%(default)s)")
    parser.add_argument("--seed", type=int, help="only this one, told in full")
    parser.add_argument("--until-broken", action="store_true", help="end with the first that fails")
    parser.add_argument(
        "--breakings",
        nargs="*",
        choices=list(BREAKINGS),
        help="break the gateway in each of these ways, or all: where is it seen?",
    )
    parser.add_argument("--trace", action="store_true", help="with --seed: everything that happens")
    return parser


if __name__ == "__main__":
    sys.exit(main())
