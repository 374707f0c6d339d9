"""What a submit may meet at a simulated SMSC: how often, and by the name of each fault what happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from tests.fake_smsc import codec
from tests.simulation.network import Try

if TYPE_CHECKING:
    from tests.simulation.smsc import Session, Smsc

LATE_S = (61.0, 1200.0)  # beyond the gateway's patience
BUSY_FOR = (1, 40)  # so many submits are refused before it has room again
REFUSALS = {
    "refused_number": (0x45, 0xFF, 0x401),
    "refused_network": (0x08, 0x102),
    "refused_account": (0x0E, 0x101),
    "refused_form": (0x43, 0x104),
    "refused_final": (0x0B, 0x01),
}


@dataclass
class BindFaults:
    """How often a submit meets which fault, as shares of one."""

    refused_number: float = 0.0
    refused_network: float = 0.0
    refused_account: float = 0.0
    refused_form: float = 0.0
    refused_final: float = 0.0
    busy: float = 0.0  # throttled, for a while
    lost: float = 0.0  # no answer, and it never had it
    taken: float = 0.0  # no answer, and it has it
    late_answer: float = 0.0
    twice: float = 0.0  # answered two times
    falls_before: float = 0.0  # the link falls, and it never had it
    falls_after: float = 0.0
    stuck: float = 0.0  # the link takes no more for a while, then falls
    unbinds: float = 0.0

    def pick(self, roll: float) -> str:
        """The fault of this roll, or none."""
        for name, share in vars(self).items():
            if roll < share:
                return str(name)
            roll -= share
        return "none"


Meets: TypeAlias = "Callable[[Smsc, Session, int, codec.Submit, Try], None]"


def _none(smsc: Smsc, session: Session, sequence: int, submit: codec.Submit, tried: Try) -> None:
    smsc.accept(session, sequence, submit, tried)


def _late(smsc: Smsc, session: Session, sequence: int, submit: codec.Submit, tried: Try) -> None:
    smsc.accept(session, sequence, submit, tried, LATE_S)
    tried.has_reference = False  # not in time


def _twice(smsc: Smsc, session: Session, sequence: int, submit: codec.Submit, tried: Try) -> None:
    smsc.accept(session, sequence, submit, tried)
    smsc._world.after(3.0, partial(smsc._answer, session, codec.SUBMIT_SM, sequence, codec.SYSTEM_ERROR))


def _busy(smsc: Smsc, session: Session, sequence: int, _submit: codec.Submit, tried: Try) -> None:
    smsc.be_busy()
    smsc.throttle(session, sequence, tried)


def _lost(_smsc: Smsc, _session: Session, _sequence: int, _submit: codec.Submit, _tried: Try) -> None:
    """Nobody ever hears of it."""


def _taken(smsc: Smsc, _session: Session, _sequence: int, submit: codec.Submit, tried: Try) -> None:
    smsc.take(submit, tried)


def _falls_before(smsc: Smsc, session: Session, _sequence: int, _submit: codec.Submit, _tried: Try) -> None:
    smsc._end(session)


def _falls_after(smsc: Smsc, session: Session, sequence: int, submit: codec.Submit, tried: Try) -> None:
    smsc.accept(session, sequence, submit, tried)
    smsc._world.after(smsc._world.chance.uniform(0.0, 2.0), partial(smsc._end, session))


def _stuck(smsc: Smsc, session: Session, sequence: int, submit: codec.Submit, tried: Try) -> None:
    """Some octets still go, then none; at the end it falls, or flows again."""
    session.pipe.room = smsc._world.chance.randrange(200)
    smsc.accept(session, sequence, submit, tried)
    ends = session.pipe.flow if smsc._world.chance.random() < 0.5 else partial(smsc._end, session)
    smsc._world.after(smsc._world.chance.uniform(1.0, 30.0), ends)


def _unbinds(smsc: Smsc, session: Session, sequence: int, submit: codec.Submit, tried: Try) -> None:
    smsc.accept(session, sequence, submit, tried, (0.0, 0.5))
    session.pipe.say(codec.pdu(codec.UNBIND, codec.OK, 77))
    smsc._world.after(5.0, partial(smsc._end, session))


MISHAPS: dict[str, Meets] = {
    "none": _none,
    "busy": _busy,
    "lost": _lost,
    "taken": _taken,
    "late_answer": _late,
    "twice": _twice,
    "falls_before": _falls_before,
    "falls_after": _falls_after,
    "stuck": _stuck,
    "unbinds": _unbinds,
}
