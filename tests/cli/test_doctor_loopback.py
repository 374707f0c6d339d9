"""`smsgw doctor --loopback`: an SMS of a SIM to itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.cli.checks import loopback
from gateway.cli.checks.finding import Finding
from gateway.queue import db, times
from tests.cli.conftest import Gateway

# The loop-back

READY = {"name": "sim-1", "kind": "modem", "state": "ready"}


def looped(gateway: Gateway, *arguments: object, carriers: tuple[dict[str, str], ...] = (READY,)) -> Finding:
    connection = db.open_database(gateway.database)
    try:
        name, number = arguments
        (found,) = loopback.check(connection, carriers, str(name), number, lambda: datetime.now(UTC), limit_s=0.0)  # type: ignore[arg-type]
        return found
    finally:
        connection.close()


def test_a_loop_back_needs_a_modem_that_is_ready_and_its_number(gateway: Gateway) -> None:
    assert "No modem is ready" in looped(gateway, "", None, carriers=()).finding
    assert looped(gateway, "sim-9", None).finding == "There is no modem sim-9. There are: sim-1."
    assert "There are: none" in looped(gateway, "sim-9", None, carriers=()).finding
    absent = {**READY, "state": "absent"}
    assert looped(gateway, "sim-1", None, carriers=(absent,)).finding == "sim-1 is not ready."
    assert "--number" in looped(gateway, "sim-1", None).remedy
    assert gateway.count() == 0


def test_a_loop_back_without_a_daemon_sends_nothing(gateway: Gateway) -> None:
    told = gateway.run("doctor", "--loopback", "sim-1", "--number", "8 900 000-00-01").stdout
    assert "does not run" in told
    assert gateway.count() == 0


def test_one_that_does_not_go_out_says_where_to_look_and_its_number_is_remembered(gateway: Gateway) -> None:
    assert "did not go out" in looped(gateway, "", "8 900 000-00-01").finding
    gateway.execute("UPDATE outbox SET msisdn = '+79000000001'")
    assert "did not go out" in looped(gateway, "sim-1", None).finding
    assert gateway.count() == 2


@pytest.mark.parametrize("state", sorted(loopback.FAILED))
def test_each_way_to_fail_has_its_remedy(state: str) -> None:
    found = loopback._failed({"state": state, "error_text": "Why."}, 17)
    assert (found.ok, "17" in found.finding, bool(found.remedy)) == (False, True, True)


def test_what_came_back_is_told_with_its_seconds(gateway: Gateway) -> None:
    connection = db.open_database(gateway.database)
    body = f"{loopback.MARK} sim-1 0011"
    now = times.to_text(datetime.now(UTC))
    connection.execute(
        "INSERT INTO inbox (sender, body, received_at, carrier, complete) VALUES ('+79000000001', ?, ?, 'sim-1', 1)",
        (body, now),
    )
    found = loopback._followed(connection, 1, 0, body, 0.0)
    connection.close()
    assert (found.ok, "came back within" in found.finding) == (True, True)
