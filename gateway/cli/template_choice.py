"""Which text an import sends: the options that give it or name saved ones, and what is done to it before it goes."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway import system_words
from gateway.cli.options import together
from gateway.cli.send import STANDARD_INPUT
from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.queue.rules import DEFAULT_CATEGORY

if TYPE_CHECKING:
    from gateway.merge.choosing import Texts
    from gateway.merge.finishing import Finish
    from gateway.settings import Settings

text_options = together(
    click.option("--template", metavar="TEXT", help=_("The text with its placeholders.")),
    click.option(
        "--template-file",
        type=click.Path(path_type=Path, allow_dash=True),
        metavar="FILE",
        help=_("A file with the text; - is standard input."),
    ),
    click.option(
        "--template-name", metavar="NAME", help=_("A saved text; `smsgw template list` shows which there are.")
    ),
    click.option(
        "--template-column",
        metavar="NAME",
        help=_("The column whose cells name the saved text of each row; an empty cell takes the one text given."),
    ),
    click.option(
        "--plain-punctuation",
        "is_plain",
        is_flag=True,
        help=_("Write typographic quotes, dashes, dots and blanks as plain ones, which take less room in an SMS."),
    ),
    click.option(
        "--transliterate",
        "is_latin",
        is_flag=True,
        help=_("Write Cyrillic in Latin letters, as passports do (ICAO Doc 9303); Chinese stays."),
    ),
)


def texts(settings: Settings, given: dict[str, Any]) -> Texts | None:
    """None when nothing says what to send. Raises UsageProblem or GatewayError."""
    from gateway.merge.choosing import Texts

    sources = [given[name] for name in ("template", "template_file", "template_name")]
    if sum(source is not None for source in sources) > 1:
        raise UsageProblem(_("Give --template, --template-file or --template-name, and no two of them."))
    text, file, name = sources
    column = given["template_column"]
    if name is not None:
        text = saved_text(settings, name)
    elif file is not None:
        text = read_text(file)
    if column is None:
        return None if text is None else Texts(text)
    return Texts(text, column, _all_saved(settings))


def saved_text(settings: Settings, name: str) -> str:
    """Of the newest version."""
    from gateway.queue import templates
    from gateway.queue.db import open_database

    with closing(open_database(settings.gateway.database)) as connection:
        return templates.get(connection, name).body or ""


def _all_saved(settings: Settings) -> dict[str, str]:
    from gateway.queue import templates
    from gateway.queue.db import open_database

    with closing(open_database(settings.gateway.database)) as connection:
        saved = {each.name: each.body or "" for each in templates.listed(connection)}
    if not saved:
        raise UsageProblem(_("No template is saved yet: `smsgw template add` saves one."))
    return saved


def read_text(file: Path) -> str:
    """Of a file, or standard input for `-`, in whatever encoding; raises UsageProblem."""
    try:
        octets = sys.stdin.buffer.read() if str(file) == STANDARD_INPUT else file.read_bytes()
    except OSError as error:
        raise UsageProblem(_("{file}: {reason}.").format(file=file, reason=system_words.reason(error))) from error
    from gateway.merge.text_file import NotText, decode

    try:
        return decode(octets).replace("\r\n", "\n").rstrip("\n")
    except NotText as error:
        raise UsageProblem(_("{file}: is no text.").format(file=file)) from error


def finish(settings: Settings, given: dict[str, Any]) -> Finish:
    """The category's last lines, and the signs that are to be replaced."""
    from gateway.merge.finishing import Finish

    return Finish(endings(settings, given["category"]), given["is_plain"], given["is_latin"])


def endings(settings: Settings, category: str | None) -> tuple[str, ...]:
    """Signature, then how to opt out, of a category; without those that are empty."""
    table = settings.categories[category or DEFAULT_CATEGORY]
    return tuple(line for line in (table.signature, table.opt_out) if line)
