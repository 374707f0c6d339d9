"""A list of consents that comes once more, when somebody has withdrawn since it came first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Gateway
from tests.contacts.patients import ALL, brought

STOP = "INSERT INTO opt_outs (msisdn, is_out, source, at, noted_at) VALUES ('+79000000001', 1, 'reply', ?, ?)"
MAY, JUNE = "2026-05-01", "2026-06-01"


def willing(gateway: Gateway) -> list[int]:
    """Whom advertising would go to."""
    words = ("contacts", "send", "--all", "--category", "marketing", "--template", "Ждём вас", "--dry-run")
    return [message["row"] for message in gateway.json(*words)["messages"]]


def withdraw(gateway: Gateway, how: str) -> None:
    if how == "STOP":
        gateway.execute(STOP, f"{MAY}T09:00:00.000Z", f"{MAY}T09:00:00.000Z")
    else:
        words = ("--withdrawn", "marketing", "--source", "по телефону", "--date", MAY)
        assert gateway.run("contacts", "consent", "104-22", *words).exit_code == 0


@pytest.mark.parametrize("how", ["STOP", "by word"])
def test_without_a_date_it_brings_nobody_back_and_with_a_later_one_it_does(
    gateway: Gateway, tmp_path: Path, how: str
) -> None:
    brought(gateway, tmp_path, ALL, "--consent-date", "2026-01-01")
    assert willing(gateway) == [1]
    withdraw(gateway, how)
    again = brought(gateway, tmp_path, ALL)
    assert "Whoever has withdrawn or answered STOP stays out" in again.stderr
    assert willing(gateway) == []
    dated = brought(gateway, tmp_path, ALL, "--consent-date", JUNE)
    assert "stays out" not in dated.stderr
    assert willing(gateway) == [1]


def test_a_number_that_answered_stop_before_its_person_was_a_contact_stays_out_too(
    gateway: Gateway, tmp_path: Path
) -> None:
    withdraw(gateway, "STOP")
    brought(gateway, tmp_path, ALL)
    assert willing(gateway) == []
