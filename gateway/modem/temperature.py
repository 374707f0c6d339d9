"""[pure] How often a modem fails lately: its temperature. Silence counts, and an error where the same question worked.

An error alone means little: every model refuses some commands. So only questions that take no argument count, and only
once they have been answered; and SMS that fail for the device's own sake.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Scope, Uncertain

LAST = 24  # tries that count
ENOUGH = 4  # fewer say nothing
RAISED = 0.25  # from this share of failures on it is shown
HOPELESS = 12  # so many failures in a row, and the modem is given up
MOST_SILENCES = 4  # commands in a row without an answer, on a line that was brought in step between them
NEVER_COUNT = frozenset({"AT+CNMA"})  # too late it is rightly refused


@dataclass(slots=True)
class Tries:
    """The last ones of one kind."""

    went: deque[bool] = field(default_factory=lambda: deque(maxlen=LAST))  # False: it failed

    @property
    def failures(self) -> int:
        return self.went.count(False)

    @property
    def count(self) -> int:
        return len(self.went)

    @property
    def is_raised(self) -> bool:
        return self.count >= ENOUGH and self.failures >= self.count * RAISED


@dataclass(slots=True)
class Temperature:
    """Of one open line. Commands and SMS are counted apart: an idle modem that answers well may still send badly."""

    commands: Tries = field(default_factory=Tries)
    sms: Tries = field(default_factory=Tries)
    _silences: int = 0  # in a row
    _failures: int = 0  # in a row, of both kinds
    _worked: set[str] = field(default_factory=set)

    def note(self, command: str, *, is_ok: bool, is_silent: bool) -> None:
        """How a command was answered."""
        self._silences = self._silences + 1 if is_silent else 0
        if is_silent or (_is_question(command) and (is_ok or command in self._worked)):
            self._add(self.commands, is_ok)
        if is_ok:
            self._worked.add(command if _is_question(command) else "")

    def learn(self, outcome: Outcome) -> None:
        """How an SMS went; what the network or the number is to blame for says nothing of the modem."""
        match outcome:
            case Accepted() | Refused():
                self._add(self.sms, True)
            case Uncertain() | Deferred(scope=Scope.DEVICE):
                self._add(self.sms, False)

    @property
    def has_worked(self) -> bool:
        """Whether any command was ever answered with OK."""
        return bool(self._worked)

    @property
    def is_hopeless(self) -> bool:
        return self._failures >= HOPELESS

    @property
    def is_silent(self) -> bool:
        return self._silences >= MOST_SILENCES

    def _add(self, tries: Tries, is_ok: bool) -> None:
        tries.went.append(is_ok)
        self._failures = 0 if is_ok else self._failures + 1


def _is_question(command: str) -> bool:
    return "=" not in command and command not in NEVER_COUNT
