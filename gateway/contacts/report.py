"""What an import of contacts would do or has done: a summary for people, a document for programs.

Numbers are in neither: a row of the list is named by its own number, and what changes by its headings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from gateway import forms
from gateway.contacts.columns import Columns
from gateway.contacts.comparing import Change, Fate
from gateway.contacts.importing import Intention, List, Outcome, counts_of
from gateway.i18n import _, ngettext
from gateway.merge import advice, counting
from gateway.merge.cells import folded, printable
from gateway.merge.problem_table import print_rows

LINES = 20  # headings that are named
OWN_WORDS = {"name": _("name"), "language": _("language"), "timezone": _("time zone")}


def document(found: List, changes: Sequence[Change], outcome: Outcome | None) -> dict[str, Any]:
    """`outcome` is None when nothing was written."""
    gathered = found.gathered
    return {
        "rows": gathered.rows,
        **counts_of(changes),
        "written": outcome is not None,
        "consents": outcome.consents if outcome else 0,
        "joined": outcome.joined if outcome else 0,
        "persons": [_person(change, found.columns) for change in changes],
        "refused": [_problem(each) for each in gathered.refused],
        "warnings": [_problem(each) for each in gathered.warnings],
        "hidden": gathered.hidden,
        "passed_over": [{"row": row, "reason": why} for row, why in gathered.passed_over],
        "sheet": found.sheet,
        "columns": _columns(found),
    }


def _person(change: Change, columns: Columns) -> dict[str, Any]:
    return {"row": change.person.row, "fate": change.fate, "changed": _changed(change, columns)}


def _problem(problem: Any) -> dict[str, Any]:
    return {name: getattr(problem, name) for name in ("row", "column", "code", "reason")}


def _columns(found: List) -> dict[str, Any]:
    columns = found.columns
    named = {name: getattr(columns, name) for name in ("birth", "language", "timezone", "consent")}
    return {
        "key": [column.name for column in columns.key],
        "name": [column.name for column in columns.name],
        "phones": [column.name for column in found.layout.phones],
        **{name: None if column is None else column.name for name, column in named.items()},
        "fields": [column.name for column in columns.fields],
        "nameless": [column.name for column in columns.nameless],
    }


def _changed(change: Change, columns: Columns) -> list[str]:
    """The headings under which the list says something else than what is kept."""
    if change.fate is not Fate.CHANGED:
        return []
    names = {folded(column.name): column.name for column in columns.fields}
    numbers = [change.person.numbers[0].kind] if change.has_other_numbers else []
    return [*numbers, *(names[key] for key in change.fields)] or list(change.renamed)


def print_summary(console: Console, found: List, changes: Sequence[Change], intention: Intention, shared: int) -> None:
    """Who is new, changed or the same, what is kept of them, and every row that is refused or doubtful."""
    for line in (*_about_list(found), "", *_about_persons(found, changes, shared), *_about_intention(found, intention)):
        console.print(Text(forms.ended(printable(line))))
    print_rows(console, _("Refused:"), found.gathered.refused)
    print_rows(console, _("Doubtful:"), found.gathered.warnings)


def _about_list(found: List) -> list[str]:
    columns, layout = found.columns, found.layout
    lines = [_("Sheet “{name}”.").format(name=found.sheet)] if found.sheet else []
    lines.append(_("Phones: {names}.").format(names=_names(layout.phones)))
    if layout.other_phones:
        names = ", ".join(layout.other_phones)
        lines.append(_("There are phones in {names} too; --phone-column chooses.").format(names=names))
    if layout.of_report:
        lines.append(advice.of_report(layout))
    lines.append(_told_apart(columns))
    said = [
        (columns.birth, _("Ages are counted from “{name}”.")),
        (columns.language, _("Languages are in “{name}”.")),
        (columns.timezone, _("Time zones are in “{name}”.")),
        (columns.consent, _("Consents are in “{name}”.")),
    ]
    lines += [sentence.format(name=column.name) for column, sentence in said if column is not None]
    lines.append(_("Kept of each: {names}.").format(names=_names(columns.fields) or "-"))
    if columns.nameless:
        lines.append(_("Not kept, for it has no heading: column {names}.").format(names=_names(columns.nameless)))
    if found.other_sheets:
        lines.append(_("Not read: sheet {names}.").format(names=", ".join(found.other_sheets)))
    return lines


def _told_apart(columns: Columns) -> str:
    if columns.key:
        return _("Persons are told apart by {names}.").format(names=_names(columns.key))
    if columns.name:
        sentence = _("Persons are told apart by {names} and their first number; --key names a card number or the like.")
        return sentence.format(names=_names(columns.name))
    return _(
        "Persons are told apart by their first number alone; --key or --name-column names what tells a family apart."
    )


def _names(columns: Sequence[Any]) -> str:
    names = [column.name for column in columns]
    return ", ".join(names[:LINES]) + (", …" if len(names) > LINES else "")


def _about_persons(found: List, changes: Sequence[Change], shared: int) -> list[str]:
    gathered = found.gathered
    lines = [_("{new} new, {changed} changed, {same} the same.").format(**_whole(counts_of(changes)))]
    lines += _changes(changes, found.columns)
    lines += [sentence.format(count=forms.whole(count)) for count, sentence in _counts(found, changes, shared) if count]
    if gathered.passed_over:
        lines.append(counting.passed_over([row for row, _why in gathered.passed_over]))
    return lines


def _whole(counts: Mapping[str, int]) -> dict[str, str]:
    return {name: forms.whole(count) for name, count in counts.items()}


def _counts(found: List, changes: Sequence[Change], shared: int) -> list[tuple[int, str]]:
    """How many of each, and the sentence that says it."""
    gathered = found.gathered
    refused, hidden = len(gathered.refused), gathered.hidden
    more = gathered.rows - hidden - refused - len(changes)
    of_more = ngettext(
        "{count} row tells more of a person of a row above it.",
        "{count} rows tell more of persons of rows above them.",
        more,
    )
    of_shared = ngettext(
        "{count} number of a new person is another contact's too: a family, or the same person under another key.",
        "{count} numbers of new persons are other contacts' too: families, or the same persons under other keys.",
        shared,
    )
    of_refused = ngettext("{count} row is refused.", "{count} rows are refused.", refused)
    of_hidden = ngettext(
        "{count} hidden or filtered row is left out; --include-hidden takes it.",
        "{count} hidden or filtered rows are left out; --include-hidden takes them.",
        hidden,
    )
    return [(more, of_more), (shared, of_shared), (refused, of_refused), (hidden, of_hidden)]


def _changes(changes: Sequence[Change], columns: Columns) -> list[str]:
    """How often something else stands under each heading."""
    times = Counter(name for change in changes for name in _changed(change, columns))
    if not times:
        return []
    told = ", ".join(f"{OWN_WORDS.get(name, name)} {forms.whole(count)}×" for name, count in times.most_common(LINES))
    return [_("Changed: {headings}. An empty cell erases nothing.").format(headings=told)]


def _about_intention(found: List, intention: Intention) -> list[str]:
    lines = [_("They join group “{name}”.").format(name=name) for name in intention.groups]
    for category in intention.categories:
        sentence = _("Consent to {category} is noted for all of them, from: {source}.")
        if found.columns.consent is not None:
            sentence = _("Consent to {category} is noted as “{column}” says, from: {source}.")
        column = found.columns.consent.name if found.columns.consent else ""
        lines.append(sentence.format(category=category, source=intention.source, column=column))
    if intention.categories and intention.at is None:
        lines.append(_("Whoever has withdrawn or answered STOP stays out, unless --consent-date names a later day."))
    return lines
