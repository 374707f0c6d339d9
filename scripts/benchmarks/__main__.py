"""`scripts/bench [NAME…] [--size N]`: run the benchmarks and print one table."""

from __future__ import annotations

import argparse
import sys
import time
from types import ModuleType

from rich.console import Console
from rich.table import Table

from scripts.benchmarks import (
    command_line,
    contacts,
    cost,
    drain,
    fleet,
    gap,
    mail_merge,
    million,
    report,
    smpp,
    smpp_soak,
    soak,
    storm,
    wake,
)
from scripts.benchmarks.rows import Row

FIGURES: dict[str, ModuleType] = {
    "gap": gap,
    "drain": drain,
    "fleet": fleet,
    "wake": wake,
    "cost": cost,
    "million": million,
    "import": mail_merge,
    "report": report,
    "contacts": contacts,
    "cli": command_line,
    "storm": storm,
    "smpp": smpp,
    "soak": soak,
    "smpp_soak": smpp_soak,
}

USUAL = tuple(name for name in FIGURES if "soak" not in name)  # each takes a quarter of an hour


def main(arguments: list[str] | None = None) -> int:
    """What was measured by then is told also when it is ended before its time."""
    options = _options(arguments)
    rows: list[Row] = []
    try:
        for name in options.names or USUAL:
            _measure(name, options.size, rows)
    except KeyboardInterrupt:
        print("ended before its time", file=sys.stderr)
        return 130  # as shells have it
    finally:
        _table(rows)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("scripts/bench", description=__doc__, epilog=_sizes(), formatter_class=as_written)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which figures; all but the soaks without a name")
    parser.add_argument("--size", type=int, help="how many messages, samples or rows; each figure has its own default")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in FIGURES]
    if unknown:
        parser.error(f"there is no figure {unknown[0]}; there are {', '.join(FIGURES)}")
    return options


def _sizes() -> str:
    lines = [f"  {name:9} {module.SIZE:>9,}  {_first_line(module)}" for name, module in FIGURES.items()]
    return "figures and their sizes:\n" + "\n".join(lines)


def _first_line(module: ModuleType) -> str:
    return (module.__doc__ or "").splitlines()[0]


def _measure(name: str, size: int | None, rows: list[Row]) -> None:
    began_at = time.monotonic()
    print(f"{name} …", end=" ", file=sys.stderr, flush=True)
    for row in FIGURES[name].measure(size or FIGURES[name].SIZE):
        rows.append(row)
    print(f"{time.monotonic() - began_at:.0f} s", file=sys.stderr)


def _table(rows: list[Row]) -> None:
    table = Table(title="median / 95th percentile where there are two values")
    for heading in ("figure", "measured", "at least", "aim", ""):
        table.add_column(heading, justify="left" if heading == "figure" else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row.cells())
    Console(width=None if sys.stdout.isatty() else 140).print(table)


if __name__ == "__main__":
    sys.exit(main())
