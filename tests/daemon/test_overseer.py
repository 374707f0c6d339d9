"""The daemon's watch over its loops, under a clock of the test's own, and what signals ask of it."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.clock import Time
from gateway.daemon.notify import Manager
from gateway.daemon.overseer import LOOK_S, LOOKS_WITHIN, Overseer
from gateway.daemon.signals import ASKED_TWICE, Signals
from gateway.queue import db, heartbeat
from tests.worker.patient import Ward

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    now_s: float = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@dataclass
class Thread:
    """A loop as the overseer sees it."""

    moved_at: float
    longest_turn_s: float


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "notify"))
        made.setblocking(False)
        yield made


def fed(receiver: socket.socket) -> int:
    count = 0
    try:
        while receiver.recv(100) == b"WATCHDOG=1":
            count += 1
    except BlockingIOError:
        return count
    raise AssertionError("something else was said")


def test_the_watchdog_is_fed_while_all_loops_move_and_starves_while_one_does_not(
    receiver: socket.socket, tmp_path: Path
) -> None:
    clock, quick, slow = Clock(), Thread(1000.0, 10.0), Thread(1000.0, 1000.0)
    overseer = Overseer(
        Manager(str(tmp_path / "notify"), 30.0),
        lambda: {"quick": quick, "slow": slow},
        Time(monotonic=clock.monotonic),
    )
    told = []
    for _ in range(30):
        clock.now_s += overseer.every_s
        if not 1040.0 <= clock.now_s <= 1090.0:
            quick.moved_at = clock.now_s
        told.append((clock.now_s, overseer.look(), fed(receiver)))
    assert all(moves == bool(count) for _at, moves, count in told)
    hung = [at for at, moves, _count in told if not moves]
    assert (min(hung), max(hung)) == (1050.0, 1090.0)


def test_a_machine_that_slept_is_not_taken_for_a_loop_that_hangs() -> None:
    clock, loop = Clock(), Thread(1000.0, 10.0)
    overseer = Overseer(Manager(), lambda: {"loop": loop}, Time(monotonic=clock.monotonic))
    clock.now_s += 3600.0
    assert overseer.look()
    clock.now_s += overseer.every_s
    assert overseer.look()
    clock.now_s += overseer.every_s * 2
    assert not overseer.look()


def test_who_hangs_is_told_once_and_again_until_it_was_noted() -> None:
    clock, loops = Clock(), {"sim-1": Thread(1000.0, 10.0), "sim-2": Thread(1000.0, 10.0)}
    told: list[tuple[float, list[str]]] = []
    answers = iter([False, True, True, True, True])

    def note(names: frozenset[str]) -> bool:
        told.append((clock.now_s, sorted(names)))
        return next(answers)

    overseer = Overseer(Manager(), lambda: loops, Time(monotonic=clock.monotonic), on_hung=note)
    for _ in range(20):
        clock.now_s += overseer.every_s
        if clock.now_s > 1050.0:
            loops["sim-1"].moved_at = clock.now_s
        if not 1020.0 <= clock.now_s <= 1070.0:
            loops["sim-2"].moved_at = clock.now_s
        overseer.look()
    assert told == [
        (1015.0, ["sim-1"]),  # could not be noted
        (1020.0, ["sim-1"]),
        (1030.0, ["sim-1", "sim-2"]),
        (1055.0, ["sim-2"]),
        (1075.0, []),
    ]


def test_a_hung_loop_is_written_down_though_it_has_the_turn_to_write(tmp_path: Path) -> None:
    with closing(db.open_database(tmp_path / "gateway.db", create=True)) as connection:
        heartbeat.start(connection, 17, NOW)
        with connection.gate:
            heartbeat.hung(connection, ["sim-1"], NOW)
        assert heartbeat.what_hangs(connection)[1] == ["sim-1"]


def test_a_modem_whose_thread_hangs_is_no_way_for_messages(tmp_path: Path) -> None:
    with Ward(tmp_path) as ward:
        able: list[bool] = []
        ward.clock.at(10, lambda: able.append(ward.worker.is_able))
        ward.clock.at(20, lambda: setattr(ward.worker, "is_hung", True))
        ward.clock.at(30, lambda: able.append(ward.worker.is_able))
        ward.clock.at(30, lambda: able.append(ward.worker.state == "failed"))
        ward.clock.at(40, lambda: setattr(ward.worker, "is_hung", False))
        ward.clock.at(50, lambda: able.append(ward.worker.is_able))
        ward.run(60)
        assert able == [True, False, True, True]


@pytest.mark.parametrize(
    ("watchdog_s", "every_s"), [(None, LOOK_S), (60.0, LOOK_S), (6.0, 2.0), (1.5, 1.5 / LOOKS_WITHIN)]
)
def test_it_looks_often_enough_for_the_manager(watchdog_s: float | None, every_s: float) -> None:
    assert Overseer(Manager("/none", watchdog_s), dict).every_s == every_s


@pytest.fixture
def signals() -> Iterator[Signals]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    made = Signals()
    yield made
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_ends_the_waiting(signals: Signals, number: int) -> None:
    signals.catch()
    threading.Timer(0.05, os.kill, (os.getpid(), number)).start()
    signals.wait(30.0)
    assert signals.is_stopping
    assert not signals.take_reload()


@pytest.mark.parametrize(
    ("second_after_s", "exits"),
    [
        pytest.param(0.001, [], id="a supervisor that tells the process and its group asks once"),
        pytest.param(2.0, [ASKED_TWICE], id="a person who asks again has it ended at once"),
    ],
)
def test_what_a_second_signal_to_stop_means(
    second_after_s: float, exits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(os, "_exit", seen.append)
    moments = iter([100.0, 100.0 + second_after_s])
    signals = Signals(lambda: next(moments))
    for _signal in range(2):
        signals._on_stop(signal.SIGTERM, None)
    assert signals.is_stopping
    assert seen == exits


def test_without_a_terminal_a_hangup_asks_for_a_reload_once(signals: Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.daemon.signals.TERMINAL", "/none")
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signals.catch()
    os.kill(os.getpid(), signal.SIGHUP)
    signals.wait(30.0)
    assert [signals.take_reload(), signals.take_reload(), signals.is_stopping] == [True, False, False]


def test_a_hangup_that_is_ignored_stays_ignored(signals: Signals) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals.catch()
    os.kill(os.getpid(), signal.SIGHUP)
    signals.wait(0.0)
    assert not signals.take_reload()


def test_without_a_signal_the_waiting_ends_by_itself(signals: Signals) -> None:
    signals.catch()
    signals.wait(0.01)
    assert not signals.is_stopping
