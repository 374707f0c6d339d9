"""Where the clinic is, as far as the machine knows: its time zone and country, for a new configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

ZONE_TABLE = Path("/usr/share/zoneinfo/zone.tab")  # lines of: country, coordinates, zone, comment; apart by tabs
TERRITORY = re.compile(r"([a-z]{2,3})_([A-Z]{2})")
UNTOLD = "en"  # servers all over the world are set up in English: it says nothing about the country
DEFAULT_COUNTRY = "RU"
LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def guessed(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`timezone` and `country` for a new configuration."""
    from gateway.settings.values import system_zone

    zone = system_zone(dict(environment))
    lines = ZONE_TABLE.read_text("utf-8").splitlines() if ZONE_TABLE.exists() else []
    country = country_of_zone(zone, lines) or country_of_locale(environment) or DEFAULT_COUNTRY
    return {"timezone": zone, "country": country}


def country_of_zone(zone: str, lines: Iterable[str]) -> str | None:
    """By the zone database's own table; None for a zone of no country, such as UTC."""
    fields = (line.split("\t") for line in lines if not line.startswith("#"))
    return next((field[0] for field in fields if len(field) > 2 and field[2] == zone), None)


def country_of_locale(environment: Mapping[str, str]) -> str | None:
    """The territory of the first locale that is set: ru_RU.UTF-8 -> RU."""
    given = next((environment[name] for name in LOCALE_VARIABLES if environment.get(name)), "")
    found = TERRITORY.match(given)
    return found[2] if found and found[1] != UNTOLD else None
