"""The service as systemd sees it: does it start with the machine, did it fail, was it started again and again?"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.cli.checks.finding import Finding
from gateway.i18n import _, ngettext

CHECK = "service"
BOOTED = Path("/run/systemd/system")  # sd_booted(3)
FACTS = ("LoadState", "ActiveState", "Result", "NRestarts", "UnitFileState", "NeedDaemonReload")
ASK = ("systemctl", "show", "smsgw.service", f"--property={','.join(FACTS)}")
ASK_S = 10.0
LOG = _("See why: journalctl -u smsgw -p warning -e")
RESULTS = {  # systemd.service(5), $SERVICE_RESULT
    "watchdog": _("It hung and was ended; its log says which part of it hung."),
    "oom-kill": _("It was ended for want of memory."),
    "timeout": _("It took too long to start or to stop."),
    "core-dump": _("It crashed."),
    "exit-code": _("It ended with an error: perhaps a mistake in the configuration."),
}


def check() -> Iterator[Finding]:
    """Nothing on a machine without systemd."""
    if BOOTED.is_dir():
        yield from judged(_asked())


def judged(facts: Mapping[str, str]) -> Iterator[Finding]:
    """What follows from the unit's properties."""
    if facts.get("LoadState") != "loaded":
        yield Finding(CHECK, True, _("It is not installed as a service."), _("To have it: sudo smsgw init --system"))
        return
    if facts.get("ActiveState") == "failed":
        why = RESULTS.get(facts.get("Result", ""), _("The service has failed."))
        yield Finding(CHECK, False, why, LOG)
    if facts.get("UnitFileState") == "disabled":
        finding = _("The service does not start with the machine.")
        yield Finding(CHECK, False, finding, "sudo systemctl enable smsgw")
    if facts.get("NeedDaemonReload") == "yes":
        yield Finding(CHECK, False, _("Its unit was changed and not read anew."), "sudo systemctl daemon-reload")
    yield _restarts(facts.get("NRestarts", "0"))


def _restarts(count: str) -> Finding:
    if count == "0" or not count.isdigit():
        return Finding(CHECK, True, _("systemd had no reason to start it again."))
    sentence = ngettext(
        "systemd had to start it again once.", "systemd had to start it again {count} times.", int(count)
    )
    return Finding(CHECK, False, sentence.format(count=count), LOG)


def _asked() -> dict[str, str]:
    try:
        told = subprocess.run(ASK, capture_output=True, text=True, timeout=ASK_S, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
