"""[pure] What alarms say of modems, and what of binds: the same trouble has other remedies."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.i18n import _
from gateway.life import Life

OF_A_MODEM: Mapping[str, str] = {  # what a person does about these
    Life.FAILED: _("Do what it says; else unplug it, plug it in again, then `smsgw modems resume {name}`."),
    Life.BLOCKED: _("Ask the operator about this SIM; `smsgw modems resume {name}` tries it again."),
    Life.NEEDS_PIN: _("That done: `smsgw modems resume {name}`; after a new `pin`: `systemctl reload smsgw`."),
}
OF_A_BIND: Mapping[str, str] = {
    Life.FAILED: _("Do what it says; when the operator says that all is well: `smsgw modems resume {name}`."),
    Life.BLOCKED: _("Ask the operator about credit, contract and sender; then `smsgw modems resume {name}`."),
}
FILTERED = _("The operator may filter this SIM: `smsgw outbox list --state undelivered`.")
FILTERED_OVER_BIND = _("Ask the operator about it, with some ids and codes: `smsgw outbox list --state undelivered`.")
# When nothing can send: what is said when nothing waits, when messages wait, and what to do.
NO_MODEM = (
    _("No modem can send since {since}."),
    _("No modem can send since {since}, and messages wait."),
    _("`smsgw modems` says what each one lacks, `smsgw doctor` what to do."),
)
NO_WAY_OUT = (
    _("Nothing can be sent since {since}."),
    _("Nothing can be sent since {since}, and messages wait."),
    _("`smsgw status` says what each modem and bind lacks, `smsgw doctor` what to do."),
)
