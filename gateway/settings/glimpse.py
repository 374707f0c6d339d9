"""What can be made out of a configuration that has mistakes: where its database is, and the clinic's clock.

It serves to look on while a healthy daemon works by the configuration that it has read before; nothing is sent by it.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.settings.loading import absolute
from gateway.settings.models import GatewaySettings, Settings

KEYS = ("database", "timezone")
# A mistake of TOML in one table, a missing quote say, leaves the others as they are.
GATEWAY_TABLE = re.compile(r"^[ \t]*\[gateway\][^\n]*\n(?:[ \t]*[^\s\[][^\n]*\n|\s*\n)*", re.MULTILINE)


def glimpse(path: Path) -> Settings | None:
    """The settings with the few keys that are right; None when it doesn't say where the database is."""
    table = _gateway_table(path)
    if table is None or not _tells_database(table):
        return None
    right = {key: table[key] for key in KEYS if key in table and _is_right(key, table[key])}
    return Settings(path, absolute(GatewaySettings.model_validate(right), path.resolve().parent, "database"))


def _gateway_table(path: Path) -> dict[str, Any] | None:
    try:
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return None
    found = GATEWAY_TABLE.search(text + "\n")
    for part in [text, *([found[0]] if found else [])]:
        try:
            table = tomllib.loads(part).get("gateway", {})
        except tomllib.TOMLDecodeError:
            continue
        return table if isinstance(table, dict) else None
    return None


def _tells_database(table: dict[str, Any]) -> bool:
    """Its own place, or the usual one; a key that nobody knows may be the place misspelt."""
    if "database" in table:
        return _is_right("database", table["database"])
    return table.keys() <= GatewaySettings.model_fields.keys()


def _is_right(key: str, value: object) -> bool:
    try:
        GatewaySettings.model_validate({key: value})
    except ValidationError:
        return False
    return True
