"""[pure] The configuration as the queue and the plans of the SIMs want it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from math import inf

from gateway.plan.limits import CAPS, Cap, Plan, Span, Unit, Window
from gateway.queue import rules
from gateway.queue.rules import IntakeRules
from gateway.routing import Route
from gateway.settings.models import (
    CategorySettings,
    ModemSettings,
    RouteSettings,
    SafetySettings,
    Settings,
    SmppSettings,
)
from gateway.sms.repertoire import NOTHING, lacking

# What the characters of the GSM alphabet are written in, where that lacks some; the keys are gsm7's words.
LACKING: Mapping[str, frozenset[str]] = {
    "unpacked": NOTHING,
    "packed": NOTHING,
    "latin1": lacking("latin-1"),
    "ascii": lacking("ascii"),
}


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
        routes=tuple(_route(route, _costs(settings)) for route in settings.routes),
        senders=_senders(settings.smpp),
        lacking={bind.name: lacks for bind in settings.smpp if (lacks := LACKING[bind.gsm7])},
        safety=_safety(settings.safety, chain.from_iterable(each.sms for each in settings.notify)),
    )


def modem_plan(modem: ModemSettings) -> Plan:
    """What its SIM may spend."""
    given = ((span, unit, getattr(modem, key)) for key, (span, unit) in CAPS.items())
    return Plan(
        caps=tuple(Cap(span, unit, most) for span, unit, most in given if most is not None),
        min_interval_s=modem.min_interval or 0.0,
        jitter_s=modem.jitter or 0.0,
        warm_up_s=modem.warm_up or 0.0,
        quiet=tuple(Window.of(text) for text in modem.quiet),
    )


def bind_plan(bind: SmppSettings) -> Plan:
    """What its account may spend; how many a second is the link's own matter."""
    given = ((Span.DAY, bind.max_per_day), (Span.MONTH, bind.max_per_month))
    return Plan(tuple(Cap(span, Unit.SMS, most) for span, most in given if most is not None))


def _costs(settings: Settings) -> dict[str, float]:
    tables: list[ModemSettings | SmppSettings] = [*settings.modems, *settings.smpp]
    return {table.name: table.cost for table in tables if table.cost is not None}


def _route(table: RouteSettings, costs: Mapping[str, float]) -> Route:
    """With order = "cost" the cheapest first, of equal ones in the order in which they stand."""
    carriers = table.carriers
    if table.order == "cost":
        carriers = tuple(sorted(carriers, key=lambda name: costs.get(name, inf)))
    return Route(
        carriers=carriers,
        categories=frozenset(table.category),
        prefixes=table.prefix,
        senders=frozenset(table.sender),
        min_sms=table.min_sms,
        max_sms=table.max_sms,
        weights=table.weights,
        is_shared=table.spread == "allowance",
    )


def _senders(binds: Iterable[SmppSettings]) -> dict[str, tuple[str, ...]]:
    """The senders that messages may name, each with the binds that have it, in the file's order."""
    found: dict[str, tuple[str, ...]] = {}
    for bind in binds:
        for name in dict.fromkeys([*bind.senders, *([bind.source] if bind.source else [])]):
            found[name] = (*found.get(name, ()), bind.name)
    return found


def _longest(settings: Settings) -> dict[str, int]:
    """Of modems that are still to be found nobody knows a limit."""
    plans = {bind.name: bind_plan(bind).longest for bind in settings.smpp}
    plans |= {modem.name: modem_plan(modem).longest for modem in settings.modems if not settings.gateway.take_up_new}
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
        consent=rules.Consent(table.consent or default.consent),
    )
