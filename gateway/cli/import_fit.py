"""Rows whose message no carrier may or can take, as the configuration is: said in the preview, before it is queued."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.cli.import_proposal import Proposal
    from gateway.merge.plan import Planned
    from gateway.queue.examining import Unfit
    from gateway.queue.rules import IntakeRules
    from gateway.settings import Settings


def told(proposal: Proposal, settings: Settings, given: dict[str, Any]) -> Proposal:
    """The proposal with a warning for each such row: once queued it would be rejected."""
    from gateway.merge.plan import Problem
    from gateway.settings.rules import intake_rules

    rules = intake_rules(settings)
    if not (rules.has_ways or rules.lacking):
        return proposal
    found = [(message.row, _why_not(message, rules, given)) for message, _key in proposal.messages]
    doubtful = [Problem(row, None, why.code, why.text) for row, why in found if why is not None]
    plan = proposal.prepared.plan
    plan = replace(plan, warnings=(*plan.warnings, *doubtful))
    return replace(proposal, prepared=replace(proposal.prepared, plan=plan))


def _why_not(message: Planned, rules: IntakeRules, given: dict[str, Any]) -> Unfit | None:
    from gateway.queue.examining import Unfit, check_way

    try:
        check_way(message.msisdn, message.body, message.segments, given["category"], given["sender"], rules)
    except Unfit as reason:
        return reason
    return None
