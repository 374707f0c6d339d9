"""One worker alone with its modem and its queue: no dispatcher, so nothing calls it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest

from gateway.carrier import Inbound
from gateway.modem.carrier import ModemCarrier
from gateway.modem.transport import RESYNC_S
from gateway.queue import db
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add
from gateway.worker.loop import IDLE_WAIT_S, Worker
from tests.fake_modem.bank import Bank
from tests.modem.live import TEXT, TO, carrier_for

SOON_S = IDLE_WAIT_S / 3
RULES = IntakeRules()


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Connection]:
    """An outbox with two messages, examined and due."""
    db.create_or_upgrade(tmp_path / "gateway.db")
    with closing(db.open_database(tmp_path / "gateway.db")) as connection:
        add(connection, [NewMessage(TO, TEXT)] * 2, datetime.now(UTC))
        Outbox(connection, RULES).intake(datetime.now(UTC))
        yield connection


@contextmanager
def working(bank: Bank, folder: Path, **options: Any) -> Iterator[Worker]:
    """`options`: of `carrier_for`."""
    worker = Worker(carrier_for(bank.modems[0], **options), folder / "gateway.db", RULES)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        assert worker.join(RESYNC_S + SOON_S)


def states(queue: Connection) -> list[str]:
    return [state for (state,) in queue.execute("SELECT state FROM outbox ORDER BY id")]


def test_what_waits_is_sent_as_soon_as_the_modem_is_open(queue: Connection, tmp_path: Path) -> None:
    with Bank() as bank, working(bank, tmp_path):
        assert bank.wait_for(lambda: bank.phones.get(TO) == [TEXT, TEXT], SOON_S)


def test_silence_is_written_down_before_the_line_is_brought_in_step(queue: Connection, tmp_path: Path) -> None:
    """And the next message stays in the queue, for others to take, as long as the modem says nothing."""
    with Bank() as bank:
        bank.modems[0].fault("hang_in_prompt")
        with working(bank, tmp_path, submit_deadline_s=0.3):
            assert bank.wait_for(lambda: states(queue) == ["uncertain", "queued"], RESYNC_S / 2)
            bank.modems[0].recover()
            assert bank.wait_for(lambda: states(queue) == ["uncertain", "delivered"], RESYNC_S)


def test_a_modem_without_a_network_takes_nothing_from_the_queue(queue: Connection, tmp_path: Path) -> None:
    with Bank() as bank, working(bank, tmp_path, refresh_s=0.1) as worker:
        assert bank.wait_for(lambda: states(queue) == ["delivered", "delivered"], SOON_S)
        bank.modems[0].register(3)
        assert bank.wait_for(lambda: worker.status().state == "searching", SOON_S)
        add(queue, [NewMessage(TO, TEXT)], datetime.now(UTC))
        Outbox(queue, RULES).intake(datetime.now(UTC))
        worker.wake()
        asked = bank.modems[0].commands.count("AT+CREG?")
        assert bank.wait_for(lambda: bank.modems[0].commands.count("AT+CREG?") > asked + 2, SOON_S)
        assert states(queue)[-1] == "queued"
        bank.modems[0].register(1)
        assert bank.wait_for(lambda: states(queue)[-1] == "delivered", SOON_S)
    assert queue.execute("SELECT attempts FROM outbox ORDER BY id").fetchall() == [(1,), (1,), (1,)]


class Careless(ModemCarrier):
    """Fails once, unforeseen, over what came in while an SMS was in the air."""

    has_failed = False

    def receive(self, wait_s: float) -> Sequence[Inbound]:
        if wait_s == 0 and not self.has_failed:
            self.has_failed = True
            raise ValueError("not foreseen")
        return super().receive(wait_s)


def test_the_outcome_of_an_sms_is_kept_whatever_goes_wrong_behind_it(queue: Connection, tmp_path: Path) -> None:
    with Bank() as bank, working(bank, tmp_path, kind=Careless):
        assert bank.wait_for(lambda: states(queue) == ["delivered", "delivered"], SOON_S)


def test_a_ready_modem_that_refuses_every_sms_says_what_they_met(queue: Connection, tmp_path: Path) -> None:
    with Bank() as bank:
        bank.modems[0].fault("refuse", count=None, code="CMS 500")
        with working(bank, tmp_path) as worker:
            assert bank.wait_for(lambda: worker.status().detail, SOON_S)
            assert worker.status().state == "ready"
