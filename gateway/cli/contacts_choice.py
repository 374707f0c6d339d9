"""Which contacts are meant: the options that choose them, and what is said of the choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gateway import forms
from gateway.cli.contacts_import import today
from gateway.i18n import _, ngettext

if TYPE_CHECKING:
    import sqlite3

    from gateway.contacts.segment import Segment
    from gateway.settings import Settings

groups_option = click.option("--group", "groups", multiple=True, metavar="NAME", help=_("Only who is in this group."))
where_option = click.option(
    "--where", "conditions", multiple=True, metavar="CONDITION", help=_("Only whom it fits, as in 'age >= 60'.")
)


def segment_of(
    connection: sqlite3.Connection, settings: Settings, groups: tuple[str, ...], conditions: tuple[str, ...]
) -> Segment:
    """Raises UsageProblem."""
    from gateway.contacts import segment, where

    return segment.find(connection, groups, [where.parse(text) for text in conditions], today(settings))


def notes_of(found: Segment) -> list[str]:
    """What a person should know of the conditions."""
    lines = []
    for note in found.notes:
        if note.births:
            sentence = _("“{name}” is counted from {births}.")
            lines.append(sentence.format(name=note.condition, births=note.births))
        if note.unknown:
            sentence = ngettext(
                "{count} contact has nothing in “{name}” that this could be asked of.",
                "{count} contacts have nothing in “{name}” that this could be asked of.",
                note.unknown,
            )
            lines.append(sentence.format(count=forms.whole(note.unknown), name=note.condition))
    return lines
