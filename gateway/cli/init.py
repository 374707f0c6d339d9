"""`smsgw init`: a commented configuration with the modems that were found, and the database. Overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli import making
from gateway.cli.context import invocation
from gateway.cli.show import examples, say
from gateway.errors import UsageProblem
from gateway.i18n import _

NEW = Path("config/gateway.toml")  # where a configuration is made when none is named


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
        making.write_configuration(path, is_searching=not no_search)
    making.create_database(settings.load(path).gateway.database)
    _say_what_next(path)


def _place(given: Path | None) -> Path:
    """The configuration in use, else where a new one goes."""
    from gateway import settings

    try:
        return settings.find(given)
    except UsageProblem:
        return NEW


def _say_what_next(path: Path) -> None:
    option = "" if path == NEW else f"--config {path} "
    for line in (
        _("Next:"),
        _("  smsgw {option}doctor   checks everything and says what to do"),
        _("  smsgw {option}run      sends and receives, until Ctrl-C"),
        _("  smsgw {option}send NUMBER TEXT --wait"),
    ):
        say(line.format(option=option))
