"""Real modem carriers on the fake bank, with the ladder's waits a hundred times as short: hung, given up, and back.

In one process, since nobody waits ten minutes for a test; the waits themselves are tested under a clock of their own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest

from gateway.clock import Time, utc_now
from gateway.daemon.dispatcher import Dispatcher
from gateway.daemon.rounds import Carriers
from gateway.life import Life
from gateway.modem import remedies, startup
from gateway.modem.carrier import ModemCarrier
from gateway.modem.transport import Transport
from gateway.queue import db, lives, orders
from gateway.queue.outbox import IntakeRules, NewMessage, add
from gateway.queue.rules import SafetyRules
from gateway.settings import ModemSettings
from gateway.worker.loop import Worker
from tests.fake_modem.bank import Bank
from tests.modem.live import Memory

SPEED = 100.0  # seconds of the worker in one of ours
QUICK = Time(utc_now, lambda: time.monotonic() * SPEED, lambda event, wait_s: event.wait(wait_s / SPEED))
RULES = IntakeRules(
    carriers=("sim-1", "sim-2"), safety=SafetyRules(same_text_limit=0, daily_limit=0), uncertain_wait_s=1.0
)
SOON_S = 60.0


@dataclass
class Fleet:
    """The bank's modems, a worker for each, and the queue."""

    bank: Bank
    workers: list[Worker]
    connection: Connection

    def states(self) -> list[str]:
        return [state for (state,) in self.connection.execute("SELECT state FROM outbox ORDER BY id")]

    def events(self, carrier: str, event: str) -> list[str]:
        found = lives.history(self.connection, carrier, 500)
        return [row["detail"] for row in reversed(found) if row["event"] == event]

    def lives_of(self, carrier: str) -> list[str]:
        found = lives.history(self.connection, carrier, 500)
        return [row["to_state"] for row in reversed(found) if row["event"] == "state"]


@pytest.fixture(autouse=True)
def _short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A modem that hangs is called for half a second instead of twelve."""
    monkeypatch.setattr(startup, "WAKE_UP_S", 0.5)
    monkeypatch.setattr(remedies, "GONE_S", 0.5)
    monkeypatch.setattr(remedies, "RESET_ANSWER_S", 0.5)
    monkeypatch.setattr(Transport.bring_in_step, "__defaults__", (0.5,))


@contextmanager
def at_work(folder: Path, count: int = 2) -> Iterator[Fleet]:
    db.create_or_upgrade(folder / "gateway.db")
    with ExitStack() as stack:
        bank = stack.enter_context(Bank(count))
        connection = stack.enter_context(closing(db.open_database(folder / "gateway.db")))
        settings = [ModemSettings(name=f"sim-{n}", port=m.port, answer_wait=1.0) for n, m in enumerate(bank.modems, 1)]
        workers = [
            Worker(ModemCarrier(each, Memory(), refresh_s=0.3), folder / "gateway.db", RULES, time=QUICK)
            for each in settings
        ]
        stack.enter_context(dispatched(folder / "gateway.db", workers))
        for worker in workers:
            worker.start()
            stack.callback(worker.join, SOON_S)
            stack.callback(worker.stop)
        yield Fleet(bank, workers, connection)


def to_all(workers: list[Worker], tell: Callable[[Worker], None]) -> Callable[[], None]:
    def tell_all() -> None:
        for worker in workers:
            tell(worker)

    return tell_all


@contextmanager
def dispatched(database: Path, workers: list[Worker]) -> Iterator[None]:
    """With the daemon's dispatcher, which writes down how each carrier is."""
    shown: list[str] = []

    def beat(connection: Connection, now: object) -> None:
        shown[:] = [worker.status().state for worker in workers]
        for worker in workers:
            lives.report(connection, worker.carrier.name, "modem", worker.status(), 0, None, utc_now())

    carriers = Carriers(
        ring=to_all(workers, Worker.wake),
        heed=to_all(workers, Worker.heed),
        has_changed=lambda: [worker.status().state for worker in workers] != shown,
        beat=beat,
        able=lambda: frozenset(worker.carrier.name for worker in workers if worker.is_able),
    )
    dispatcher = Dispatcher(database, RULES, carriers)
    dispatcher.start()
    try:
        yield
    finally:
        dispatcher.stop()


def test_a_modem_that_hangs_at_everything_is_given_up_while_the_other_sends_and_is_resumed(tmp_path: Path) -> None:
    with at_work(tmp_path) as fleet:
        hung, well = fleet.bank.modems
        assert fleet.bank.wait_for(lambda: all(each.is_able for each in fleet.workers), SOON_S)
        hung.fault("hang", "AT", count=None)
        add(fleet.connection, [NewMessage(f"+7900000{7000 + n}", "Hello") for n in range(20)], utc_now())
        assert fleet.bank.wait_for(lambda: fleet.workers[0].status().state == Life.FAILED, SOON_S)
        assert fleet.bank.wait_for(lambda: fleet.states() == ["delivered"] * 20, SOON_S)
        assert {each.modem for each in fleet.bank.submitted} == {well.name}
        assert fleet.bank.wait_for(lambda: fleet.lives_of("sim-1")[-1] == "failed", SOON_S)
        tried = [detail.partition(":")[0] for detail in fleet.events("sim-1", "remedy")]
        assert tried[-6:] == ["reopen", "reset", "reset", "reopen", "reopen", "reopen"]
        assert set(fleet.lives_of("sim-2")) == {"starting", "ready"}
        hung.clear_faults()
        hung.recover()
        orders.give(fleet.connection, "sim-1", "resume", "", utc_now())
        assert fleet.bank.wait_for(lambda: fleet.workers[0].status().state == Life.READY, SOON_S)
        add(fleet.connection, [NewMessage("+79000000001", "Hello", sender="sim-1")], utc_now())
        assert fleet.bank.wait_for(lambda: fleet.states()[-1] == "delivered", SOON_S)


def test_a_modem_whose_radio_is_stuck_comes_back_by_switching_it(tmp_path: Path) -> None:
    with at_work(tmp_path, 1) as fleet:
        (stuck,) = fleet.bank.modems
        assert fleet.bank.wait_for(lambda: fleet.workers[0].is_able, SOON_S)
        stuck.hang_until("radio", is_silent=False)
        add(fleet.connection, [NewMessage(f"+7900000{7000 + n}", "Hello") for n in range(10)], utc_now())
        assert fleet.bank.wait_for(lambda: "delivered" in fleet.states(), SOON_S)
        assert fleet.events("sim-1", "remedy")[-1].startswith("radio:")
        assert "failed" not in fleet.lives_of("sim-1")


def is_answered(fleet: Fleet, order: int) -> bool:
    """Well or not, as the bank's network has it."""
    found = orders.find(fleet.connection, order)
    return found is not None and found["state"] in ("done", "failed")


def test_pause_and_ussd_go_between_the_sms_of_a_modem_at_work(tmp_path: Path) -> None:
    with at_work(tmp_path, 1) as fleet:
        add(fleet.connection, [NewMessage(f"+7900000{7000 + n}", "Hello") for n in range(30)], utc_now())
        assert fleet.bank.wait_for(lambda: len(fleet.bank.submitted) > 3, SOON_S)
        order = orders.give(fleet.connection, "sim-1", "ussd", "*100#", utc_now())
        orders.pause(fleet.connection, "sim-1", "new SIM", utc_now())
        assert fleet.bank.wait_for(lambda: fleet.workers[0].status().state == Life.PAUSED, SOON_S)
        sent = len(fleet.bank.submitted)
        assert sent < 30
        assert fleet.bank.wait_for(lambda: is_answered(fleet, order), SOON_S)
        assert not threading.Event().wait(0.3)
        assert len(fleet.bank.submitted) == sent
        orders.resume(fleet.connection, "sim-1", utc_now())
        assert fleet.bank.wait_for(lambda: fleet.states() == ["delivered"] * 30, SOON_S)


def test_an_emergency_that_met_silence_goes_over_the_other_modem_at_once(tmp_path: Path) -> None:
    with at_work(tmp_path) as fleet:
        hung, well = fleet.bank.modems
        orders.pause(fleet.connection, "sim-2", "", utc_now())
        assert fleet.bank.wait_for(lambda: fleet.workers[1].status().state == Life.PAUSED, SOON_S)
        assert fleet.bank.wait_for(lambda: fleet.workers[0].is_able, SOON_S)
        hung.fault("hang_in_prompt")
        add(fleet.connection, [NewMessage("+79000000001", "Hello", category="emergency")], utc_now())
        assert fleet.bank.wait_for(lambda: fleet.states() == ["sending"], SOON_S)
        orders.resume(fleet.connection, "sim-2", utc_now())
        assert fleet.bank.wait_for(lambda: fleet.states() == ["delivered"], SOON_S)
        assert [each.modem for each in fleet.bank.submitted] == [well.name]
        rows = fleet.connection.execute("SELECT to_state, at FROM events WHERE outbox_id = 1 AND to_state IS NOT NULL")
        at = {state: datetime.fromisoformat(moment) for state, moment in rows}
        assert at["delivered"] - at["uncertain"] < timedelta(seconds=10)
