"""Do the configured ports exist, and may this user open them?"""

from __future__ import annotations

import glob
import grp
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.checks.finding import Finding
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings


def check(settings: Settings) -> Iterator[Finding]:
    """One finding per configured port."""
    for modem in settings.modems:
        if modem.port is not None:
            yield _port(modem.name, modem.port)


def is_usable(pattern: str | None) -> bool:
    """Whether it is worth while to open it; a modem without a port is looked for on all of them."""
    return pattern is None or any(os.access(place, os.R_OK | os.W_OK) for place in glob.glob(pattern))


def _port(name: str, pattern: str) -> Finding:
    places = [Path(place) for place in sorted(glob.glob(pattern))] or [Path(pattern)]
    if not places[0].exists():
        remedy = _("Is the modem plugged in and powered? `ls -l /dev/serial/by-path` shows the ports that there are.")
        return Finding("port", False, _("{name}: {port} does not exist.").format(name=name, port=pattern), remedy)
    closed = next((place for place in places if not os.access(place, os.R_OK | os.W_OK)), None)
    if closed is not None:
        finding = _("{name}: {port}: Permission denied.").format(name=name, port=closed)
        return Finding("permissions", False, finding, how_to_open(closed))
    return Finding("port", True, _("{name}: {port} is there.").format(name=name, port=pattern))


def how_to_open(port: Path) -> str:
    """What gives this user access to the port."""
    remedy = _("sudo usermod -aG {group} {user}, then log in again.")
    return remedy.format(group=_group(port), user=os.environ.get("USER", "USER"))


def _group(port: Path) -> str:
    """The group that serial ports belong to; `dialout` on Debian when the port's own is nobody's."""
    try:
        name = grp.getgrgid(port.stat().st_gid).gr_name
    except (KeyError, OSError):
        return "dialout"
    return "dialout" if name == "root" else name
