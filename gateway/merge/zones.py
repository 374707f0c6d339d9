"""[pure] Which time zone a cell names: by its IANA name, by its city, or as hours from UTC or from Moscow."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from gateway.merge.cells import Cell, folded

OFFSET = re.compile(
    r"(?P<base>(?P<moscow>мск|msk)|utc|gmt)?\s*(?:(?P<sign>[+\-−])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?",
    re.IGNORECASE,
)
MOSCOW = timedelta(hours=3)
FARTHEST = timedelta(hours=14)
# As Russian lists write them; the other cities of the zone data stand there by their English names.
CITIES = {
    "калининград": "Europe/Kaliningrad",
    "москва": "Europe/Moscow",
    "санкт-петербург": "Europe/Moscow",
    "самара": "Europe/Samara",
    "саратов": "Europe/Saratov",
    "волгоград": "Europe/Volgograd",
    "екатеринбург": "Asia/Yekaterinburg",
    "омск": "Asia/Omsk",
    "новосибирск": "Asia/Novosibirsk",
    "томск": "Asia/Tomsk",
    "барнаул": "Asia/Barnaul",
    "красноярск": "Asia/Krasnoyarsk",
    "иркутск": "Asia/Irkutsk",
    "чита": "Asia/Chita",
    "якутск": "Asia/Yakutsk",
    "владивосток": "Asia/Vladivostok",
    "магадан": "Asia/Magadan",
    "камчатка": "Asia/Kamchatka",
    "алматы": "Asia/Almaty",
    "минск": "Europe/Minsk",
    "ташкент": "Asia/Tashkent",
    "上海": "Asia/Shanghai",
    "北京": "Asia/Shanghai",
    "香港": "Asia/Hong_Kong",
    "台北": "Asia/Taipei",
}


class UnknownZone(ValueError):
    """The cell names none, or one that reads two ways."""


def zone_of(cell: Cell, default: tzinfo) -> tzinfo:
    """`default` for an empty cell. Raises UnknownZone."""
    if cell is None:
        return default
    if not isinstance(cell, str):
        raise UnknownZone
    return _zone(cell.strip())


@lru_cache(maxsize=512)
def _zone(text: str) -> tzinfo:
    name = CITIES.get(folded(text)) or _names().get(folded(text).replace(" ", "_"))
    if name is not None:
        return ZoneInfo(name)
    found = OFFSET.fullmatch(text) if text else None
    if found is None or not (found["base"] or found["minutes"]):
        raise UnknownZone  # `+5` alone counts from UTC for some and from Moscow for others
    return _fixed(found)


def _fixed(found: re.Match[str]) -> tzinfo:
    ahead = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    offset = (MOSCOW if found["moscow"] else timedelta()) + (ahead if found["sign"] in ("+", None) else -ahead)
    if abs(offset) > FARTHEST:
        raise UnknownZone
    return timezone(offset)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Whole names, and cities that only one zone is named for."""
    known = sorted(available_timezones())
    cities: dict[str, list[str]] = {}
    for name in known:
        cities.setdefault(folded(name.rpartition("/")[2]), []).append(name)
    by_city = {city: names[0] for city, names in cities.items() if len(names) == 1}
    return by_city | {folded(name): name for name in known}
