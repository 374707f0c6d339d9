"""[pure] How often a modem fails lately: its temperature. Silence counts, and an error where the same question worked.

An error alone means little: every model refuses some commands. So only questions that take no argument count, and only
once they have been answered; and SMS that fail for the device's own sake.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Scope, Uncertain

LAST = 24  # tries that count
ENOUGH = 8  # fewer say nothing
RAISED = 0.25  # from this share of failures on it is shown
HOPELESS = 12  # so many failures in a row, and the modem is given up
MOST_SILENCES = 4  # commands in a row without an answer, on a line that was brought in step between them
NEVER_COUNT = frozenset({"AT+CNMA"})  # too late it is rightly refused


@dataclass(slots=True)
class Temperature:
    """Of one open line."""

    silences: int = 0  # in a row
    _worked: set[str] = field(default_factory=set)
    _tries: deque[bool] = field(default_factory=lambda: deque(maxlen=LAST))  # False: it failed
    _failures_in_a_row: int = 0

    def note(self, command: str, *, is_ok: bool, is_silent: bool) -> None:
        """How a command was answered."""
        self.silences = self.silences + 1 if is_silent else 0
        if is_silent or (_is_question(command) and (is_ok or command in self._worked)):
            self._add(is_ok)
        if is_ok:
            self._worked.add(command if _is_question(command) else "")

    def learn(self, outcome: Outcome) -> None:
        """How an SMS went; what the network or the number is to blame for says nothing of the modem."""
        match outcome:
            case Accepted() | Refused():
                self._add(True)
            case Uncertain() | Deferred(scope=Scope.DEVICE):
                self._add(False)

    @property
    def has_worked(self) -> bool:
        """Whether any command was ever answered with OK."""
        return bool(self._worked)

    @property
    def failures(self) -> int:
        return self._tries.count(False)

    @property
    def tries(self) -> int:
        return len(self._tries)

    @property
    def is_raised(self) -> bool:
        return self.tries >= ENOUGH and self.failures >= self.tries * RAISED

    @property
    def is_hopeless(self) -> bool:
        return self._failures_in_a_row >= HOPELESS

    @property
    def is_silent(self) -> bool:
        return self.silences >= MOST_SILENCES

    def _add(self, is_ok: bool) -> None:
        self._tries.append(is_ok)
        self._failures_in_a_row = 0 if is_ok else self._failures_in_a_row + 1


def _is_question(command: str) -> bool:
    return "=" not in command and command not in NEVER_COUNT
