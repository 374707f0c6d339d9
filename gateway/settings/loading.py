"""Where the configuration file is, and reading it whole: every mistake is reported at once."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.settings import mistakes
from gateway.settings.models import Document, Settings, filled

Table = TypeVar("Table", bound=BaseModel)

VARIABLE = "SMSGW_CONFIG"
PLACES = (Path("config/gateway.toml"), Path("/etc/smsgw/gateway.toml"))  # in this order


def find(given: Path | None = None, environment: Mapping[str, str] | None = None) -> Path:
    """The file to read: `--config`, else $SMSGW_CONFIG, else the first of PLACES that exists; raises UsageProblem."""
    named = given or (os.environ if environment is None else environment).get(VARIABLE)
    if named:
        return Path(named)
    closed = None
    for place in PLACES:
        try:
            if place.exists():
                return place
        except PermissionError:  # a folder that this user may not look into, such as another user's home
            closed = place
    if closed:
        return closed
    raise UsageProblem(
        _("There is no configuration; looked at: {places}. `smsgw init` makes one, --config FILE names one.").format(
            places=", ".join(map(str, PLACES))
        )
    )


def load(path: Path) -> Settings:
    """The checked settings; raises UsageProblem with one line per mistake."""
    document = _checked(path, _parsed(path, _text(path)))
    base = path.resolve().parent
    return Settings(
        path=path,
        gateway=absolute(document.gateway, base, "database"),
        modems=document.modem,
        smpp=tuple(absolute(bind, base, "password_file", "ca_file") for bind in document.smpp),
        routes=document.route,
        categories=filled(document.category),
        campaign=document.campaign,
        safety=document.safety,
        alarms=document.alarms,
        notify=tuple(absolute(each, base, "smtp_password_file") for each in document.notify),
        retention=document.retention,
    )


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # Windows editors put a mark in front
    except FileNotFoundError as problem:
        raise _problem(path, _("there is no such file; `smsgw init` makes one")) from problem
    except PermissionError as problem:
        raise _problem(path, _("is closed to this user: use sudo, or add the user to the file's group")) from problem
    except OSError as problem:
        raise _problem(path, _("cannot be read: {reason}").format(reason=problem.strerror)) from problem
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        raise _problem(path, _("line {line}: is not UTF-8; save the file as UTF-8").format(line=line)) from problem


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line = _("is not valid TOML: {reason}").format(reason=problem)
        raise _problem(path, line + _without_quotes(text, str(problem))) from problem


def _without_quotes(text: str, reason: str) -> str:
    """The likeliest mistake of all, where the line looks like it. Its value may be secret and is left out."""
    place = re.search(r"at line (\d+)", reason)
    lines = text.splitlines()
    line = lines[int(place[1]) - 1] if place and int(place[1]) <= len(lines) else ""
    bare = re.match(r"\s*([\w-]+)\s*=\s*[^\s\"'\[{]", line)
    return _('; a text stands in quotes: {key} = "…"').format(key=bare[1]) if bare else ""


def _checked(path: Path, values: dict[str, Any]) -> Document:
    between = mistakes.between_tables(values)
    try:
        document = Document.model_validate(values)
    except ValidationError as problem:
        lines = [*mistakes.in_words(problem.errors(include_url=False)), *between]
        raise _problem(path, *dict.fromkeys(lines)) from None
    if between:
        raise _problem(path, *between)
    return document


def _problem(path: Path, *lines: str) -> UsageProblem:
    return UsageProblem("\n".join(f"{path}: {line}" for line in lines))


def absolute(table: Table, base: Path, *keys: str) -> Table:
    """The same table with its relative paths counted from `base`, which has no symbolic link in it."""
    given = {key: getattr(table, key) for key in keys}
    found = {key: _counted(base, path.expanduser()) for key, path in given.items() if path is not None}
    return table.model_copy(update=found)


def _counted(base: Path, path: Path) -> Path:
    """People read it in messages: `../data` goes up from the base, and does not stay behind it."""
    while path.parts[:1] == ("..",):
        base, path = base.parent, path.relative_to("..")
    return base / path
