"""`smsgw template`: texts of the mail merge that are saved under a name, with all their versions."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from gateway.cli import show
from gateway.cli.confirming import confirm
from gateway.cli.context import WHOLE, load_settings, now, opened
from gateway.cli.options import as_json
from gateway.cli.send import STANDARD_INPUT
from gateway.cli.template_choice import endings, read_text
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _
from gateway.queue.rules import CATEGORIES

if TYPE_CHECKING:
    from gateway.queue.templates import Saved
    from gateway.settings import Settings

HEADINGS = (_("name"), _("version"), _("saved"), _("text"))
SAMPLE_CLOCK = {"hour": 10, "minute": 30, "second": 0, "microsecond": 0}  # of tomorrow: what samples have for dates
FIRST_TEXTS = 3

name_argument = click.argument("name", metavar="NAME")
text_argument = click.argument("text", metavar="[TEXT]", required=False)
file_option = click.option(
    "--file",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help=_("A file with the text; - is standard input."),
)


@click.group(
    help=_("Save texts of the mail merge under a name, for `smsgw import` with --template-name or --template-column."),
    epilog=show.examples(
        "smsgw template add reminder 'Dear {Name}, see you on {Date:%d %B}{?Room: in room {Room}}'",
        "smsgw template show reminder --sample",
        "smsgw template list",
    ),
)
def template() -> None:
    return


@template.command(
    help=_("Save a text under a new name; TEXT is - for standard input."),
    epilog=show.examples(
        "smsgw template add reminder 'Dear {Name|patient}, see you on {Date:%A, %d %B} at {Time:%H:%M}'",
        "smsgw template add reminder --file reminder.txt",
    ),
)
@name_argument
@text_argument
@file_option
@as_json
@click.pass_context
def add(ctx: click.Context, name: str, text: str | None, file: Path | None, is_json: bool) -> None:
    settings, body = load_settings(ctx), _given(text, file, "")
    _check(body, settings)

    from gateway.queue import templates

    with opened(settings) as connection:
        _tell_saved(templates.add(connection, name, body, now()), is_json)


@template.command(
    help=_("Save a new version of a text. Without TEXT and --file it opens your editor."),
    epilog=show.examples("smsgw template edit reminder", "smsgw template edit reminder --file reminder.txt"),
)
@name_argument
@text_argument
@file_option
@as_json
@click.pass_context
def edit(ctx: click.Context, name: str, text: str | None, file: Path | None, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.queue import templates

    with opened(settings) as connection:
        old = templates.get(connection, name)
    body = _given(text, file, old.body or "")
    _check(body, settings)
    with opened(settings) as connection:  # not held open while a person writes
        _tell_saved(templates.edit(connection, name, body, now()), is_json)


@template.command("list", help=_("The saved texts."), epilog=show.examples("smsgw template list --json"))
@as_json
@click.pass_context
def list_(ctx: click.Context, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.queue import templates

    with opened(settings) as connection:
        saved = templates.listed(connection)
    if is_json:
        show.as_json([_row(each) for each in saved])
    elif not saved:
        show.say(_("No template is saved yet: `smsgw template add` saves one."))
    else:
        rows = [(each.name, each.version, show.read_at(each.created_at, settings), each.body) for each in saved]
        show.table(HEADINGS, rows, long=HEADINGS[-1:])


@template.command(
    "show",
    help=_("One text with its versions. --sample fills it in: with made-up values, or with the first rows of a list."),
    epilog=show.examples(
        "smsgw template show reminder --sample",
        "smsgw template show reminder --list list.xlsx --category marketing",
        "smsgw template show reminder --version 1 --json",
    ),
)
@name_argument
@click.option("--version", type=WHOLE, help=_("This version; else the newest."))
@click.option("--sample", "is_sampled", is_flag=True, help=_("Fill it with made-up values."))
@click.option("--list", "file", type=click.Path(path_type=Path), metavar="FILE", help=_("Fill it from these rows."))
@click.option("--category", type=click.Choice(CATEGORIES), help=_("Whose signature the sample gets."))
@as_json
@click.pass_context
def show_(ctx: click.Context, /, name: str, version: int | None, is_json: bool, **given: Any) -> None:
    settings = load_settings(ctx)

    from gateway.queue import templates

    with opened(settings) as connection:
        saved, versions = templates.get(connection, name, version), templates.versions(connection, name)
    samples = _samples(settings, saved.body or "", **given)
    if is_json:
        document = {"placeholders": _placeholders(saved.body or ""), "versions": [_row(each) for each in versions]}
        show.as_json(_row(saved) | document | {"samples": samples})
        return
    _print(saved, versions, samples, settings)


@template.command(
    help=_("Take a text out of use. Its versions stay readable, and what was queued with it stays queued."),
    epilog=show.examples("smsgw template remove reminder", "smsgw template remove reminder --yes"),
)
@name_argument
@click.option("--yes", "-y", "is_yes", is_flag=True, help=_("Don't ask."))
@as_json
@click.pass_context
def remove(ctx: click.Context, name: str, is_yes: bool, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.queue import templates

    with opened(settings) as connection:
        question = _("Take template “{name}” out of use?")
        confirm(question.format(name=templates.get(connection, name).name), is_yes)
        removed = templates.remove(connection, name, now())
    if is_json:
        show.as_json(_row(removed))
    sentence = _("Template “{name}” is removed. `smsgw template show --version {last}` still shows it.")
    show.say(sentence.format(name=removed.name, last=removed.version - 1))


def _given(text: str | None, file: Path | None, old: str) -> str:
    """The text that was given, or written in the editor. Raises UsageProblem."""
    if text is not None and file is not None:
        raise UsageProblem(_("Give the text or --file, not both."))
    if file is not None or text == STANDARD_INPUT:
        return read_text(file or Path(STANDARD_INPUT))
    if text is not None:
        return text
    if not sys.stdin.isatty():
        raise UsageProblem(_("Give the text, or --file with a file that holds it."))
    written = click.edit(old)
    if written is None:
        raise GatewayError(_("Nothing was saved: the text was not changed."))
    return written.rstrip("\n")


def _check(body: str, settings: Settings) -> None:
    """Raises UsageProblem for a text that no list could fill."""
    if not body.strip():
        raise UsageProblem(_("The template is empty."))
    _made_up(settings, body)


def _made_up(settings: Settings, body: str) -> list[str]:
    from gateway.merge.sampling import samples

    return samples(body, _tomorrow(settings), settings.gateway.country)


def _tomorrow(settings: Settings) -> datetime:
    at = now().astimezone(ZoneInfo(settings.gateway.timezone)) + timedelta(days=1)
    return at.replace(tzinfo=None, **SAMPLE_CLOCK)


def _samples(
    settings: Settings, body: str, is_sampled: bool, file: Path | None, category: str | None
) -> list[dict[str, Any]]:
    """The texts as they would go out, each with its SMS; with its row, when a list gave the values."""
    from gateway.merge.finishing import Finish
    from gateway.sms.segmentation import count

    finish = Finish(endings(settings, category))
    if file is not None:
        return _from_list(settings, body, file, finish)
    texts = [finish.of(text) for text in _made_up(settings, body)] if is_sampled else []
    return [{"row": None, "text": text, "segments": count(text)} for text in texts]


def _from_list(settings: Settings, body: str, file: Path, finish: Any) -> list[dict[str, Any]]:
    from gateway.merge.preparing import Source, prepare

    source = Source(file, settings.gateway.country, short_codes=settings.gateway.short_codes)
    plan = prepare(source, body, finish=finish).plan
    if not plan.messages:
        raise GatewayError(_("No row of the list can be sent: `smsgw import --dry-run` says why."))
    return [
        {"row": message.row, "text": message.body, "segments": message.segments}
        for message in plan.messages[:FIRST_TEXTS]
    ]


def _placeholders(body: str) -> list[str]:
    from gateway.merge.sampling import columns_for

    return [column.name for column in columns_for(body)]


def _row(saved: Saved) -> dict[str, Any]:
    return {"name": saved.name, "version": saved.version, "created_at": saved.created_at, "body": saved.body}


def _tell_saved(saved: Saved, is_json: bool) -> None:
    if is_json:
        show.as_json(_row(saved))
    sentence = _("Template “{name}” is saved, version {version}. `smsgw template show --sample` fills it in.")
    show.say(sentence.format(name=saved.name, version=saved.version))


def _print(saved: Saved, versions: list[Saved], samples: list[dict[str, Any]], settings: Settings) -> None:
    from gateway.merge.advice import of_text
    from gateway.merge.cells import printable

    click.echo(printable(saved.body or ""))
    show.say("")
    show.facts([(_("columns"), ", ".join(_placeholders(saved.body or ""))), *_history(versions, settings)])
    for sample in samples:
        row, text, segments = sample["row"], sample["text"], sample["segments"]
        head = _("With made-up values, {segments} SMS:") if row is None else _("Row {row}, {segments} SMS:")
        click.echo("\n" + head.format(row=row, segments=segments))
        click.echo("\n".join(f"    {line}" for line in printable(text).splitlines()))
        if hint := of_text(text, segments):
            click.echo(f"    {hint}")


def _history(versions: list[Saved], settings: Settings) -> list[tuple[str, str]]:
    lines = []
    for each in versions:
        at = show.read_at(each.created_at, settings)
        done = _("saved {at}") if each.body is not None else _("removed {at}")
        lines.append((_("version {number}").format(number=each.version), done.format(at=at)))
    return lines
