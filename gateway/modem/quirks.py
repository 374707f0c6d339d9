"""What one make or model does differently: its overlay from modems.toml over the defaults. A value, nothing else.

An oddity is a line in that file, never an `if` in the code.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

FILE = "modems.toml"


@dataclass(frozen=True, slots=True)
class Quirks:
    """How to treat one modem; every field is a key of modems.toml, which explains them."""

    init: tuple[str, ...] = ()
    iccid: tuple[str, ...] = ()
    cnmi: str = ""
    storages: tuple[str, ...] = ()
    uses_csms: bool = True
    uses_cmms: bool = True
    uses_reset: bool = True
    read_retries: int = 5
    read_retry_s: float = 0.3
    radio_off: tuple[str, ...] = ()
    reset: tuple[str, ...] = ()
    ussd_forms: tuple[str, ...] = ("plain",)


@dataclass(frozen=True, slots=True)
class Overlay:
    """A pattern for "manufacturer model" and the values that it lays over the defaults."""

    pattern: re.Pattern[str]
    values: dict[str, Any]


def for_modem(manufacturer: str, model: str) -> Quirks:
    """The defaults with every overlay on top whose pattern is found in "manufacturer model", in the file's order."""
    defaults, overlays = _load()
    quirks = Quirks(**defaults)
    for overlay in overlays:
        if overlay.pattern.search(f"{manufacturer} {model}"):
            quirks = replace(quirks, **overlay.values)
    return quirks


@cache
def _load() -> tuple[dict[str, Any], tuple[Overlay, ...]]:
    document = tomllib.loads(resources.files("gateway.modem").joinpath(FILE).read_text("utf-8"))
    overlays = (_overlay(table) for table in document.get("modem", ()))
    return _frozen(document["default"]), tuple(overlays)


def _overlay(table: dict[str, Any]) -> Overlay:
    values = {key: value for key, value in table.items() if key != "match"}
    return Overlay(re.compile(table["match"], re.IGNORECASE), _frozen(values))


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
