"""[pure] The figures of a campaign: messages by verdict, and how many of those that went out arrived.

The share delivered is that of all that went out, those without a delivery report included: silence is no delivery. An
hour is one of the clinic's clock, over all days together. The operator is the one of the SIM that sent, as it is now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from gateway.queue import times
from gateway.queue.results import Message
from gateway.queue.states import State
from gateway.report.verdicts import VERDICTS, Entry

UNKNOWN = ""  # an operator that nobody told
REPORTED = (State.DELIVERED, State.UNDELIVERED)  # it went out, even if nobody saw it go
LOST = (State.UNDELIVERED, State.FAILED, State.CANCELLED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that went out, all in one hour or over one carrier or operator."""

    name: str
    sent: int = 0
    delivered: int = 0
    lost: int = 0  # it is known not to have arrived
    sms: int = 0

    @property
    def without_report(self) -> int:
        return self.sent - self.delivered - self.lost

    @property
    def rate(self) -> float | None:
        """The share delivered, 0 to 1."""
        return self.delivered / self.sent if self.sent else None


@dataclass(frozen=True, slots=True)
class Summary:
    """All that is said of a campaign as a whole."""

    rows: int  # of the list that have a verdict
    messages: int
    verdicts: Mapping[str, int]  # code -> entries, in the order of VERDICTS, those that there are
    total: Group
    hours: Sequence[Group]  # `09`
    operators: Sequence[Group]
    carriers: Sequence[Group]
    replies: int
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    removed: int = 0  # messages that retention has taken away


def summarize(found: Sequence[Entry], operators: Mapping[str, str], zone: tzinfo, removed: int = 0) -> Summary:
    messages = [entry.message for entry in found if entry.message is not None]
    out = [message for message in messages if message.sent_at is not None or message.state in REPORTED]
    counts = Counter(entry.verdict for entry in found)
    moments = sorted({message.sent_at for message in out if message.sent_at})
    return Summary(
        rows=len({entry.row for entry in found}),
        messages=len(messages),
        verdicts={code: counts[code] for code in VERDICTS if counts[code]},
        total=_group("", out),
        hours=_hours(out, zone),
        operators=_groups(out, lambda message: operators.get(message.carrier or "", UNKNOWN)),
        carriers=_groups(out, lambda message: message.carrier or UNKNOWN),
        replies=sum(message.reply is not None for message in messages),
        first_sent_at=times.from_text(moments[0]) if moments else None,
        last_sent_at=times.from_text(moments[-1]) if moments else None,
        removed=removed,
    )


def _hours(messages: Iterable[Message], zone: tzinfo) -> list[Group]:
    """From the first hour to the last with those between, so that a gap is seen as one."""
    seen = [message for message in messages if message.sent_at is not None]
    found = {group.name: group for group in _groups(seen, lambda message: _hour(message.sent_at or "", zone))}
    names = [f"{hour:02}" for hour in range(24)]
    used = [place for place, name in enumerate(names) if name in found]
    return [found.get(name, Group(name)) for name in names[used[0] : used[-1] + 1]] if used else []


def _hour(moment: str, zone: tzinfo) -> str:
    return times.from_text(moment).astimezone(zone).strftime("%H")


def _groups(messages: Iterable[Message], name_of: Callable[[Message], str]) -> list[Group]:
    """The largest first."""
    several: dict[str, list[Message]] = {}
    for message in messages:
        several.setdefault(name_of(message), []).append(message)
    return sorted((_group(*each) for each in several.items()), key=lambda group: (-group.sent, group.name))


def _group(name: str, messages: Sequence[Message]) -> Group:
    states = Counter(message.state for message in messages)
    return Group(
        name,
        len(messages),
        states[State.DELIVERED],
        sum(states[state] for state in LOST),
        sum(message.sms or 0 for message in messages),
    )
