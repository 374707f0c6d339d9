"""Numbers that asked for no more messages are left out of an import of a category that people may refuse."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gateway.i18n import _
from gateway.queue.rules import category_name

if TYPE_CHECKING:
    from gateway.cli.import_proposal import Proposal
    from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is known of such a number."""

    code: str = "opted_out"
    reason: str = _("This number asked for no more messages of this kind.")


def told(
    connection: sqlite3.Connection | None, proposal: Proposal, settings: Settings, given: dict[str, Any]
) -> Proposal:
    """The proposal without their messages; the daemon would reject them."""
    from gateway.queue import opt_outs
    from gateway.settings.rules import intake_rules

    if connection is None or category_name(given["category"]) not in opt_outs.heeding(intake_rules(settings)):
        return proposal
    out = opt_outs.among(connection, {message.msisdn for message, _key in proposal.messages})
    if not out:
        return proposal
    from gateway.merge import leaving_out

    refusal, prepared = Refusal(), proposal.prepared
    findings = {msisdn: [refusal] for msisdn in out}
    plan = leaving_out.told(prepared.plan, prepared.layout.phone.name, findings, [refusal.code], proposal.known)
    messages = tuple(each for each in proposal.messages if each[0].msisdn not in out)
    return replace(proposal, prepared=replace(prepared, plan=plan), messages=messages)
