"""`smsgw init`: a commented configuration with the modems that were found, and the database. Overwrites nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from gateway.cli.context import invocation
from gateway.cli.show import examples, say
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _

NEW = Path("config/gateway.toml")  # where a configuration is made when none is named
PRIVATE = 0o640  # it may come to hold PINs


@click.command(
    help=_("Write a commented configuration with the modems found, and create the database. Overwrites nothing."),
    epilog=examples("smsgw init", "smsgw --config /etc/smsgw/gateway.toml init", "smsgw init --no-search"),
)
@click.option("--no-search", is_flag=True, help=_("Don't look for modems."))
@click.pass_context
def init(ctx: click.Context, no_search: bool) -> None:
    from gateway import settings

    path = _place(invocation(ctx).config)
    if path.exists():
        say(_("The configuration {path} is there and stays as it is.").format(path=path))
    else:
        _write_configuration(path, is_searching=not no_search)
    _create_database(settings.load(path).gateway.database)
    _say_what_next(path)


def _place(given: Path | None) -> Path:
    """The configuration in use, else where a new one goes."""
    from gateway import settings

    try:
        return settings.find(given)
    except UsageProblem:
        return NEW


def _write_configuration(path: Path, *, is_searching: bool) -> None:
    from gateway.cli.place import guessed
    from gateway.settings import example

    here = guessed()
    say(_("Time zone {timezone}, country {country}: change them in the file if they are wrong.").format(**here))
    modems = _found() if is_searching else []
    _write_new(path, example.render({"database": "gateway.db", **here}, modems))
    say(_("The configuration {path} is written.").format(path=path))
    if is_searching:
        _say_found(modems)


def _write_new(path: Path, text: str) -> None:
    """Fails when the file came into being meanwhile."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        sentence = _("The configuration {path} cannot be written: {reason}.")
        raise GatewayError(sentence.format(path=path, reason=problem.strerror)) from problem


def _found() -> list[dict[str, Any]]:
    from gateway.cli import found

    say(_("Looking for modems …"))
    return found.modems()


def _say_found(modems: list[dict[str, Any]]) -> None:
    if not modems:
        say(_("No modem was found. Plug one in: without a [[modem]] table the daemon looks until it finds one."))
        _say_closed_ports()
    for modem in modems:
        say(_("Found {name} at {port}.").format(**modem))


def _say_closed_ports() -> None:
    from gateway.cli.checks import ports

    for finding in ports.closed():
        say(f"{finding.finding} {finding.remedy}")


def _create_database(path: Path) -> None:
    from gateway.queue.db import create_or_upgrade

    sentence = _("The database {path} is there.") if path.exists() else _("The database {path} is created.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        sentence = _("The folder {path} cannot be made: {reason}.")
        raise GatewayError(sentence.format(path=path.parent, reason=problem.strerror)) from problem
    create_or_upgrade(path)
    say(sentence.format(path=path))


def _say_what_next(path: Path) -> None:
    option = "" if path == NEW else f"--config {path} "
    for line in (
        _("Next:"),
        _("  smsgw {option}doctor   checks everything and says what to do"),
        _("  smsgw {option}run      sends and receives, until Ctrl-C"),
        _("  smsgw {option}send NUMBER TEXT --wait"),
    ):
        say(line.format(option=option))
