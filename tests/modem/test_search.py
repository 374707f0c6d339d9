"""The search among a stick's ports: the right one is used, though it is late; a dead one is not waited for long."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gateway.errors import Cause
from gateway.modem.probing import Answer, Found, Nobody, Prober
from gateway.modem.readiness import Identity
from gateway.modem.search import GATHER_S, SIBLINGS_S, Search
from gateway.modem.usb import NAMED, Rank

MODEM = Identity("Quectel", "EC25", imei="350000000000006")
LATE_S = SIBLINGS_S + 0.3
NAMES: Sequence[Rank] = ((NAMED + 1, 0), (NAMED, 0), (NAMED, 1))  # by the maker: the second port, else the third
BY_NUMBER: Sequence[Rank] = ((NAMED + 1, 0), (NAMED + 1, 1), (NAMED + 1, 2))

Reply = Callable[[str], Answer]


def sms(port: str) -> Answer:
    return Found(port, MODEM, takes_sms=True)


def dials(port: str) -> Answer:
    return Found(port, MODEM, takes_sms=False)


def silent(port: str) -> Answer:
    return Nobody(port, Cause.SILENT, "")


def late(reply: Reply, wait_s: float = LATE_S) -> Reply:
    def answer(port: str) -> Answer:
        time.sleep(wait_s)
        return reply(port)

    return answer


class Stick:
    """Three ports, each with what it says when it is asked for the first, second, … time; the last one repeats."""

    def __init__(self, folder: Path, replies: Sequence[Sequence[Reply]], ranks: Sequence[Rank]) -> None:
        self.ports = [str(folder / f"ttyUSB{number}") for number in range(len(replies))]
        self.asked = dict.fromkeys(self.ports, 0)
        self._replies = dict(zip(self.ports, replies, strict=True))
        self._ranks = dict(zip(self.ports, ranks, strict=True))

    def ask(self, port: str, _baudrate: int) -> Answer:
        replies = self._replies[port]
        self.asked[port] += 1
        return replies[min(self.asked[port], len(replies)) - 1](port)

    def best(self) -> tuple[int | None, float]:
        """The number of the port that a search settles for, and how long it took."""
        search = Search(Prober(self.ask), lambda _port: "1-1", self._ranks.__getitem__, 115200, lambda _who: True)
        began_at = time.monotonic()
        search.run(lambda: self.ports)
        useful = sorted((self._ranks[each.port], each.port) for each in search.found if each.takes_sms)
        return (self.ports.index(useful[0][1]) if useful else None), time.monotonic() - began_at


CASES: dict[str, tuple[Sequence[Sequence[Reply]], Sequence[Rank], int, float]] = {
    "the named port is late": ([[silent], [late(sms)], [sms]], NAMES, 1, LATE_S + 0.3),
    "the named port is silent when it is asked first": ([[silent], [silent, sms], [sms]], NAMES, 1, 0.5),
    "the named port is dead": ([[silent], [silent], [sms]], NAMES, 2, 0.5),
    "the named port dials": ([[silent], [dials], [sms]], NAMES, 2, 0.5),
    "the named port is there and another is late": ([[late(sms)], [sms], [late(sms)]], NAMES, 1, 0.3),
    "the lower number is a little late": ([[silent], [late(sms, 0.2)], [sms]], BY_NUMBER, 1, 0.8),
    "all are slow, the lower number most": ([[silent], [late(sms, 1.4)], [late(sms, 0.8)]], BY_NUMBER, 1, 2.0),
    "a lower number never answers": ([[late(silent, 1.2)], [sms], [sms]], BY_NUMBER, 1, SIBLINGS_S + 0.3),
}


@pytest.mark.parametrize(("replies", "ranks", "expected", "within_s"), CASES.values(), ids=CASES)
def test_of_a_sticks_ports_the_best_is_used_and_soon(
    tmp_path: Path, replies: Sequence[Sequence[Reply]], ranks: Sequence[Rank], expected: int, within_s: float
) -> None:
    number, took_s = Stick(tmp_path, replies, ranks).best()
    assert number == expected
    assert took_s < within_s + 1.0 < GATHER_S  # some room for a busy machine


def test_a_named_port_that_stays_silent_is_asked_twice_and_no_more(tmp_path: Path) -> None:
    stick = Stick(tmp_path, [[silent], [silent], [sms]], NAMES)
    stick.best()
    assert [stick.asked[port] for port in stick.ports] == [1, 2, 1]


def test_a_stick_that_goes_while_its_place_is_looked_at_is_asked_again(tmp_path: Path) -> None:
    def is_held(_port: str) -> bool:
        raise FileNotFoundError("/sys/devices/1-1")

    answer = Prober(is_held=is_held).answer(str(tmp_path / "port")).result(timeout=5.0)
    assert isinstance(answer, Nobody)
    assert answer.cause is Cause.GATEWAY


def test_a_silent_port_is_asked_ever_more_seldom_until_it_is_plugged_anew(tmp_path: Path) -> None:
    """Counted by threads that ask, with no port at all behind them."""
    asked = []

    def nobody(port: str, _baudrate: int) -> Nobody:
        asked.append(port)
        return Nobody(port, Cause.SILENT, "")

    prober, port = Prober(nobody), tmp_path / "port"
    port.touch()
    for _look in range(20):
        prober.answer(str(port)).result(5.0)
    assert len(asked) == 1
    port.unlink()
    port.symlink_to("/dev/null")
    prober.answer(str(port)).result(5.0)
    assert len(asked) == 2
    prober.forget(str(port))
    prober.answer(str(port)).result(5.0)
    assert len(asked) == 3
