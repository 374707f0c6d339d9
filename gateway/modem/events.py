"""[pure] What comes of an AT conversation: answers, in time and late, and how a command ended (ITU-T V.250, 5.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from gateway.modem import numbers, urc
from gateway.modem.lines import Prompt

REFERENCE = re.compile(r"\+CMGS:\s*(\d*)")


class Result(Enum):
    """How a command ended."""

    OK = "OK"
    ERROR = "ERROR"
    CME = "CME"  # equipment: 27.007, 9.2
    CMS = "CMS"  # messages: 27.005, 3.2.5


@dataclass(frozen=True, slots=True)
class Final:
    """A final result code; `number` is None where the modem writes words."""

    result: Result
    number: int | None = None
    text: str = ""


OK = Final(Result.OK, None, "OK")
NUMBERED = re.compile(r"\+(CME|CMS) ERROR:\s*(.*)")
ENDED_CALL = frozenset({"NO CARRIER", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE", "BUSY"})
REFUSED = frozenset({"ERROR", "COMMAND NOT SUPPORT", "COMMAND NOT SUPPORTED", "TOO MANY PARAMETERS", "ABORTED"})


def final_in(line: str) -> Final | None:
    """The final result code that the whole line is, else None: `OKAY` is not one."""
    if line == "OK":
        return OK
    if line in REFUSED or line in ENDED_CALL:
        return Final(Result.ERROR, None, line)
    match = NUMBERED.match(line)
    return Final(Result[match[1]], numbers.whole(match[2]), line) if match else None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the pending command: its information lines and how it ended."""

    final: Final
    lines: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_ok(self) -> bool:
        return self.final.result is Result.OK


@dataclass(frozen=True, slots=True)
class Begun:
    """The pending command's own information line came; its final result code has not yet."""


@dataclass(frozen=True, slots=True)
class LateSubmit:
    """The answer to a PDU that was given up: its TP-MR (empty: none was told), or the error."""

    key: int
    reference: str
    final: Final

    @property
    def lines(self) -> tuple[str, ...]:
        """As the information lines of an answer in time."""
        return (f"+CMGS: {self.reference}",) if self.reference else ()


@dataclass(frozen=True, slots=True)
class Late:
    """A line that belongs to no pending command."""

    line: str = field(repr=False)


Event = Answer | Begun | Prompt | urc.Unsolicited | LateSubmit | Late


def reference_in(lines: tuple[str, ...] | list[str]) -> str:
    """The message reference of the first +CMGS line; empty when there is none."""
    return next((match[1] for match in map(REFERENCE.match, lines) if match), "")
