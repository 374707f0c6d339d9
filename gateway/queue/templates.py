"""Texts of the mail merge that people saved under a name: every version is kept, a removed one too.

A version is one row and never changes: what was sent last month can be read again. One transaction writes one row, so
a power cut leaves the version before it or the new one.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime

from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _
from gateway.queue import db, times

LONGEST_NAME = 60
BLANKS = re.compile(r"\s+")

NEWEST = """
    SELECT name, version, body, created_at FROM templates WHERE key = ? ORDER BY version DESC LIMIT 1"""
ONE = "SELECT name, version, body, created_at FROM templates WHERE key = ? AND version = ? AND body IS NOT NULL"
VERSIONS = """
    SELECT name, version, body, created_at FROM templates WHERE key = ? ORDER BY version"""
ALL = """
    SELECT name, version, body, created_at FROM templates AS t
    WHERE body IS NOT NULL AND version = (SELECT max(version) FROM templates WHERE key = t.key) ORDER BY key"""
WRITE = "INSERT INTO templates (key, version, name, body, created_at) VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Saved:
    """One version of a template."""

    name: str
    version: int  # from 1
    body: str | None = field(repr=False)  # None: this version removed it
    created_at: str


def key_of(name: str) -> str:
    """What two spellings of a name have in common."""
    return BLANKS.sub(" ", name).strip().casefold().replace("ё", "е")


def add(connection: sqlite3.Connection, name: str, body: str, now: datetime) -> Saved:
    """Save a text under a new name; GatewayError when there is one of that name."""
    _check_name(name)
    with db.write(connection):
        last = _newest(connection, name)
        if last is not None and last.body is not None:
            sentence = _("There is a template “{name}”: `smsgw template edit` changes it.")
            raise GatewayError(sentence.format(name=last.name))
        return _write(connection, BLANKS.sub(" ", name).strip(), last, body, now)


def edit(connection: sqlite3.Connection, name: str, body: str, now: datetime) -> Saved:
    """A new version; the newest one again when the text is the same. GatewayError when there is none of that name."""
    with db.write(connection):
        last = get(connection, name)
        return last if last.body == body else _write(connection, last.name, last, body, now)


def remove(connection: sqlite3.Connection, name: str, now: datetime) -> Saved:
    """It can't be used any more; its versions stay. GatewayError when there is none of that name."""
    with db.write(connection):
        last = get(connection, name)
        return _write(connection, last.name, last, None, now)


def get(connection: sqlite3.Connection, name: str, version: int | None = None) -> Saved:
    """The newest version, or the one asked for, also of a template that was removed. GatewayError for none."""
    if version is None:
        found = _newest(connection, name)
    else:
        found = next(iter(_read(connection, ONE, key_of(name), version)), None)
    if found is not None and found.body is not None:
        return found
    raise GatewayError(_none(connection, name, version))


def versions(connection: sqlite3.Connection, name: str) -> list[Saved]:
    """All of one name, from the first."""
    return _read(connection, VERSIONS, key_of(name))


def listed(connection: sqlite3.Connection) -> list[Saved]:
    """The newest version of each that was not removed, by name."""
    return _read(connection, ALL)


def _newest(connection: sqlite3.Connection, name: str) -> Saved | None:
    return next(iter(_read(connection, NEWEST, key_of(name))), None)


def _read(connection: sqlite3.Connection, statement: str, *values: object) -> list[Saved]:
    return [Saved(*row) for row in connection.execute(statement, values)]


def _write(connection: sqlite3.Connection, name: str, last: Saved | None, body: str | None, now: datetime) -> Saved:
    saved = Saved(name, 1 if last is None else last.version + 1, body, times.to_text(now))
    connection.execute(WRITE, (key_of(name), saved.version, saved.name, saved.body, saved.created_at))
    return saved


def _check_name(name: str) -> None:
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        sentence = _("A template's name has 1 to {most} characters on one line.")
        raise UsageProblem(sentence.format(most=LONGEST_NAME))


def _none(connection: sqlite3.Connection, name: str, version: int | None) -> str:
    """What to say: which versions there are, or which name may have been meant."""
    from difflib import get_close_matches

    numbers = [str(each.version) for each in versions(connection, name) if each.body is not None]
    if numbers and version is not None:
        sentence = _("Template “{name}” has no version {version}; there are: {numbers}.")
        return sentence.format(name=name, version=version, numbers=", ".join(numbers))
    if numbers:
        sentence = _("Template “{name}” was removed; `smsgw template show --version {last}` still shows it.")
        return sentence.format(name=name, last=numbers[-1])
    names = {key_of(each.name): each.name for each in listed(connection)}
    near = get_close_matches(key_of(name), names, n=1, cutoff=0.5)
    hint = _(" Did you mean “{name}”?").format(name=names[near[0]]) if near else ""
    return _("There is no template “{name}”.{hint} `smsgw template list` shows which there are.").format(
        name=name, hint=hint
    )
