"""`smsgw run` as people and service managers use it: the real daemon on a fake modem."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Gateway
from tests.fake_modem import Bank

START_S = 60.0  # two interpreters start, on a machine that may be busy with other tests


@pytest.fixture
def start(gateway: Gateway) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command in the background; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begun(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "gateway", "--config", str(gateway.config), *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, text=True, env=environment, cwd=ROOT, **pipes)  # type: ignore[call-overload]
        started.append(process)
        return process

    yield begun
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def daemon(
    gateway: Gateway, tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> Iterator[subprocess.Popen[str]]:
    """The running daemon with a modem that is ready."""
    with Bank(1, folder=tmp_path / "ports", report_s=0.05) as bank:
        gateway.config.write_text(gateway.config.read_text().replace(f"{tmp_path}/no-port", str(bank.modems[0].port)))
        process = start("run")
        wait_until(lambda: [modem["state"] for modem in gateway.json("modems")] == ["ready"])
        yield process
        process.kill()
        process.wait()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_S
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def test_a_message_is_followed_to_the_phone(gateway: Gateway, daemon: subprocess.Popen[str]) -> None:
    done = gateway.spawn("send", "8 900 000-00-01", "Ждём вас завтра в 10:00", "--wait", "--timeout", "30 s")
    assert (done.returncode, done.stdout) == (0, "1\n")
    assert [line.split()[2] for line in done.stderr.splitlines()] == ["queued", "sending", "sent", "delivered"]


def test_an_import_is_taken_back_while_it_is_being_sent(
    gateway: Gateway, tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    """What is out stays out, what is in the air ends, and nothing more goes."""
    people = tmp_path / "people.csv"
    people.write_text("Телефон\n" + "".join(f"8 900 000-00-{number}\n" for number in range(10, 70)))
    with Bank(1, folder=tmp_path / "ports", radio_s=0.2, report_s=0.05) as bank:
        gateway.config.write_text(gateway.config.read_text().replace(f"{tmp_path}/no-port", str(bank.modems[0].port)))
        queued = gateway.run("import", str(people), "--template", "Приём отменён.", "--yes")
        assert "60 messages are queued." in queued.stderr
        start("run")
        wait_until(lambda: len(bank.submitted) >= 2)
        done = gateway.run("outbox", "cancel", "--all", "--yes")
        wait_until(lambda: not gateway.execute("SELECT 1 FROM outbox WHERE state IN ('sending', 'sent')"))
        states = dict(gateway.execute("SELECT state, count(*) FROM outbox GROUP BY state"))
        assert states == {"cancelled": 60 - len(bank.submitted), "delivered": len(bank.submitted)}
        assert f"{states['cancelled']} messages are cancelled." in done.output
        assert {len(texts) for texts in bank.phones.values()} == {1}


def test_the_daemon_logs_no_text_and_no_number(gateway: Gateway, daemon: subprocess.Popen[str]) -> None:
    gateway.spawn("send", "+79000000001", "Анализ готов", "--wait", "--timeout", "30 s")
    daemon.send_signal(signal.SIGTERM)
    output, log = daemon.communicate(timeout=30)
    assert output == ""
    assert "delivered" in log
    assert "Анализ" not in log
    assert "9000000001" not in log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(gateway: Gateway, daemon: subprocess.Popen[str], number: int) -> None:
    assert gateway.json("status")["running"] is True
    daemon.send_signal(number)
    _output, log = daemon.communicate(timeout=30)
    assert daemon.returncode == 0
    assert "Traceback" not in log
    assert gateway.json("status")["running"] is False


def test_it_does_without_packages_that_it_never_uses(gateway: Gateway) -> None:
    """Some 7 MB: what structlog would colour with, what makes a database, and SMPP where only modems are configured."""
    code = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules));"
        f"sys.argv = ['smsgw', '--config', {str(gateway.config)!r}, 'run'];"
        "from gateway.__main__ import main; main()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, text=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: bool(gateway.json("status")["running"]))
        process.send_signal(signal.SIGTERM)
        modules = process.communicate(timeout=30)[0].split()
    assert "gateway.daemon.main" in modules
    assert {"rich", "pygments", "sqlite_utils", "smpplib", "gateway.smpp"}.isdisjoint(modules)


def test_closing_its_terminal_ends_it_in_order(gateway: Gateway) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        command = [sys.executable, "-m", "gateway", "--config", str(gateway.config), "run"]
        os.execve(sys.executable, command, buffered)
    wait_until(lambda: bool(gateway.json("status")["running"]))
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert gateway.json("status")["life"] == "stopped"


@pytest.fixture
def on_a_terminal(gateway: Gateway) -> Iterator[tuple[subprocess.Popen[bytes], FileIO]]:
    """The daemon, started by hand where no queue is, and the terminal."""
    gateway.database.unlink()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "gateway", "--config", str(gateway.config), "run"]
    with subprocess.Popen(command, stdin=theirs, stderr=theirs, cwd=ROOT) as process, FileIO(ours, "r+") as terminal:
        os.close(theirs)
        yield process, terminal
        process.kill()


def asked(terminal: FileIO) -> bool:
    """Whether it asks, rather than starts."""
    said = b""
    while b"[y/N]: " not in said and b"started" not in said:
        said += terminal.read(4096)
    return b"Begin with an empty queue?" in said


def test_by_hand_no_empty_queue_is_begun_where_the_path_may_be_mistyped(
    gateway: Gateway, on_a_terminal: tuple[subprocess.Popen[bytes], FileIO]
) -> None:
    process, terminal = on_a_terminal
    assert asked(terminal)
    terminal.write(b"n\n")
    assert process.wait(START_S) == 1
    assert not gateway.database.exists()


def test_by_hand_an_empty_queue_is_begun_by_who_wants_one(
    gateway: Gateway, on_a_terminal: tuple[subprocess.Popen[bytes], FileIO]
) -> None:
    process, terminal = on_a_terminal
    assert asked(terminal)
    terminal.write(b"y\n")
    assert not asked(terminal)  # but starts
    process.terminate()
    assert process.wait(START_S) == 0


def test_where_nobody_sees_the_question_none_is_asked(gateway: Gateway, tmp_path: Path) -> None:
    """A script on a terminal that keeps the log in a file, say."""
    gateway.database.unlink()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "gateway", "--config", str(gateway.config), "run"]
    log = tmp_path / "log"
    with log.open("wb") as file, subprocess.Popen(command, stdin=theirs, stderr=file, cwd=ROOT) as process:
        try:
            wait_until(lambda: "started" in log.read_text() or "[y/N]" in log.read_text())
            assert gateway.database.exists()
        finally:
            process.kill()
            os.close(ours)
            os.close(theirs)


def test_nohup_keeps_it_running_when_the_terminal_is_closed(
    gateway: Gateway, start: Callable[..., subprocess.Popen[str]]
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does; the child inherits it
    try:
        process = start("run")
    finally:
        signal.signal(signal.SIGHUP, before)
    wait_until(lambda: bool(gateway.json("status")["running"]))
    process.send_signal(signal.SIGHUP)
    last = gateway.json("status")["heartbeat_at"]
    wait_until(lambda: gateway.json("status")["heartbeat_at"] > last)
    assert gateway.json("status")["running"] is True


def test_a_daemon_that_was_killed_is_known_at_once_not_to_run(gateway: Gateway, daemon: subprocess.Popen[str]) -> None:
    daemon.kill()
    daemon.wait()
    assert gateway.json("status")["running"] is False
    assert any("unasked" in finding["finding"] for finding in gateway.json("doctor"))


def test_a_second_daemon_says_so_and_ends(gateway: Gateway, daemon: subprocess.Popen[str]) -> None:
    second = gateway.spawn("run")
    assert second.returncode == 1
    assert f"process {daemon.pid}" in second.stderr.splitlines()[-1]


def test_doctor_asks_the_running_daemon_and_finds_all_well(gateway: Gateway, daemon: subprocess.Popen[str]) -> None:
    found = gateway.json("doctor")
    modem = next(finding for finding in found if finding["check"] == "modem")
    assert modem["ok"]
    assert modem["finding"].startswith("sim-1: ready")


@pytest.mark.parametrize("after_s", [0.0, 0.002, 0.005, 0.01, 0.015])
def test_ctrl_c_while_waiting_ends_quietly_and_the_message_stays(
    gateway: Gateway, start: Callable[..., subprocess.Popen[str]], after_s: float
) -> None:
    process = start("send", "+79000000001", "x", "--wait")
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    time.sleep(after_s)  # at any moment, also where modules used to be imported
    process.send_signal(signal.SIGINT)
    _output, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "smsgw outbox show 1" in said
    assert gateway.count() == 1
