"""[pure] The commented configuration file: every key with its default as a comment, besides the given values."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.i18n import _
from gateway.settings import duration
from gateway.settings.key import DURATION
from gateway.settings.models import CATEGORIES, TABLES, about, heading

WIDTH = 110  # columns of the file's comments

Values = Mapping[str, Any]


def render(gateway: Values, modems: Iterable[Values] = ()) -> str:
    """The text of a configuration file in which only the given values are not comments."""
    given: Mapping[str, Iterable[Values]] = {"gateway": [gateway], "modem": modems}
    beginning = _("Configuration of the SMS gateway. Lines with # are comments: they show a default or an example.")
    blocks = [_comment(beginning), *(block for name in TABLES for block in _blocks(name, given.get(name, ())))]
    return "\n\n".join(blocks) + "\n"


def _blocks(name: str, given: Iterable[Values]) -> Iterator[str]:
    """What the table is about, then the tables that are given, else one as a comment."""
    yield _comment(about(name))
    if name == "category":
        yield from _categories()
    else:
        yield from [_section(heading(name), name, values) for values in given] or [
            _section(f"# {heading(name)}", name, {})
        ]


def keys(table: type[BaseModel]) -> Iterator[tuple[str, str, str, str]]:
    """(key, default or example as TOML, what is allowed, comment) of each key: rows for the documentation."""
    for name, info in table.model_fields.items():
        yield name, _default(info), str(_extra(info)["allowed"]), info.description or ""


def has_value(info: FieldInfo) -> bool:
    """Whether the default is a value; else the file shows the example, if there is one."""
    return info.default is not None and not (info.default == () and _extra(info)["example"] is not None)


def has_default(table: type[BaseModel], name: str) -> bool:
    """Whether what the file shows for the key is what holds without it."""
    info = table.model_fields[name]
    return not info.is_required() and has_value(info) and info.default_factory is None


def _section(beginning: str, table: str, given: Values) -> str:
    lines = [beginning]
    for name, info in TABLES[table].model_fields.items():
        lines.append(_comment(info.description or ""))
        lines.append(f"{name} = {toml(given[name])}" if name in given else f"# {name} = {_default(info)}")
    return "\n".join(lines)


def _categories() -> Iterator[str]:
    for name, table in CATEGORIES.items():
        shown = table.model_dump() | {"expires": duration.words(table.expires or 0)}
        yield "\n".join([f"# [category.{name}]", *(f"# {key} = {toml(value)}" for key, value in shown.items())])


def _default(info: FieldInfo) -> str:
    if _extra(info)["allowed"] == DURATION and isinstance(info.default, float):
        return toml(duration.words(info.default))
    return toml(_shown(info))


def _shown(info: FieldInfo) -> Any:
    """What the file shows for a key that is not set: its default, or the example where there is none."""
    if info.default_factory is not None:
        return "Europe/Moscow"
    return _extra(info)["example"] if info.is_required() or not has_value(info) else info.default


def _extra(info: FieldInfo) -> dict[str, Any]:
    assert isinstance(info.json_schema_extra, dict)
    return dict(info.json_schema_extra)


def _comment(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="# ", subsequent_indent="# ") if text else ""


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, PurePath):
        value = str(value)
    return json.dumps(value, ensure_ascii=False)
