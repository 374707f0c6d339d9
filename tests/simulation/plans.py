"""What each SIM may spend, each clinic does in a day, and whom its rules let refuse what: by the seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from gateway.plan.limits import Cap, Plan, Span, Unit, Window
from gateway.queue.rules import CATEGORIES, Category, Consent
from tests.simulation.clinic import Habits
from tests.simulation.network import DAY_S

REFUSABLE = 0.4  # share of the worlds in which people may refuse reminders too
SLOW = 0.4  # share of the SIMs with a long pause between two SMS
FEW_PEOPLE = 0.4  # share of the SIMs that have each limit of different numbers


def plan_of(chance: Random) -> Plan:
    """Some SIMs have every limit, some have none."""
    if chance.random() < 0.3:
        return Plan()
    caps = (
        Cap(Span.MINUTE, Unit.SMS, chance.choice((3, 6, 12))),
        Cap(Span.HOUR, Unit.SMS, chance.choice((10, 60, 120))),
        Cap(Span.DAY, Unit.SMS, chance.choice((12, 40, 300))),
        Cap(Span.MONTH, Unit.SMS, chance.choice((400, 3000))),
        Cap(Span.HOUR, Unit.RECIPIENTS, chance.choice((5, 30))),
        Cap(Span.DAY, Unit.RECIPIENTS, chance.choice((8, 40))),
    )
    chosen = tuple(cap for cap in caps if chance.random() < 0.6)
    return Plan(
        caps=chosen,
        min_interval_s=chance.choice((0.0, 0.0, 3.0)),
        jitter_s=chance.choice((0.0, 4.0)),
        warm_up_s=chance.choice((0.0, 0.0, 10 * DAY_S)),
        quiet=chance.choice(((), (), (Window.of("21:00-08:30"),))),
    )


def narrowed(plan: Plan, chance: Random) -> Plan:
    """With limits of different numbers a minute and a month too, and long pauses; a plan without limits stays so."""
    people = (
        Cap(Span.MINUTE, Unit.RECIPIENTS, chance.choice((1, 2, 5))),
        Cap(Span.MONTH, Unit.RECIPIENTS, chance.choice((4, 12, 30))),
    )
    caps = tuple(cap for cap in people if chance.random() < FEW_PEOPLE)
    interval_s = chance.choice((12.0, 45.0)) if chance.random() < SLOW else plan.min_interval_s
    return plan if plan == Plan() else replace(plan, caps=plan.caps + caps, min_interval_s=interval_s)


def habits_of(chance: Random) -> Habits:
    return Habits(
        reminders=chance.choice((5, 15, 30)),
        results=chance.choice((5, 15)),
        codes=chance.choice((0, 3, 8)),
        emergencies=0.2,
        written_twice=chance.choice((0.0, 0.1)),
        cancelled=chance.choice((0.0, 0.1)),
        storms=chance.choice((0.0, 0.4)),
        answers=0.1,
    )


def categories_of(chance: Random) -> Mapping[str, Category]:
    """Advertising may be refused everywhere."""
    if chance.random() >= REFUSABLE:
        return CATEGORIES
    return {**CATEGORIES, "notification": replace(CATEGORIES["notification"], consent=Consent.UNTIL_WITHDRAWN)}
