"""Does ModemManager run? It takes hold of every modem that it sees, in the middle of our conversation with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.cli.checks.finding import Finding
from gateway.i18n import _
from gateway.modem.holders import modem_manager

PROCESSES = Path("/proc")
RULES = (Path("/etc/udev/rules.d"), Path("/usr/lib/udev/rules.d"), Path("/run/udev/rules.d"))
OURS = "*smsgw*.rules"
MARKS = ("ID_MM_DEVICE_IGNORE", "ID_MM_PORT_IGNORE")  # what tells ModemManager to leave a device alone


def check(processes: Path = PROCESSES, rules: tuple[Path, ...] = RULES, lines: Iterable[str] = ()) -> Iterator[Finding]:
    """A finding only where ModemManager runs; `lines`: the udev rules that keep it off this machine's modems."""
    if modem_manager(processes) is None:
        return
    if is_told_off(rules):
        yield Finding("ModemManager", True, _("ModemManager runs, and a udev rule keeps it off the modems."))
        return
    yield Finding("ModemManager", False, _("ModemManager runs and may take the modems' ports."), _remedy(list(lines)))


def _remedy(lines: list[str]) -> str:
    """The rule itself, for the modems that are plugged in."""
    if not lines:
        return _("Nobody else needs it: sudo systemctl disable --now ModemManager. Else: sudo smsgw init --system")
    words = _(
        "Nobody else needs it: sudo systemctl disable --now ModemManager. Else: sudo smsgw init --system, or write into"
        " /etc/udev/rules.d/70-smsgw.rules: {rules}  Then: sudo udevadm control --reload && sudo udevadm trigger"
    )
    return words.format(rules="  ".join(lines))


def is_told_off(folders: tuple[Path, ...]) -> bool:
    """Whether a rule of ours, or an administrator's, marks devices to be ignored."""
    own = [path for path in folders[:1] for path in path.glob("*.rules")]
    ours = [path for folder in folders[1:] for path in folder.glob(OURS)]
    return any(mark in path.read_text("utf-8", "replace") for path in own + ours for mark in MARKS)
