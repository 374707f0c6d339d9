"""The demo: fake modems on pseudo-terminals, the real daemon on SQLite, an import, and what became of each SMS.

Everything lies in demo-run/ and stays there to be looked at until the next demo. Nothing keeps running afterwards.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.cli import show
from gateway.queue import db, heartbeat, views

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / "demo-run"
CONFIG = RUN / "gateway.toml"
MODEMS = 4
RADIO_S = 0.8  # how long the simulated network takes for one SMS
REPORT_S = 1.5  # how long until the handset's report
START_S = 30.0  # the bank and the daemon are up within a second or two
FINISH_S = 600.0  # a list of a few hundred rows is done by then
STOP_S = 15.0
TEXT_SHOWN = 60  # characters of each text in the table

EXAMPLE = ROOT / "examples" / "patients.xlsx"
EXAMPLE_TEMPLATE = (
    "{Имя} {Отчество}, ждём вас {Дата приёма:%d.%m} в {Время:%H:%M}, врач {Врач}, каб. {Каб.}. {Подготовка|}"
)
COUNTS = "SELECT state, count(*) FROM outbox GROUP BY state"
FINAL = {"delivered", "undelivered", "failed", "rejected", "expired", "cancelled"}

console = Console(stderr=True)


class DemoFailed(Exception):
    """The demo could not go on; the text says why."""


def main() -> int:
    options, rest = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with ExitStack() as stack:
            return _demo(stack, options, rest)
    except KeyboardInterrupt:
        console.print("\nStopped; nothing is left running.")
        return 130
    except DemoFailed as failed:
        console.print(f"[red]{failed}[/red]")
        return 1


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("list", nargs="?", type=Path, help="your own workbook; then --template is needed too")
    parser.add_argument("--template", help="the text, e.g. 'Dear {Name}, see you on {Date:%%d.%%m}'")
    parser.add_argument("--caller", type=Path, default=Path.cwd(), help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    if options.list and not options.template and "--template-file" not in rest:
        parser.error("your own list needs its text: --template 'Dear {Name}, …'")
    return options, rest


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _demo(stack: ExitStack, options: argparse.Namespace, rest: list[str]) -> int:
    _say(f"1. A bank of {MODEMS} fake modems on pseudo-terminals")
    shutil.rmtree(RUN, ignore_errors=True)
    RUN.mkdir()
    stack.enter_context(_bank())
    _say("2. The configuration and the database, then the daemon")
    _write_config()
    _smsgw("init", capture=True)
    stack.enter_context(_daemon())
    _wait_for_modems()
    _say("3. The list becomes messages")
    _import(options, rest)
    _say("4. Every SMS is followed to its report")
    _follow()
    _show_result()
    _show_where_to_look()
    return 0


def _say(step: str) -> None:
    console.print(f"\n[bold]{step}[/bold]")


@contextmanager
def _bank() -> Iterator[None]:
    command = [sys.executable, "-m", "tests.fake_modem", "--modems", str(MODEMS), "--dir", str(RUN / "modems")]
    command += ["--radio-s", str(RADIO_S), "--report-s", str(REPORT_S), "--journal", str(RUN / "network.jsonl")]
    with (RUN / "bank.log").open("wb") as log, _process(command, log, "the bank of modems"):
        _wait_until(lambda: b"ready" in (RUN / "bank.log").read_bytes(), "the bank of modems", RUN / "bank.log")
        yield


@contextmanager
def _daemon() -> Iterator[None]:
    command = [sys.executable, "-m", "gateway", "--config", str(CONFIG), "run"]
    with (RUN / "daemon.log").open("wb") as log, _process(command, log, "the daemon"):
        yield


@contextmanager
def _process(command: list[str], log: BinaryIO, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A child in its own session, so that Ctrl-C reaches only us and we stop it in order."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield process
    finally:
        _stop(process, name)


def _stop(process: subprocess.Popen[bytes], name: str) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        console.print(f"{name} did not stop in time and was ended")
        process.kill()
        process.wait()


def _write_config() -> None:
    lines = ["[gateway]", 'database = "gateway.db"', 'timezone = "Europe/Moscow"', 'country = "RU"']
    for number in range(1, MODEMS + 1):
        lines += ["", "[[modem]]", f'name = "sim-{number}"', f'port = "{RUN / "modems" / f"modem-{number}"}"']
    CONFIG.write_text("\n".join(lines) + "\n")


def _smsgw(*arguments: str, capture: bool = False) -> None:
    command = [sys.executable, "-m", "gateway", "--config", str(CONFIG), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=capture, text=True, check=False)
    if done.returncode:
        raise DemoFailed(f"smsgw {arguments[0]} ended with {done.returncode}. {done.stderr if capture else ''}")


def _wait_until(is_so: Callable[[], bool], what: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while not is_so():
        if time.monotonic() > deadline:
            raise DemoFailed(f"{what} did not start within {START_S:.0f} s; see {log}")
        time.sleep(0.05)


def _wait_for_modems() -> None:
    connection = db.open_database(RUN / "gateway.db")
    try:
        _wait_until(lambda: _ready(heartbeat.carriers(connection)) == MODEMS, "the daemon", RUN / "daemon.log")
        console.print(f"{MODEMS} modems are ready; the daemon's log is {RUN / 'daemon.log'}")
    finally:
        connection.close()


def _ready(carriers: list[dict[str, object]]) -> int:
    return sum(carrier["state"] == "ready" for carrier in carriers)


def _import(options: argparse.Namespace, rest: list[str]) -> None:
    if options.list:
        workbook, template = options.caller / options.list, options.template
    else:
        workbook, template = EXAMPLE, EXAMPLE_TEMPLATE
    text = ["--template", template] if template else []
    _smsgw("import", str(workbook), *text, "--skip-bad", "--yes", *rest)


def _follow() -> None:
    connection = db.open_database(RUN / "gateway.db")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("messages that are final", total=None)
            _follow_counts(connection, lambda total, final: progress.update(task, total=total, completed=final))
    finally:
        connection.close()


def _follow_counts(connection: sqlite3.Connection, show: Callable[[int, int], None]) -> None:
    deadline = time.monotonic() + FINISH_S
    while True:
        counts = dict(connection.execute(COUNTS).fetchall())
        total, final = sum(counts.values()), sum(count for state, count in counts.items() if state in FINAL)
        show(total, final)
        if final == total:
            return
        if time.monotonic() > deadline:
            raise DemoFailed(f"{total - final} of {total} messages were not final after {FINISH_S:.0f} s.")
        time.sleep(0.1)


def _show_result() -> None:
    connection = db.open_database(RUN / "gateway.db")
    try:
        messages = views.messages(connection, limit=1000)
    finally:
        connection.close()
    headings = ("id", "number", "text", "SMS", "modem", "state")
    show.table(headings, [_cells(row) for row in reversed(messages)], long=("text",))


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    number, text = row["msisdn"] or row["recipient"], row["body"]
    shown = text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}…"
    return row["id"], number, shown, row["segments"], row["carrier"], row["state"]


def _show_where_to_look() -> None:
    smsgw = f".venv/bin/smsgw --config {os.path.relpath(CONFIG, ROOT)}"
    console.print(f"\nDone at {datetime.now(UTC).astimezone():%H:%M:%S}. Everything is stopped; look on with")
    for arguments in ("status", "outbox list", "outbox show 1", "inbox list"):
        console.print(f"  {smsgw} {arguments}")
    console.print("and read README.md: the first SMS over a real modem takes five minutes.")


if __name__ == "__main__":
    sys.exit(main())
