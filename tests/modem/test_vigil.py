"""What a modem without a SIM says of one that is put in."""

from __future__ import annotations

import pytest

from gateway.modem.vigil import Vigil, tells_of_sim

TOLD: dict[str, bool | None] = {
    "+CPIN: READY": True,
    "+CPIN: SIM PIN": True,
    "+CPIN: NOT READY": False,
    "+CPIN: NOT INSERTED": False,
    "+CPIN:": None,
    "+QSIMSTAT: 1,1": True,
    "+QSIMSTAT: 1,0": False,
    "^SIMST:1": True,
    "^SIMST: 255,0": False,
    "#QSS: 1": True,
    "#QSS: 0": False,
    "+CREG: 1": None,
}


@pytest.mark.parametrize(("line", "is_there"), TOLD.items(), ids=TOLD)
def test_a_line_says_whether_there_is_a_sim(line: str, is_there: bool | None) -> None:
    assert tells_of_sim(line) is is_there


CALLS: dict[str, tuple[bool, list[str], int]] = {  # whether it is missing, what is said, how often somebody is called
    "it comes": (True, ["+CPIN: READY"], 1),
    "it comes, and is told of twice": (True, ["+QSIMSTAT: 1,1", "+CPIN: READY"], 1),
    "it is still not there": (True, ["+CPIN: NOT INSERTED", "+CREG: 0"], 0),
    "it is locked, and says so again": (False, ["+CPIN: SIM PIN"], 0),
    "it is locked, and another takes its place": (False, ["+CPIN: NOT READY", "+CPIN: READY"], 1),
    "it comes and goes": (True, ["+CPIN: READY", "+CPIN: NOT READY", "+CPIN: READY"], 2),
}


@pytest.mark.parametrize(("is_missing", "lines", "times"), CALLS.values(), ids=CALLS)
def test_each_card_that_comes_is_worth_one_call(is_missing: bool, lines: list[str], times: int) -> None:
    calls: list[None] = []
    vigil = Vigil(lambda: calls.append(None), is_missing=is_missing)
    for line in lines:
        vigil.hear(line)
    assert len(calls) == times
