"""What people want of a carrier: pauses and orders. Its worker looks them up when it is called, between two SMS.

A pause drains: what is in the air and the rest of a long message finish, nothing new begins. A reset drains too.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from gateway.carrier import Carrier, Remedy
from gateway.clock import Time
from gateway.errors import CarrierLost, Cause, GatewayError
from gateway.i18n import _
from gateway.life import Life
from gateway.queue import orders
from gateway.queue.orders import Order, Pause
from gateway.worker.permission import Permission
from gateway.worker.purse import Purse
from gateway.worker.treatment import Treatment

# So long a device that a person had reset may take to come back: it boots, logs into its network. `smsgw modems reset`
# waits a little longer (gateway/cli/modem_verbs.py), since what was in the air ends first.
WAY_UP_S = 150.0
# Meanwhile it may be away, silent or without a network; from any other cause it does not recover by itself.
ON_THE_WAY = frozenset(
    {Cause.ABSENT, Cause.FORBIDDEN, Cause.SILENT, Cause.FAULTY, Cause.NO_NETWORK, Cause.STRANGER, Cause.PLANNED}
)

log = structlog.get_logger("gateway.worker")


@dataclass(frozen=True, slots=True)
class Reset:
    """One that a person has ordered, until the carrier is ready again."""

    order: int
    until: float  # monotonic
    trouble: str = ""  # what it met on its way up


def reset_answer(name: str, *, is_paused: bool) -> str:
    """What a person is told whose reset has worked: a pause outlasts it."""
    if is_paused:
        return _(
            "{name} was reset. It is still paused: `smsgw modems resume {name}` puts it back into service."
        ).format(name=name)
    return _("The modem was reset and is ready again.")


class Errands:
    """Of one carrier; its worker's thread does them, any thread may call."""

    def __init__(
        self, carrier: Carrier, permission: Permission, treatment: Treatment, purse: Purse, time: Time
    ) -> None:
        self.pause: Pause | None = None
        self._carrier = carrier
        self._permission = permission
        self._treatment = treatment
        self._purse = purse
        self._time = time
        self._is_called = True  # at the start there may be a pause
        self._has_orders = True
        self._reset: Reset | None = None  # the one that is under way
        self._answers: list[tuple[int, str, str]] = []  # order, state, answer: not written down yet

    def call(self) -> None:
        """Somebody has ordered something: begin nothing new until it was looked at."""
        self._permission.is_held = True
        self._is_called = True

    def look(self, connection: sqlite3.Connection) -> None:
        """Whether it is paused; costs nothing when nobody has called."""
        if not self._is_called:
            return
        self._is_called, self._has_orders = False, True
        self._permission.is_held = True  # until `attend`, which may just have let go what this call had held
        try:
            self.pause = orders.pause_of(connection, self._carrier.name)
        except sqlite3.OperationalError:  # locked for long: once more at the next turn
            self._is_called = True

    def attend(self, connection: sqlite3.Connection) -> None:
        """Do what was ordered; between two SMS."""
        self.look(connection)
        if self._reset and self._time.monotonic() > self._reset.until:
            self._end_reset(connection, "failed", _too_late(self._reset.trouble))
        if not self._has_orders or self._is_called:
            return
        try:
            self._write(connection)
            while order := orders.take(connection, self._carrier.name, self._time.now()):
                self._do(connection, order)
        except sqlite3.OperationalError:  # locked for long: once more at the next turn
            return
        self._has_orders = bool(self._answers)
        self._permission.is_held = self._is_called or self.pause is not None
        self._carrier.wake()  # what may go out now need not wait

    def opened(self, connection: sqlite3.Connection) -> None:
        """The carrier is ready: if a person had it reset, that is the answer."""
        self._end_reset(connection, "done", reset_answer(self._carrier.name, is_paused=self.pause is not None))

    def fell(self, connection: sqlite3.Connection, fault: CarrierLost) -> None:
        """The carrier was lost. One that was reset is so at first; a person is told only of what won't pass."""
        if self._reset is not None and fault.cause in ON_THE_WAY:
            self._reset = replace(self._reset, trouble=str(fault))
        else:
            self.remedy_failed(connection, fault)

    def remedy_failed(self, connection: sqlite3.Connection, fault: CarrierLost) -> None:
        """What was ordered could not be done."""
        self._end_reset(connection, "failed", str(fault))

    def _end_reset(self, connection: sqlite3.Connection, state: str, answer: str) -> None:
        reset, self._reset = self._reset, None
        if reset is not None:
            self._finish(connection, reset.order, state, answer)

    def _do(self, connection: sqlite3.Connection, order: Order) -> None:
        log.info("order", carrier=self._carrier.name, verb=order.verb)
        try:
            state, answer = "done", self._answer(connection, order)
        except CarrierLost as lost:
            self._finish(connection, order.id, "failed", str(lost))
            raise
        except GatewayError as refusal:
            state, answer = "failed", str(refusal)
        if answer is not None:
            self._finish(connection, order.id, state, answer)

    def _finish(self, connection: sqlite3.Connection, order: int, state: str, answer: str) -> None:
        self._answers.append((order, state, answer))
        self._has_orders = True
        with suppress(sqlite3.OperationalError):  # written down at the next turn
            self._write(connection)

    def _write(self, connection: sqlite3.Connection) -> None:
        while self._answers:
            order, state, answer = self._answers[0]
            orders.finish(connection, order, state, answer, self._time.now())
            self._answers.pop(0)

    def _answer(self, connection: sqlite3.Connection, order: Order) -> str | None:
        """For the person who waits; None: it comes later."""
        match order.verb:
            case "resume":
                return self._resume(connection)
            case "reset":
                self._begin_reset(order)
                return None
            case "ussd":
                return self._ussd(connection, order.word)
        raise GatewayError(_("This carrier cannot do that."))

    def _resume(self, connection: sqlite3.Connection) -> str:
        self._treatment.begin_anew()
        self._permission.rest(0.0)
        self._permission.leave.unblock(connection, self._time.now())
        return _("It is back in service.")

    def _begin_reset(self, order: Order) -> None:
        """By RESET, or the strongest remedy that there is: a person has asked for it, whatever `may_reset` says."""
        possible = (Remedy.RESET, Remedy.REPLUG)
        self._reset = Reset(order.id, self._time.monotonic() + WAY_UP_S)
        self._treatment.order(next((each for each in possible if each in self._carrier.remedies), Remedy.REOPEN))

    def _ussd(self, connection: sqlite3.Connection, code: str) -> str:
        status = self._carrier.status()
        if status.state not in (Life.READY, Life.SEARCHING):
            sentence = _("{name} is {state}: {detail}")
            raise GatewayError(sentence.format(name=self._carrier.name, state=status.state, detail=status.detail))
        answer = self._carrier.ussd(code)
        self._purse.heard(connection, self._carrier.line, code, answer)
        return answer


def _too_late(trouble: str) -> str:
    sentence = _("It was reset and was not ready within {seconds:.0f} s: {trouble}")
    return sentence.format(seconds=WAY_UP_S, trouble=trouble or _("it has not answered yet."))
