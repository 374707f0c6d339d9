"""One SIM's money: the operator is asked for it now and then, when the carrier has nothing to send.

The answer itself is neither kept nor logged; `smsgw ussd` shows it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from gateway.clock import Time
from gateway.errors import CarrierLost, GatewayError
from gateway.i18n import _
from gateway.plan import balance
from gateway.queue import lives, spending

if TYPE_CHECKING:
    from gateway.settings import ModemSettings

RETRY_S = 3600.0  # after an answer that did not come, or said nothing

log = structlog.get_logger("gateway.worker")


@dataclass(frozen=True, slots=True)
class Asking:
    """How the operator is asked."""

    code: str
    pattern: str
    every_s: float

    @classmethod
    def of(cls, settings: ModemSettings) -> Asking | None:
        """None: it is never asked."""
        if settings.balance_ussd is None:
            return None
        return cls(settings.balance_ussd, settings.balance_pattern, settings.balance_every)


class Asked(Protocol):
    """What of a carrier is needed here."""

    @property
    def line(self) -> str: ...

    def ussd(self, code: str) -> str: ...


class Purse:
    """Of one carrier; its worker's thread asks, any thread may read `trouble`."""

    def __init__(self, name: str, time: Time, asking: Asking | None) -> None:
        self.trouble = ""  # for a person: why the balance is not known
        self._name = name
        self._time = time
        self._asking = asking
        self._line: str | None = None
        self._due_at = 0.0  # monotonic

    def change(self, asking: Asking | None) -> None:
        """Ask so from now on, at once; any thread."""
        if asking != self._asking:
            self._asking, self._due_at, self.trouble = asking, 0.0, ""

    def attend(self, connection: sqlite3.Connection, carrier: Asked) -> None:
        """Ask, if it is time; with nothing to send. Raises CarrierLost."""
        asking = self._asking
        if asking is None or (self._time.monotonic() < self._due_at and carrier.line == self._line):
            return
        self._line, self._due_at = carrier.line, self._time.monotonic() + RETRY_S
        self._leniently(lambda: self._ask(connection, carrier, asking))

    def heard(self, connection: sqlite3.Connection, line: str, code: str, answer: str) -> None:
        """An answer to a code, whoever asked; it counts if it is the balance."""
        asking = self._asking
        if asking is not None and code == asking.code:
            self._leniently(lambda: self._heard(connection, line, answer, asking))

    def _leniently(self, step: Callable[[], None]) -> None:
        """With a database that is locked or full, money can wait."""
        try:
            step()
        except sqlite3.OperationalError as fault:
            log.error("database_not_writable", carrier=self._name, reason=str(fault))

    def _ask(self, connection: sqlite3.Connection, carrier: Asked, asking: Asking) -> None:
        if wait_s := self._wait_s(connection, carrier.line, asking):
            self._due_at = self._time.monotonic() + wait_s
            return
        try:
            self._heard(connection, carrier.line, carrier.ussd(asking.code), asking)
        except CarrierLost:
            raise
        except GatewayError as refusal:
            sentence = _("The operator was asked for the balance in vain: {reason}")
            self._fail(connection, sentence.format(reason=refusal))

    def _heard(self, connection: sqlite3.Connection, line: str, answer: str, asking: Asking) -> None:
        found = balance.read(answer, asking.pattern)
        if found is None:
            command = f"smsgw ussd {self._name} '{asking.code}'"
            sentence = _("The answer about the balance was not understood: `{command}` shows it.")
            self._fail(connection, sentence.format(command=command))
            return
        spending.keep_balance(connection, line, found, self._time.now())
        self._due_at, self.trouble = self._time.monotonic() + asking.every_s, ""
        log.info("balance", carrier=self._name, balance=found.balance, allowance=found.allowance)

    def _wait_s(self, connection: sqlite3.Connection, line: str, asking: Asking) -> float:
        """Until it is time; one from the future is a clock's mistake."""
        asked_at = spending.asked_at(connection, line)
        age_s = asking.every_s if asked_at is None else (self._time.now() - asked_at).total_seconds()
        return max(0.0, asking.every_s - age_s) if age_s >= 0 else 0.0

    def _fail(self, connection: sqlite3.Connection, sentence: str) -> None:
        """Said once, until an answer is understood again."""
        is_news, self.trouble = not self.trouble, sentence
        if is_news:
            lives.note(connection, self._name, "balance_unknown", sentence, self._time.now())
            log.warning("balance_unknown", carrier=self._name, reason=sentence)
