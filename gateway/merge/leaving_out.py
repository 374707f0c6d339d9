"""[pure] A plan with what is known of its numbers: pointed out, or left out where a person wants that."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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
    return frozenset(number for number, each in findings.items() if any(known.code in unwanted for known in each))


def told(plan: Plan, column: str, findings: Findings, unwanted: Collection[str], known: Collection[Planned]) -> Plan:
    """The plan without those numbers' messages, and with a line for each thing to know.

    `known`: messages that are queued already; of them nothing needs to be said.
    """
    gone, silent = dropped(findings, unwanted), set(map(id, known))
    concerned = [message for message in plan.messages if message.msisdn in findings and id(message) not in silent]
    lost = {id(message) for message in concerned if message.msisdn in gone}
    refused = [_first(message, column, findings, unwanted) for message in concerned if id(message) in lost]
    warnings = [
        problem
        for message in concerned
        if id(message) not in lost
        for problem in _all(message, column, findings[message.msisdn])
    ]
    return replace(
        plan,
        messages=tuple(message for message in plan.messages if id(message) not in lost),
        refused=(*plan.refused, *refused),
        warnings=(*plan.warnings, *warnings),
    )


def settled(plan: Plan) -> Plan:
    """The plan without doubts about rows of which no message is left: what is refused needs no second look."""
    rows = {message.row for message in plan.messages} if plan.warnings else frozenset()
    warnings = (each for each in plan.warnings if each.row in rows or each.code == HIDDEN)
    return replace(plan, warnings=tuple(warnings))


def _first(message: Planned, column: str, findings: Findings, unwanted: Collection[str]) -> Problem:
    """Why it is left out: a row is refused once."""
    return next(problem for problem in _all(message, column, findings[message.msisdn]) if problem.code in unwanted)


def _all(message: Planned, column: str, known: Sequence[Known]) -> Iterator[Problem]:
    return (Problem(message.row, column, each.code, each.reason) for each in known)
