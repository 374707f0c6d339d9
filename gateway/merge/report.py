"""What an import would do or has done: a JSON document for programs, a summary for people.

Numbers are masked in the summary, which may end in a log; the document has them whole, as the contract says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gateway.i18n import _, ngettext
from gateway.merge.cells import printable
from gateway.merge.plan import Plan, Planned, Problem
from gateway.merge.preparing import Prepared
from gateway.sms.number import mask

FIRST_TEXTS = 3
LINES = 20  # of a table; the document has all
INDENT = (0, 0, 0, 4)


def document(prepared: Prepared, queued: int, known: int) -> dict[str, Any]:
    """The contract's keys first (section 3), then ours."""
    plan = prepared.plan
    return {
        "rows": plan.rows,
        "accepted": len(plan.messages),
        "queued": queued,
        "sms": plan.sms,
        "messages": [_message(message) for message in plan.messages],
        "refused": [_problem(problem) for problem in plan.refused],
        "warnings": [_problem(problem) for problem in plan.warnings],
        "already_queued": known,
        "hidden": plan.hidden,
        "passed_over": [{"row": row, "reason": why} for row, why in plan.passed_over],
        "sheet": prepared.sheet,
        "phone_column": prepared.layout.phone.name,
    }


def _message(message: Planned) -> dict[str, Any]:
    return {
        "row": message.row,
        "msisdn": message.msisdn,
        "body": message.body,
        "segments": message.segments,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"row": problem.row, "column": problem.column, "code": problem.code, "reason": problem.reason}


def print_summary(console: Console, prepared: Prepared, known: int) -> None:
    """Which list, how many messages and SMS, the first texts in full, and every row that is refused or doubtful."""
    for line in (*_about_list(prepared), "", *_about_messages(prepared.plan, known)):
        console.print(Text(line))
    _print_texts(console, prepared.plan.messages)
    _print_problems(console, _("Refused:"), prepared.plan.refused)
    _print_problems(console, _("Doubtful:"), [each for each in prepared.plan.warnings if each.code != "hidden_row"])


def _about_list(prepared: Prepared) -> list[str]:
    layout = prepared.layout
    lines = [_("Phones are in column “{name}”.").format(name=layout.phone.name)]
    if prepared.sheet:
        lines.insert(0, _("Sheet “{name}”.").format(name=printable(prepared.sheet)))
    if layout.other_phones:
        names = ", ".join(layout.other_phones)
        lines.append(_("There are phones in {names} too; --phone-column chooses.").format(names=names))
    if prepared.other_sheets:
        lines.append(_("Not read: sheet {names}.").format(names=printable(", ".join(prepared.other_sheets))))
    return lines


def _about_messages(plan: Plan, known: int) -> list[str]:
    messages, sms = len(plan.messages), plan.sms
    first = ngettext("{count} message", "{count} messages", messages).format(count=messages)
    lines = [_("{messages}, {sms} SMS.").format(messages=first, sms=sms)]
    lines += [sentence.format(count=count) for count, sentence in _counts(plan, known) if count]
    if plan.passed_over:
        lines.append(
            _("Passed over as titles, totals and the like: rows {rows}.").format(rows=ranges(plan.passed_over))
        )
    return lines


def _counts(plan: Plan, known: int) -> list[tuple[int, str]]:
    """How many of each, and the sentence that says it."""
    bad, duplicates, hidden = len(plan.bad), plan.duplicates, plan.hidden
    of_known = ngettext(
        "{count} of them an earlier import has queued already; --again sends it once more.",
        "{count} of them an earlier import has queued already; --again sends them once more.",
        known,
    )
    of_bad = ngettext("{count} row is refused.", "{count} rows are refused.", bad)
    of_duplicates = ngettext(
        "{count} row is left out: the same number with the same text stands above it.",
        "{count} rows are left out: the same numbers with the same texts stand above them.",
        duplicates,
    )
    of_hidden = ngettext(
        "{count} hidden or filtered row is left out; --include-hidden sends it.",
        "{count} hidden or filtered rows are left out; --include-hidden sends them.",
        hidden,
    )
    return [(known, of_known), (bad, of_bad), (duplicates, of_duplicates), (hidden, of_hidden)]


def ranges(passed_over: Sequence[tuple[int, str]]) -> str:
    """`1-3, 38`."""
    spans: list[list[int]] = []
    for row, _why in passed_over:
        if spans and spans[-1][1] == row - 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in spans[:LINES]]
    return ", ".join(shown) + (", …" if len(spans) > LINES else "")


def _print_texts(console: Console, messages: Sequence[Planned]) -> None:
    for message in messages[:FIRST_TEXTS]:
        sentence = _("Row {row}, to {number}, {segments} SMS:")
        line = sentence.format(row=message.row, number=mask(message.msisdn), segments=message.segments)
        console.print(Text(f"\n{line}"))
        console.print(Padding(Text(printable(message.body)), INDENT))


def _print_problems(console: Console, title: str, problems: Sequence[Problem]) -> None:
    if not problems:
        return
    table = Table(_("row"), _("column"), _("code"), _("reason"), box=box.SIMPLE_HEAD, pad_edge=False)
    for problem in problems[:LINES]:
        table.add_row(str(problem.row), Text(problem.column or ""), problem.code, Text(problem.reason))
    console.print(Text(f"\n{title}"))
    console.print(table)
    if len(problems) > LINES:
        console.print(Text(_("… and {count} more; --json lists them all.").format(count=len(problems) - LINES)))
