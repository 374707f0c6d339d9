"""Is there a configuration, is it right, and can strangers read its secrets?"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.checks.finding import Finding
from gateway.errors import UsageProblem
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

CHECK = "configuration"
REMEDIES: Mapping[type, str] = {
    FileNotFoundError: _("Make one: smsgw init"),
    PermissionError: _("Give this user the right to read it."),
}


def load(given: Path | None) -> tuple[Settings | None, list[Finding]]:
    """The settings, and a finding for each mistake; no settings when there is one."""
    from gateway import settings

    path = None
    try:
        path = settings.find(given)
        loaded = settings.load(path)
    except UsageProblem as problem:
        cause = FileNotFoundError if path is None else type(problem.__cause__)
        remedy = REMEDIES.get(cause, _("Correct the file."))
        return None, [Finding(CHECK, False, line, remedy) for line in str(problem).splitlines()]
    return loaded, [Finding(CHECK, True, _("{path} is right.").format(path=loaded.path)), *secrets(loaded)]


def secrets(settings: Settings) -> Iterator[Finding]:
    """Files with a PIN or password that every user of the machine can read."""
    if any(modem.pin for modem in settings.modems):
        yield from _if_open(settings.path)
    for bind in settings.smpp:
        if bind.password_file is not None:
            yield from _if_open(bind.password_file)


def _if_open(path: Path) -> Iterator[Finding]:
    try:
        is_open = bool(path.stat().st_mode & stat.S_IROTH)
    except OSError as problem:
        yield Finding("secrets", False, f"{path}: {problem.strerror}", _("Create the file, or correct its name."))
        return
    if is_open:
        sentence = _("Every user of this machine can read {path}, which holds a PIN or password.")
        yield Finding("secrets", False, sentence.format(path=path), f"chmod o-r {path}")
