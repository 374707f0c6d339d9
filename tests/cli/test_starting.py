"""What a person is told to type for a daemon that does not run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.cli import starting
from tests.cli.conftest import Gateway
from tests.cli.doctor import settings

NUMBER = "8 900 000-00-01"


def install(monkeypatch: pytest.MonkeyPatch, unit: Path, configuration: Path) -> None:
    monkeypatch.setattr(starting, "UNIT", unit)
    monkeypatch.setattr(starting, "CONFIGURATION", configuration)


@pytest.mark.parametrize(
    ("is_installed", "in_use", "command"),
    [
        (True, "unit.toml", "sudo systemctl start smsgw"),
        (True, "link.toml", "sudo systemctl start smsgw"),
        (True, "other.toml", "smsgw run"),
        (False, "unit.toml", "smsgw run"),
    ],
    ids=["the service", "by another name", "another gateway", "no service"],
)
def test_the_unit_is_started_where_it_is_installed_for_this_configuration(
    is_installed: bool, in_use: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = tmp_path / "smsgw.service"
    if is_installed:
        unit.touch()
    (tmp_path / "link.toml").symlink_to(tmp_path / "unit.toml")
    install(monkeypatch, unit, tmp_path / "unit.toml")
    assert starting.command(replace(settings(), path=tmp_path / in_use)) == command


@pytest.mark.parametrize(
    "verb",
    [["status"], ["alarms"], ["send", NUMBER, "x"], ["modems", "resume", "sim-1"]],
    ids=" ".join,
)
def test_every_verb_tells_the_same_command(verb: list[str], gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, unit=gateway.config, configuration=gateway.config)  # any file will do for a unit
    result = gateway.run(*verb)
    assert "`sudo systemctl start smsgw`" in result.output
    assert "smsgw run" not in result.output
