"""What operators answer about a SIM's money, as they write it; and when it runs out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.plan.balance import Balance, Point, read, runs_out
from gateway.settings.modem import BALANCE_PATTERN

START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)

# Invented answers in the ways in which operators write them.
ANSWERS = [
    ("Баланс:123,45 руб", 123.45),
    ("Ваш баланс 0.00 р.", 0.0),
    ("Баланс: -12,30р. Пополните счёт", -12.3),
    ("Баланс: −12,30 р.", -12.3),
    ("Баланс - 15.00 р.", 15.0),
    ("Balance: 1 234,50 RUB", 1234.5),
    ("Balance: 1\u00a0234,50 RUB", 1234.5),
    ("Your balance is $1,234.50. Dial *100#", 1234.5),
    ("BALANCE 1.234,50 EUR", 1234.5),
    ("Balance 1'234.50 CHF", 1234.5),
    ("Balance: UGX 12,500", 12500.0),
    ("Остаток на счете: 7 руб. 3 мин.", 7.0),
    ("尊敬的客户，您的账户余额：8.50元", 8.5),
    ("Баланс: 1234567.8", 1234567.8),
]


@pytest.mark.parametrize(("answer", "balance"), ANSWERS, ids=[answer for answer, _balance in ANSWERS])
def test_a_balance_is_read_as_the_operator_writes_it(answer: str, balance: float) -> None:
    assert read(answer, BALANCE_PATTERN) == Balance(balance)


@pytest.mark.parametrize("answer", ["", "Запрос принят, ждите SMS", "Balance: unknown", "Услуга недоступна", "12.50"])
def test_an_answer_that_the_pattern_does_not_fit_is_none(answer: str) -> None:
    assert read(answer, BALANCE_PATTERN) is None


@pytest.mark.parametrize(
    ("answer", "pattern", "expected"),
    [
        ("Осталось 42 SMS до 30.11", r"Осталось (?P<allowance>\d+) SMS", Balance(allowance=42)),
        ("10,5 р; 1 200 SMS", r"(?P<balance>[\d,]+) р; (?P<allowance>[\d ]+) SMS", Balance(10.5, 1200)),
        ("रुपये १२३.४५", r"(?P<balance>\d+\.\d+)", Balance(123.45)),
        ("الرصيد ٥٠", r"(?P<balance>\d+)", Balance(50.0)),
        ("10 р", r"(?P<balance>\d+) р(?: (?P<allowance>\d+))?", Balance(10.0)),
        ("-", r"(?P<balance>-)", None),
        ("9" * 400, r"(?P<allowance>\d+)", None),
    ],
)
def test_any_pattern_finds_balance_and_allowance(answer: str, pattern: str, expected: Balance | None) -> None:
    assert read(answer, pattern) == expected


@given(st.text(max_size=200))
def test_no_answer_breaks_the_reading(answer: str) -> None:
    for found in (read(f"Balance {answer}", BALANCE_PATTERN), read(answer, r"(?P<balance>.*)")):
        assert found is None or isfinite(found.balance or 0.0)


def points(*balances: float, every_h: float = 24.0) -> list[Point]:
    return [Point(START + timedelta(hours=n * every_h), left) for n, left in enumerate(balances)]


@pytest.mark.parametrize(
    ("balances", "days"),
    [
        pytest.param([100, 90, 80], 8.0, id="ten a day"),
        pytest.param([100, 90, 290, 280], 28.0, id="money paid in between"),
        pytest.param([100, 90, 90, 80], 12.0, id="a day without sending"),
        pytest.param([10, 5, 0], 0.0, id="nothing left"),
        pytest.param([10, 5, -5], 0.0, id="in debt"),
    ],
)
def test_the_money_runs_out_at_the_rate_of_the_last_weeks(balances: Sequence[float], days: float) -> None:
    assert runs_out(points(*balances)) == points(*balances)[-1].at + timedelta(days=days)


@pytest.mark.parametrize(
    "balances",
    [
        pytest.param([], id="never asked"),
        pytest.param([100], id="asked once"),
        pytest.param([100, 90], id="watched for a day"),
        pytest.param([100, 100, 100], id="nothing is spent"),
        pytest.param([100, 200, 300, 400], id="only paid in"),
        pytest.param([100000, 99999, 99998], id="for years"),
    ],
)
def test_what_cannot_be_told_is_not_told(balances: Sequence[float]) -> None:
    assert runs_out(points(*balances)) is None


@given(st.lists(st.floats(-1e6, 1e9), max_size=40), st.floats(0.1, 100))
def test_no_history_breaks_the_forecast(balances: list[float], every_h: float) -> None:
    found = runs_out(points(*balances, every_h=every_h))
    assert found is None or found >= points(*balances, every_h=every_h)[-1].at
