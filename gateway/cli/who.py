"""Who gives the command: for the record of what was decided about many messages at once."""

from __future__ import annotations

import os
import pwd

SUDO = "SUDO_USER"


def am_i() -> str:
    """The user's name; behind sudo that of the person, else the number of one without a name."""
    if os.geteuid() == 0 and (person := os.environ.get(SUDO, "")).isprintable() and person:
        return person
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
