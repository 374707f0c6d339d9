"""Does the daemon run, or did it end without being asked to?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.cli.alive import Daemon
from gateway.cli.checks.finding import Finding
from gateway.cli.show import local
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

CHECK = "daemon"
START = _("Start it: smsgw run")


def check(daemon: Daemon, is_locked: bool, settings: Settings) -> Finding:
    """By its heartbeat, its lock, and whether it said good-bye."""
    if daemon.is_running:
        return Finding(CHECK, True, _("It runs as process {pid}.").format(pid=daemon.pid))
    if is_locked and daemon.heartbeat_at is not None:
        finding = _("Process {pid} holds the database but gave no sign since {at}.")
        remedy = _("Restart it; if it hangs again, keep its log.")
        return Finding(CHECK, False, finding.format(pid=daemon.pid, at=local(daemon.heartbeat_at, settings)), remedy)
    if daemon.heartbeat_at is None:
        return Finding(CHECK, True, _("It has not been started yet."), START)
    if daemon.is_stopped:
        return Finding(CHECK, True, _("It was stopped at {at}.").format(at=local(daemon.stopped_at, settings)), START)
    return Finding(
        CHECK, False, _("It ended unasked after {at}.").format(at=local(daemon.heartbeat_at, settings)), START
    )
