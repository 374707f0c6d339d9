"""What each kind of fault does: to a command, before the radio, or to the shape of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tests.fake_modem import commands
from tests.fake_modem.faults import Fault
from tests.fake_modem.line import PAUSE_S

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

GARBAGE = bytes((0xFF, 0x00, 0x80, 0xC3, 0x28, 0x0D, 0x0A, 0xFE))  # no UTF-8, with a NUL and a line end
LONG_S = 1.0  # when a fault takes time and doesn't say how much


def _swallow(modem: Modem, fault: Fault) -> None:
    """Nothing happens at all."""


def _hang(modem: Modem, fault: Fault) -> None:
    modem.health.hang()
    if fault.seconds is not None:
        modem.loop.after(fault.seconds, modem.health.recover)


def _fail(modem: Modem, fault: Fault) -> None:
    modem.fail(fault.code)


def _vanish(modem: Modem, fault: Fault) -> None:
    modem.power.unplug()


def _restart(modem: Modem, fault: Fault) -> None:
    modem.power.reset()


def _late(modem: Modem, fault: Fault, octets: bytes) -> None:
    line, life = modem.asked, modem.asked.life
    modem.loop.after(fault.seconds or LONG_S, lambda: line.write(octets) if line.life == life else None)


def _split(modem: Modem, fault: Fault, octets: bytes) -> None:
    modem.asked.write_slowly(octets, fault.seconds or PAUSE_S)


def _garbage(modem: Modem, fault: Fault, octets: bytes) -> None:
    modem.asked.write(GARBAGE + octets)


def _unsaid(modem: Modem, fault: Fault, octets: bytes) -> None:
    """The answer gets lost on its way."""


def _unsaid_and_gone(modem: Modem, fault: Fault, octets: bytes) -> None:
    modem.power.unplug()


Shape = Callable[["Modem", Fault, bytes], None]
SHAPES: Mapping[str, Shape] = {
    "late": _late,
    "late_result": _late,
    "split": _split,
    "split_result": _split,
    "garbage": _garbage,
    "answer_lost": _unsaid,
    "sent_and_unplugged": _unsaid_and_gone,
}
BEFORE_RADIO: Mapping[str, Callable[[Modem, Fault], None]] = {
    "no_answer": _swallow,
    "swallow": _swallow,
    "hang": _hang,
    "hang_in_prompt": _hang,
    "unplug": _vanish,
    "reset": _restart,
}


def command(modem: Modem, fault: Fault, line: str) -> None:
    """Carry out a command as the fault wants it."""
    if fault.kind == "slow":
        modem.asked.busy_for(fault.seconds or LONG_S, lambda: modem.carry_out(line))
    elif fault.kind in ("error", "refuse"):
        _fail(modem, fault)
    elif fault.kind in BEFORE_RADIO:
        BEFORE_RADIO[fault.kind](modem, fault)
    else:
        answer = commands.answer(modem, line)
        SHAPES[fault.kind](modem, fault, modem.octets_of(answer))
        modem.answered(answer)
