"""One worker alone with its modem and its queue: no dispatcher, so nothing calls it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from gateway.queue import db
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add_one
from gateway.worker import IDLE_WAIT_S, Worker
from tests.fake_modem.bank import Bank
from tests.modem.live import TEXT, TO, carrier_for

SOON_S = IDLE_WAIT_S / 3


def test_what_waits_is_sent_as_soon_as_the_modem_is_open(tmp_path: Path) -> None:
    path, rules, now = tmp_path / "gateway.db", IntakeRules(), datetime.now(UTC)
    db.create_or_upgrade(path)
    with closing(db.open_database(path)) as connection, Bank() as bank:
        add_one(connection, NewMessage(TO, TEXT), now)
        Outbox(connection, rules).intake(now)
        worker = Worker(carrier_for(bank.modems[0]), path, rules)
        worker.start()
        try:
            assert bank.wait_for(lambda: bank.phones.get(TO) == [TEXT], SOON_S)
        finally:
            worker.stop()
            assert worker.join(SOON_S)
