"""The order of `smsgw init --system`: the system's own steps, then configuration and database, then what comes next."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.cli import making, system
from gateway.cli.show import say
from gateway.cli.starting import CONFIGURATION
from gateway.cli.system import HOME, USER, System
from gateway.errors import GatewayError
from gateway.i18n import _

UMASK = 0o007  # as the unit's: for the gateway's user and group only


def set_up(root: Path, *, is_dry: bool, is_searching: bool) -> None:
    """Make a service of this installation; raises GatewayError when that can't be, or root's rights are missing."""
    program = system.command()
    machine = System(root, program, _database(root))
    if machine.is_real:
        system.refuse_hidden(program)
    if is_dry or (machine.is_real and os.geteuid() != 0):
        _say_what_to_do(machine, is_dry)
        return
    for step in system.steps(machine):
        system.take(step)
    before = os.umask(UMASK)
    try:
        _fill(machine, is_searching=is_searching)
    finally:
        os.umask(before)
    for line in system.afterwards(machine):
        system.run(line)
    _say_what_next(machine)


def _database(root: Path) -> Path:
    """The one that the configuration names, if there is a configuration."""
    from gateway import settings

    path = root / CONFIGURATION.relative_to("/")
    return settings.load(path).gateway.database if path.exists() else HOME / "gateway.db"


def _fill(machine: System, *, is_searching: bool) -> None:
    path = machine.at(CONFIGURATION)
    if path.exists():
        say(_("The configuration {path} is there and stays as it is.").format(path=path))
    else:
        making.write_configuration(path, is_searching=is_searching, database=str(HOME / "gateway.db"))
        system.own(path, "root", USER)
        path.chmod(making.PRIVATE)
    database = machine.at(machine.database)
    is_new = not database.exists()
    making.create_database(database)
    if is_new:
        system.own(database, USER, USER)


def _say_what_to_do(machine: System, is_dry: bool) -> None:
    """Nothing is changed."""
    if not is_dry:
        say(_("This takes root's rights: sudo {program} init --system").format(program=machine.program))
        say(_("Or let root type this:"))
    for step in system.steps(machine):
        system.tell(step)
    say(f"(umask {UMASK:04o}; {machine.program} --config {machine.at(CONFIGURATION)} init)")
    for owner, path in ((f"root:{USER}", machine.at(CONFIGURATION)), (f"{USER}:{USER}", machine.at(machine.database))):
        say(f"chown {owner} {path}")
    for line in system.afterwards(machine):
        say(" ".join(line))
    if not is_dry:
        raise GatewayError(_("Nothing was changed."))


def _say_what_next(machine: System) -> None:
    for line in (
        _("Next:"),
        _("  sudo systemctl enable --now smsgw       starts it, now and whenever the machine starts"),
        _("  sudo {program} doctor   checks everything and says what to do"),
        _("  journalctl -u smsgw -f                  what it is doing"),
        _("  sudo usermod -aG {user} USER            for who writes to the database, such as your information system"),
    ):
        say(line.format(program=machine.program, user=USER))
