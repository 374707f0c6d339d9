"""Whether this machine's clock is kept right by a time server, as systemd knows it of the kernel.

A clock that somebody has set by hand, or that has run on alone since the machine was started, is not.
"""

from __future__ import annotations

import subprocess

ASK = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
ASK_LIMIT_S = 3.0
ANSWERS = {"yes": True, "no": False}


def is_followed() -> bool | None:
    """None: nobody can say, as where there is no systemd."""
    try:
        answer = subprocess.run(ASK, capture_output=True, text=True, timeout=ASK_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ANSWERS.get(answer.stdout.strip())
