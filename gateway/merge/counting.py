"""[pure] How many rows of a plan had which fate: a sentence for each that there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gateway.i18n import ngettext
from gateway.merge.plan import DUPLICATE, UNWILLING, Plan


def lines(plan: Plan, known: int) -> list[str]:
    """`known`: messages that an earlier import has queued."""
    found = (*_passed(plan, known), *_left_out(plan), *_pointed_out(plan))
    return [sentence.format(count=count) for count, sentence in found if count]


def _passed(plan: Plan, known: int) -> Iterator[tuple[int, str]]:
    """What is queued already, and what can't be."""
    yield (
        known,
        ngettext(
            "{count} of them an earlier import has queued already; --again sends it once more.",
            "{count} of them an earlier import has queued already; --again sends them once more.",
            known,
        ),
    )
    bad = len(plan.bad)
    yield bad, ngettext("{count} row is refused.", "{count} rows are refused.", bad)


def _left_out(plan: Plan) -> Iterator[tuple[int, str]]:
    """Nothing is wrong with these rows."""
    codes = Counter(problem.code for problem in plan.refused)
    duplicates, unwilling = codes[DUPLICATE], sum(codes[code] for code in UNWILLING)
    yield (
        duplicates,
        ngettext(
            "{count} row is left out: the same number with the same text stands above it.",
            "{count} rows are left out: the same numbers with the same texts stand above them.",
            duplicates,
        ),
    )
    earlier = len(plan.duplicates) - duplicates - unwilling
    yield (
        earlier,
        ngettext(
            "{count} row is left out for what was sent to its number before.",
            "{count} rows are left out for what was sent to their numbers before.",
            earlier,
        ),
    )
    yield (
        plan.hidden,
        ngettext(
            "{count} hidden or filtered row is left out; --include-hidden sends it.",
            "{count} hidden or filtered rows are left out; --include-hidden sends them.",
            plan.hidden,
        ),
    )
    yield (
        unwilling,
        ngettext(
            "{count} is left out for not having agreed, or wanting no more.",
            "{count} are left out for not having agreed, or wanting no more.",
            unwilling,
        ),
    )


def _pointed_out(plan: Plan) -> Iterator[tuple[int, str]]:
    """What is known of numbers that are written to all the same."""
    codes = Counter(problem.code for problem in plan.warnings)
    recent, waiting, failed = (codes[code] for code in ("recently_written", "waiting_elsewhere", "failed_before"))
    yield (
        recent,
        ngettext(
            "{count} number was written to by another campaign lately; --leave-out recent leaves it out.",
            "{count} numbers were written to by other campaigns lately; --leave-out recent leaves them out.",
            recent,
        ),
    )
    yield (
        waiting,
        ngettext(
            "{count} number has a message of another campaign waiting; --leave-out waiting leaves it out.",
            "{count} numbers have messages of other campaigns waiting; --leave-out waiting leaves them out.",
            waiting,
        ),
    )
    yield (
        failed,
        ngettext(
            "{count} number could not be reached the last time; --leave-out failed leaves it out.",
            "{count} numbers could not be reached the last time; --leave-out failed leaves them out.",
            failed,
        ),
    )
