"""`smsgw outbox` by campaign: what of one is on hold, and how it is let go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Gateway
from tests.cli.test_campaign import imported, states


def test_those_on_hold_are_named_and_those_of_one_campaign_released(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path)
    gateway.insert()
    gateway.execute("UPDATE outbox SET state = 'held', error_code = 'restored'")
    shown = gateway.run("campaign", "show", "list").stdout
    assert "2 are on hold" in shown
    assert "`smsgw outbox release --campaign list`" in shown
    of_campaign = json.loads(gateway.run("outbox", "list", "--campaign", "List", "--json").stdout)
    assert [row["id"] for row in of_campaign] == [2, 1]
    done = gateway.run("outbox", "release", "--campaign", "list", "--yes")
    assert (done.exit_code, states(gateway)) == (0, ["queued", "queued", "held"])
    assert "on hold" not in gateway.run("campaign", "show", "list").stdout


@pytest.mark.parametrize("verb", [("list",), ("release", "--yes"), ("cancel", "--yes")], ids=lambda verb: verb[0])
def test_the_messages_of_no_campaign_are_none(gateway: Gateway, tmp_path: Path, verb: tuple[str, ...]) -> None:
    imported(gateway, tmp_path)
    said = gateway.run("outbox", *verb, "--campaign", "lost")
    assert (said.exit_code, states(gateway)) == (1, ["queued", "queued"])
    assert "There is no campaign “lost”. Did you mean “list”?" in said.stderr
