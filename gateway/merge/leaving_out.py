"""[pure] A plan with what is known of its numbers: pointed out, or left out where a person wants that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from gateway.merge.plan import HIDDEN, Plan, Planned, Problem


class Known(Protocol):
    """What is known of a number."""

    @property
    def code(self) -> str: ...

    @property
    def reason(self) -> str: ...


Findings = Mapping[str, Sequence[Known]]  # by number


def dropped(findings: Findings, unwanted: Collection[str]) -> frozenset[str]:
    """The numbers that are not written to."""
    if not unwanted:
        return frozenset()
    return frozenset(number for number, each in findings.items() if any(known.code in unwanted for known in each))


def told(plan: Plan, column: str, findings: Findings, unwanted: Collection[str], known: Collection[Planned]) -> Plan:
    """The plan without those numbers' messages, and with a line for each thing to know.

    `known`: messages that are queued already; of them nothing needs to be said.
    """
    gone, silent = dropped(findings, unwanted), set(map(id, known))
    concerned = [message for message in plan.messages if message.msisdn in findings and id(message) not in silent]
    lost = [message for message in concerned if message.msisdn in gone]
    refused = [_first(message, column, findings, unwanted) for message in lost]
    warnings = [
        Problem(message.row, column, each.code, each.reason)
        for message in concerned
        if message.msisdn not in gone
        for each in findings[message.msisdn]
    ]
    return replace(
        plan,
        messages=_without(plan.messages, lost),
        refused=(*plan.refused, *refused),
        warnings=(*plan.warnings, *warnings),
    )


def _without(messages: tuple[Planned, ...], lost: Collection[Planned]) -> tuple[Planned, ...]:
    """Of a list of a hundred thousand, as a rule, none is lost."""
    gone = set(map(id, lost))
    return tuple(message for message in messages if id(message) not in gone) if gone else messages


def settled(plan: Plan) -> Plan:
    """The plan without doubts about rows of which no message is left: what is refused needs no second look."""
    rows = {message.row for message in plan.messages} if plan.warnings else frozenset()
    warnings = (each for each in plan.warnings if each.row in rows or each.code == HIDDEN)
    return replace(plan, warnings=tuple(warnings))


def _first(message: Planned, column: str, findings: Findings, unwanted: Collection[str]) -> Problem:
    """Why it is left out: a row is refused once."""
    why = next(each for each in findings[message.msisdn] if each.code in unwanted)
    return Problem(message.row, column, why.code, why.reason)
