"""`scripts/simulate --breakings`: every deliberate breaking, and the first seed in which it falls.

Each is made in a copy of the gateway, in a folder of its own; the gateway that is worked on stays as it is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.breakings import BREAKINGS, Breaking

ROOT = Path(__file__).parents[2]
NEEDED = ("gateway", "tests/simulation", "tests/fake_modem", "tests/fake_smsc")
NOT_SEEN = "**not seen**"
MARKER = "tests/__init__.py"
FELL = re.compile(r"^seed (\d+): .*\n(\w+):", re.MULTILINE)
NONE_FELL = re.compile(r"; 0 seeds failed$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fall:
    """Where a breaking was seen: in which seed, and by which rule."""

    seed: int
    rule: str


def table(names: list[str], seeds: range, days: int, processes: int) -> Iterator[str]:
    """A line for each of these, for docs/reliability.md."""
    yield "| broken | falls in seed | by |"
    yield "| --- | --- | --- |"
    for name in names:
        fall = first_fall(BREAKINGS[name], seeds, days, processes)
        where = f"{fall.seed} | {fall.rule.replace('_', ' ')}" if fall else f"none of {len(seeds)} | {NOT_SEEN}"
        yield f"| {name} | {where} |"


def first_fall(breaking: Breaking, seeds: range, days: int, processes: int) -> Fall | None:
    with TemporaryDirectory(prefix="smsgw-broken-") as folder:
        _copy(Path(folder))
        _break(Path(folder) / "gateway" / breaking.file, breaking)
        command = [sys.executable, "-m", "tests.simulation", "--until-broken", "--days", str(days)]
        command += ["--first", str(seeds.start), "--seeds", str(len(seeds)), "--processes", str(processes)]
        told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return _fall(told.stdout, told.stderr)


def _fall(output: str, errors: str) -> Fall | None:
    found = FELL.search(output)
    if found:
        return Fall(int(found[1]), found[2])
    if NONE_FELL.search(output):
        return None
    raise RuntimeError(f"The simulation did not run: {errors[-500:]}")


def _copy(folder: Path) -> None:
    for name in NEEDED:
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy2(ROOT / MARKER, folder / MARKER)


def _break(file: Path, breaking: Breaking) -> None:
    file.write_text(breaking.of(file.read_text("utf-8")), "utf-8")
