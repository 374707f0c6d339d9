"""[pure] The report for programs: codes instead of words, times in UTC, one entry for each message."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gateway.queue import times
from gateway.report.summary import Group, Summary
from gateway.report.verdicts import Entry


def pieces(
    campaign: Mapping[str, Any], summary: Summary, found: Iterable[Entry], *, is_ascii: bool = False
) -> Iterator[str]:
    """One document as text, a line for each row: all rows at once would take half a gigabyte.

    `campaign`: as `smsgw campaign list --json` has it.
    """
    encoder = json.JSONEncoder(ensure_ascii=is_ascii)
    yield f'{{"campaign": {encoder.encode(dict(campaign))},\n"summary": {encoder.encode(_summary(summary))},\n"rows": ['
    for place, entry in enumerate(found):
        yield f"{',' if place else ''}\n{encoder.encode(_entry(entry))}"
    yield "]}\n"


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "rows": summary.rows,
        "messages": summary.messages,
        "removed": summary.removed,
        "verdicts": dict(summary.verdicts),
        **_counts(summary.total),
        "replies": summary.replies,
        "first_sent_at": times.optional_text(summary.first_sent_at),
        "last_sent_at": times.optional_text(summary.last_sent_at),
        "by_hour": [{"hour": int(group.name), **_counts(group)} for group in summary.hours],
        "by_operator": _named(summary.operators, "operator"),
        "by_carrier": _named(summary.carriers, "carrier"),
    }


def _named(groups: Sequence[Group], key: str) -> list[dict[str, Any]]:
    return [{key: group.name or None, **_counts(group)} for group in groups]


def _counts(group: Group) -> dict[str, Any]:
    return {
        "sent": group.sent,
        "delivered": group.delivered,
        "undelivered": group.lost,
        "without_report": group.without_report,
        "delivered_share": group.rate,
        "sms": group.sms,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    message = entry.message
    return {
        "row": entry.row,
        "verdict": entry.verdict,
        "code": entry.code,
        "reason": entry.reason or None,
        "column": entry.column,
        "id": message and message.id,
        "msisdn": message and message.number,
        "sms": message and message.sms,
        "carrier": message and message.carrier,
        "sent_at": message and message.sent_at,
        "delivered_at": message and message.delivered_at,
        "reply": message and message.reply,
        "replied_at": message and message.replied_at,
    }
