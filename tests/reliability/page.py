"""docs/reliability.md from the results."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.reliability.pains import Tested, listed
from tests.reliability.result import Result, table

Kept = Mapping[str, Any]
OPENING = """# What may go wrong, and what then happens

    scripts/reliability                      # everything on this page; how long it took stands below
    scripts/reliability stories --story hang # some of it; `scripts/reliability --help` lists the sections
    scripts/reliability --write              # and write this page

The real daemon and the real command, on a real SQLite file; the modems, their SIMs and the network are a bank of fake
ones on pseudo-terminals and a fake USB bus. So nothing here was tried on hardware. Every message of a run goes to a
number of its own, and afterwards each row is compared with what the network took and the handsets show: a row's word
must be true, nothing may be lost, and nothing may have gone out twice unless the message was called `uncertain` before.
"Back after" counts from the end of the fault to the first SMS; where a modem hangs until a remedy, from the beginning.
"""
FINDINGS = """## What these runs have found, and is mended

| found by | what it was |
| --- | --- |
| forgets settings | a modem that had lost its settings refused an SMS (CMS 304), and the message was called failed |
| hang until replug | a silent stick that is known only by its SIM was taken for unplugged, and never treated |
| database deleted, moved, replaced | the daemon worked on with a file that no writer saw any more |
| answers lost | a receipt that came before its answer was given up did not settle it: the SMS was sent once more |
| link: stall | an SMSC that had fallen silent was given a second window, which was lost to it too |
| clock jumps by hours | the answer to the SMS in the air was thrown away, and it was sent twice |
| a heap after an outage | it was sent, where the daemon before had ended within two seconds of its first service |

## What they have shown, and is so

- A modem that comes and goes every second costs a message in the air each time: it is `uncertain`, is sent once more
  after `uncertain_wait`, and fails if the modem goes then too.
- A modem on which every submit fails is treated as SMS show it: with an SMS every few seconds the remedies follow each
  other within a minute; in a quiet hour they wait for the messages' own next tries, 5 s, 30 s, 1 min, then 5 min.
- Of a stick with two ports that both take SMS and of which only one tells of what comes in, a machine at ten times its
  load may open the other one: then reports come late or not at all until it is opened anew.
- For a modem that hangs until its USB connection is off and on, the right remedy is the fifth or later that is tried:
  it is back after some minutes.
"""
SIMULATED = Path(__file__).parents[1] / "simulation" / "reliability.md"  # written by hand, with its own figures
TITLES = {
    "binds": "## A bind and its SMSC",
    "database": "## Database, disk and files",
    "clocks": "## Clocks",
    "patients": "## Patients and SIMs",
    "kills": "## Sudden ends",
    "terms": "## Orderly ends",
    "lists": "## Imports of lists",
}
STORIES = """## One modem, its SIM or its network

Each fault meets one modem of some sixty that one daemon serves, once with a message of one SMS and once in the middle
of one of five; `answer_wait` is {answer} s and `uncertain_wait` {uncertain} s here, so that it doesn't take all day.
"""
HEAD = (
    "| fault | what was done | what must hold | one SMS | back after | five SMS | back after | |\n" + "| --- " * 8 + "|"
)


def page(kept: Kept) -> str:
    parts = [OPENING, _summary(kept)]
    if "stories" in kept:
        parts += [_stories([Result(**each) for each in kept["stories"]["results"]])]
    for name, title in TITLES.items():
        if name in kept:
            parts.append(f"{title}\n\n{table([Result(**each) for each in kept[name]['results']])}\n")
    parts += [FINDINGS, SIMULATED.read_text(encoding="utf-8")]
    parts.append(_pains([Tested(**each) for each in kept["pains"]["results"]] if "pains" in kept else listed()))
    return "\n".join(parts)


def _summary(kept: Kept) -> str:
    cases = [each for section in kept.values() for each in section["results"] if "wrong" in each]
    held = sum(1 for each in cases if each["wrong"] is not None and not each["wrong"])
    tried = sum(1 for each in cases if each["wrong"] is not None)
    days = sorted({section["on"] for section in kept.values()})
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    took = ", ".join(f"{name} {section['took_s'] / 60:.0f}" for name, section in kept.items())
    return f"{held} of {tried} cases held. {machine}, {' to '.join(days)}. Minutes that each section took: {took}.\n"


def _stories(results: Sequence[Result]) -> str:
    from tests.reliability.stage import ANSWER_WAIT_S, UNCERTAIN_WAIT_S

    names = list(dict.fromkeys(each.name for each in results))
    by_kind = {(each.name, each.kind): each for each in results}
    rows = [_story(by_kind.get((name, "short")), by_kind.get((name, "long"))) for name in names]
    opening = STORIES.format(answer=ANSWER_WAIT_S, uncertain=UNCERTAIN_WAIT_S)
    return "\n".join([opening, HEAD, *rows, ""])


def _story(short: Result | None, long: Result | None) -> str:
    told = short or long
    assert told
    held = all(each is None or not each.wrong for each in (short, long))
    cells = [told.name.replace("-", " "), told.done, told.must, *_cells(short), *_cells(long)]
    return f"| {' | '.join(cells)} | {'held' if held else '**did not hold**'} |"


def _cells(result: Result | None) -> tuple[str, str]:
    if result is None:
        return "", ""
    wrong = f": {'; '.join(list(result.wrong)[:2])}" if result.wrong else ""
    return result.seen + wrong, "" if result.recovery_s is None else f"{result.recovery_s:.1f} s"


def _pains(tested: Sequence[Tested]) -> str:
    opening = (
        "## The thirty pains of other gateways\n\nWhat their users report, and the tests of the suite that try it.\n"
    )
    return "\n".join(
        [opening, "| | pain | tried by | |\n| --- | --- | --- | --- |", *(each.row for each in tested), ""]
    )
