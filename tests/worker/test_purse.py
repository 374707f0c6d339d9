"""The operator is asked for a SIM's balance now and then; what it answers is kept, what nobody understands is said."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from gateway.carrier import CarrierStatus
from gateway.clock import Time
from gateway.errors import CarrierLost, GatewayError
from gateway.queue import db, heartbeat, lives, spending
from gateway.settings import ModemSettings
from gateway.worker.purse import RETRY_S, Asking, Purse

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY_S = 86400.0
CODE = "*100#"
SETTINGS = ModemSettings(name="sim-1", port="/dev/ttyUSB0", balance_ussd=CODE)


@dataclass
class Operator:
    """One SIM in a modem, and its operator: answers USSD codes."""

    answers: list[str | GatewayError]
    line: str = "8970199000000000017"
    asked: int = 0
    now_s: float = 0.0
    time: Time = field(init=False)

    def __post_init__(self) -> None:
        self.time = Time(lambda: START + timedelta(seconds=self.now_s), lambda: self.now_s, threading.Event.wait)

    def ussd(self, code: str) -> str:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, GatewayError):
            raise answer
        return answer


def purse_of(operator: Operator, settings: ModemSettings = SETTINGS) -> Purse:
    return Purse("sim-1", operator.time, Asking.of(settings))


def pass_by(purse: Purse, operator: Operator, connection: db.Connection, days: float) -> None:
    """The worker has nothing to send, and looks every half hour."""
    for _ in range(int(days * 48)):
        purse.attend(connection, operator)
        operator.now_s += 1800.0


def balances(connection: db.Connection) -> list[float]:
    return [value for (value,) in connection.execute("SELECT balance FROM balances ORDER BY id")]


def events(connection: db.Connection) -> list[str]:
    return [str(each["event"]) for each in lives.history(connection, "sim-1")]


def test_the_balance_is_asked_for_once_a_day(connection: db.Connection) -> None:
    operator = Operator(["Баланс: 123,45 р.", "Баланс: 120,00 р.", "Баланс: 110,00 р."])
    pass_by(purse_of(operator), operator, connection, 3)
    assert balances(connection) == [123.45, 120.0, 110.0]


def test_without_a_code_nobody_is_asked(connection: db.Connection) -> None:
    operator = Operator([])
    purse = purse_of(operator, ModemSettings(name="sim-1", port="/dev/ttyUSB0"))
    pass_by(purse, operator, connection, 1)
    assert operator.asked == 0


def test_a_restart_does_not_ask_again(connection: db.Connection) -> None:
    operator = Operator(["Баланс: 5 р."])
    pass_by(purse_of(operator), operator, connection, 0.25)
    pass_by(purse_of(operator), operator, connection, 0.25)
    assert operator.asked == 1


def test_another_sim_in_the_stick_is_asked_at_once(connection: db.Connection) -> None:
    operator = Operator(["Баланс: 5 р.", "Баланс: 7 р."])
    purse = purse_of(operator)
    pass_by(purse, operator, connection, 0.25)
    operator.line = "8970199000000000025"
    pass_by(purse, operator, connection, 0.25)
    assert balances(connection) == [5.0, 7.0]


def test_after_a_clock_that_was_a_year_ahead_it_is_asked_again(connection: db.Connection) -> None:
    operator = Operator(["Баланс: 5 р.", "Баланс: 7 р."], now_s=365 * DAY_S)
    pass_by(purse_of(operator), operator, connection, 0.1)
    operator.now_s = 0.0
    pass_by(purse_of(operator), operator, connection, 0.1)
    assert operator.asked == 2


@pytest.mark.parametrize("answer", ["Запрос принят", GatewayError("No answer.")], ids=["not understood", "no answer"])
def test_what_nobody_understands_is_said_once_and_tried_again(
    connection: db.Connection, answer: str | GatewayError
) -> None:
    operator = Operator([answer, answer, "Баланс: 5 р."])
    purse = purse_of(operator)
    pass_by(purse, operator, connection, 0.05)
    assert purse.trouble
    assert "Запрос" not in purse.trouble
    pass_by(purse, operator, connection, 2 * RETRY_S / DAY_S)
    assert balances(connection) == [5.0]
    assert events(connection) == ["balance_unknown"]
    assert purse.trouble == ""


def test_a_modem_that_is_lost_while_it_is_asked_is_lost(connection: db.Connection) -> None:
    operator = Operator([CarrierLost("Gone.")])
    with pytest.raises(CarrierLost):
        pass_by(purse_of(operator), operator, connection, 0.1)


def test_an_answer_to_a_person_counts_too(connection: db.Connection) -> None:
    operator = Operator([])
    purse = purse_of(operator)
    purse.heard(connection, operator.line, "*102#", "Баланс: 7 р.")
    purse.heard(connection, operator.line, CODE, "Баланс: 5 р.")
    assert balances(connection) == [5.0]
    pass_by(purse, operator, connection, 0.5)
    assert operator.asked == 0


def test_the_forecast_stands_beside_the_balance(connection: db.Connection) -> None:
    operator = Operator([f"Баланс: {left} р." for left in (100, 90, 80)])
    pass_by(purse_of(operator), operator, connection, 3)
    status = CarrierStatus("ready", line=operator.line)
    heartbeat.report(connection, "sim-1", "modem", status, 0, None, operator.time.now())
    row = connection.execute("SELECT balance, runs_out_at FROM carriers").fetchone()
    assert row == (80.0, "2026-12-02T09:00:00.000Z")


def test_a_carrier_without_a_known_balance_has_none(connection: db.Connection) -> None:
    heartbeat.report(connection, "sim-1", "modem", CarrierStatus("ready"), 0, None, START)
    assert connection.execute("SELECT balance, allowance, runs_out_at FROM carriers").fetchone() == (None, None, None)


def test_old_figures_are_forgotten(connection: db.Connection) -> None:
    with db.write(connection):
        spending.note(connection, "line", 1, "+79000000001", START)
        spending.note(connection, "line", 2, "+79000000002", START + timedelta(days=61))
    operator = Operator(["Баланс: 5 р."])
    pass_by(purse_of(operator), operator, connection, 0.05)
    assert spending.forget(connection, START + timedelta(days=63)) == 1
    assert spending.forget(connection, START + timedelta(days=500)) == 2
