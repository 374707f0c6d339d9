"""A modem that hangs keeps no message that another one could send, but that whose PDU may be out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

import pytest

from gateway.carrier import Deferred, Scope
from gateway.modem.carrier import ModemCarrier
from gateway.modem.submit import NO_PROMPT
from gateway.modem.transport import RESYNC_S
from gateway.queue import db
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add
from gateway.settings import ModemSettings
from gateway.worker.display import SLOW_S
from gateway.worker.loop import Worker
from gateway.worker.sharing import Sharing
from tests.fake_modem.bank import Bank
from tests.fake_modem.handle import Handle
from tests.modem.live import Memory, opened, receive, sms, until
from tests.worker.patient import Ward

SOON_S = 10.0
RULES = IntakeRules()


@pytest.fixture(autouse=True)
def never_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each modem is asked for its sign of life at once, and has a third of the time for it."""
    monkeypatch.setattr("gateway.modem.transport.FRESH_S", -1.0)
    monkeypatch.setattr("gateway.modem.transport.WAKE_S", 0.3)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Connection]:
    db.create_or_upgrade(tmp_path / "gateway.db")
    with closing(db.open_database(tmp_path / "gateway.db")) as connection:
        yield connection


@contextmanager
def serving(folder: Path, modems: list[Handle]) -> Iterator[list[Worker]]:
    """A worker for each; the first is idle, the others are still to be started, so that they take nothing before."""
    sharing = Sharing()
    settings = [ModemSettings(name=f"sim-{n}", port=modem.port, answer_wait=1.0) for n, modem in enumerate(modems, 1)]
    workers = [Worker(ModemCarrier(each, Memory()), folder / "gateway.db", RULES, sharing=sharing) for each in settings]
    workers[0].start()
    try:
        until(lambda: is_idle(modems[0]))
        yield workers
    finally:
        for worker in workers:
            worker.stop()
        for worker in workers:
            assert worker.join(RESYNC_S + SOON_S)


def is_idle(modem: Handle) -> bool:
    """Whether the first look through its storages is over: it ends by asking for notifications once more."""
    return sum(command.startswith("AT+CNMI=") and command != "AT+CNMI=?" for command in modem.commands) > 1


def put(queue: Connection, count: int = 1) -> None:
    messages = [NewMessage(f"+790000000{number:02}", "Hello") for number in range(count)]
    add(queue, messages, datetime.now(UTC))
    Outbox(queue, RULES).intake(datetime.now(UTC))


def passed(queue: Connection) -> list[tuple[str, str, int]]:
    return queue.execute("SELECT state, carrier, attempts FROM outbox ORDER BY id").fetchall()


def test_an_idle_modem_that_hangs_is_given_nothing(queue: Connection, tmp_path: Path) -> None:
    with Bank(2) as bank, serving(tmp_path, bank.modems) as (first, second):
        bank.modems[0].hang_until(None)
        put(queue, 4)
        first.wake()
        until(lambda: first.state == "recovering")
        assert passed(queue) == [("queued", None, 0)] * 4
        second.start()
        assert bank.wait_for(lambda: passed(queue) == [("delivered", "sim-2", 1)] * 4, SOON_S)
        bank.modems[0].recover()
        until(lambda: first.state == "ready")


def test_a_message_whose_prompt_does_not_come_is_free_before_the_modem_is_called(
    queue: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.modem.submit.PROMPT_S", 0.3)
    with Bank(2) as bank, serving(tmp_path, bank.modems) as (first, second):
        bank.modems[0].fault("hang", "AT+CMGS")
        put(queue)
        first.wake()
        assert bank.wait_for(lambda: passed(queue)[0] == ("queued", "sim-1", 1), RESYNC_S / 2)
        second.start()
        assert bank.wait_for(lambda: passed(queue)[0] == ("delivered", "sim-2", 2), RESYNC_S / 2)
        bank.modems[0].recover()


def test_a_modem_without_a_sign_of_life_says_so_until_it_answers() -> None:
    with Bank(1) as bank, opened(bank.modems[0]) as carrier:
        assert carrier.is_there()
        bank.modems[0].hang_until(None)
        assert not carrier.is_there()
        assert carrier.is_silent
        assert carrier.status().state == "recovering"
        assert "does not answer" in carrier.status().detail
        bank.modems[0].recover()
        receive(carrier, 1, within_s=0.5)
        assert carrier.is_there()
        assert (carrier.status().state, carrier.status().detail) == ("ready", "")


def test_a_modem_that_leaves_an_sms_without_its_prompt_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem.submit.PROMPT_S", 0.2)
    with Bank(1) as bank, opened(bank.modems[0]) as carrier:
        bank.modems[0].hang_until(None)
        assert carrier.submit(sms()) == NO_PROMPT
        assert carrier.is_silent
        assert carrier.status().state == "recovering"


def test_a_message_stays_in_the_queue_until_the_modem_answers(ward: Ward) -> None:
    ward.patient.is_awake = False
    ward.add()
    ward.run(30.0)
    assert (ward.states(), ward.patient.submitted) == (["queued"], [])
    ward.patient.is_awake = True
    ward.restart()
    ward.run(30.0)
    assert ward.states() == ["sent"]


def test_a_silent_failure_begins_nothing_more(ward: Ward) -> None:
    def falls_silent(_submission: object) -> Deferred:
        ward.patient.is_awake = False
        return Deferred("no_prompt", "Its prompt did not come.", Scope.DEVICE)

    ward.patient.answers = falls_silent
    ward.add(3)
    ward.run(20.0)
    assert len(ward.patient.submitted) == 1
    assert ward.states() == ["queued"] * 3


def test_a_modem_that_keeps_an_sms_for_long_serves_no_way_meanwhile(ward: Ward) -> None:
    able: list[bool] = []

    def slowly(_submission: object) -> Deferred:
        able.append(ward.worker.is_able)
        ward.clock.pass_by(SLOW_S + 1)
        able.append(ward.worker.is_able)
        return Deferred("cms_500", "It failed.", Scope.NUMBER)

    ward.patient.answers = slowly
    ward.add()
    ward.run(2 * SLOW_S)
    assert able == [True, False]
