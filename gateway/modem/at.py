"""[pure] One AT conversation: a command in, bytes out; bytes in, events out (3GPP TS 27.007, 27.005; ITU-T V.250, 5.7).

It reads no clock: whoever owns the line says when an answer is overdue (`abandon`). From then on the line is dirty, and
what comes late is told apart from the next command's answer, until question and answer fit together again (`in_step`).
"""

from __future__ import annotations

import re
from collections import deque
from enum import Enum

from gateway.modem import urc
from gateway.modem.events import (
    ENDED_CALL,
    OK,
    Answer,
    Begun,
    Event,
    Final,
    Late,
    LateSubmit,
    Result,
    final_in,
    reference_in,
)
from gateway.modem.lines import Line, LineSplitter, Prompt
from gateway.modem.quoted import TextJoiner

# What a conversation speaks of belongs to it for all who use one.
__all__ = [
    "OK",
    "PROBE",
    "WAKE",
    "Answer",
    "Begun",
    "Conversation",
    "Event",
    "Final",
    "Late",
    "LateSubmit",
    "Result",
    "Stage",
    "final_in",
    "reference_in",
]

CR = b"\r"
CTRL_Z = b"\x1a"  # ends a PDU
ESC = b"\x1b"  # takes a PDU back before its end
WAKE = "AT"
# Its answer can't be mistaken for that of another command, so it proves that the line is in step; every modem knows it.
PROBE = "AT+CMGF?"
REMEMBERED_ECHOES = 4  # a modem that hangs echoes late
OVERDUE_COMMANDS = 20  # so many commands later an answer that was given up is not expected any more


class Stage(Enum):
    """What the conversation waits for."""

    IDLE = "idle"
    COMMAND = "command"
    PROMPT = "prompt"
    PDU = "pdu"


HAS_PDUS = frozenset({"+CMGR", "+CMGL"})  # commands whose answers have PDU lines
SELDOM_UNASKED = frozenset({urc.Kind.NOISE, urc.Kind.SIM})  # a line that begins so is rather a late answer's
NAME = re.compile(r"AT([+^*$%#&][A-Z][A-Z0-9]*)")


class Conversation:
    """The state of one line: which command waits for what, and what is owed from before."""

    def __init__(self) -> None:
        self._splitter, self.texts = LineSplitter(), TextJoiner()
        self._stage = Stage.IDLE
        self._own: str | None = None  # the pending command's prefix: +CREG
        self._lines: list[str] = []
        self._header: urc.Unsolicited | None = None  # waits for its PDU
        self._sent: deque[str] = deque(maxlen=REMEMBERED_ECHOES)
        self._is_escaped = False
        self._overdue: dict[str, int] = {}  # prefix of a command that was given up -> commands until it is forgotten
        self._skips_final = False  # the next final belongs to an overdue answer
        self.is_dirty = False
        self.passed_over = 0  # finals of the pending command's time that were not taken for its own
        self.echoes = 0  # commands that came back: after ATE0 this means that the modem restarted
        self.owed: deque[int] = deque()  # keys of PDUs whose answer was given up and may still come, oldest first
        self.is_held = False  # what comes now may be the last PDU's true answer, the one before having been an owed one
        self._key = 0

    def send(self, command: str, *, has_prompt: bool = False) -> bytes:
        """The octets of `command`; its answer, or with `has_prompt` the prompt, is awaited from now on."""
        name = NAME.match(command)
        self._own = name[1] if name else None
        return self._begin(command, Stage.PROMPT if has_prompt else Stage.COMMAND) + CR

    def send_pdu(self, pdu: str, key: int) -> bytes:
        """The octets of the PDU that answers the prompt; a late answer to it names `key`."""
        self._key = key
        return self._begin(pdu, Stage.PDU) + CTRL_Z

    def escape(self) -> bytes:
        """The octets that end a prompt left open; anywhere else they do nothing."""
        self._is_escaped = True
        self.texts.give_up()
        return ESC + CR

    def abandon(self) -> tuple[str, ...]:
        """Wait no longer: the line is dirty; gives the information lines so far. The answer to a PDU stays owed."""
        if self._stage is Stage.PDU:
            self.owed.append(self._key)
        elif self._own and urc.kind_of(self._own + ":", None) in SELDOM_UNASKED:
            self._overdue[self._own] = OVERDUE_COMMANDS
        self._is_escaped = self._is_escaped and self._stage is not Stage.PDU
        self._stage, self.is_dirty, self._own = Stage.IDLE, True, None
        return tuple(self._lines)

    def in_step(self) -> None:
        """Question and answer fit together again."""
        self.is_dirty = False

    def feed(self, data: bytes) -> list[Event]:
        """The events that `data` completes, in order."""
        events = [self._take(item) for found in self._splitter.feed(data) for item in self._whole(found)]
        return [event for event in events if event is not None]

    def _whole(self, item: Line | Prompt) -> list[Line | Prompt]:
        """Inside a text that goes over several lines nothing is a prompt."""
        if isinstance(item, Line):
            return [Line(line) for line in self.texts.take(item.text)]
        return [] if self.texts.is_open else [item]

    def _begin(self, text: str, stage: Stage) -> bytes:
        self._sent.append(text)
        self._overdue = {prefix: left - 1 for prefix, left in self._overdue.items() if left > 1}
        self._stage, self._lines, self.passed_over = stage, [], 0
        return text.encode("ascii")

    def _take(self, item: Line | Prompt) -> Event | None:
        if isinstance(item, Prompt):
            return item if self._stage is Stage.PROMPT else None
        if item.text in self._sent:
            self.echoes += item.text.startswith("AT")
            return None
        if self._is_overdue(item.text):
            return Late(item.text)
        return self._unsolicited(item.text) or (None if self._is_header(item.text) else self._solicited(item.text))

    # Unsolicited lines.

    def _unsolicited(self, line: str) -> urc.Unsolicited | None:
        """The event that `line` completes, if it is not part of an answer."""
        pdu = self._pdu_for_header(line)
        if pdu and self._header:
            header, self._header = self._header, None
            return urc.Unsolicited(header.kind, header.line, pdu)
        kind = urc.kind_of(line, self._own_prefix())
        return urc.Unsolicited(kind, line) if kind and kind not in urc.HAS_PDU else None

    def _pdu_for_header(self, line: str) -> str | None:
        """While nothing is asked, even a line that is no PDU must be the one that follows: damaged, but not lost."""
        if not self._header:
            return None
        is_other = final_in(line) or urc.kind_of(line, self._own_prefix())
        return urc.pdu_in(line) or (line if self._stage is Stage.IDLE and not is_other else None)

    def _is_header(self, line: str) -> bool:
        kind = urc.kind_of(line, self._own_prefix())
        if kind in urc.HAS_PDU:
            self._header = urc.Unsolicited(kind, line)
        return kind in urc.HAS_PDU

    def _own_prefix(self) -> str | None:
        return self._own if self._stage in (Stage.COMMAND, Stage.PROMPT, Stage.PDU) else None

    # Answers.

    def _solicited(self, line: str) -> Event | None:
        final = final_in(line)
        if final and self._skips_final:
            self._skips_final = False
            return Late(line)
        if self._is_late(line, final):
            return self._late(line, final)
        if final:
            return self._ended(final)
        return self._information(line)

    def _is_overdue(self, line: str) -> bool:
        """Whether `line` is of an answer that was given up: the final behind it is not the pending command's either."""
        prefix = line.partition(":")[0]
        if prefix not in self._overdue or prefix == self._own_prefix():
            return False
        del self._overdue[prefix]
        self._skips_final = True
        return True

    def _is_late(self, line: str, final: Final | None) -> bool:
        """Whether `line` answers something given up before."""
        if self._stage is Stage.IDLE:
            return True
        if self._stage is not Stage.PDU and line.startswith("+CMGS:"):
            return True
        return bool(self.is_dirty and self.owed and final and final.result is Result.CMS)

    def _late(self, line: str, final: Final | None) -> Event:
        if not self.owed or not (line.startswith("+CMGS:") or self._is_late_error(final)):
            return Late(line)
        if len(self.owed) > 1:  # of two PDUs without answer one may never have had any: whose this is, nobody can tell
            self.owed.clear()
            return Late(line)
        return LateSubmit(self.owed.popleft(), reference_in((line,)), final or OK)

    def _is_late_error(self, final: Final | None) -> bool:
        """After ESC only a message error can still be about the PDU; before it, any error is."""
        if final is None or final is OK or not (self.is_dirty or self.is_held):
            return False
        return final.result is Result.CMS or self.is_held or not self._is_escaped

    def _ended(self, final: Final) -> Event | None:
        if self._is_stale(final):
            self.passed_over += 1
            return None
        answer = Answer(final, tuple(self._lines))
        self._stage, self._own = Stage.IDLE, None
        return answer

    def _is_stale(self, final: Final) -> bool:
        """Whether it can't be meant: OK before the prompt, a call's end after the PDU, OK without the probe's line."""
        if self._stage is Stage.PROMPT and final.result is Result.OK:
            return True
        if self._stage is Stage.PDU and final.text in ENDED_CALL:
            return True
        return self.is_dirty and self._sent[-1] == PROBE and final is OK and not self._has_own_line()

    def _information(self, line: str) -> Begun | None:
        self._lines.append(line)
        if not (self._own and line.startswith(self._own)):
            return None
        if self._own in HAS_PDUS:  # the next PDU is this answer's, and that of the waiting header will not come
            self._header = None
        return Begun()

    def _has_own_line(self) -> bool:
        return any(self._own and line.startswith(self._own) for line in self._lines)
