"""What differs between two configurations, by the names of keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settings import load
from gateway.settings.changes import changed, needs_restart

BASE = """
[gateway]
database = "gateway.db"
timezone = "Europe/Moscow"

[[modem]]
name = "sim-1"
port = "/dev/ttyUSB0"
pin = "1234"

[[notify]]
command = ["/bin/true"]
"""
CHANGES: dict[str, tuple[str, str, list[str]]] = {
    "nothing": ("", "", []),
    "a key of the gateway": ('timezone = "Europe/Moscow"', 'timezone = "Asia/Almaty"', ["gateway.timezone"]),
    "the database": ('"gateway.db"', '"other.db"', ["gateway.database"]),
    "a modem's limit": ('pin = "1234"', 'pin = "1234"\nmax_per_day = 9', ["modem.sim-1.max_per_day"]),
    "a PIN, without telling it": ('pin = "1234"', 'pin = "9876"', ["modem.sim-1.pin"]),
    "a modem's name": ('name = "sim-1"', 'name = "sim-2"', ["modem.sim-2", "modem.sim-1"]),
    "another modem": ("[[notify]]", '[[modem]]\nname = "b"\nport = "/x"\n\n[[notify]]', ["modem.b"]),
    "a category": ("[[notify]]", '[category.otp]\nexpires = "5 min"\n\n[[notify]]', ["category.otp.expires"]),
    "a default that is written down": ("[[notify]]", "[safety]\nsame_text_limit = 3\n\n[[notify]]", []),
    "who is told": ('"/bin/true"', '"/bin/false"', ["notify.1.command"]),
}


@pytest.mark.parametrize(("old", "new", "keys"), CHANGES.values(), ids=CHANGES)
def test_what_differs_is_named_and_nothing_else(tmp_path: Path, old: str, new: str, keys: list[str]) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(BASE)
    before = load(file)
    file.write_text(BASE.replace(old, new, 1) if old else BASE)
    assert changed(before, load(file)) == keys


def test_only_what_is_set_up_once_waits_for_a_restart() -> None:
    assert needs_restart(["gateway.database", "gateway.country", "gateway.log_level", "modem.a.pin"]) == [
        "gateway.database",
        "gateway.log_level",
    ]
