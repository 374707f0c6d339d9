"""GsmModem of python-gsmmodem-new on our own transport: commands with deadlines, busy modems are asked again.

GsmModem's own questions (signal strength, manufacturer, model) work on it, with its exceptions. Its start-up (ours is
startup.py), sendSms, stored messages, notifications and PDU codec are never called.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gsmmodem.exceptions import CmeError, CmsError, CommandError
from gsmmodem.modem import GsmModem

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem import at
from gateway.modem.loss import NoAnswer
from gateway.modem.temperature import Temperature
from gateway.modem.transport import COMMAND_S, Transport

logging.getLogger("gsmmodem").setLevel(logging.WARNING)  # at DEBUG it prints PINs and whole PDUs

# A Wavecom is busy for seconds after AT+CFUN=1, a ZTE's SIM for a moment: the waits before the next tries.
BUSY_WAITS_S = (0.2, 0.5, 1.0, 2.0)
BUSY_NUMBERS = frozenset({14, 314, 515})  # SIM busy (+CME, +CMS), "please wait"
BUSY_WORDS = ("SIM BUSY", "PLEASE WAIT")

SILENCE = at.Final(at.Result.ERROR, None, "no answer")
ERRORS = {at.Result.CME: CmeError, at.Result.CMS: CmsError}


def is_busy(final: at.Final) -> bool:
    """Whether the modem only asks for patience."""
    if final.result not in ERRORS:
        return False
    return final.number in BUSY_NUMBERS or any(words in final.text.upper() for words in BUSY_WORDS)


class GsmSession(GsmModem, Transport):  # type: ignore[misc]
    """One modem's line; `connect` opens it and sends nothing yet."""

    def __init__(self, port: str, baudrate: int = 115200) -> None:
        super().__init__(port, baudrate)
        self.temperature = Temperature()
        self._until = math.inf  # time.monotonic()

    def connect(self, pin: str | None = None, waitingForModemToStartInSeconds: float = 0) -> None:
        """Open the port; GsmModem's own sequence breaks on real modems, so startup.start follows instead."""
        Transport.connect(self)

    def ask(self, command: str, deadline_s: float = COMMAND_S, settle_s: float | None = None) -> at.Answer:
        """The answer to `command`, error or not; silence is an error too, with the lines so far. Raises CarrierLost."""
        return self._noted(command, lambda: self.ask_patiently(command, deadline_s, settle_s))

    def ask_once(self, command: str, deadline_s: float) -> at.Answer:
        """Like `ask`, but never a second time, busy or not: for what must not be repeated."""
        return self._noted(command, lambda: self.exchange(command, deadline_s))

    def forget_failures(self) -> None:
        """It is set up anew: what was before says nothing any more."""
        self.temperature = Temperature()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What is asked inside must be done in time, however slow each answer is; else CarrierLost."""
        self._until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until = math.inf

    def _noted(self, command: str, ask: Callable[[], at.Answer]) -> at.Answer:
        if time.monotonic() > self._until:
            raise CarrierLost(_("The modem on {port} is too slow.").format(port=self.port), Cause.SILENT)
        try:
            answer = ask()
        except NoAnswer as silence:
            answer = at.Answer(SILENCE, silence.lines)
        self.temperature.note(command, is_ok=answer.is_ok, is_silent=answer.final is SILENCE)
        if self.temperature.is_silent:
            raise CarrierLost(_("The modem on {port} answers no commands.").format(port=self.port), Cause.SILENT)
        return answer

    def ask_patiently(self, command: str, deadline_s: float, settle_s: float | None = None) -> at.Answer:
        """The answer to `command`; a busy modem is asked again. Raises NoAnswer, CarrierLost."""
        for wait_s in BUSY_WAITS_S:
            answer = self.exchange(command, deadline_s, settle_s)
            if not is_busy(answer.final):
                return answer
            self.mail.pause(wait_s)
        return self.exchange(command, deadline_s, settle_s)

    def write(  # type: ignore[override]
        self,
        data: str,
        waitForResponse: bool = True,
        timeout: float = COMMAND_S,
        parseError: bool = True,
        writeTerm: str = "\r",
        expectedResponseTermSeq: str | None = None,
    ) -> list[str] | None:
        """GsmModem's way to ask: the lines, the final one last; raises CommandError unless `parseError` is off."""
        answer = self.ask_patiently(data.strip(), timeout)
        if parseError and not answer.is_ok:
            raise command_error(data, answer.final)
        return [*answer.lines, answer.final.text] if waitForResponse else None

    def _handleModemNotification(self, lines: Any) -> None:
        """Never called: the transport keeps what comes unasked (G1 to G4)."""
        raise AssertionError("notifications go through the transport")


def command_error(command: str, final: at.Final) -> CommandError:
    """gsmmodem's exception for an error; it names the command without its arguments."""
    name = command.strip().partition("=")[0]
    kind = ERRORS.get(final.result)
    return CommandError(name) if kind is None or final.number is None else kind(name, final.number)
