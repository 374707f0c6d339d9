"""Do the configured ports exist, and may this user open them?"""

from __future__ import annotations

import glob
import grp
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.checks.finding import Finding
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings


def check(settings: Settings) -> Iterator[Finding]:
    """One finding per configured port; with no modem configured, one per port that is there and closed to this user."""
    for modem in settings.modems:
        if modem.port is not None:
            yield _port(modem.name, modem.port)
    if not settings.modems:
        yield from closed()


def closed(patterns: Iterable[str] | None = None) -> Iterator[Finding]:
    """The ports of this machine that this user may not open."""
    from gateway.modem import pool

    found = pool.find_ports() if patterns is None else pool.find_ports(patterns)
    return (_permission_denied(Path(port)) for port in found if not os.access(port, os.R_OK | os.W_OK))


def is_usable(pattern: str | None) -> bool:
    """Whether it is worth while to open it; a modem without a port is looked for on all of them."""
    return pattern is None or any(os.access(place, os.R_OK | os.W_OK) for place in glob.glob(pattern))


def _port(name: str, pattern: str) -> Finding:
    places = [Path(place) for place in sorted(glob.glob(pattern))] or [Path(pattern)]
    if not places[0].exists():
        remedy = _("Is the modem plugged in and powered? `ls -l /dev/serial/by-path` shows the ports that there are.")
        return Finding("port", False, _("{name}: {port} does not exist.").format(name=name, port=pattern), remedy)
    for place in places:
        if not os.access(place, os.R_OK | os.W_OK):
            return _permission_denied(place)
    return _held(name, places[0]) or Finding(
        "port", True, _("{name}: {port} is there.").format(name=name, port=pattern)
    )


def _held(name: str, port: Path) -> Finding | None:
    """Another program has it; only looked at while no daemon of ours runs."""
    from gateway.modem import holders

    found = holders.who_keeps(str(port))
    if not found:
        return None
    finding = _("{name}: {port} is taken by {holder}.").format(name=name, port=port, holder=found[0])
    return Finding("port", False, finding, _("End that program, or keep it away from this port."))


def _permission_denied(port: Path) -> Finding:
    remedy = _("sudo usermod -aG {group} {user}, then log in again.")
    who = {"group": _group(port), "user": os.environ.get("USER", "USER")}
    return Finding("permissions", False, _("{port}: Permission denied.").format(port=port), remedy.format(**who))


def _group(port: Path) -> str:
    """The group that serial ports belong to; `dialout` on Debian when the port's own is nobody's."""
    try:
        name = grp.getgrgid(port.stat().st_gid).gr_name
    except (KeyError, OSError):
        return "dialout"
    return "dialout" if name == "root" else name
