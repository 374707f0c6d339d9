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
from gateway.contacts.age import NAMES as AGES
from gateway.contacts.looking import Contact
from gateway.i18n import N_, _, in_each_language
from gateway.merge.cells import Cell, folded
from gateway.merge.layout import Layout
from gateway.merge.plan import Problem
from gateway.merge.preparing import Prepared
from gateway.merge.recipients import IN_CELL, REASONS, Choice
from gateway.merge.template import Column
from gateway.queue import withdrawals
from gateway.queue.rules import Category, Consent
from gateway.queue.withdrawals import WITHDRAWN

# The first cells of a row, and how they are called; the fields follow, and the age.
NUMBERS, ZONE, TEMPLATE = N_("numbers of the contact"), N_("time zone of the contact"), N_("template of the language")
OWN = (NUMBERS, N_("id of the contact"), N_("name of the contact"), TEMPLATE, ZONE)
ALWAYS_FILLED = 3  # of them, so that no row is taken for a section line or a total
NO_CONSENT = ("no_consent", _("Has not agreed to messages of this kind; `smsgw contacts consent` notes it."))
# What is said of a row or a cell of a list, said of a contact.
OF_CONTACT = {
    IN_CELL: _("The contact has several numbers: the first mobile one is taken; --phones all takes each."),
    REASONS[Choice.MOBILE]: _("The contact has several numbers: each mobile one is written to."),
    REASONS[Choice.ALL]: _("The contact has several numbers: each one is written to."),
}

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
    columns = columns_of([each.name for each in names], has_age=any(each.is_birth for each in names))

    def cells(contact: Contact) -> list[Cell]:
        mark = f"{looking.ID_MARK}{contact.id}"
        own: list[Cell] = [", ".join(each.msisdn for each in contact.numbers), mark, contact.name or mark]
        fields = [contact.cells.get(each.key) for each in names]
        preferred: list[Cell] = [templates.get(contact.language), contact.timezone or None]
        return [*own, *preferred, *fields, looking.age_of(contact, names, today)]

    def rows() -> Iterator[Row]:
        return ((contact.id, cells(contact)) for contact in looking.contacts(connection, persons))

    phone = Column(_(NUMBERS), 0)
    return Sheet(Layout(0, (), columns, phone, (), ALWAYS_FILLED, country, (phone,)), rows)


def columns_of(fields: Sequence[str], *, has_age: bool) -> tuple[Column, ...]:
    """The gateway's own columns, the fields, and the age.

    A saved text must fit on machines of any language, so an own name counts in each of them. A field of the same name
    goes before.
    """
    first, taken = len(OWN), {folded(name) for name in fields}
    own = [_own(index, _(name), in_each_language(name), taken) for index, name in enumerate(OWN)]
    ages = [_own(first + len(fields), _("age"), AGES, taken)] if has_age else []
    return (
        *filter(None, own),
        *(Column(name, first + place) for place, name in enumerate(fields)),
        *filter(None, ages),
    )


def _own(index: int, name: str, names: Sequence[str], taken: Collection[str]) -> Column | None:
    """Under the names that no field has."""
    free = [each for each in dict.fromkeys((name, *names)) if folded(each) not in taken]
    return Column(free[0], index, tuple(map(folded, free))) if free else None


def with_left_out(prepared: Prepared, left_out: Sequence[Problem]) -> Prepared:
    """The plan, with those who make no row counted."""
    plan = prepared.plan
    refused = (*plan.refused, *left_out)
    warnings = tuple(each._replace(reason=OF_CONTACT.get(each.reason, each.reason)) for each in plan.warnings)
    told = replace(plan, refused=refused, warnings=warnings, rows=plan.rows + len(left_out))
    return replace(prepared, plan=told)
