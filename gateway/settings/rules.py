"""[pure] The configuration as the queue wants it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from gateway.plan.limits import Plan
from gateway.queue import rules
from gateway.queue.rules import IntakeRules
from gateway.settings.models import CategorySettings, SafetySettings, Settings


def intake_rules(settings: Settings) -> IntakeRules:
    """By what the queue examines messages, and how long it waits."""
    gateway = settings.gateway
    return IntakeRules(
        country=gateway.country,
        timezone=gateway.timezone,
        short_codes=frozenset(gateway.short_codes),
        carriers=frozenset([*(modem.name for modem in settings.modems), *(bind.name for bind in settings.smpp)]),
        are_carriers_known=bool(settings.modems) and not gateway.take_up_new,
        categories={name: _category(name, table) for name, table in settings.categories.items()},
        uncertain_wait_s=gateway.uncertain_wait,
        incomplete_after_s=gateway.incomplete_after,
        sticky_wait_s=gateway.sticky_wait,
        prefixes={modem.name: modem.prefixes for modem in settings.modems if modem.prefixes},
        longest=_longest(settings),
        safety=_safety(settings.safety, chain.from_iterable(each.sms for each in settings.notify)),
    )


def _longest(settings: Settings) -> dict[str, int]:
    """Of modems that are still to be found nobody knows a limit."""
    plans = {modem.name: Plan.of(modem).longest for modem in settings.modems if not settings.gateway.take_up_new}
    return {name: most for name, most in plans.items() if most is not None}


def _safety(table: SafetySettings, staff: Iterable[str]) -> rules.SafetyRules:
    """The limits protect patients: those who are told of alarms must hear of every one."""
    return rules.SafetyRules(
        same_text_limit=table.same_text_limit,
        same_text_window_s=table.same_text_window,
        daily_limit=table.daily_limit,
        exempt=frozenset([*table.exempt, *staff]),
        outage_s=table.outage,
        backlog_limit=table.backlog_limit,
    )


def _category(name: str, table: CategorySettings) -> rules.Category:
    default = rules.CATEGORIES[name]
    return rules.Category(
        priority=default.priority if table.priority is None else table.priority,
        expires_after_s=table.expires or default.expires_after_s,
        when_uncertain=rules.WhenUncertain(table.when_uncertain or default.when_uncertain),
        in_backlog=rules.InBacklog(table.in_backlog or default.in_backlog),
    )
