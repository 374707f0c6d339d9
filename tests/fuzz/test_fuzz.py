"""A short, seeded run of scripts/fuzz; and what longer ones have found."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from gateway.modem import answers, at, codes, inbound, stored, urc
from gateway.modem.lines import LONGEST_LINE, LineSplitter
from tests.fuzz import runner
from tests.fuzz.runner import TARGETS, Fault, Figures, Target

LINES = 4000
DIGITS = "1" * 5000  # Python reads no number that long
MUCH = LONGEST_LINE // 2


def test_nothing_that_a_modem_or_smsc_may_say_breaks_or_holds_up_the_gateway() -> None:
    *faults, figures = runner.run(LINES, seed=2026)
    assert [(fault.command, fault.reason) for fault in faults if isinstance(fault, Fault)] == []
    assert isinstance(figures, Figures)
    assert all(figures.counts.values())


@pytest.mark.parametrize("target", TARGETS)
def test_an_item_can_be_made_again(target: str) -> None:
    assert runner.item(target, 1, 17) == runner.item(target, 1, 17)
    assert [runner.item(target, 1, n) for n in range(9)] != [runner.item(target, 2, n) for n in range(9)]


def _spin(_item: object) -> None:
    while True:
        pass


def _fail(_item: object) -> None:
    raise IndexError("somewhere")


@pytest.mark.parametrize(("check", "reason"), [(_spin, "TooSlow"), (_fail, "IndexError")])
def test_what_hangs_or_raises_is_found(
    check: Callable[[object], None], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TARGETS, "broken", Target(Random.random, check))
    count, fault = runner.tried("broken", 1, 3)
    assert count == 1
    assert fault is not None
    assert fault.reason.startswith(reason)
    assert fault.command == "scripts/fuzz --target broken --seed 1 --item 3"


FOUND: dict[str, Callable[[], object]] = {
    "an error's number without measure": lambda: at.final_in(f"+CMS ERROR: {DIGITS}"),
    "an error in words of digits": lambda: codes.outcome_of("CMS", None, f"+CMS ERROR: {DIGITS}"),
    "an error in words of blanks": lambda: codes.outcome_of("CMS", None, " " * MUCH + "x"),
    "an index without measure": lambda: urc.stored_at(f'+CMTI: "SM",{DIGITS}'),
    "a length without measure": lambda: inbound.length_in(f"+CMT: ,{DIGITS}"),
    "a header of colons and digits": lambda: inbound.length_in(":1" * MUCH + "x"),
    "a state without measure": lambda: answers.registration_in([f"+CREG: {DIGITS}"]),
    "a signal without measure": lambda: answers.signal_dbm_in([f"+CSQ: {DIGITS},99"]),
    "a fill without measure": lambda: answers.fill_in([f"+CPMS: {DIGITS},{DIGITS}"]),
    "a storage of blanks": lambda: answers.fill_in(["+CPMS:" + " " * MUCH + "x"]),
    "an offer without measure": lambda: answers.offers([f"+CMMS: (0-{DIGITS})"], "+CMMS", 2),
    "a line of prompts": lambda: LineSplitter().feed(b">" * MUCH + b"x\r\n"),
    "a PDU of filling": lambda: inbound.fingerprint_of("F" * MUCH * 8 + "0", "line"),
    "a listing without measure": lambda: stored.listed([f"+CMGL: {DIGITS},1,,{DIGITS}", "00"]),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_fuzzing_found_is_read_at_once(name: str) -> None:
    with runner.bounded():
        FOUND[name]()


def test_a_long_line_that_comes_octet_by_octet_costs_little() -> None:
    splitter = LineSplitter()
    with runner.bounded():
        for _ in range(LONGEST_LINE):
            splitter.feed(b"x")
