"""`smsgw contacts send`: a campaign to contacts. From here on it is an import like any other, but for its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gateway import forms
from gateway.cli import show
from gateway.cli.contacts_choice import groups_option, notes_of, segment_of, where_option
from gateway.cli.contacts_import import today
from gateway.cli.context import load_settings, now, opened
from gateway.cli.import_checks import refuse_early
from gateway.cli.import_options import campaign_options, phones_option
from gateway.cli.import_proposal import Origin, Wanted
from gateway.cli.import_run import carry_out
from gateway.cli.import_times import NAMES as TIMES
from gateway.cli.import_times import wishes
from gateway.cli.options import as_json
from gateway.cli.template_choice import finish, saved_text, text_options, texts
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _, ngettext
from gateway.queue.rules import DEFAULT_CATEGORY

if TYPE_CHECKING:
    import sqlite3

    from gateway.contacts.segment import Segment
    from gateway.contacts.sending import Sheet, Willing
    from gateway.merge.choosing import Texts
    from gateway.merge.preparing import Advance, Prepared
    from gateway.settings import Settings

EVERYBODY = _("contacts")  # what a campaign to no group is called


@click.command(
    help=_(
        "Queue one personal text for each contact of a group, or whom the conditions fit. The fields of the contacts"
        " are the placeholders: {Name}, {Visit:%d.%m}, {age}. First it shows what it would do."
    ),
    epilog=show.examples(
        "smsgw contacts send --group cardiology --template 'Dear {Name}, …' --dry-run",
        "smsgw contacts send --where 'age >= 60' --where 'Doctor = Petrov' --template-name check-up",
        "smsgw contacts send --all --category marketing --template-name news --language en=news-en",
    ),
)
@groups_option
@where_option
@click.option("--all", "is_everybody", is_flag=True, help=_("All contacts, without --group and --where."))
@text_options
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="LANGUAGE=NAME",
    help=_("The saved text for those who prefer a language, as in en=news-en; the others get the one text given."),
)
@phones_option(_("Of several numbers of a contact the first one, or each of them."))
@campaign_options
@as_json
@click.pass_context
def send(ctx: click.Context, /, **given: Any) -> None:
    settings = load_settings(ctx)
    _check(given)
    _take_own_clocks(given)
    wanted = Wanted(_texts(settings, given), finish(settings, given), wishes(settings, given, now()))
    refuse_early(settings, given, wanted.texts, now())
    with opened(settings) as connection:
        found = segment_of(connection, settings, given["groups"], given["conditions"])
        _tell_segment(found)
        origin = _origin(connection, settings, found, given)
        carry_out(settings, origin, wanted, given)


def _check(given: dict[str, Any]) -> None:
    """Everybody is meant only when a person says so. Raises UsageProblem."""
    is_chosen = bool(given["groups"] or given["conditions"])
    if not is_chosen and not given["is_everybody"]:
        raise UsageProblem(_("Say who is meant: --group, --where, or --all for all contacts."))
    if is_chosen and given["is_everybody"]:
        raise UsageProblem(_("Give --all, or --group and --where, not both."))
    if given["languages"] and given["template_column"]:
        raise UsageProblem(_("Give --language or --template-column, not both."))


def _take_own_clocks(given: dict[str, Any]) -> None:
    """Where something is said of times it is on each contact's own clock, if that is known."""
    from gateway.contacts.sending import ZONE

    if any(given[name] for name in TIMES) and not given["zone_column"]:
        given["zone_column"] = ZONE
        show.say(_("Times are by each contact's own time zone, where it is known."))


def _texts(settings: Settings, given: dict[str, Any]) -> Texts:
    """The one text, and those for languages. Raises UsageProblem."""
    from gateway.contacts.sending import TEMPLATE
    from gateway.merge.choosing import Texts

    base = texts(settings, given)
    if not given["languages"]:
        if base is None:
            raise UsageProblem(_("Give the text with --template, --template-file or --template-name."))
        return base
    saved = {name: saved_text(settings, name) for name in _of_languages(given).values()}
    return Texts(None if base is None else base.default, TEMPLATE, saved)


def _of_languages(given: dict[str, Any]) -> dict[str, str]:
    """Language to the name of a saved text. Raises UsageProblem."""
    from gateway.contacts.preferences import language_code

    found = {}
    for written in given["languages"]:
        language, sign, name = written.partition("=")
        code = language_code(language)
        if code is None or not sign or not name.strip():
            sentence = _("--language “{text}”: write it like en=news-en.")
            raise UsageProblem(sentence.format(text=written))
        found[code] = name.strip()
    return found


def _tell_segment(found: Segment) -> None:
    count = len(found.persons)
    for sentence in notes_of(found):
        show.say(sentence)
    if not count:
        raise GatewayError(_("Nothing was queued: no contact fits. `contains` asks for a part of a value."))
    sentence = ngettext("{count} contact is meant.", "{count} contacts are meant.", count)
    told = sentence.format(count=forms.whole(count))
    show.say(f"{told} " + _("Their ids stand below as rows: `smsgw contacts show '#17'`."))


def _origin(connection: sqlite3.Connection, settings: Settings, found: Segment, given: dict[str, Any]) -> Origin:
    from gateway.contacts import groups, sending
    from gateway.settings.rules import intake_rules

    name = given["category"] or DEFAULT_CATEGORY
    who = sending.willing(connection, found.persons, name, intake_rules(settings).categories[name])
    templates = _of_languages(given)
    sheet = sending.laid_out(connection, who.persons, today(settings), settings.gateway.country, templates)

    def prepare(wanted: Wanted, advance: Advance) -> Prepared:
        return _prepared(sheet, who, wanted, settings, given)

    title = ", ".join(groups.find(connection, each).name for each in given["groups"])
    return Origin(title or EVERYBODY, prepare)


def _prepared(sheet: Sheet, who: Willing, wanted: Wanted, settings: Settings, given: dict[str, Any]) -> Prepared:
    from gateway.contacts import sending
    from gateway.merge.preparing import prepare_rows
    from gateway.merge.recipients import Choice

    made = (wanted.texts, settings.gateway.country, Choice(given["phones"]), wanted.finish, wanted.wishes)
    return sending.with_left_out(prepare_rows(sheet.rows(), sheet.layout, *made), who.left_out)
