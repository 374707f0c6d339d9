"""[pure] What the preview says of the times at which messages go."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

from gateway import forms
from gateway.i18n import _, ngettext
from gateway.merge.plan import Plan, Planned


def lines(plan: Plan, zone: tzinfo) -> list[str]:
    """Sentences for a person, by the clinic's clock; none when nothing was said of times."""
    slots = [message.slot for message in plan.messages if message.slot is not None]
    if not slots:
        return []
    later = [slot.send_at for slot in slots if slot.send_at is not None]
    at_once, ends = len(slots) - len(later), [slot.expires_at for slot in slots if slot.expires_at is not None]
    said = [_from_to(min(later), max(later), zone)] if later else []
    if at_once and later:
        sentence = ngettext("{count} of them goes at once.", "{count} of them go at once.", at_once)
        said.append(sentence.format(count=forms.whole(at_once)))
    if ends and min(ends) == max(ends):
        said.append(_("What could not go by {time} does not go.").format(time=forms.moment(ends[0], zone)))
    if later and any(str(slot.zone) != str(zone) for slot in slots):
        said.append(_("Beside a row stands the time by its own clock."))
    return said


def document(message: Planned) -> dict[str, Any]:
    """Two keys of a message in the document; none when nothing was said of times."""
    if message.slot is None:
        return {}
    return {"send_at": text(message.slot.send_at), "expires_at": text(message.slot.expires_at)}


def _starts(message: Planned, now: datetime) -> datetime:
    return max(now, message.slot.send_at) if message.slot and message.slot.send_at else now


def _from_to(first: datetime, last: datetime, zone: tzinfo) -> str:
    if first == last:
        return _("They go at {first} ({zone}).").format(first=forms.moment(first, zone), zone=zone)
    return _("They go from {first} to {last} ({zone}).").format(
        first=forms.moment(first, zone), last=forms.moment(last, zone), zone=zone
    )


def text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
