"""The modems that answer on this machine, as tables for a new configuration."""

from __future__ import annotations

from typing import Any

KEYS = ("name", "port")


def modems() -> list[dict[str, Any]]:
    """One table per modem, under a port name that stays with the socket where there is one."""
    from gateway.modem import pool

    return [modem.model_dump(include=set(KEYS)) for modem in pool.discover()]
