"""[pure] The configuration as the queue wants it."""

from __future__ import annotations

from dataclasses import replace

from gateway.queue import rules
from gateway.queue.rules import IntakeRules
from gateway.settings.models import CategorySettings, Settings


def intake_rules(settings: Settings) -> IntakeRules:
    """By what the queue examines messages, and how long it waits."""
    gateway = settings.gateway
    return IntakeRules(
        country=gateway.country,
        timezone=gateway.timezone,
        short_codes=frozenset(gateway.short_codes),
        carriers=frozenset(modem.name for modem in settings.modems),
        are_carriers_known=bool(settings.modems),
        categories={name: _category(name, table) for name, table in settings.categories.items()},
        uncertain_wait_s=gateway.uncertain_wait,
        incomplete_after_s=gateway.incomplete_after,
    )


def _category(name: str, table: CategorySettings) -> rules.Category:
    default = rules.CATEGORIES[name]
    priority = default.priority if table.priority is None else table.priority
    return replace(default, priority=priority, expires_after_s=table.expires or default.expires_after_s)
