"""What an import would do or has done: a JSON document for programs, a summary for people.

The summary shows numbers whole on a terminal, where a person compares them with the list, and masked elsewhere, where
they may end in a log. The document has them whole, as the contract says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from gateway import forms
from gateway.i18n import _, ngettext
from gateway.merge import advice, counting, schedule
from gateway.merge.cells import letters, printable
from gateway.merge.plan import HIDDEN, LEFT_OUT, Plan, Planned, Problem
from gateway.merge.preparing import Prepared
from gateway.merge.problem_table import INDENT, LINES, aligned, print_rows, problem_table
from gateway.sms.number import mask

FIRST_TEXTS = 3


def document(prepared: Prepared, queued: int, known: int) -> dict[str, Any]:
    """The contract's keys first (section 3), then ours."""
    plan = prepared.plan
    return {
        "rows": plan.rows,
        "accepted": len(plan.messages),
        "queued": queued,
        "sms": plan.sms,
        "messages": [_message(message) for message in plan.messages],
        "refused": [_problem(problem, prepared) for problem in plan.refused],
        "warnings": [_problem(problem, prepared) for problem in plan.warnings],
        "already_queued": known,
        "hidden": plan.hidden,
        "passed_over": [{"row": row, "reason": why} for row, why in plan.passed_over],
        "sheet": prepared.sheet,
        "phone_column": prepared.layout.phone.name,
        **advice.document(prepared),
    }


def _message(message: Planned) -> dict[str, Any]:
    return {
        "row": message.row,
        "msisdn": message.msisdn,
        "body": message.body,
        "segments": message.segments,
        **schedule.document(message),
    }


def _problem(problem: Problem, prepared: Prepared) -> dict[str, Any]:
    words = {"row": problem.row, "column": problem.column, "code": problem.code, "reason": problem.reason}
    return {**words, "cell": _cell(problem, prepared)}


def _cell(problem: Problem, prepared: Prepared) -> str | None:
    """The address as Excel's box for names takes it, `'Лист 1'!C5`; None when it is about the whole row."""
    columns = (column for column in prepared.layout.columns if column.name == problem.column)
    place = next((f"{letters(column.index)}{problem.row}" for column in columns), None)
    if place is None or not prepared.sheet:
        return place
    return "'{}'!{}".format(prepared.sheet.replace("'", "''"), place)


def print_summary(console: Console, prepared: Prepared, known: int, others: Sequence[str] = ()) -> None:
    """Which list, how many messages and SMS, the first texts in full, and every row that is refused or doubtful."""
    for line in (*_about_list(prepared), "", *_about_messages(prepared.plan, known), *others, *advice.lines(prepared)):
        console.print(Text(forms.ended(line)))
    for each in first_texts(console, prepared.plan.messages):
        console.print(each)
    print_rows(console, _("Refused:"), prepared.plan.bad, is_every_named=True)
    print_rows(console, _("Left out:"), prepared.plan.duplicates)
    print_rows(console, _("Written to before:"), prepared.plan.written_to)
    _print_doubtful(console, prepared.plan)


def _about_list(prepared: Prepared) -> list[str]:
    layout = prepared.layout
    lines = [_("Phones are in column “{name}”.").format(name=layout.phone.name)]
    if prepared.sheet:
        lines.insert(0, _("Sheet “{name}”.").format(name=printable(prepared.sheet)))
    if layout.other_phones:
        names = ", ".join(layout.other_phones)
        lines.append(_("There are phones in {names} too; --phone-column chooses.").format(names=names))
    if layout.of_report:
        lines.append(advice.of_report(layout))
    if prepared.other_sheets:
        lines.append(_("Not read: sheet {names}.").format(names=printable(", ".join(prepared.other_sheets))))
    return lines


def _about_messages(plan: Plan, known: int) -> list[str]:
    messages, sms = len(plan.messages), plan.sms
    first = ngettext("{count} message", "{count} messages", messages).format(count=forms.whole(messages))
    lines = [_("{messages}, {sms} SMS.").format(messages=first, sms=forms.whole(sms))]
    if not plan.rows:
        lines.append(_("There is no row of a person below the headings."))
    lines += counting.lines(plan, known)
    if plan.passed_over:
        lines.append(counting.passed_over([row for row, _why in plan.passed_over]))
    return lines


def first_texts(console: Console, messages: Sequence[Planned]) -> Iterator[RenderableType]:
    """The first messages of a list as their recipients will read them, each below its row and number."""
    for message in messages[:FIRST_TEXTS]:
        sentence = _("Row {row}, to {number}, {segments} SMS:")
        number = _number(console, message)
        line = sentence.format(row=message.row, number=number, segments=message.segments)
        if message.slot is not None and message.slot.send_at is not None:
            line = f"{forms.moment(message.slot.send_at, message.slot.zone)}  {line}"
        yield Text(f"\n{line}")
        yield Padding(Text(printable(message.body)), INDENT, expand=False)
        if hint := advice.of_text(message.body, message.segments):
            yield Padding(Text(hint), INDENT, expand=False)


def _number(console: Console, message: Planned) -> str:
    return message.msisdn if console.file.isatty() else mask(message.msisdn)


def _print_doubtful(console: Console, plan: Plan) -> None:
    """The first rows of each code, with the number that was read."""
    doubts = [each for each in plan.warnings if each.code != HIDDEN and each.code not in LEFT_OUT]
    if not doubts:
        return
    shown = list(_first_of_each_code(doubts))
    rows = {doubt.row for doubt in shown}
    numbers: dict[int, list[str]] = {}
    for message in plan.messages:
        if message.row in rows:
            numbers.setdefault(message.row, []).append(_number(console, message))
    table = problem_table(console, _("row"), _("column"), _("code"), _("number"), _("reason"))
    for doubt in shown:
        of_row = ", ".join(numbers[doubt.row])
        table.add_row(str(doubt.row), Text(doubt.column or ""), doubt.code, of_row, Text(doubt.reason))
    console.print(Text("\n" + _("Doubtful:")))
    console.print(aligned(table))
    if len(doubts) > len(shown):
        console.print(
            Text(_("… and {count} more; --json lists them all.").format(count=forms.whole(len(doubts) - len(shown))))
        )


def _first_of_each_code(problems: Iterable[Problem]) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for problem in problems:
        seen[problem.code] += 1
        if seen[problem.code] <= LINES:
            yield problem
