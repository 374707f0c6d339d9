"""Asking a port who is there: whether a modem answers, which, with which SIM, and whether it takes SMS by this port.

A PIN is never sent, nothing is stored, and a port that another program has is left alone. What answered is remembered
for a while, so that the carriers of many modems which start together do not each ask them all; what stays silent is
asked again ever more seldom, until it is plugged anew.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem import answers, at, pin, quirks, startup
from gateway.modem.readiness import Identity
from gateway.modem.session import GsmSession

PROBE_S = 4.0  # a port that stays silent so long has no modem that is awake
WHOLE_S = 12.0  # one that answers slowly is given up between two questions after so long
PROBES_AT_ONCE = 48  # one stick has up to five ports, most of them silent
KNOWN_S = 60.0  # how long an answer is believed; a port that was plugged anew is asked anew at once
SILENT_S = 3.0  # a modem that starts answers soon: so long between two questions in its first time, …
YOUNG_S = 60.0
SILENT_MOST_S = 60.0  # … and what never answers is something else, which AT may disturb: the waits double up to here
PDU_MODE = 0  # +CMGF
# A port for dialling refuses them all; some modems that take SMS refuse one or two.
OF_SMS = ("AT+CMGS=?", "AT+CSCA?", "AT+CNMI=?")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A modem that answered on a port."""

    port: str
    identity: Identity
    takes_sms: bool  # False: a port for dialling or the like
    is_settled: bool = True  # its SIM's number is known, or why it can't be: it is locked, or not there


@dataclass(frozen=True, slots=True)
class Nobody:
    """No modem can be had at a port."""

    port: str
    cause: Cause
    reason: str


Answer = Found | Nobody


def ask(port: str, baudrate: int = 115200, deadline_s: float = PROBE_S) -> Answer:
    """Who answers on `port`."""
    session = GsmSession(port, baudrate)
    try:
        session.connect()
        session.bring_in_step(deadline_s)
        return _found(session)
    except CarrierLost as problem:
        return Nobody(port, problem.cause, str(problem))
    finally:
        session.close()


def _own_fault(port: str, fault: Exception) -> Nobody:
    """Our own mistake with whatever stands behind a port."""
    log.exception("probe_failed")
    sentence = _("The gateway itself failed with port {port} ({fault}); the log says where.")
    return Nobody(port, Cause.GATEWAY, sentence.format(port=port, fault=type(fault).__name__))


def _found(session: GsmSession) -> Found:
    with session.within(WHOLE_S):
        for command in startup.TERMS:
            session.ask(command)
        made = startup.make(session)
        who = startup.with_sim(session, made, quirks.for_modem(made.manufacturer, made.model))
        is_settled = bool(who.iccid or who.imsi) or _is_without_sim(session)
        return Found(session.port, who, takes_sms(session), is_settled)


def _is_without_sim(session: GsmSession) -> bool:
    """Whether the SIM is locked or not there; else it tells its number a little later."""
    try:
        return pin.asked_for(session) not in pin.USABLE
    except CarrierLost as problem:
        return problem.cause is Cause.LOCKED


def takes_sms(session: GsmSession) -> bool:
    """Whether this port of the modem is one for SMS (27.005, 3.2.3). What only misses its SIM or PIN is trusted."""
    offered = session.ask("AT+CMGF=?")
    has_pdu_mode = offered.is_ok and answers.offers(offered.lines, "+CMGF", PDU_MODE)
    has_pdu_mode = has_pdu_mode or _is_taken(session.ask(f"AT+CMGF={PDU_MODE}"))
    told = (session.ask(command) for command in OF_SMS)
    return any(_is_taken(answer) if has_pdu_mode else _misses_sim(answer) for answer in told)


def _is_taken(answer: at.Answer) -> bool:
    return answer.is_ok or _misses_sim(answer)


def _misses_sim(answer: at.Answer) -> bool:
    return answer.final.number in (*pin.WANTS_PIN, *pin.WANTS_PUK, *pin.NO_SIM)


class Prober:
    """Asks each port in a thread of its own, once for all who want to know. Any thread may call it."""

    def __init__(
        self, ask: Callable[[str, int], Answer] = ask, is_held: Callable[[str], bool] = lambda _port: False
    ) -> None:
        """`is_held`: whether a carrier of ours has the port's stick; looked at last, so that none speaks in between."""
        self._ask, self._is_held = ask, is_held
        self._known: dict[tuple[str, int], _Known] = {}
        self._changing = threading.Lock()
        self._places = threading.Semaphore(PROBES_AT_ONCE)

    def answer(self, port: str, baudrate: int = 115200) -> Future[Answer]:
        """The answer as it is known, or as it will come."""
        path = os.path.realpath(port)
        device = device_of(path)
        with self._changing:
            known = self._known.get((path, baudrate))
            if known is not None and known.is_fresh(device):
                return known.future
            before = known if known and known.device == device else None
            known = self._known[path, baudrate] = _Known(device, before)
        threading.Thread(target=self._run, args=(known, port, baudrate), name=f"probe-{port}", daemon=True).start()
        return known.future

    def latest(self, port: str, baudrate: int = 115200) -> Answer | None:
        """What it answered last, while it is asked anew if that is old; None: nothing yet. Never waits."""
        self.answer(port, baudrate)
        with self._changing:
            known = self._known.get((os.path.realpath(port), baudrate))
            return known.latest if known else None

    def forget(self, port: str) -> None:
        """Ask anew next time."""
        path = os.path.realpath(port)
        with self._changing:
            for key in [key for key in self._known if key[0] == path]:
                del self._known[key]

    def leave(self, port: str) -> None:
        """Return when no question is under way at this port; begin none before."""
        path = os.path.realpath(port)
        with self._changing:
            futures = [known.future for key, known in self._known.items() if key[0] == path]
        wait(futures, PROBE_S + WHOLE_S)

    def _run(self, known: _Known, port: str, baudrate: int) -> None:
        is_held = False
        try:
            with self._places:
                is_held = self._is_held(port)
                answer = Nobody(port, Cause.FORBIDDEN, "") if is_held else self._ask(port, baudrate)
        except Exception as fault:  # noqa: BLE001 - a port that nobody answers for would never be asked again
            answer = _own_fault(port, fault)
        known.settle(answer)
        if is_held:
            self.forget(port)


class _Known:
    """What a port answers, or will."""

    def __init__(self, device: tuple[int, int], before: _Known | None) -> None:
        self.device = device  # number and change time of the device file: another after re-plugging
        self.future: Future[Answer] = Future()
        self._before = before.latest if before else None
        self._since: float = before._since if before else time.monotonic()
        self._silences = before.silences if before and time.monotonic() - self._since > YOUNG_S else 0
        self._until = float("inf")  # time.monotonic()

    @property
    def latest(self) -> Answer | None:
        return self.future.result() if self.future.done() else self._before

    @property
    def silences(self) -> int:
        """In a row, with this one."""
        return self._silences + 1 if isinstance(self.latest, Nobody) else 0

    def settle(self, answer: Answer) -> None:
        self._until = time.monotonic() + self._good_for_s(answer)
        self.future.set_result(answer)

    def is_fresh(self, device: tuple[int, int]) -> bool:
        return self.device == device and time.monotonic() < self._until

    def _good_for_s(self, answer: Answer) -> float:
        if isinstance(answer, Found):
            return KNOWN_S if answer.is_settled else SILENT_S
        return float(min(SILENT_S * 2 ** min(self._silences, 10), SILENT_MOST_S))


def device_of(path: str) -> tuple[int, int]:
    """What is another after the port was plugged anew, or its rights were set."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_rdev, status.st_ctime_ns
