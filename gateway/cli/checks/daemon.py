"""Does the daemon run, or did it end without being asked to?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateway.cli import starting
from gateway.cli.alive import Condition, Daemon
from gateway.cli.checks.finding import Finding
from gateway.cli.show import local
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

CHECK = "daemon"
START = _("Start it: {command}")
HANGS = (
    False,
    _("Process {pid} runs, and a part of it does not move since {at}: {names}."),
    _("Restart it: `systemctl restart smsgw`, or end `smsgw run` (Ctrl-C twice if need be) and start it again."),
)

FOUND: Mapping[Condition, tuple[bool, str, str]] = {  # is it well, what is seen, what to do
    Condition.NEVER: (True, _("It has not been started yet."), START),
    Condition.STARTING: (True, _("It is starting."), ""),
    Condition.RUNNING: (True, _("It runs as process {pid}."), ""),
    Condition.SILENT: (
        False,
        _("Process {pid} holds the database but gave no sign since {at}."),
        _("Is the disk full, or does another program keep the database locked? Its log says it. Else restart it."),
    ),
    Condition.STOPPED: (True, _("It was stopped at {at}."), START),
    Condition.KILLED: (False, _("It ended unasked after {at}."), START),
}


def check(daemon: Daemon, settings: Settings) -> Finding:
    """By its heartbeat, its lock, and whether it said good-bye."""
    is_well, finding, remedy = HANGS if daemon.hung else FOUND[daemon.condition]
    at = local(daemon.hung_at or daemon.stopped_at or daemon.heartbeat_at, settings)
    names = ", ".join(daemon.hung)
    remedy = remedy.format(command=starting.command(settings))
    return Finding(CHECK, is_well, finding.format(pid=daemon.pid, at=at, names=names), remedy)
