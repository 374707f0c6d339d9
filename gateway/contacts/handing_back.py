"""Contacts as columns of a campaign's report: the fields that they have now, under the headings of their lists."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.contacts import looking, store
from gateway.merge.cells import Cell


@dataclass(frozen=True, slots=True)
class Columns:
    """A removed contact has no cells."""

    headings: Sequence[str]
    cells: Mapping[int, Sequence[Cell]] = field(repr=False)  # by the contact's id


def columns(connection: sqlite3.Connection, persons: Collection[int]) -> Columns:
    """Of all fields those in which one of these contacts has something."""
    found = {contact.id: contact.cells for contact in looking.contacts(connection, persons)}
    used = {key for cells in found.values() for key in cells}
    names = [each for each in store.field_names(connection) if each.key in used]
    cells = {person: [held.get(each.key) for each in names] for person, held in found.items()}
    return Columns([each.name for each in names], cells)
