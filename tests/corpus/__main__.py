"""The command line of scripts/corpus."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.corpus import generated, runner
from tests.corpus.runner import Result

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xltx", ".xls", ".xlsb", ".ods", ".fods", ".csv", ".txt", ".tsv"})


def main() -> int:
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = files_in(options.folder) if options.folder else generated.write(Path(folder))
        results = []
        for result in runner.run(paths):
            results.append(result)
            if result.is_fault or options.is_verbose:
                print(f"{result.outcome}: {result.path}: {result.told}", flush=True)
        print("\n".join(table(results)))
    return 1 if any(result.is_fault for result in results) else 0


def files_in(folder: Path) -> list[Path]:
    """Every file that calls itself a list, in the folders below too."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def table(results: Sequence[Result]) -> list[str]:
    """For each sort of file and outcome: how many, the slowest, the most memory."""
    groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        groups[result.path.suffix.lower(), result.outcome].append(result)
    lines = [f"{'file':8} {'outcome':22} {'files':>6} {'rows':>9} {'slowest':>9} {'memory':>9}"]
    lines += [_line(suffix, outcome, group) for (suffix, outcome), group in sorted(groups.items())]
    faults = sum(result.is_fault for result in results)
    return [*lines, _line("all", f"{faults} faults", results)] if results else ["no files"]


def _line(name: str, outcome: str, group: Iterable[Result]) -> str:
    group = list(group)
    rows = sum(result.rows for result in group)
    slowest, largest = max(result.elapsed_s for result in group), max(result.peak_mib for result in group)
    return f"{name:8} {outcome:22} {len(group):>6} {rows:>9} {slowest:>7.1f} s {largest:>5.0f} MiB"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/corpus",
        description="Reads awkward lists: no traceback, at most 1 GiB and 30 s for any. Without FOLDER it makes them.",
    )
    parser.add_argument("folder", nargs="?", type=Path, help="a folder of real ones, read with those below it")
    parser.add_argument("--verbose", dest="is_verbose", action="store_true", help="what is told of each file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
