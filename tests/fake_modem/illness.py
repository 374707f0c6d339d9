"""[pure] A device that hangs until the right remedy: what it still does meanwhile, and what cures it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What happened to the device -> which illnesses end by it. A stronger remedy mends what a milder one does.
_BY_RESET = frozenset({"radio", "reopen", "reset"})
CURES: dict[str, frozenset[str]] = {
    "radio": frozenset({"radio"}),  # AT+CFUN=0 or 4, then AT+CFUN=1
    "reopen": frozenset({"reopen"}),  # whoever has the port open lets go of it and opens it
    "reset": _BY_RESET,  # AT+CFUN=1,1
    "replug": _BY_RESET | {"replug"},  # its USB connection off and on: `authorized`
    "power": _BY_RESET | {"replug", "power"},  # its USB port's power off and on: `disable`, or a hand
}
STILL_OBEYED = {"radio": re.compile(r"AT\+CFUN=", re.I), "reset": re.compile(r"AT\+CFUN=1,1$", re.I)}


@dataclass(frozen=True, slots=True)
class Illness:
    """`until` is one of CURES. A silent one answers nothing but the command that cures it; else only submits fail."""

    until: str
    is_silent: bool = True
    code: str = "CMS 500"

    def __post_init__(self) -> None:
        if self.until not in CURES:
            raise ValueError(f"no remedy {self.until!r}; there are {', '.join(CURES)}")

    def swallows(self, command: str) -> bool:
        obeyed = STILL_OBEYED.get(self.until)
        return self.is_silent and not (obeyed and obeyed.match(command))

    def ends_by(self, remedy: str) -> bool:
        return self.until in CURES[remedy]
