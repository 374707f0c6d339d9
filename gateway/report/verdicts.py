"""[pure] What is said of each row of the list: one verdict with its reason, made of the row's messages and notes.

A message bears its state in the queue; a row without one bears what the import said of it. Codes are for programs and
the same in every language, words are for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby

from gateway.i18n import _
from gateway.merge.plan import HARMLESS
from gateway.queue.results import Message
from gateway.queue.states import State
from gateway.retelling import retold

REFUSED, LEFT_OUT, KNOWN = "refused", "left_out", "known"
BETWEEN_NUMBERS = ", "
BETWEEN_WORDS = "; "


class Mood(Enum):
    """How good it is, the best first."""

    GOOD = "good"
    OPEN = "open"  # nobody knows yet
    NEUTRAL = "neutral"  # nothing was to be sent
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word for it, and what is said where nothing more is known."""

    word: str
    mood: Mood
    usual_reason: str = ""


VERDICTS: Mapping[str, Verdict] = {
    State.DELIVERED: Verdict(_("delivered"), Mood.GOOD),
    State.SENT: Verdict(_("sent"), Mood.OPEN, _("The network has it; no delivery report has come yet.")),
    State.UNCERTAIN: Verdict(_("uncertain"), Mood.OPEN, _("It may have gone out: the network did not answer.")),
    State.SENDING: Verdict(_("being sent"), Mood.OPEN, _("It is being handed to the network.")),
    State.QUEUED: Verdict(_("waiting"), Mood.OPEN, _("It waits for its turn.")),
    State.HELD: Verdict(_("on hold"), Mood.OPEN, _("It waits for a person to decide.")),
    State.UNDELIVERED: Verdict(_("not delivered"), Mood.BAD, _("The network says that it did not arrive.")),
    State.FAILED: Verdict(_("not sent"), Mood.BAD, _("Every try was refused.")),
    State.REJECTED: Verdict(_("rejected"), Mood.BAD, _("The number or a rule forbids it.")),
    State.EXPIRED: Verdict(_("too late"), Mood.BAD, _("Its time was over before it could go.")),
    State.CANCELLED: Verdict(_("cancelled"), Mood.NEUTRAL, _("It was taken back before it went out.")),
    REFUSED: Verdict(_("not accepted"), Mood.BAD),
    LEFT_OUT: Verdict(_("left out"), Mood.NEUTRAL),
    KNOWN: Verdict(_("queued before"), Mood.NEUTRAL, _("An earlier import has queued this text to this number.")),
}
STOPPED = {  # by the campaign's state, where nothing of it goes out
    "draft": _("It waits: the campaign has not begun."),
    "paused": _("It waits: the campaign is paused."),
}


@dataclass(frozen=True, slots=True)
class Note:
    """What the import said of a row."""

    row: int
    verdict: str  # refused, warning, known
    code: str
    column: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, or a row that became none."""

    row: int
    verdict: str  # a key of VERDICTS
    code: str | None
    reason: str = field(repr=False)
    message: Message | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the list with all its messages; times as text, in UTC."""

    row: int
    words: str
    mood: Mood
    reason: str = field(repr=False)
    numbers: str = field(repr=False)
    sms: int | None
    sent_at: str | None  # the first of them
    delivered_at: str | None  # the last of them
    reply: str | None = field(repr=False)


def entries(messages: Iterable[Message], notes: Iterable[Note], stage: str) -> list[Entry]:
    """By rows. What else the import said of a row that has a message is said with that."""
    said: dict[int, list[Note]] = {}
    for note in notes:
        said.setdefault(note.row, []).append(note)
    found = [_of_message(message, said.get(message.row, ()), stage) for message in messages]
    rows = {entry.row for entry in found}
    found += [_of_note(note) for row, several in said.items() if row not in rows for note in _leading(several)]
    return sorted(found, key=lambda entry: entry.row)


def results(found: Iterable[Entry]) -> list[Result]:
    """One for each row of the list, in its order."""
    return [_result(row, list(several)) for row, several in groupby(found, key=lambda entry: entry.row)]


def _of_message(message: Message, notes: Sequence[Note], stage: str) -> Entry:
    verdict = VERDICTS[message.state]
    stopped = STOPPED.get(stage) if message.state == State.QUEUED else None
    reason = stopped or retold(message.reason or "") or verdict.usual_reason
    said = " ".join(filter(None, (reason, *(note.reason for note in notes)))) if notes else reason
    return Entry(message.row, message.state, message.code, said, message)


def _leading(notes: Sequence[Note]) -> Sequence[Note]:
    """Of several notes of a row without a message that which says why it has none."""
    return [note for note in notes if note.verdict != "warning"][:1] or notes[:1]


def _of_note(note: Note) -> Entry:
    verdict = LEFT_OUT if note.verdict == "warning" or note.code in HARMLESS else note.verdict
    reason = note.reason or VERDICTS[verdict].usual_reason
    return Entry(note.row, verdict, note.code, reason, column=note.column)


def _result(row: int, several: Sequence[Entry]) -> Result:
    return _of_one(several[0]) if len(several) == 1 else _of_several(row, several)


def _of_one(entry: Entry) -> Result:
    """As nearly every row has it."""
    verdict, message = VERDICTS[entry.verdict], entry.message
    if message is None:
        return Result(entry.row, verdict.word, verdict.mood, entry.reason, "", None, None, None, None)
    number, sms, times = message.number or "", message.sms or None, (message.sent_at, message.delivered_at)
    return Result(entry.row, verdict.word, verdict.mood, entry.reason, number, sms, *times, message.reply)


def _of_several(row: int, several: Sequence[Entry]) -> Result:
    messages = [entry.message for entry in several if entry.message is not None]
    moods = [VERDICTS[entry.verdict].mood for entry in several]
    return Result(
        row,
        _joined(VERDICTS[entry.verdict].word for entry in several),
        max(moods, key=list(Mood).index),
        _joined((entry.reason for entry in several), " "),
        BETWEEN_NUMBERS.join(message.number for message in messages if message.number),
        sum(message.sms or 0 for message in messages) or None,
        min((message.sent_at for message in messages if message.sent_at), default=None),
        max((message.delivered_at for message in messages if message.delivered_at), default=None),
        _joined((message.reply for message in messages if message.reply), BETWEEN_WORDS) or None,
    )


def _joined(words: Iterable[str], between: str = BETWEEN_WORDS) -> str:
    """Each once, in their order."""
    return between.join(filter(None, dict.fromkeys(words)))
