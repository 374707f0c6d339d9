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
    """The ports of this machine that this user may not open, and those without a device file to open."""
    from gateway.modem import pool

    found = pool.find_ports() if patterns is None else pool.find_ports(patterns)
    return (_closed(Path(port)) for port in found if not os.access(port, os.R_OK | os.W_OK))


def is_usable(pattern: str | None) -> bool:
    """Whether it is worth while to open it; a modem without a port is looked for on all of them."""
    return pattern is None or any(os.access(place, os.R_OK | os.W_OK) for place in glob.glob(pattern))


def _port(name: str, pattern: str) -> Finding:
    places = [Path(place) for place in sorted(glob.glob(pattern)) if os.path.exists(place)]
    if not places:
        return _absent(name, pattern)
    for place in places:
        if not os.access(place, os.R_OK | os.W_OK):
            return _permission_denied(place)
    return _held(name, places[0]) or Finding(
        "port", True, _("{name}: {port} is there.").format(name=name, port=pattern)
    )


def _absent(name: str, pattern: str) -> Finding:
    from gateway.modem import pool

    if pattern in pool.find_ports():
        return _without_file(Path(pattern))
    remedy = _("Is the modem plugged in and powered? `ls -l /dev/serial/by-path` shows the ports that there are.")
    return Finding("port", False, _("{name}: {port} does not exist.").format(name=name, port=pattern), remedy)


def _held(name: str, port: Path) -> Finding | None:
    """Another program has it; only looked at while no daemon of ours runs."""
    from gateway.modem import holders

    found = holders.who_keeps(str(port))
    if not found:
        return None
    finding = _("{name}: {port} is taken by {holder}.").format(name=name, port=port, holder=found[0])
    return Finding("port", False, finding, _("End that program, or keep it away from this port."))


def _closed(port: Path) -> Finding:
    return _permission_denied(port) if port.exists() else _without_file(port)


def _without_file(port: Path) -> Finding:
    """/sys tells what the kernel has, /dev what udev, or whoever set up the container, has made of it."""
    finding = _("The kernel has a port for which {port} is missing.").format(port=port)
    remedy = _(
        "udev makes it: `systemctl status systemd-udevd`, then `sudo udevadm trigger`. A container has only the devices"
        " that it was given: `--device {port}`."
    )
    return Finding("port", False, finding, remedy.format(port=port))


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
