"""May the service's own user do what the daemon has to? Asked when root asks, who may do everything himself."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.checks.finding import Finding
from gateway.cli.system import USER
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

CHECK = "permissions"
READ, WRITE, ENTER = 4, 2, 1


@dataclass(frozen=True, slots=True)
class Person:
    """A user of this machine with all his groups."""

    name: str
    uid: int
    gids: Collection[int]


def check(settings: Settings) -> Iterator[Finding]:
    """Nothing when another one than root asks, or on a machine without that user."""
    if os.geteuid() != 0:
        return
    try:
        found = pwd.getpwnam(USER)
    except KeyError:
        return
    person = Person(USER, found.pw_uid, os.getgrouplist(USER, found.pw_gid))
    yield from lacking(person, settings)


def lacking(person: Person, settings: Settings) -> Iterator[Finding]:
    """Files of the gateway that this user may not use."""
    database = settings.gateway.database
    beside = [database.with_name(database.name + end) for end in ("", "-wal", "-shm", ".lock")]
    yield from _missing(person, [database.parent], READ | WRITE | ENTER)
    yield from _missing(person, beside, READ | WRITE)
    yield from _missing(person, [settings.path.absolute(), *_files_of_binds(settings)], READ)


def _files_of_binds(settings: Settings) -> Iterator[Path]:
    for bind in settings.smpp:
        yield from (path for path in (bind.password_file, bind.ca_file) if path is not None)


def may(person: Person, path: Path, wanted: int) -> bool:
    """By owner, group and others, the first that fits, as the kernel does it."""
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    shift = 6 if found.st_uid == person.uid else 3 if found.st_gid in person.gids else 0
    return mode >> shift & wanted == wanted


def _missing(person: Person, paths: Iterable[Path], wanted: int) -> Iterator[Finding]:
    for path in paths:
        if path.exists() and not may(person, path, wanted):
            sentence = _("The service's user {user} may not use {path}.").format(user=person.name, path=path)
            yield Finding(
                CHECK, False, sentence, f"sudo chown {_owner(wanted)} {path}; sudo chmod {_mode(wanted)} {path}"
            )


def _owner(wanted: int) -> str:
    return f"root:{USER}" if wanted == READ else f"{USER}:{USER}"


def _mode(wanted: int) -> str:
    return {READ: "640", READ | WRITE: "660"}.get(wanted, "2770")
