"""What is shown of carriers once their daemon has ended without a word: nothing that was true only while it ran."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.carrier import CarrierStatus
from gateway.queue import db, heartbeat
from tests.cli.conftest import READY, Gateway

BIND = CarrierStatus("ready", "3 of 10 in the air, up to 30 SMS/s, answered in 12 ms", "127.0.0.1:2775")
SEARCHING = CarrierStatus("searching", "It searches.", "127.0.0.1:2775")


def report(gateway: Gateway, name: str, kind: str, status: CarrierStatus, at: datetime, sent_today: int = 12) -> None:
    with closing(db.open_database(gateway.database)) as connection:
        heartbeat.beat(connection, 17, at)
        heartbeat.report(connection, name, kind, status, sent_today, 500, at)


@pytest.fixture
def with_bind(gateway: Gateway) -> Gateway:
    with gateway.config.open("a") as file:
        file.write('[[smpp]]\nname = "operator"\nhost = "127.0.0.1"\nsystem_id = "clinic"\n')
    return gateway


@pytest.mark.parametrize(("status", "word"), [(BIND, "ready."), (SEARCHING, "searching. It searches.")])
def test_of_a_bind_its_last_state_is_told_and_no_figures(
    with_bind: Gateway, now: datetime, status: CarrierStatus, word: str
) -> None:
    report(with_bind, "operator", "smpp", status, now)
    detail = with_bind.json("status")["carriers"][-1]["detail"]
    assert detail.endswith(word)
    assert "in the air" not in detail


def test_what_was_amiss_with_a_modem_is_still_told(gateway: Gateway, now: datetime) -> None:
    report(gateway, "sim-1", "modem", replace(READY, detail="Storage SM is nearly full: 18 of 20."), now)
    (modem,) = gateway.json("modems")
    assert "nearly full" in modem["detail"]
    assert (modem["state"], modem["operator"], modem["signal_dbm"]) == ("stopped", None, None)


@pytest.mark.parametrize(("days", "sent_today"), [(0, 12), (1, 0), (40, 0)])
def test_what_was_sent_on_another_day_is_not_todays(
    gateway: Gateway, now: datetime, days: int, sent_today: int
) -> None:
    report(gateway, "sim-1", "modem", READY, now - timedelta(days=days))
    assert gateway.json("modems")[0]["sent_today"] == sent_today
