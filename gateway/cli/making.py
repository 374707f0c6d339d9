"""What `smsgw init` makes, for a person or for a service: the configuration and the database. Overwrites nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gateway import system_words
from gateway.cli.context import now
from gateway.cli.show import say
from gateway.errors import GatewayError
from gateway.i18n import _

PRIVATE = 0o640  # of a configuration: it may come to hold PINs


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
        raise GatewayError(sentence.format(path=path, reason=system_words.reason(problem))) from problem


def _found() -> list[dict[str, Any]]:
    from gateway.cli import found

    say(_("Looking for modems …"))
    return found.modems()


def _say_found(modems: list[dict[str, Any]]) -> None:
    if not modems:
        say(_("No modem was found. Plug one in: without a [[modem]] table the daemon looks until it finds one."))
        say(_("Or a contract with an operator: fill in [[smpp]] in the file; `smsgw doctor` tries it."))
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
        raise GatewayError(sentence.format(path=path.parent, reason=system_words.reason(problem))) from problem
    if is_older(path):
        refuse_while_running(path)
    done = create_or_upgrade(path, now())
    if done.copy is not None:
        say(_("The old one is kept as {path}.").format(path=done.copy.path))
    sentence = _("The database {path} is created.") if done.is_new else _("The database {path} is there.")
    say(sentence.format(path=path))
    if done.is_change and not done.is_new:
        upgraded = _("The database is upgraded from schema {before} to {after}.")
        say(upgraded.format(before=done.from_version, after=done.to_version))
