"""The command line of scripts/fuzz."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz import runner
from tests.fuzz.runner import TARGETS, Fault, Figures

DEFAULT_LINES = 100_000


def main() -> int:
    options = _parser().parse_args()
    runner.limit_memory()
    targets = (options.target,) if options.target else tuple(TARGETS)
    if options.item is not None:
        return _replay(targets[0], options.seed, options.item)
    faults = 0
    for told in runner.run(options.lines, options.seed, targets):
        if isinstance(told, Fault):
            faults += 1
            print(f"{told.reason}\n{told.trace}    again: {told.command}\n", flush=True)
        else:
            _print_figures(told, faults)
    return min(1, faults)


def _replay(target: str, seed: int, number: int) -> int:
    print(runner.item(target, seed, number))
    _count, fault = runner.tried(target, seed, number)
    print(f"{fault.reason}\n{fault.trace}" if fault else "nothing broke")
    return 1 if fault else 0


def _print_figures(figures: Figures, faults: int) -> None:
    total = sum(figures.counts.values())
    for target, count in figures.counts.items():
        print(f"{target:10} {count:>9}")
    print(
        f"{total} in {figures.elapsed_s:.0f} s, {total / figures.elapsed_s:.0f} a second; {faults} faults; slowest "
        f"{figures.slowest_s * 1000:.0f} ms of the processor; memory grew by {figures.grown_kib / 1024:.0f} MiB"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/fuzz", description="Random damage to AT lines, PDUs of modems and SMSCs, USSD answers, texts."
    )
    parser.add_argument("--lines", type=int, default=DEFAULT_LINES, help="how many to try in all (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other items (%(default)s)")
    parser.add_argument("--target", choices=sorted(TARGETS), help="only this one")
    parser.add_argument("--item", type=int, help="only the item of this number, shown; needs --target")
    return parser


if __name__ == "__main__":
    sys.exit(main())
