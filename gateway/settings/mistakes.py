"""[pure] What is wrong with a configuration file, one line per mistake: `modem[1].baudrate: must be …, got …`.

List items count from 1, as people count the tables in their file. Secrets are never quoted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from gateway.i18n import _
from gateway.queue.rules import is_found_name
from gateway.settings.models import NOT_FINDABLE, TABLES, CategorySettings, CategoryTables, Document
from gateway.settings.values import near_miss

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LONGEST_QUOTE = 60  # characters of a wrong value that are shown
SECRET = {"pin"}
ONE_MODEM = ("port", "imei", "imsi", "iccid")  # no two modems may share one of these

PLACES: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): Document,
    **{(name,): table for name, table in TABLES.items()},
    **{("category", name): CategorySettings for name in CategoryTables.model_fields},
}

MEANT: Mapping[tuple[str, ...], str] = {("notify", "program"): "command"}  # words that are not near in letters


def in_words(errors: Iterable[ErrorDetails]) -> list[str]:
    """One line per mistake, in the order of the file's tables."""
    return [_line(error) for error in errors]


def between_tables(values: Mapping[str, Any]) -> list[str]:
    """Modems and binds that claim the same name or device, modems without one, and routes over carriers that there are
    not; by the raw values."""
    modems, binds = (_raw_tables(values.get(kind)) for kind in ("modem", "smpp"))
    sentence = _("two carriers are named {name}: each needs its own name")
    repeated = [sentence.format(name=_quoted(name)) for name in _many("name", [*modems, *binds])]
    lost = [number for number, modem in enumerate(modems, 1) if not any(modem.get(key) for key in ONE_MODEM)]
    return [
        *repeated,
        *(line for key in ONE_MODEM for line in _shared(key, modems)),
        *(f"modem[{number}]: {NOT_FINDABLE}" for number in lost),
        *_routes(_raw_tables(values.get("route")), [*modems, *binds], are_all_named=_are_all_named(values)),
    ]


def _are_all_named(values: Mapping[str, Any]) -> bool:
    """Whether no carrier but those of the file may come: modems that are found get their names later."""
    gateway = values.get("gateway")
    return bool(values.get("modem")) and not (isinstance(gateway, dict) and gateway.get("take_up_new"))


def _routes(
    routes: Iterable[dict[str, Any]], carriers: Iterable[dict[str, Any]], *, are_all_named: bool
) -> Iterator[str]:
    """Each name that is none, and each carrier without a cost where the cheapest is to be taken."""
    has_cost = {name: "cost" in table for table in carriers if isinstance(name := table.get("name"), str)}
    unknown = _("route[{number}].carriers: there is no carrier {name}{hint}")
    no_cost = _('route[{number}]: order = "cost" needs the key cost of {name}')
    for number, route in enumerate(routes, 1):
        for name in _texts(route.get("carriers")):
            if name not in has_cost and (are_all_named or not is_found_name(name)):
                yield unknown.format(number=number, name=_quoted(name), hint=near_miss(name, list(has_cost)))
            elif route.get("order") == "cost" and not has_cost.get(name):
                yield no_cost.format(number=number, name=_quoted(name))


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _raw_tables(value: object) -> list[dict[str, Any]]:
    tables = value if isinstance(value, list) else []
    return [table for table in tables if isinstance(table, dict)]


def _shared(key: str, modems: Iterable[dict[str, Any]]) -> Iterator[str]:
    for value in _many(key, modems):
        if not _is_glob(value):
            yield _("modem: two modems have {key} = {value}").format(key=key, value=_quoted(value))


def _many(key: str, tables: Iterable[dict[str, Any]]) -> list[str]:
    """The texts that stand under this key more than once."""
    counter = Counter(value for table in tables if isinstance(value := table.get(key), str))
    return [value for value, times in counter.items() if times > 1]


def _is_glob(value: str) -> bool:
    return any(letter in value for letter in "*?[")


def _line(error: ErrorDetails) -> str:
    place, table = _place(error["loc"]), _names(error["loc"])
    if error["type"] == "extra_forbidden":
        hint = _hint(table)
        return _("{key}: unknown key{hint}").format(key=place, hint=hint)
    if error["type"] == "missing":
        return _("{key}: is missing; must be {allowed}").format(key=place, allowed=_allowed(table))
    if error["type"] == "value_error" and table in PLACES and error["loc"] != table:
        return f"{place}: {error['ctx']['error']}"
    return _wrong_value(error, place, table)


def _hint(unknown: tuple[str, ...]) -> str:
    """The key that may be meant; of categories, which are few, all."""
    known = list(PLACES[unknown[:-1]].model_fields)
    near = near_miss(MEANT.get(unknown, unknown[-1]), known)
    if near or unknown[:-1] != ("category",):
        return near
    return _("; the categories are {names}").format(names=", ".join(known))


def _wrong_value(error: ErrorDetails, place: str, table: tuple[str, ...]) -> str:
    hint = error["msg"] if error["type"] == "near_miss" else ""
    if table[-1] in SECRET:
        return _("{key}: must be {allowed}").format(key=place, allowed=_allowed(table))
    got = _quoted(error["input"])
    return _("{key}: must be {allowed}, got {got}{hint}").format(key=place, allowed=_allowed(table), got=got, hint=hint)


def _allowed(names: tuple[str, ...]) -> str:
    """What the key may be; for a part of a list, what the list may be."""
    info = PLACES[names[:-1]].model_fields[names[-1]]
    assert isinstance(info.json_schema_extra, dict)
    return str(info.json_schema_extra["allowed"])


def _names(location: tuple[int | str, ...]) -> tuple[str, ...]:
    return tuple(part for part in location if isinstance(part, str))


def _place(location: tuple[int | str, ...]) -> str:
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def _quoted(value: object) -> str:
    """The value as TOML writes it, cut when it is long; a table's or list's content may be secret and is left out."""
    if isinstance(value, (dict, list)):
        return _("a table") if isinstance(value, dict) else _("a list")
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
