"""The serial port under GsmModem: the one module that reads and writes it.

It slots under python-gsmmodem-new's `GsmModem` in place of its `SerialComms` and keeps that class's interface
(`connect`, `close`, `write`, the two callbacks). One reader thread per port feeds an at.Conversation; whoever asks
waits for a condition, never for a poll. An answer that does not come in time leaves the line dirty; the next command
first brings it in step.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gsmmodem.serial_comms import SerialComms

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem import at
from gateway.modem.lines import Prompt
from gateway.modem.loss import UNPLUGGED, NoAnswer, loss_by
from gateway.modem.mailbox import Mailbox
from gateway.modem.ports import open_port
from gateway.modem.readiness import restarted

COMMAND_S = 5.0  # simple commands answer within milliseconds, a phonesim's +CPIN? within 2 s
WAKE_S = 1.0  # for AT alone; a modem at work on something else answers when it is done
RESYNC_S = 12.0  # how long a modem that hangs is called before it counts as lost and is opened anew
ESCAPE_GUARD_S = 0.02  # some modems drop what follows ESC at once
PROBES = 3  # answers with an error may be those of older commands
# A late +CMGS gets so long to come before the next command: then it can't be taken for the next one's.
LATE_WINDOW_S = 3.0
FRESH_S = 2.0  # who has said something so lately need not be asked whether it is there
QUIET_S = 0.3  # the lines of one text come without a pause
JOIN_S = 2.0  # a reader that was cancelled ends at once; this only guards against a driver that hangs

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a submit waits, in seconds."""

    prompt_s: float
    answer_s: float
    settle_s: float  # between +CMGS: n and its OK


class Transport(SerialComms):  # type: ignore[misc]
    """One serial line and its conversation."""

    def __init__(
        self,
        port: str,
        baudrate: int = 115200,
        notifyCallbackFunc: Callable[..., Any] | None = None,
        fatalErrorCallbackFunc: Callable[..., Any] | None = None,
    ) -> None:
        super().__init__(port, baudrate, notifyCallbackFunc, fatalErrorCallbackFunc)
        self.mail = Mailbox()
        self._conversation = at.Conversation()
        self._conversation.is_dirty = True  # the last user of the port may have died inside a prompt
        self.is_pdu_out = False  # whether the PDU of the last `hand_over` may have left
        self.has_no_echo = False  # it was switched off: one that comes all the same tells of a restart too
        self._late_until = self._heard_at = 0.0  # time.monotonic()

    # The line's life.

    def connect(self) -> None:
        """Open the port and start the reader; raises CarrierLost, and then nothing stays open."""
        self.serial = open_port(self.port, self.baudrate)
        self.alive = True
        self.rxThread = threading.Thread(target=self._read_loop, name=f"reader-{self.port}", daemon=True)
        self.rxThread.start()

    def close(self) -> None:
        """Let go of the port; any thread, at any time, also twice. Who waits for an answer gets CarrierLost."""
        self.alive = False
        self.mail.lose(CarrierLost(_("The port was closed."), Cause.PLANNED))
        if not hasattr(self, "serial"):
            return
        with suppress(Exception):
            self.serial.cancel_read()
        if threading.current_thread() is not self.rxThread:
            self.rxThread.join(JOIN_S)
        with suppress(Exception):
            self.serial.reset_output_buffer()  # else closing waits for a stalled device to take it, up to 30 s
        with suppress(Exception):
            self.serial.close()

    def _read_loop(self) -> None:
        try:
            while self.alive:
                data = self.serial.read(1)
                self._take(data + self.serial.read(self.serial.in_waiting))
        except UNPLUGGED as fault:
            self._lose(fault)
        except Exception as fault:  # closing the port under a read raises anything; else it is a fault of our own
            if self.alive:
                log.exception("reader_failed")
            self._lose(fault)

    def _lose(self, fault: Exception) -> None:
        """Tell who waits, and the fatal callback once; not when the port was closed on purpose."""
        was_alive, self.alive = self.alive, False
        self.mail.lose(loss_by(fault, self.port))
        if was_alive:
            self.fatalErrorCallback(fault)

    def _take(self, data: bytes) -> None:
        with self.mail.changed:
            self._heard_at = time.monotonic()
            for event in self._conversation.feed(data):
                self.mail.put(event)

    # Question and answer.

    def exchange(self, command: str, deadline_s: float = COMMAND_S, settle_s: float | None = None) -> at.Answer:
        """The answer to `command`, whatever it says. Raises NoAnswer, CarrierLost.

        settle_s: once the command's own information line is there, its final result code gets only so long to follow
        (Wavecom's +CPIN: READY has none).
        """
        with self._txLock:
            self.bring_in_step()
            return self._ask(command, deadline_s, settle_s)

    def shout(self, command: str, within_s: float) -> at.Answer | None:
        """Send `command` whatever state the line is in; None when no answer came in time. Raises CarrierLost."""
        with self._txLock:
            self._take_back()
            with suppress(NoAnswer):
                return self._ask(command, within_s)
            return None

    def hand_over(self, command: str, pdu: str, key: int, waits: Waits) -> at.Answer:
        """Command, prompt and PDU as one transaction: the answer to the PDU, or what came instead of the prompt.

        Raises NoAnswer and CarrierLost; `is_pdu_out` says whether the PDU may have left by then.
        """
        with self._txLock:
            self.is_pdu_out = False
            if self.mail.tells_of_restart:
                raise restarted()  # perhaps into text mode: there the PDU would be the text, its length the recipient
            self.bring_in_step()
            echoes = self._conversation.echoes
            question = self._begin(lambda: self._conversation.send(command, has_prompt=True))
            reply = self._reply_to(question, waits.prompt_s, None)
            if isinstance(reply, at.Answer):
                return reply
            if self.has_no_echo and self._conversation.echoes > echoes:
                raise NoAnswer(self._give_up(0.0))
            self.is_pdu_out = True
            data = self._begin(lambda: self._conversation.send_pdu(pdu, key))
            answer = self._reply_to(data, waits.answer_s, waits.settle_s)
            assert isinstance(answer, at.Answer)
            return self._own_answer(answer, waits.answer_s) if self._conversation.owed else answer

    def _own_answer(self, answer: at.Answer, deadline_s: float) -> at.Answer:
        """While an older PDU's answer is owed, this may be that one: if a second follows, that is the last PDU's."""
        with self.mail.changed:
            self._conversation.is_held = True
            own = self.mail.late_instead_of(answer, min(LATE_WINDOW_S, deadline_s))
            self._conversation.is_held = False
            self._conversation.owed.clear()  # from here on nobody could tell whose an answer is
        return own

    def write(
        self,
        data: str,
        waitForResponse: bool = True,
        timeout: float = COMMAND_S,
        expectedResponseTermSeq: str | None = None,
    ) -> list[str] | None:
        """SerialComms's form of `exchange`: all lines of the answer, the final result code last."""
        answer = self.exchange(data.strip(), timeout)
        return [*answer.lines, answer.final.text] if waitForResponse else None

    def _ask(self, command: str, deadline_s: float, settle_s: float | None = None) -> at.Answer:
        answer = self._reply_to(self._begin(lambda: self._conversation.send(command)), deadline_s, settle_s)
        assert isinstance(answer, at.Answer)
        return answer

    def _begin(self, octets: Callable[[], bytes]) -> bytes:
        """What to send for a new question; from here on its answer is awaited."""
        with self.mail.changed:
            self.mail.forget_reply()
            if time.monotonic() - self._heard_at > QUIET_S:
                self._conversation.texts.give_up()  # cut short
            return octets()

    def _reply_to(self, data: bytes, deadline_s: float, settle_s: float | None) -> at.Answer | Prompt:
        self._send(data)
        with self.mail.changed:
            reply = self.mail.await_reply(time.monotonic() + deadline_s, settle_s)
            if reply is None:
                raise NoAnswer(self._give_up(deadline_s))
            return reply

    def _give_up(self, deadline_s: float) -> tuple[str, ...]:
        count = len(self._conversation.owed)
        lines = self._conversation.abandon()
        if len(self._conversation.owed) > count:
            self._late_until = time.monotonic() + min(LATE_WINDOW_S, deadline_s)
        return lines

    def _send(self, data: bytes) -> None:
        try:
            self.serial.write(data)
        except Exception as fault:
            self._lose(fault)
            raise loss_by(fault, self.port) from fault

    # A dirty line.

    def forgive(self) -> None:
        """The last PDU's answer is known after all: it is no longer owed."""
        with self.mail.changed:
            self._conversation.owed.pop()

    @property
    def is_dirty(self) -> bool:
        return self._conversation.is_dirty

    def doubt(self) -> None:
        """Let the next command bring the line in step first."""
        with self.mail.changed:
            self._conversation.is_dirty = True

    @property
    def is_lost(self) -> bool:
        """Whether nothing more can be had of this line."""
        return self.mail.is_lost

    @property
    def echoes(self) -> int:
        """How many commands came back so far."""
        return self._conversation.echoes

    def is_there(self) -> bool:
        """Whether the modem answers; one that has been quiet is asked, once. False leaves the line dirty. Raises
        CarrierLost.
        """
        with self._txLock:
            if self.is_dirty:
                return self._is_in_step()
            if time.monotonic() - self._heard_at > FRESH_S:
                with suppress(NoAnswer):
                    self._ask(at.WAKE, WAKE_S)
            return not self.is_dirty

    def bring_in_step(self, within_s: float = RESYNC_S) -> None:
        """Make sure that the next answer is the next command's own; raises CarrierLost when none comes."""
        until = time.monotonic() + within_s
        with self._txLock:
            while self._conversation.is_dirty and not self._is_in_step():
                self.mail.on_silence()
                if time.monotonic() > until:
                    problem = _("The modem on {port} does not answer.").format(port=self.port)
                    self.mail.lose(CarrierLost(problem, Cause.SILENT))
                    self.mail.raise_if_lost()

    def _take_back(self) -> None:
        """Leave a prompt that may be open."""
        with self.mail.changed:
            self.mail.raise_if_lost()
            data = self._conversation.escape()
        self._send(data)
        time.sleep(ESCAPE_GUARD_S)

    def _is_in_step(self) -> bool:
        self._take_back()
        try:
            self._ask(at.WAKE, WAKE_S)
            self._probe()
        except NoAnswer:
            return False
        with self.mail.changed:
            self._conversation.in_step()
            self.mail.changed.wait_for(lambda: not self._conversation.owed, self._late_until - time.monotonic())
        return True

    def _probe(self) -> None:
        """Errors may be those of older commands; bare OKs and then silence are all that some devices have to say."""
        try:
            any(self._ask(at.PROBE, WAKE_S).is_ok for _attempt in range(PROBES))
        except NoAnswer:
            if not self._conversation.passed_over:
                raise
