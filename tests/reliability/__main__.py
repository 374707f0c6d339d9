"""`scripts/reliability`: everything that may go wrong, on the real daemon; docs/reliability.md says what was seen."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from tests.reliability import binds, clinic, clocks, disks, killing, lists, pains, patients, stories
from tests.reliability.page import page
from tests.reliability.result import Result
from tests.reliability.stage import played

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
MOST_WORDS = 900  # of a fault
Section = Callable[[Path, argparse.Namespace], list[dict[str, Any]]]


def _results(*results: Result) -> list[dict[str, Any]]:
    for each in results:
        print(
            f"{each.verdict.strip('*')}: {each.name} {each.kind}: {each.seen} {list(each.wrong or ())[:3] or ''}",
            flush=True,
        )
    return [asdict(each) for each in results]


def _each(*plays: Callable[[Path], Result]) -> Section:
    """One after the other, each with a folder of its own."""
    return lambda folder, _: [
        result for number, play in enumerate(plays) for result in _results(_tried(play, folder / str(number)))
    ]


def _tried(play: Callable[[Path], Result], folder: Path) -> Result:
    folder.mkdir(parents=True)
    try:
        return play(folder)
    except Exception as fault:  # noqa: BLE001 - one case that fails must not end the others
        return Result(getattr(play, "__name__", ""), "", "", type(fault).__name__, [_shortened(str(fault))])


def _shortened(words: str) -> str:
    """What was waited for, and the last that the log says."""
    return words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS // 3]} … {words[-2 * MOST_WORDS // 3 :]}"


def _stories(folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    wanted = [each for each in stories.STORIES if not options.story or any(word in each.name for word in options.story)]
    on_bus = [
        each for each in stories.ON_THE_BUS if not options.story or any(word in each.name for word in options.story)
    ]
    found = []
    for is_long in (False, True):
        for place, group in (("plain", wanted), ("bus", on_bus)):
            if group:
                found += _results(*played(folder / f"{place}-{is_long}", group, is_long=is_long))
    return found


SECTIONS: Mapping[str, Section] = {
    "pains": lambda folder, options: [asdict(each) for each in pains.tested()],
    "stories": _stories,
    "binds": _each(*(case.play for case in binds.CASES)),
    "database": _each(
        lambda folder: clinic.lock(folder, 30.0), lambda folder: clinic.slow_writer(folder, 20.0),
        lambda folder: clinic.file_size_limit(folder, 10.0), lambda folder: disks.full_disk(folder, 10.0),
        disks.read_only, clinic.deleted, clinic.replaced, clinic.moved,
    ),
    "clocks": _each(clocks.jumps, clocks.heap, clocks.autumn, clocks.spring),
    "patients": _each(patients.blocked_sim, patients.storm, patients.backlog),
    "kills": lambda folder, options: _results(killing.killed(folder, options.kills, options.seed)),
    "terms": lambda folder, options: _results(killing.terminated(folder, options.terms, options.seed)),
    "lists": lambda folder, options: _each(
        partial(lists.killed, times=options.imports, seed=options.seed),
        partial(lists.contacts_killed, times=options.imports, seed=options.seed),
    )(folder, options),
}  # fmt: skip


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/reliability", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; none: all")
    parser.add_argument("--kills", type=int, default=200, help="how often the daemon is killed")
    parser.add_argument("--terms", type=int, default=50, help="how often it is ended in an orderly way")
    parser.add_argument("--imports", type=int, default=100, help="how often an import is killed")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--story", action="append", help="only stories whose name has this word")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    parser.add_argument("--keep", type=Path, help="keep the results in this file, those of other sections too")
    options = parser.parse_args()
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    return options


def _end_in_order(*_: object) -> None:
    """As after Ctrl-C: a daemon left behind would later write into the pseudo-terminals of another run."""
    raise SystemExit(128 + signal.SIGTERM)


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, _end_in_order)
    kept: dict[str, Any] = json.loads(options.keep.read_text()) if options.keep and options.keep.exists() else {}
    for name in options.sections or SECTIONS:
        print(f"== {name}", flush=True)
        is_added = options.story and name == "stories" and name in kept
        began = time.monotonic() - (kept[name]["took_s"] if is_added else 0.0)
        with tempfile.TemporaryDirectory(prefix="smsgw-reliability-", ignore_cleanup_errors=True) as folder:
            results = SECTIONS[name](Path(folder), options)
        if is_added:
            results = _merged(kept[name]["results"], results)
        kept[name] = {"results": results, "took_s": time.monotonic() - began, "on": time.strftime("%Y-%m-%d")}
        if options.keep:
            options.keep.write_text(json.dumps(kept, ensure_ascii=False, indent=1))
    if options.write:
        PAGE.write_text(page(kept), encoding="utf-8")
    wrong = [each for name in options.sections or SECTIONS for each in kept[name]["results"] if _is_wrong(each)]
    print(f"{len(wrong)} did not hold", flush=True)
    return 1 if wrong else 0


def _merged(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The new results in the places of the old ones."""
    by_name = {(each["name"], each["kind"]): each for each in (*old, *new)}
    return list(by_name.values())


def _is_wrong(result: Mapping[str, Any]) -> bool:
    return bool(result.get("wrong") or result.get("failed"))


if __name__ == "__main__":
    sys.exit(main())
