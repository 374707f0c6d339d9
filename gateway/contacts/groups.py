"""Groups of contacts: a name, and who is in it. A contact may be in several, or in none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _
from gateway.merge.template import nearest
from gateway.queue import db, many, times
from gateway.queue.templates import BLANKS, key_of

LONGEST_NAME = 60

FIND = "SELECT id, name FROM contact_groups WHERE key = ?"
WRITE = "INSERT INTO contact_groups (key, name, created_at) VALUES (?, ?, ?)"
JOIN = """
    INSERT INTO members (contact_group, person) SELECT ?1, column1 FROM (VALUES {rows}) WHERE TRUE
    ON CONFLICT DO NOTHING"""
LEAVE = "DELETE FROM members WHERE contact_group = ? AND person = ?"
DISSOLVE = "DELETE FROM contact_groups WHERE id = ?"
ALL = """
    SELECT g.id, g.name, count(m.person) FROM contact_groups AS g LEFT JOIN members AS m ON m.contact_group = g.id
    GROUP BY g.id ORDER BY g.key"""
MEMBERS = "SELECT person FROM members WHERE contact_group = ?"


@dataclass(frozen=True, slots=True)
class Group:
    """One, by its name."""

    id: int
    name: str
    size: int = 0


def check_name(name: str) -> None:
    """Raises UsageProblem."""
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise UsageProblem(_("A group's name has 1 to {most} characters on one line.").format(most=LONGEST_NAME))


def listed(connection: sqlite3.Connection) -> list[Group]:
    """All of them with how many are in each, by name."""
    return [Group(*row) for row in connection.execute(ALL)]


def find(connection: sqlite3.Connection, name: str) -> Group:
    """However it is spelt. Raises UsageProblem, with the nearest there is, when there is none."""
    row = connection.execute(FIND, (key_of(name),)).fetchone()
    if row is not None:
        return Group(row[0], row[1])
    near = nearest(name, [each.name for each in listed(connection)])
    hint = _(" Did you mean “{name}”?").format(name=near) if near else ""
    sentence = _("There is no group “{name}”.{hint} `smsgw contacts groups` shows which there are.")
    raise UsageProblem(sentence.format(name=name, hint=hint))


def found_or_made(connection: sqlite3.Connection, name: str, now: datetime) -> Group:
    """In the caller's transaction."""
    row = connection.execute(FIND, (key_of(name),)).fetchone()
    if row is not None:
        return Group(row[0], row[1])
    tidy = BLANKS.sub(" ", name).strip()
    made = connection.execute(WRITE, (key_of(name), tidy, times.to_text(now))).lastrowid
    return Group(int(made or 0), tidy)


def join(connection: sqlite3.Connection, group: Group, persons: Iterable[int]) -> int:
    """In the caller's transaction; how many were not in it before."""
    return many.run(connection, JOIN, (group.id,), [(person,) for person in sorted(persons)])  # each page once


def leave(connection: sqlite3.Connection, group: Group, person: int) -> None:
    """Raises GatewayError for somebody who is not in it."""
    with db.write(connection):
        if not connection.execute(LEAVE, (group.id, person)).rowcount:
            sentence = _("Contact {id} is not in group “{name}”.")
            raise GatewayError(sentence.format(id=person, name=group.name))


def dissolve(connection: sqlite3.Connection, group: Group) -> None:
    """The group goes, its contacts stay."""
    with db.write(connection):
        connection.execute(DISSOLVE, (group.id,))


def members(connection: sqlite3.Connection, group: Group) -> set[int]:
    return {int(row[0]) for row in connection.execute(MEMBERS, (group.id,))}
