"""[pure] How many rows of a plan had which fate: a sentence for each that there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from gateway import forms
from gateway.i18n import _, ngettext
from gateway.merge.plan import DUPLICATE, UNWILLING, Plan

SPANS = 20  # of rows that are named
Sentence = Callable[[int], str]


def lines(plan: Plan, known: int) -> list[str]:
    """`known`: messages that an earlier import has queued."""
    counts = {_known: known, _bad: len(plan.bad), **_left_out(plan), **_pointed_out(plan)}
    return [sentence(count).format(count=forms.whole(count)) for sentence, count in counts.items() if count]


def passed_over(rows: Sequence[int]) -> str:
    """The first of them by their numbers: whoever misses a person looks there."""
    return _("Passed over as titles, totals and the like: {rows}.").format(rows=forms.named(rows, SPANS))


def _left_out(plan: Plan) -> Mapping[Sentence, int]:
    """Nothing is wrong with these rows."""
    codes = Counter(problem.code for problem in plan.refused)
    duplicates, unwilling = codes[DUPLICATE], sum(codes[code] for code in UNWILLING)
    earlier = len(plan.duplicates) - duplicates - unwilling
    return {_duplicate: duplicates, _earlier: earlier, _hidden: plan.hidden, _unwilling: unwilling}


def _pointed_out(plan: Plan) -> Mapping[Sentence, int]:
    """What is known of numbers that are written to all the same."""
    codes = Counter(problem.code for problem in plan.warnings)
    return {
        _recent: codes["recently_written"],
        _waiting: codes["waiting_elsewhere"],
        _failed: codes["failed_before"],
    }


def _known(count: int) -> str:
    return ngettext(
        "{count} of them an earlier import has queued already; --again sends it once more.",
        "{count} of them an earlier import has queued already; --again sends them once more.",
        count,
    )


def _bad(count: int) -> str:
    return ngettext("{count} row is refused.", "{count} rows are refused.", count)


def _duplicate(count: int) -> str:
    return ngettext(
        "{count} row is left out: the same number with the same text stands above, and goes once.",
        "{count} rows are left out: the same numbers with the same texts stand above, and go once.",
        count,
    )


def _earlier(count: int) -> str:
    return ngettext(
        "{count} row is left out for what was sent to its number before.",
        "{count} rows are left out for what was sent to their numbers before.",
        count,
    )


def _hidden(count: int) -> str:
    return ngettext(
        "{count} hidden or filtered row is left out; --include-hidden sends it.",
        "{count} hidden or filtered rows are left out; --include-hidden sends them.",
        count,
    )


def _unwilling(count: int) -> str:
    return ngettext(
        "{count} is left out for not having agreed, or wanting no more.",
        "{count} are left out for not having agreed, or wanting no more.",
        count,
    )


def _recent(count: int) -> str:
    return ngettext(
        "{count} number was written to by another campaign lately; --leave-out recent leaves it out.",
        "{count} numbers were written to by other campaigns lately; --leave-out recent leaves them out.",
        count,
    )


def _waiting(count: int) -> str:
    return ngettext(
        "{count} number has a message of another campaign waiting; --leave-out waiting leaves it out.",
        "{count} numbers have messages of other campaigns waiting; --leave-out waiting leaves them out.",
        count,
    )


def _failed(count: int) -> str:
    return ngettext(
        "{count} number could not be reached the last time; --leave-out failed leaves it out.",
        "{count} numbers could not be reached the last time; --leave-out failed leaves them out.",
        count,
    )
