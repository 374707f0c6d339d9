"""The thirty pains of the field notes, and which tests of the suite try each."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
E2E, NOTES = "tests/e2e/", "tests/e2e/test_field_notes_"
TEXTS, FAULTS, QUEUE = f"{NOTES}texts.py", f"{NOTES}faults.py", f"{NOTES}queue.py"
SURVIVAL, INCOMING, DEVICES = f"{NOTES}survival.py", f"{NOTES}incoming.py", f"{NOTES}devices.py"
TESTS_S = 1500.0

PAINS: Mapping[int, tuple[str, tuple[str, ...]]] = {
    1: ("long texts cut or emptied, status OK", (TEXTS, DEVICES)),
    2: ("`?` for letters", (TEXTS, "tests/sms/test_alphabet.py")),
    3: ("doubles after a failure of the database", (SURVIVAL, "tests/queue/test_crash_points.py")),
    4: ("doubles after an unclear answer", (FAULTS, "tests/queue/test_resending.py")),
    5: ("the same SMS over and over", (QUEUE, "tests/queue/test_storm.py")),
    6: ("old reminders after an outage", (QUEUE, "tests/queue/test_backlog.py")),
    7: ("lost on a passing error", (FAULTS, SURVIVAL)),
    8: ("a reset makes it worse", (SURVIVAL, "tests/worker/test_ladder.py", "tests/modem/test_remedies.py")),
    9: ("ports renumbered", (SURVIVAL, f"{E2E}test_hot_plug.py", "tests/modem/test_pool_sticks.py")),
    10: ("hangs, and looks alive", (FAULTS, SURVIVAL, "tests/modem/test_remedies.py")),
    11: ("one bad number blocks all", (QUEUE,)),
    12: ("reports never match", (DEVICES, FAULTS)),
    13: ("TP-MR wraps", (f"{E2E}test_survival.py", "tests/queue/test_whose_report.py")),
    14: ("only the last part's report counts", (FAULTS, "tests/queue/test_reports.py")),
    15: (
        "SMPP message ids in other forms",
        ("tests/smpp/test_ids.py", "tests/smpp/test_carrier.py", f"{E2E}test_smpp_faults.py"),
    ),
    16: ("a report before the answer", (FAULTS, "tests/queue/test_reports.py")),
    17: ("reports lost while nothing runs", (SURVIVAL,)),
    18: ("incoming read again and again", (INCOMING, DEVICES)),
    19: ("SIM full", (INCOMING,)),
    20: ("Huawei's oddities", (DEVICES,)),
    21: ("lines in the middle of an SMS", (FAULTS, INCOMING)),
    22: ("error numbers", (FAULTS, "tests/modem/test_codec_codes.py")),
    23: (
        "operators block SIMs",
        ("tests/plan/test_blocking.py", "tests/plan/test_limits_kept.py", f"{E2E}test_limits.py"),
    ),
    24: ("stuck for ever", (QUEUE, SURVIVAL)),
    25: ("incoming parts in disorder or missing", (INCOMING,)),
    26: ("database locked", (QUEUE, "tests/reliability")),
    27: ("clock and time zone", (QUEUE, "tests/plan/test_limits.py", "tests/plan/test_hours.py")),
    28: ("emoji and invalid text", (TEXTS, f"{E2E}test_bad_input.py")),
    29: ("characters that count twice", (TEXTS, "tests/sms/test_septets.py")),
    30: ("the wrong modem", (QUEUE, SURVIVAL, "tests/modem/test_holders.py")),
}


@dataclass(frozen=True, slots=True)
class Tested:
    """How the tests of one pain ended."""

    number: int
    pain: str
    tests: int | None  # None: not run here; they run with the suite
    failed: tuple[str, ...]

    @property
    def row(self) -> str:
        where = ", ".join(f"`{name.removeprefix('tests/')}`" for name in PAINS[self.number][1])
        if self.tests is None:
            return f"| {self.number} | {self.pain} | {where} | in the suite |"
        verdict = "held" if not self.failed else f"**{len(self.failed)} failed**: {', '.join(self.failed[:3])}"
        return f"| {self.number} | {self.pain} | {self.tests} tests: {where} | {verdict} |"


def listed() -> list[Tested]:
    """Without running them."""
    return [Tested(number, pain, None, ()) for number, (pain, _) in PAINS.items()]


def tested() -> list[Tested]:
    """Run them all, once each."""
    files = sorted({name for _, names in PAINS.values() for name in names})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}", *files]
        subprocess.run(command, cwd=ROOT, capture_output=True, timeout=TESTS_S, check=False)
        ended = _ended(report)
    return [_of(number, ended) for number in PAINS]


def _ended(report: Path) -> dict[str, list[tuple[str, bool]]]:
    """File -> name of each test, and whether it passed."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        is_well = case.find("failure") is None and case.find("error") is None
        found.setdefault(_file_of(case.get("classname", "")), []).append((case.get("name", ""), is_well))
    return found


def _file_of(module: str) -> str:
    return module.replace(".", "/") + ".py"


def _of(number: int, ended: dict[str, list[tuple[str, bool]]]) -> Tested:
    pain, names = PAINS[number]
    tests = [test for file, found in ended.items() for test in found if any(file.startswith(name) for name in names)]
    return Tested(number, pain, len(tests), tuple(name for name, is_well in tests if not is_well))
