"""What the service manager is told, on a real datagram socket, and when the watchdog is fed."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.daemon.notify import Manager
from gateway.daemon.watchdog import LATE_S, Hung, Loop, hung, since

Ear = tuple[str, Callable[[], list[str]]]


def listening(address: str) -> Generator[Ear]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("\0" + address[1:] if address.startswith("@") else address)
        receiver.setblocking(False)

        def heard() -> list[str]:
            told = []
            try:
                while True:
                    told.append(receiver.recv(4096).decode())
            except BlockingIOError:
                return told

        yield address, heard


@pytest.fixture(params=["file", "abstract"])
def ear(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ear]:
    yield from listening(str(tmp_path / "notify") if request.param == "file" else f"@smsgw-test-{os.getpid()}")


SAID: dict[str, tuple[Callable[[Manager], None], str]] = {
    "ready": (Manager.ready, "READY=1"),
    "alive": (Manager.alive, "WATCHDOG=1"),
    "stopping": (Manager.stopping, "STOPPING=1"),
    "a status": (lambda manager: manager.status("2 of 3 ready"), "STATUS=2 of 3 ready"),
    "more time": (lambda manager: manager.more_time(90), "EXTEND_TIMEOUT_USEC=90000000"),
}


@pytest.mark.parametrize(("say", "datagram"), SAID.values(), ids=SAID)
def test_each_word_is_one_datagram(ear: Ear, say: Callable[[Manager], None], datagram: str) -> None:
    address, heard = ear
    say(Manager(address))
    assert heard() == [datagram]


def test_reloading_bears_the_monotonic_time_as_the_manager_wants_it(ear: Ear) -> None:
    address, heard = ear
    Manager(address).reloading()
    first, second = heard()[0].split("\n")
    assert first == "RELOADING=1"
    assert second.removeprefix("MONOTONIC_USEC=").isdigit()


def test_a_status_is_told_when_it_changes_and_on_one_line(ear: Ear) -> None:
    address, heard = ear
    manager = Manager(address)
    for sentence in ("a\nREADY=1", "a READY=1", "b"):
        manager.status(sentence)
    assert heard() == ["STATUS=a READY=1", "STATUS=b"]


def test_without_a_manager_nothing_is_said(ear: Ear) -> None:
    _address, heard = ear
    manager = Manager()
    manager.ready()
    assert not manager.is_there
    assert heard() == []


def test_a_manager_that_is_gone_hurts_nobody_and_is_told_again_when_it_is_back(tmp_path: Path) -> None:
    manager = Manager(str(tmp_path / "notify"))
    manager.ready()
    back = listening(str(tmp_path / "notify"))
    _address, heard = next(back)
    manager.alive()
    assert heard() == ["WATCHDOG=1"]
    back.close()


def test_a_manager_that_does_not_read_keeps_nobody_waiting(ear: Ear) -> None:
    address, heard = ear
    manager = Manager(address)
    for _ in range(2000):  # more than a socket's buffer holds
        manager.alive()
    assert 0 < len(heard()) < 2000  # what did not fit is lost
    manager.alive()
    assert heard() == ["WATCHDOG=1"]


ENVIRONMENTS = {
    "none": ({}, False, None),
    "only a socket": ({"NOTIFY_SOCKET": "/run/x"}, True, None),
    "a watchdog": ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "30000000"}, True, 30.0),
    "a watchdog that is meant for us": (
        {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(os.getpid())},
        True,
        0.5,
    ),
    "a watchdog that is meant for another": (
        {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "500000", "WATCHDOG_PID": "1"},
        True,
        None,
    ),
    "no number": ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "soon"}, True, None),
    "zero": ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "0"}, True, None),
}


@pytest.mark.parametrize(("environment", "is_there", "watchdog_s"), ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_the_environment_says_whether_somebody_listens_and_is_not_handed_on(
    environment: dict[str, str], is_there: bool, watchdog_s: float | None
) -> None:
    given = {**environment, "LANG": "C"}
    manager = Manager.take_from(given)
    assert (manager.is_there, manager.watchdog_s) == (is_there, watchdog_s)
    assert given == {"LANG": "C"}


MOVES = {
    "all move": ([Loop("a", 99.0, 10.0), Loop("b", 95.0, 10.0)], 0.0, []),
    "one stands still": ([Loop("a", 99.0, 10.0), Loop("b", 80.0, 10.0)], 0.0, ["b"]),
    "one may take long": ([Loop("a", 10.0, 95.0)], 0.0, []),
    "looked at only since a moment ago": ([Loop("a", 10.0, 10.0)], 95.0, []),
    "looked at for long enough": ([Loop("a", 10.0, 10.0)], 85.0, ["a"]),
    "no loop yet": ([], 0.0, []),
}


@pytest.mark.parametrize(("loops", "not_before", "names"), MOVES.values(), ids=MOVES)
def test_a_loop_hangs_when_it_stood_still_for_longer_than_a_turn_may_take(
    loops: list[Loop], not_before: float, names: list[str]
) -> None:
    assert [each.name for each in hung(loops, 100.0, not_before)] == names


def test_a_loop_that_hangs_says_for_how_long() -> None:
    assert hung([Loop("a", 40.0, 10.0)], 100.0) == [Hung("a", 60.0)]


def test_after_a_look_that_came_late_every_loop_gets_another_turn() -> None:
    assert since(90.0, 91.0, 1.0, 7.0) == 7.0
    assert since(90.0, 91.0 + LATE_S + 0.1, 1.0, 7.0) == 91.0 + LATE_S + 0.1


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**4))
def test_whoever_moved_within_its_turn_is_never_said_to_hang(moved_at: int, ago: int, longest_s: int) -> None:
    assert bool(hung([Loop("a", moved_at, longest_s)], moved_at + ago)) == (ago > longest_s)
