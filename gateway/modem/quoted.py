"""[pure] Texts that go over several lines: the quotes of a +CUSD may close some lines later (3GPP TS 27.007, 7.15).

Until they close, what looks like an answer or a prompt is only text: `OK` in an operator's menu ends no command.
"""

from __future__ import annotations

import re

OPENS = re.compile(r"\+CUSD:\s*\d\s*,\s*\"")
CLOSES = re.compile(r"\"\s*(?:,\s*\d{1,3}\D{0,4})?$")
# No operator writes so: the text was cut short, and its quotes never close.
NEVER_TEXT = re.compile(r"\+CM(?:T|TI|GS|GR|GL|S ERROR|E ERROR):|\+CDSI?:|\+CUSD:")
MOST_LINES = 40  # a USSD text has at most 182 characters
MOST_CHARACTERS = 2000  # in UCS-2 hexadecimal, with room


class TextJoiner:
    """Puts such lines together; all others pass."""

    def __init__(self) -> None:
        self._open: list[str] = []

    @property
    def is_open(self) -> bool:
        return bool(self._open)

    def take(self, line: str) -> list[str]:
        """The lines that are whole now: none, one, or the one that was cut short and the one that shows it."""
        if not self._open:
            return self._begin(line)
        if NEVER_TEXT.match(line):
            return [self._joined(), *self._begin(line)]
        self._open.append(line)
        return [self._joined()] if CLOSES.search(line) or self._is_too_long() else []

    def give_up(self) -> None:
        """Forget a text whose end does not come."""
        self._open.clear()

    def _begin(self, line: str) -> list[str]:
        opening = OPENS.match(line)
        if not opening or CLOSES.search(line, opening.end()):
            return [line]
        self._open = [line]
        return []

    def _joined(self) -> str:
        text = "\n".join(self._open)
        self._open = []
        return text

    def _is_too_long(self) -> bool:
        return len(self._open) >= MOST_LINES or sum(map(len, self._open)) > MOST_CHARACTERS
