"""Contacts for people and programs to look at, and to be named: by their key, their id or a number."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from gateway import forms
from gateway.contacts import age, consents, store
from gateway.contacts.person import Number, own_key
from gateway.contacts.values import cell_of
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.merge.cells import Cell
from gateway.sms import number

PERSONS = """
    SELECT id, own_key, name, language, timezone, created_at, changed_at FROM persons
    WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"""
GROUPS = """
    SELECT m.person, g.name FROM members AS m JOIN contact_groups AS g ON g.id = m.contact_group
    WHERE m.person IN (SELECT value FROM json_each(?)) ORDER BY g.key"""
OPT_OUTS = (
    "SELECT msisdn, is_out, source, at FROM opt_outs WHERE msisdn IN (SELECT value FROM json_each(?)) ORDER BY at, id"
)
BY_KEY = "SELECT id FROM persons WHERE key = ?"
BY_ID = "SELECT id FROM persons WHERE id = ?"
BY_NUMBER = "SELECT person FROM person_numbers WHERE msisdn = ? ORDER BY person"
AT_ONCE = 500
ID_MARK = "#"  # `#17`: contact 17, whatever cards there are
MOST_DIGITS = 15  # of an id
SHOWN = 8  # contacts that are named where several are meant


@dataclass(frozen=True, slots=True)
class Contact:
    """One, as it is kept."""

    id: int
    key: str | None = field(repr=False)  # the list's own; None: it had none
    name: str = field(repr=False)
    language: str
    timezone: str
    created_at: str
    changed_at: str
    numbers: tuple[Number, ...] = field(repr=False)
    cells: Mapping[str, Cell] = field(repr=False)  # by the folded heading
    groups: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As `smsgw contacts list --json` has it."""
        own = {name: getattr(self, name) for name in ("id", "key", "name", "language", "timezone", "groups")}
        numbers = [{"msisdn": each.msisdn, "kind": each.kind} for each in self.numbers]
        return own | {"numbers": numbers, "created_at": self.created_at, "changed_at": self.changed_at}


def contacts(connection: sqlite3.Connection, persons: Collection[int]) -> Iterator[Contact]:
    """In the order of their ids, read some at a time."""
    ids = sorted(persons)
    for start in range(0, len(ids), AT_ONCE):
        yield from _contacts(connection, ids[start : start + AT_ONCE])


def _contacts(connection: sqlite3.Connection, ids: Sequence[int]) -> Iterator[Contact]:
    wanted = json.dumps(ids)
    numbers, fields = store.numbers_of(connection, ids), store.fields_of(connection, ids)
    groups = _groups(connection, wanted)
    for person, key, name, language, zone, created, changed in connection.execute(PERSONS, (wanted,)).fetchall():
        cells = {heading: cell_of(text, kind) for heading, (text, kind) in fields.get(person, {}).items()}
        own = (numbers.get(person, ()), cells, tuple(groups.get(person, ())))
        yield Contact(person, key, name, language, zone, created, changed, *own)


def _groups(connection: sqlite3.Connection, wanted: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for person, name in connection.execute(GROUPS, (wanted,)):
        found.setdefault(person, []).append(name)
    return found


def _readable(cell: Cell) -> object:
    """Dates as ISO 8601, whole numbers without a fraction."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell if isinstance(cell, str | float | bool) else str(cell)


def for_people(cell: Cell) -> str:
    """As the reader's own language writes dates and decimals."""
    return forms.cell(cell) if isinstance(cell, date | time | float) else str(cell)


def document(
    connection: sqlite3.Connection, person: int, today: date, readable: Callable[[Cell], object] = _readable
) -> dict[str, Any]:
    """As `smsgw contacts show --json` has it; `readable`: how a field is written."""
    contact = next(contacts(connection, [person]))
    names = store.field_names(connection)
    fields = {each.name: readable(contact.cells[each.key]) for each in names if each.key in contact.cells}
    said = {"consents": consents.history(connection, person), "opt_outs": _opt_outs(connection, contact)}
    return contact.document() | {"fields": fields, "age": age_of(contact, names, today)} | said


def age_of(contact: Contact, names: Iterable[store.FieldName], today: date) -> int | None:
    """In whole years; None where no birth date is known."""
    from gateway.contacts.values import Measure, compared

    for each in names:
        cell = contact.cells.get(each.key) if each.is_birth else None
        measure, sort = compared(cell, wants_day=True) if cell is not None else (None, None)
        born = date.fromisoformat(str(sort)[:10]) if measure is Measure.DAY else None
        if born is not None and age.is_believable(born, today):
            return age.age_on(today, born)
    return None


def _opt_outs(connection: sqlite3.Connection, contact: Contact) -> list[dict[str, Any]]:
    numbers = json.dumps([each.msisdn for each in contact.numbers])
    cursor = connection.execute(OPT_OUTS, (numbers,))
    return [
        {"msisdn": msisdn, "is_out": bool(is_out), "source": source, "at": at} for msisdn, is_out, source, at in cursor
    ]


def find(connection: sqlite3.Connection, who: str, country: str, short_codes: Collection[str] = ()) -> int:
    """The one contact that is meant. Raises GatewayError for none and for several."""
    found = _meant(connection, who.strip(), country, short_codes)
    if len(found) == 1:
        return found[0]
    if found:
        sentence = _("That means several contacts: {ids}. Name one of them by its id, with the sign #.")
        raise GatewayError(sentence.format(ids=", ".join(f"{ID_MARK}{each}" for each in found[:SHOWN])))
    sentence = _("There is no such contact. Give a key, a number, or an id with the sign #: `smsgw contacts list`.")
    raise GatewayError(sentence)


def _meant(connection: sqlite3.Connection, who: str, country: str, short_codes: Collection[str]) -> list[int]:
    """A card number may look like an id, and a number may be a whole family's."""
    id_text = who.removeprefix(ID_MARK)
    is_id = id_text.isascii() and id_text.isdigit() and len(id_text) <= MOST_DIGITS
    looked: list[tuple[str, int | str]] = [(BY_ID, int(id_text))] if is_id else []
    if not (is_id and who.startswith(ID_MARK)):
        looked += [(BY_KEY, own_key([who])), (BY_NUMBER, _msisdn(who, country, short_codes))]
    rows = [row for statement, value in looked for row in connection.execute(statement, (value,))]
    return list(dict.fromkeys(int(row[0]) for row in rows))


def _msisdn(who: str, country: str, short_codes: Collection[str]) -> str:
    try:
        return number.parse(who, country, frozenset(short_codes)).msisdn
    except number.NumberError:
        return ""
