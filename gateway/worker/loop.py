"""One carrier's thread: open it, let it serve, see to it when it fails, and begin anew when it was lost.

What passes while it serves is traffic.py's; what is done about a carrier that fails is care.py's; how it stands, for
others to see, is display.py's. The worker and its traffic are the only ones that know both a queue and a carrier.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from gateway.carrier import CarrierStatus, OneByOne, Windowed
from gateway.clock import REAL, Time
from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.life import Life
from gateway.plan.limits import Plan
from gateway.queue import db
from gateway.queue.outbox import IntakeRules, Outbox
from gateway.worker.care import Care
from gateway.worker.display import Display
from gateway.worker.errands import Errands
from gateway.worker.gate import Gate
from gateway.worker.leave import Leave
from gateway.worker.permission import Permission
from gateway.worker.pulse import Pulse
from gateway.worker.purse import Asking, Purse
from gateway.worker.sharing import Sharing
from gateway.worker.stream import Stream, traffic_of
from gateway.worker.switchboard import Switchboard
from gateway.worker.traffic import DATABASE_WAIT_S, IDLE_WAIT_S, Surroundings, Traffic
from gateway.worker.treatment import Treatment

# The longest that a device may take to be opened or mended: its commands' deadlines, a restart, a network to be found.
DEVICE_S = 240.0

log = structlog.get_logger("gateway.worker")


class Worker:
    """Owns one carrier; `run` is its thread."""

    def __init__(
        self,
        carrier: OneByOne | Windowed,
        database: Path,
        rules: IntakeRules,
        *,
        leave: Leave | None = None,
        gate: Gate | None = None,
        sharing: Sharing | None = None,
        switchboard: Switchboard | None = None,
        asking: Asking | None = None,
        timezone: ZoneInfo | None = None,
        answer_wait_s: float = 40.0,
        may_reset: bool = True,
        time: Time = REAL,
    ) -> None:
        self.carrier = carrier
        self._database = database
        self._rules = rules
        self._pulse = Pulse(time)
        zone = timezone or ZoneInfo("UTC")
        self.leave = leave or Leave(Plan(), zone)
        self._permission = Permission(carrier.name, time, self.leave, gate, sharing, switchboard)
        self._treatment = Treatment(time, may_reset=may_reset)
        self._purse = Purse(carrier.name, time, asking)
        self._errands = Errands(carrier, self._permission, self._treatment, self._purse, time)
        known = (self._permission, self._treatment, self._errands, self._purse)
        self._display = Display(carrier, self._pulse, *known, zone)
        self._care = Care(carrier, self._treatment, self._errands, self._pulse)
        self._wants_retry = False
        self.answer_wait_s = answer_wait_s  # the longest that an SMS may be in the air
        self._longest_turn_s = IDLE_WAIT_S + answer_wait_s + DEVICE_S
        self._thread = threading.Thread(target=self.run, name=f"carrier-{carrier.name}", daemon=True)

    # What other threads call.

    @property
    def moved_at(self) -> float:
        """When its loop last turned, by the monotonic clock."""
        return self._pulse.moved_at

    @property
    def longest_turn_s(self) -> float:
        """A loop that has not turned for longer hangs."""
        return self._longest_turn_s

    @property
    def is_hung(self) -> bool:
        """Whether it was found not to move any more; the overseer says so."""
        return self._pulse.is_hung

    @is_hung.setter
    def is_hung(self, is_so: bool) -> None:
        self._pulse.is_hung = is_so

    @property
    def is_in_service(self) -> bool:
        """Whether it sends, now or after a limit or quiet hours."""
        return self._display.is_in_service

    @property
    def is_able(self) -> bool:
        """Whether it sends what it is given, at once or soon."""
        return self._display.is_able

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There may be something to send. With an SMS in the air there is no need: after it the outbox is looked at.

        Nor while it is opened or treated: it would only cut short the search for a network, again and again.
        """
        if self._care.is_open and not (self._treatment.is_applied or self._pulse.is_in_the_air):
            self.carrier.wake()

    def heed(self) -> None:
        """Somebody has paused, resumed or ordered something."""
        self._errands.call()
        self._pulse.call()
        if not self._pulse.is_in_the_air:
            self.carrier.wake()

    def change(self, plan: Plan, asking: Asking | None, *, may_reset: bool) -> None:
        """Go by these from the next SMS on; the carrier stays open."""
        self.leave.change(plan)
        self._purse.change(asking)
        self._treatment.may_reset = may_reset
        self.wake()

    def retry(self) -> None:
        """A port or a SIM has appeared: what waits to be opened is tried at once."""
        self._wants_retry = True
        self._pulse.call()

    def stop(self) -> None:
        """Finish the SMS in the air, then end; returns at once."""
        self._pulse.stop()
        self.carrier.wake()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; whether it came within `timeout_s`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def state(self) -> str:
        """The state alone: it is looked at many times a second."""
        return self._display.state

    def status(self) -> CarrierStatus:
        """The carrier's own word, and what its worker knows besides."""
        return self._display.status()

    # The thread.

    def run(self) -> None:
        """Serve the carrier until `stop`."""
        while not self._pulse.is_stopping:
            try:
                with db.plain_errors(self._database), closing(db.open_database(self._database)) as connection:
                    self._attend(connection)
            except db.UnusableError as fault:
                log.error("database_not_usable", carrier=self.carrier.name, reason=str(fault))
                self._pulse.wait_for_stop(DATABASE_WAIT_S)
            except Exception as fault:  # this loop must survive whatever a disk does
                log.exception("worker_failed", carrier=self.carrier.name, fault=type(fault).__name__)
                self._pulse.wait_for_stop(DATABASE_WAIT_S)

    def _attend(self, connection: sqlite3.Connection) -> None:
        """Over one connection, for as long as the database can be used."""
        self._connection = connection
        outbox = Outbox(connection, self._rules)
        around = Surroundings(outbox, self._permission, self._treatment, self._pulse, self._look)
        traffic = traffic_of(self.carrier, around)
        try:
            while not self._pulse.is_stopping:
                self._spell(traffic)
        finally:
            self._care.close()
            traffic.put_back()

    def _spell(self, traffic: Traffic | Stream) -> None:
        """Wait for what is due, do it, or serve until the next fall."""
        try:
            self._errands.attend(self._connection)
            if self._care.wait_s > 0:
                self._wait()
            elif self._treatment.is_pending:
                self._treat()
            else:
                self._open()
                self._serve(traffic)
        except CarrierLost as lost:
            self._fell(lost)
        except (sqlite3.Error, db.UnusableError):  # also where a carrier asks the database for something
            raise
        except Exception as fault:  # this loop must survive our own mistakes
            log.exception("carrier_failed", carrier=self.carrier.name, fault=type(fault).__name__)
            sentence = _("The gateway itself failed with it ({fault}); the log says where.")
            self._fell(CarrierLost(sentence.format(fault=type(fault).__name__), Cause.GATEWAY))
        finally:
            if not self._care.serves:
                traffic.put_back()

    def _look(self) -> None:
        self._errands.look(self._connection)

    def _wait(self) -> None:
        """While it can't serve: until its next step is due, or somebody calls."""
        self._pulse.wait(min(IDLE_WAIT_S, self._treatment.wait_s()))
        if self._wants_retry:
            self._wants_retry = False
            self._treatment.hurry()

    def _open(self) -> None:
        if self._care.is_open:
            return
        self._permission.rest(self._care.open(self._connection))
        self._wants_retry = False
        self.leave.open(self._connection, self.carrier.line, self._pulse.time.now())
        self.wake()  # what was due before need not wait for the next bell

    def _serve(self, traffic: Traffic | Stream) -> None:
        """Until it is to stop, or a remedy is due."""
        while not self._pulse.is_stopping:
            self._pulse.beat()
            self._errands.attend(self._connection)
            traffic.take_in()
            traffic.send()
            self._ask_for_balance()
            self._treatment.served()
            if self._treatment.is_pending and not self._treatment.wait_s():
                break
        traffic.finish()

    def _ask_for_balance(self) -> None:
        """Now and then; nothing is due just now."""
        if self.carrier.status().state == Life.READY and not self._treatment.is_pending:
            self._purse.attend(self._connection, self.carrier)

    def _fell(self, lost: CarrierLost) -> None:
        if not self._pulse.is_stopping:
            self._care.fell(self._connection, lost)

    def _treat(self) -> None:
        try:
            self._care.treat(self._connection)
        finally:
            self.wake()
