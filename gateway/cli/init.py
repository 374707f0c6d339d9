"""`smsgw init`: a commented configuration with the modems that were found, and the database. Overwrites nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from gateway.cli.context import invocation, now
from gateway.cli.show import examples, say
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _

NEW = Path("config/gateway.toml")  # where a configuration is made when none is named
PRIVATE = 0o640  # it may come to hold PINs


@click.command(
    help=_(
        "Write a commented configuration with the modems found, and create the database. Overwrites nothing."
        " With --system make a service of it: user, folders, unit, udev rule; without root's rights say how."
    ),
    epilog=examples(
        "smsgw init", "smsgw init --no-search", "sudo smsgw init --system", "smsgw init --system --dry-run"
    ),
)
@click.option("--no-search", is_flag=True, help=_("Don't look for modems."))
@click.option("--system", "is_system", is_flag=True, help=_("Set up a service of this machine."))
@click.option("--dry-run", is_flag=True, help=_("With --system: only say what would be done."))
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("/"),
    metavar="DIR",
    help=_("With --system: a folder that stands for the machine, such as a mounted image."),
)
@click.pass_context
def init(ctx: click.Context, no_search: bool, is_system: bool, dry_run: bool, root: Path) -> None:
    if is_system:
        from gateway.cli.init_system import set_up

        set_up(root.absolute(), is_dry=dry_run, is_searching=not no_search)
        return
    if dry_run or root != Path("/"):
        raise UsageProblem(_("--dry-run and --root go with --system."))
    _here(_place(invocation(ctx).config), no_search)


def _here(path: Path, no_search: bool) -> None:
    from gateway import settings

    if path.exists():
        say(_("The configuration {path} is there and stays as it is.").format(path=path))
    else:
        write_configuration(path, is_searching=not no_search)
    create_database(settings.load(path).gateway.database)
    _say_what_next(path)


def _place(given: Path | None) -> Path:
    """The configuration in use, else where a new one goes."""
    from gateway import settings

    try:
        return settings.find(given)
    except UsageProblem:
        return NEW


def write_configuration(path: Path, *, is_searching: bool, database: str = "gateway.db") -> None:
    """A new one, with this machine's place and modems."""
    from gateway.cli.place import guessed
    from gateway.settings import example

    here = guessed()
    say(_("Time zone {timezone}, country {country}: change them in the file if they are wrong.").format(**here))
    modems = _found() if is_searching else []
    _write_new(path, example.render({"database": database, **here}, modems))
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


def create_database(path: Path) -> None:
    """Or bring the one that is there to this version."""
    from gateway.cli.database import refuse_while_running
    from gateway.queue.upgrade import create_or_upgrade, is_older

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        sentence = _("The folder {path} cannot be made: {reason}.")
        raise GatewayError(sentence.format(path=path.parent, reason=problem.strerror)) from problem
    if is_older(path):
        refuse_while_running(path)
    done = create_or_upgrade(path, now())
    if done.copy is not None:
        say(_("The old one is kept as {path}.").format(path=done.copy.path))
    sentence = _("The database {path} is created.") if done.is_new else _("The database {path} is there.")
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
