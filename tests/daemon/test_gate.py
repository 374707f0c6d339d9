"""The gate and a worker: nothing new begins while it is closed, and what has begun goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

import pytest

from gateway.queue import db
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add
from gateway.worker.gate import Gate
from gateway.worker.loop import Worker
from gateway.worker.traffic import IDLE_WAIT_S
from tests.fake_modem.bank import Bank
from tests.modem.live import TO, carrier_for

RULES = IntakeRules()
LONG = "Напоминаем о приёме. " * 8  # 3 SMS
SOON_S = IDLE_WAIT_S / 3
A_WHILE_S = 0.5  # far more than a ready worker takes to claim


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Connection]:
    """An outbox with two long messages, examined and due."""
    with closing(db.open_database(tmp_path / "gateway.db", create=True)) as connection:
        add(connection, [NewMessage(TO, LONG + str(number)) for number in range(2)], datetime.now(UTC))
        Outbox(connection, RULES).intake(datetime.now(UTC))
        yield connection


@contextmanager
def working(bank: Bank, folder: Path, gate: Gate) -> Iterator[Worker]:
    worker = Worker(carrier_for(bank.modems[0]), folder / "gateway.db", RULES, gate=gate)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        assert worker.join(SOON_S)


def attempts(queue: Connection) -> list[int]:
    return [tries for (tries,) in queue.execute("SELECT attempts FROM outbox ORDER BY id")]


def test_nothing_is_taken_before_the_gate_is_open(queue: Connection, tmp_path: Path) -> None:
    gate = Gate()
    with Bank() as bank, working(bank, tmp_path, gate) as worker:
        assert bank.wait_for(lambda: worker.is_in_service, SOON_S)
        worker.wake()
        assert not threading.Event().wait(A_WHILE_S)
        assert attempts(queue) == [0, 0]
        gate.open()
        worker.wake()
        assert bank.wait_for(lambda: len(bank.phones.get(TO, [])) == 2, SOON_S)


def test_a_long_message_that_has_begun_goes_on_and_the_next_one_waits(queue: Connection, tmp_path: Path) -> None:
    gate = Gate()
    gate.open()
    with Bank(radio_s=0.2) as bank, working(bank, tmp_path, gate):
        assert bank.wait_for(lambda: len(bank.submitted) == 1, SOON_S)
        gate.close()
        assert bank.wait_for(lambda: len(bank.phones.get(TO, [])) == 1, SOON_S)
        assert not threading.Event().wait(A_WHILE_S)
        assert attempts(queue) == [1, 0]
