"""[pure] Rows of a list -> what would be sent to whom, and every row that can't be: nothing is sent or written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from gateway.i18n import _
from gateway.merge import remarks
from gateway.merge.cells import Cell, cell_at
from gateway.merge.choosing import Templates
from gateway.merge.days import Days, DaysNamed
from gateway.merge.filling import Unfilled
from gateway.merge.finishing import AS_WRITTEN, Finish
from gateway.merge.formats import doubt_of_number
from gateway.merge.layout import Layout
from gateway.merge.other_tables import OtherTables
from gateway.merge.recipients import Choice, Doubt, Recipients, Unreachable, choose
from gateway.merge.repeats import Repeats
from gateway.merge.rows import HEADING, REPEATED_HEADING, passed_over, plain_numbers
from gateway.merge.template import Template
from gateway.merge.timing import SHORT_NOTICE, Slot, Timing, Untimely
from gateway.sms.message import TextRefused
from gateway.sms.segmentation import count

DUPLICATE = "duplicate"
HIDDEN = "hidden_row"
# By what became of earlier messages to the number (queue/history.py), where a person wants those rows left out.
LEFT_OUT = frozenset({"recently_written", "waiting_elsewhere", "failed_before"})
UNWILLING = frozenset({"no_consent", "opted_out"})  # people who may be asked, and don't want it
HARMLESS = frozenset({DUPLICATE, *LEFT_OUT, *UNWILLING})  # refused, and yet no reason to stop the import
KEY_PREFIX = "import:"
KEY_LENGTH = 32  # hex digits of the hash: 128 bits

EVERY_ROWS = 500  # it is told how far a list is
NOBODY = Recipients(())

Row = tuple[int, Sequence[Cell]]


class Planned(NamedTuple):
    """One message to one number. A tuple, for a list has a hundred thousand, and it is built the quickest."""

    row: int  # the workbook's own number
    msisdn: str
    body: str
    segments: int
    written: str | None = None  # as the template gave it; None: the body is that
    slot: Slot | None = None  # when it goes; None: at once

    def __repr__(self) -> str:
        return f"Planned(row={self.row}, segments={self.segments}, slot={self.slot})"


class Problem(NamedTuple):
    """What is wrong or doubtful in a row; never with the cell's content. A tuple, for a list may have thousands."""

    row: int
    column: str | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole list, looked at."""

    messages: tuple[Planned, ...] = field(repr=False)
    refused: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    rows: int  # of people, hidden ones too
    hidden: int
    passed_over: tuple[tuple[int, str], ...]  # row and why it is no person; without the heading
    replaced: Mapping[tuple[str, str], int] = field(default_factory=dict)  # sign, what stands for it: how often
    days: DaysNamed = field(default_factory=dict, repr=False)  # that the texts name

    @property
    def sms(self) -> int:
        return sum(message.segments for message in self.messages)

    @property
    def bad(self) -> tuple[Problem, ...]:
        """The refused rows that stop an import."""
        return tuple(problem for problem in self.refused if problem.code not in HARMLESS)

    @property
    def duplicates(self) -> tuple[Problem, ...]:
        """The rows that are left out, since they are there already."""
        return tuple(problem for problem in self.refused if problem.code in HARMLESS)

    @property
    def written_to(self) -> tuple[Problem, ...]:
        """What is known of numbers that are written to all the same."""
        return tuple(problem for problem in self.warnings if problem.code in LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every row."""

    layout: Layout
    template: Template | Templates
    country: str
    short_codes: tuple[str, ...] = ()
    hidden_rows: Collection[int] = ()
    banner_rows: Collection[int] = ()
    is_hidden_included: bool = False
    phones: Choice = Choice.FIRST
    finish: Finish = AS_WRITTEN
    timing: Timing | None = None


Advance = Callable[[int, Sequence[Planned]], None]  # the row that was looked at, and all messages so far


def build(rows: Iterable[Row], rules: Rules, advance: Advance = lambda _row, _messages: None) -> Plan:
    """Look at every row; `advance` is told now and then how far it is."""
    draft = _Draft(rules)
    for place, (number, cells) in enumerate(rows, start=1):
        draft.take(number, cells)
        if place % EVERY_ROWS == 0:
            advance(number, draft.messages)
    return draft.plan()


def key_of(message: Planned, run: str = "") -> str:
    """The same for the same text to the same number, whichever list it comes from; `run` makes it another one.

    A new signature or other signs make no other text of it: yesterday's list would go out again.
    """
    text = message.body if message.written is None else message.written
    return KEY_PREFIX + sha256(f"{run}\0{message.msisdn}\0{text}".encode()).hexdigest()[:KEY_LENGTH]


class _Draft:
    """Collects what becomes the Plan."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._templates = rules.template if isinstance(rules.template, Templates) else Templates(rules.template)
        self.messages: list[Planned] = []
        self._refused: list[Problem] = []
        self._warnings: list[Problem] = []
        self._passed_over: list[tuple[int, str]] = []
        self._plain_number = plain_numbers(rules.layout, rules.country, rules.banner_rows)
        self._left_out = () if rules.is_hidden_included else rules.hidden_rows
        self._repeats = Repeats()
        self._days = Days()
        self._remarks = remarks.columns(rules.layout.columns, rules.layout.other_lines)
        self._tables = OtherTables(rules.layout, rules.timing.columns if rules.timing else ())
        self._rows = self._hidden = 0
        self._replaced: Counter[tuple[str, str]] = Counter()

    def take(self, number: int, cells: Sequence[Cell]) -> None:
        rules = self._rules
        plain = self._plain_number(number, cells)
        if plain is None and (why := passed_over(number, cells, rules.layout, rules.banner_rows)):
            self._pass_over(number, cells, why)
            return
        self._rows += 1
        if number in self._left_out:
            self._hide(number)
            return
        found = self._recipients(number, cells) if plain is None else ((plain,), ())
        self._plan(number, cells, *found)

    def _pass_over(self, number: int, cells: Sequence[Cell], why: str) -> None:
        self._passed_over += [(number, why)] if why != HEADING else []
        if why == REPEATED_HEADING:
            self._tables.note(number, cells)

    def _hide(self, number: int) -> None:
        self._hidden += 1
        self._warn(number, None, HIDDEN, _("The row is hidden or filtered out; --include-hidden sends it."))

    def _plan(self, number: int, cells: Sequence[Cell], numbers: Sequence[str], doubts: Sequence[Doubt]) -> None:
        """Refuse the row, or add its message. What is empty stays so and is refused: a signature alone says nothing."""
        finish, timing = self._rules.finish, self._rules.timing
        try:
            filling = self._templates.of(cells)
            if self._tables.renamed:
                self._tables.refuse(filling.template)
            written = filling.of(cells)
            text = written if finish is AS_WRITTEN or not written else finish.of(written)
            segments = count(text)
            slot = None if timing is None else self._slot(cells, timing)
        except (Unfilled, Untimely) as problem:
            self._refuse_once(Problem(number, problem.column, problem.code, problem.reason))
        except TextRefused as problem:
            self._refuse_once(Problem(number, None, problem.code, str(problem)))
        else:
            if numbers:
                message = Planned(number, numbers[0], text, segments, None if written == text else written, slot)
                self._add(message, numbers, cells, doubts, filling.template)

    def _slot(self, cells: Sequence[Cell], timing: Timing) -> Slot:
        """Raises Untimely; of messages that are spread later on their times tell."""
        slot = timing.of(cells)
        if not timing.wishes.spread:
            timing.refuse_late(slot)
        return slot

    def _recipients(self, number: int, cells: Sequence[Cell]) -> Recipients:
        rules = self._rules
        try:
            return choose(cells, rules.layout.phones, rules.phones, rules.country, rules.short_codes)
        except Unreachable as error:
            self._refused.append(Problem(number, error.column, error.code, error.reason))
            return NOBODY

    def _refuse_once(self, problem: Problem) -> None:
        """A row counts once: the phone's problem, if it has one, comes first."""
        if not (self._refused and self._refused[-1].row == problem.row):
            self._refused.append(problem)

    def _add(
        self,
        message: Planned,
        numbers: Sequence[str],
        cells: Sequence[Cell],
        doubts: Sequence[Doubt],
        template: Template,
    ) -> None:
        """The message for each number that has not got this text from a row above."""
        row, text, before = message.row, message.body, len(self.messages)
        for msisdn in numbers:
            if self._repeats.first(msisdn, text, row) == row:
                self.messages.append(message if msisdn == message.msisdn else message._replace(msisdn=msisdn))
        if len(self.messages) == before:
            self._refuse_duplicate(message, numbers)
            return
        if message.written is not None:
            self._replaced += self._rules.finish.replaced(message.written)
        self._days.note(row, cells, template)
        if doubts or self._remarks:
            self._warn_of_doubts(row, cells, doubts)
        if template.date_holes:
            self._warn_of_bare_numbers(row, cells, template)
        if message.slot is not None and message.slot.is_short_notice:
            self._warn(row, None, "short_notice", SHORT_NOTICE)

    def _refuse_duplicate(self, message: Planned, numbers: Sequence[str]) -> None:
        first = min(self._repeats.first(msisdn, message.body, message.row) for msisdn in numbers)
        reason = _("Row {first} has the same number and the same text.").format(first=first)
        self._refused.append(Problem(message.row, self._rules.layout.phone.name, DUPLICATE, reason))

    def _warn_of_doubts(self, number: int, cells: Sequence[Cell], doubts: Sequence[Doubt]) -> None:
        for doubt in (*doubts, *remarks.doubts(cells, self._remarks)):
            self._warn(number, doubt.column, doubt.code, doubt.reason)

    def _warn_of_bare_numbers(self, number: int, cells: Sequence[Cell], template: Template) -> None:
        for hole in template.date_holes:
            if reason := doubt_of_number(cell_at(cells, hole.column.index), hole.spec):
                self._warn(number, hole.column.name, "number_as_date", reason)

    def _warn(self, number: int, column: str | None, code: str, reason: str) -> None:
        self._warnings.append(Problem(number, column, code, reason))

    def _spread(self) -> None:
        """Give each message its time within the span; those for which that is too late are refused."""
        timing = self._rules.timing
        if timing is None or not timing.wishes.spread:
            return
        messages, self.messages = self.messages, []
        for message, slot in zip(messages, timing.spread([each.slot for each in messages if each.slot]), strict=True):
            try:
                timing.refuse_late(slot)
                self.messages.append(message._replace(slot=slot))
            except Untimely as problem:
                self._refused.append(Problem(message.row, problem.column, problem.code, problem.reason))

    def plan(self) -> Plan:
        self._spread()
        for row, column in self._days.among_dates():
            reason = _("The cell holds a bare number where most others hold a date: it goes out as it stands.")
            self._warn(row, column, "number_among_dates", reason)
        return Plan(
            tuple(self.messages),
            tuple(self._refused),
            tuple(self._warnings),
            self._rows,
            self._hidden,
            tuple(self._passed_over),
            self._replaced,
            self._days.named,
        )
