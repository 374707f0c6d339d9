"""[pure] What differs between two configurations: the names of keys, `modem.sim-1.max_per_day`, never their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from gateway.settings.models import Settings

# What is set up once, when the daemon starts.
AT_START = frozenset({"gateway.database", "gateway.log_level", "gateway.log_format"})


def changed(old: Settings, new: Settings) -> list[str]:
    """The keys whose values differ, tables that came or went by their name alone; in the new file's order."""
    before, after = _tables(old), _tables(new)
    names = [*after, *(name for name in before if name not in after)]
    return [key for name in names for key in _between(name, before.get(name), after.get(name))]


def needs_restart(keys: Iterable[str]) -> list[str]:
    """Those of the keys that count only from the next start on, whoever is told."""
    return [key for key in keys if key in AT_START]


def _between(name: str, old: BaseModel | None, new: BaseModel | None) -> list[str]:
    if old is None or new is None:
        return [name]
    before, after = _values(old), _values(new)
    return [f"{name}.{key}" for key in after if after[key] != before.get(key)]


def _values(table: BaseModel) -> Mapping[str, Any]:
    return {key: getattr(table, key) for key in type(table).model_fields}


def _tables(settings: Settings) -> dict[str, BaseModel]:
    return {
        "gateway": settings.gateway,
        **{f"modem.{modem.name}": modem for modem in settings.modems},
        **{f"smpp.{bind.name}": bind for bind in settings.smpp},
        **{f"route.{number}": table for number, table in enumerate(settings.routes, 1)},
        **{f"category.{name}": table for name, table in settings.categories.items()},
        "campaign": settings.campaign,
        "safety": settings.safety,
        "alarms": settings.alarms,
        **{f"notify.{number}": table for number, table in enumerate(settings.notify, 1)},
        "retention": settings.retention,
    }
