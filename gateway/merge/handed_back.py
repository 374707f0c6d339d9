"""[pure] The columns that a report adds to a list, and by which such a list is known when it is imported again.

People mend the rows that did not arrive and send the report itself. Its columns tell of the last campaign: they are not
the list's own, and the number that was used then is the row's number only where no column of the list holds one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from gateway.i18n import N_, _, in_each_language
from gateway.merge.cells import folded
from gateway.merge.template import Column

ENGLISH = (
    N_("Verdict"), N_("Reason"), N_("Number used"), N_("SMS"), N_("Sent"), N_("Delivered"), N_("Reply (by number)"),
)  # fmt: skip
HEADINGS = tuple(map(_, ENGLISH))
NUMBER = 2  # place of the number that was used


def added(headings: Sequence[str], columns: Sequence[Column]) -> tuple[Column, ...]:
    """Of a list's columns those of a report, in the order of HEADINGS, once or several times; none: it is no report.

    `headings`: folded, by column.
    """
    width = len(HEADINGS)
    starts = [start for start in range(len(headings) - width + 1) if tuple(headings[start : start + width]) in _known()]
    by_index = {column.index: column for column in columns}
    places = [start + place for start in starts for place in range(width)]
    return tuple(by_index[place] for place in places if place in by_index)


def number_used(of_report: Sequence[Column], headings: Sequence[str]) -> Column | None:
    """The column of the numbers that were written to, of the last report when there are several."""
    names = {heading[NUMBER] for heading in _known()}
    return next((column for column in reversed(of_report) if headings[column.index] in names), None)


@cache
def _known() -> frozenset[tuple[str, ...]]:
    """The headings in every language, folded: a report may have been made on a machine of another one."""
    return frozenset(tuple(map(folded, heading)) for heading in zip(*map(in_each_language, ENGLISH), strict=True))
