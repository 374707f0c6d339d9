"""`smsgw contacts`: whom the clinic writes to, in which groups they are, and what they have agreed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gateway import forms
from gateway.cli import show
from gateway.cli.contacts_choice import groups_option, notes_of, segment_of, where_option
from gateway.cli.contacts_import import import_contacts, today
from gateway.cli.contacts_send import send
from gateway.cli.contacts_verbs import consent, find, remove, who_argument
from gateway.cli.context import load_settings, opened
from gateway.cli.options import as_json, at_most
from gateway.i18n import _, ngettext

if TYPE_CHECKING:
    from gateway.contacts.looking import Contact
    from gateway.settings import Settings

HEADINGS = (_("id"), _("key"), _("name"), _("numbers"), _("language"), _("groups"), _("changed"))


@click.group(
    help=_("Keep people as contacts, in groups, with what they have agreed to, and write to those whom you choose."),
    epilog=show.examples(
        "smsgw contacts import patients.xlsx --key 'Card' --group cardiology",
        "smsgw contacts list --group cardiology --where 'age >= 60'",
        "smsgw contacts send --group cardiology --template-name reminder --dry-run",
    ),
)
def contacts() -> None:
    return


@contacts.command(
    "list",
    help=_("The contacts, or those of a group or whom a condition fits."),
    epilog=show.examples(
        "smsgw contacts list",
        "smsgw contacts list --where 'Doctor = Petrov' --where 'Visit between 2026-12-01 and 2026-12-31'",
    ),
)
@groups_option
@where_option
@at_most
@as_json
@click.pass_context
def list_(ctx: click.Context, groups: tuple[str, ...], conditions: tuple[str, ...], limit: int, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.contacts import looking

    with opened(settings) as connection:
        found = segment_of(connection, settings, groups, conditions)
        shown = list(looking.contacts(connection, sorted(found.persons)[:limit]))
    if is_json:
        show.as_json([each.document() for each in shown])
        return
    show.table(HEADINGS, [_line(each, settings) for each in shown], long=(HEADINGS[2], HEADINGS[5]))
    for sentence in notes_of(found):
        show.say(sentence)
    show.say(_count(len(found.persons), len(shown)))


@contacts.command(
    "show",
    help=_("One contact with everything that is kept. WHO is their key, their id or a number."),
    epilog=show.examples("smsgw contacts show 104-22", "smsgw contacts show '#17'", "smsgw contacts show +79000000001"),
)
@who_argument
@as_json
@click.pass_context
def show_(ctx: click.Context, who: str, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.contacts import looking

    with opened(settings) as connection:
        person, readable = find(connection, who, settings), [] if is_json else [looking.for_people]
        document = looking.document(connection, person, today(settings), *readable)
    if is_json:
        show.as_json(document)
    else:
        show.facts(_facts(document, settings))


@contacts.command(
    "groups", help=_("The groups, and how many are in each."), epilog=show.examples("smsgw contacts groups --json")
)
@as_json
@click.pass_context
def groups_(ctx: click.Context, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.contacts import groups

    with opened(settings) as connection:
        found = groups.listed(connection)
    if is_json:
        show.as_json([{"name": each.name, "contacts": each.size} for each in found])
        return
    if not found:
        show.say(_("There is no group yet: `smsgw contacts import --group` makes one."))
    show.table((_("group"), _("contacts")), [(each.name, forms.whole(each.size)) for each in found])


for verb in (import_contacts, send, remove, consent):
    contacts.add_command(verb)


def _count(count: int, shown: int) -> str:
    sentence = ngettext("{count} contact.", "{count} contacts.", count).format(count=forms.whole(count))
    more = _("The first {shown} are shown; --limit shows more.").format(shown=forms.whole(shown))
    return f"{sentence} {more}" if shown < count else sentence


def _line(contact: Contact, settings: Settings) -> tuple[object, ...]:
    numbers = ", ".join(number.msisdn for number in contact.numbers)
    groups, changed = ", ".join(contact.groups), show.read_at(contact.changed_at, settings)
    return contact.id, contact.key, contact.name, numbers, contact.language, groups, changed


def _facts(document: dict[str, Any], settings: Settings) -> list[tuple[str, object]]:
    numbers = [(each["kind"], each["msisdn"]) for each in document["numbers"]]
    own = [
        (_("id"), document["id"]),
        (_("key"), document["key"]),
        (_("name"), document["name"]),
        *numbers,
        (_("age"), document["age"]),
        (_("language"), document["language"]),
        (_("time zone"), document["timezone"]),
        (_("groups"), ", ".join(document["groups"])),
        *document["fields"].items(),
    ]
    return [*own, *_said(document, settings)]


def _said(document: dict[str, Any], settings: Settings) -> list[tuple[str, object]]:
    """Consents and answers of STOP, from the first; what nobody is asked about is not meant by either."""
    everything = {True: _("everything"), False: _("everything that may be refused")}
    lines: list[tuple[str, object]] = []
    for each in document["consents"]:
        word = _("agreed to {category}") if each["is_given"] else _("withdrew {category}")
        category = each["category"] or everything[each["is_given"]]
        at = show.read_at(each["at"], settings)
        lines.append((word.format(category=category), f"{at}  {_source(each['source'])}"))
    for each in document["opt_outs"]:
        word = _("{number} wants no more") if each["is_out"] else _("{number} is back")
        at = show.read_at(each["at"], settings)
        lines.append((word.format(number=each["msisdn"]), f"{at}  {_source(each['source'])}"))
    return lines


def _source(source: str) -> str:
    """What people noted stands as they wrote it; the gateway's own words are told in the reader's language."""
    from gateway.queue import opt_outs, refusals

    own = {opt_outs.REPLY: _("an SMS from the number"), refusals.CONTACT: _("a contact that was removed")}
    return own.get(source, source)
