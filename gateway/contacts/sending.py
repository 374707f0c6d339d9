"""Contacts as rows of a list, so that what is sent to them is planned, shown and queued as any list is.

A row's number is the contact's id. Its columns are the fields that lists have brought, and the age; its phone cell has
the contact's numbers in their rank. Who has not agreed, where the category asks for it, makes no row: they are told
apart, with the reason.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from gateway.contacts import looking, store
from gateway.contacts.looking import Contact
from gateway.i18n import _
from gateway.merge.cells import Cell, folded
from gateway.merge.layout import Layout
from gateway.merge.plan import Problem
from gateway.merge.preparing import Prepared
from gateway.merge.template import Column
from gateway.queue import withdrawals
from gateway.queue.rules import Category, Consent
from gateway.queue.withdrawals import WITHDRAWN

NUMBERS, ID, NAME = _("numbers of the contact"), _("id of the contact"), _("name of the contact")
TEMPLATE, ZONE = _("template of the language"), _("time zone of the contact")
AGE = "age"  # untranslated: a saved text must fit on machines of any language
OWN = (NUMBERS, ID, NAME, TEMPLATE, ZONE)  # the first columns; the fields follow
ALWAYS_FILLED = 3  # of them, so that no row is taken for a section line or a total
NO_CONSENT = ("no_consent", _("Has not agreed to messages of this kind; `smsgw contacts consent` notes it."))

Row = tuple[int, list[Cell]]


@dataclass(frozen=True, slots=True)
class Willing:
    """Who may be written to, and why others may not."""

    persons: frozenset[int] = field(repr=False)
    left_out: tuple[Problem, ...] = ()


def willing(connection: sqlite3.Connection, persons: Collection[int], name: str, category: Category) -> Willing:
    """Of these contacts, for messages of this category."""
    if category.consent is Consent.NONE:
        return Willing(frozenset(persons))
    said = withdrawals.latest(connection, name)
    default = category.consent is not Consent.NEEDED
    left_out = [
        Problem(person, None, *(WITHDRAWN if person in said else NO_CONSENT))
        for person in sorted(persons)
        if not said.get(person, default)
    ]
    return Willing(frozenset(persons) - {problem.row for problem in left_out}, tuple(left_out))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The contacts of a segment, laid out as a list."""

    layout: Layout
    rows: Callable[[], Iterator[Row]] = field(repr=False)


def laid_out(
    connection: sqlite3.Connection, persons: Collection[int], today: date, country: str, templates: Mapping[str, str]
) -> Sheet:
    """`templates`: language to the name of a saved text."""
    names = store.field_names(connection)
    has_age = any(each.is_birth for each in names) and folded(AGE) not in {each.key for each in names}
    headings = [*OWN, *(each.name for each in names), *([AGE] if has_age else [])]
    columns = tuple(Column(name, index) for index, name in enumerate(headings))

    def cells(contact: Contact) -> list[Cell]:
        mark = f"{looking.ID_MARK}{contact.id}"
        own: list[Cell] = [", ".join(each.msisdn for each in contact.numbers), mark, contact.name or mark]
        fields = [contact.cells.get(each.key) for each in names]
        years = [looking.age_of(contact, names, today)] if has_age else []
        return [*own, templates.get(contact.language), contact.timezone or None, *fields, *years]

    def rows() -> Iterator[Row]:
        return ((contact.id, cells(contact)) for contact in looking.contacts(connection, persons))

    return Sheet(Layout(0, (), columns, columns[0], (), ALWAYS_FILLED, country, columns[:1]), rows)


def with_left_out(prepared: Prepared, left_out: Sequence[Problem]) -> Prepared:
    """The plan, with those who make no row counted."""
    plan = prepared.plan
    refused = (*plan.refused, *left_out)
    return replace(prepared, plan=replace(plan, refused=refused, rows=plan.rows + len(left_out)))
