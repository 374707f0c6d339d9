"""`scripts/demo` as a newcomer runs it: it comes to its end, shows what happened, and leaves nothing running."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO = [sys.executable, str(ROOT / "scripts" / "demo.py")]
FOLDER = str(ROOT / "demo-run")  # another checkout's demo is none of ours
LIST = "Имя;Телефон\nАнна;8 900 000-00-01\nПётр;+7 900 000 00 02\nВера;12\n"


def processes_of_the_demo() -> list[str]:
    """Command lines of the bank and the daemon that the demo starts."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it ended meanwhile
            continue
        if any(FOLDER in word for word in words) and any("gateway" in w or "fake_modem" in w for w in words):
            found.append(" ".join(words))
    return found


def test_the_demo_follows_a_list_of_ones_own_to_the_reports(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    command = [*DEMO, str(tmp_path / "list.csv"), "--template", "{Имя}, ждём вас"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if "ждём вас" in line]
    assert len(lines) == 2
    assert all(line.rstrip().endswith("delivered") for line in lines)
    assert "too_short" in done.stderr
    assert processes_of_the_demo() == []


def test_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    demo = subprocess.Popen(DEMO, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert demo.stdout is not None
    for line in demo.stdout:
        if line.startswith("3."):
            break
    assert processes_of_the_demo()
    demo.send_signal(signal.SIGINT)
    rest = demo.communicate(timeout=40)[0]
    assert "nothing is left running" in rest
    assert demo.returncode == 130
    deadline = time.monotonic() + 5
    while processes_of_the_demo() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of_the_demo() == []


def test_a_list_of_ones_own_needs_its_text(tmp_path: Path) -> None:
    done = subprocess.run([*DEMO, "list.xlsx"], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "--template" in done.stderr
