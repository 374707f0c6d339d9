"""[pure] The summary as facts and tables in a person's words: the terminal, the page and the workbook show the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from gateway import forms
from gateway.i18n import _, ngettext
from gateway.report.summary import Group, Summary
from gateway.report.verdicts import VERDICTS, Mood

COUNTED = (_("Went out"), _("Delivered"), _("Not delivered"), _("No report yet"), _("Share delivered"))


@dataclass(frozen=True, slots=True)
class Subject:
    """What the report is about."""

    name: str
    file: str  # "" for none
    sheet: str
    created_at: datetime
    reported_at: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; there is at least one."""

    part: int
    whole: int

    @property
    def in_hundredths(self) -> int:
        """Of a percent, cut and not rounded: 100 % is said only when all of it is meant."""
        return self.part * 10_000 // self.whole

    @property
    def of_one(self) -> float:
        """As a workbook has it, which shows the same digits."""
        return self.in_hundredths / 10_000

    def __str__(self) -> str:
        return forms.share(self.in_hundredths)


Value = str | int | Share | None


def written(value: Value) -> str:
    """For a person; a dash where there is nothing."""
    if isinstance(value, int):
        return forms.whole(value)
    return "–" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """Messages that went out, by something."""

    title: str
    headings: Sequence[str]
    names: Sequence[str]
    groups: Sequence[Group]

    @property
    def rows(self) -> list[tuple[Value, ...]]:
        return [(name, *counted(group)) for name, group in zip(self.names, self.groups, strict=True)]


def heading(subject: Subject) -> list[str]:
    """What stands above the figures, the title first."""
    at, made = (forms.moment(each, subject.zone) for each in (subject.reported_at, subject.created_at))
    lines = [_("Campaign “{name}”").format(name=subject.name)]
    if subject.file:
        lines.append(_("List: {file}").format(file=" · ".join(filter(None, (subject.file, subject.sheet)))))
    return [*lines, _("Queued {made}; as it was {at}, by the clinic's clock ({zone}).").format(
        made=made, at=at, zone=subject.zone
    )]  # fmt: skip


def facts(summary: Summary, zone: tzinfo) -> list[tuple[str, Value]]:
    """The counts of the whole."""
    total = summary.total
    names = (_("Rows with a verdict"), _("Messages"), _("SMS that went out"), *COUNTED, _("Replies"))
    values = (summary.rows, summary.messages, total.sms, *counted(total), summary.replies)
    span = [
        (name, forms.moment(moment, zone))
        for name, moment in ((_("First sent"), summary.first_sent_at), (_("Last sent"), summary.last_sent_at))
        if moment is not None
    ]
    return [*zip(names, values, strict=True), *span]


def verdicts(summary: Summary) -> list[tuple[str, int, Share, Mood]]:
    """Each with its count and its share of all."""
    every = sum(summary.verdicts.values())
    return [
        (VERDICTS[code].word, count, Share(count, every), VERDICTS[code].mood)
        for code, count in summary.verdicts.items()
    ]


def tables(summary: Summary) -> list[Table]:
    """Those in which there is anything."""
    unknown = _("not known")
    found = (
        Table(_("By hour of sending"), (_("Hour"), *COUNTED), _hours(summary.hours), summary.hours),
        Table(_("By operator"), (_("Operator"), *COUNTED), _names(summary.operators, unknown), summary.operators),
        Table(_("By carrier"), (_("Carrier"), *COUNTED), _names(summary.carriers, unknown), summary.carriers),
    )
    return [table for table in found if table.groups]


def remarks(summary: Summary) -> list[str]:
    """What a reader has to know to read the figures right."""
    said = [
        _("The share delivered is of all that went out: one without a delivery report counts as not arrived."),
        _("The operator is that of the SIM which sent it, as it is now."),
        _("A reply is the first SMS that came from the number afterwards; nothing in it says which text it answers."),
    ]
    if summary.removed:
        said += [
            ngettext(
                "{count} message of it was removed since, as retention is configured: its row has no verdict.",
                "{count} messages of it were removed since, as retention is configured: their rows have no verdict.",
                summary.removed,
            ).format(count=forms.whole(summary.removed))
        ]
    return said if summary.total.sent else said[3:]


def counted(group: Group) -> tuple[Value, ...]:
    """In the order of COUNTED."""
    share = Share(group.delivered, group.sent) if group.sent else None
    return group.sent, group.delivered, group.lost, group.without_report, share


def _hours(groups: Sequence[Group]) -> list[str]:
    return [f"{group.name}:00" for group in groups]


def _names(groups: Sequence[Group], unknown: str) -> list[str]:
    return [group.name or unknown for group in groups]
