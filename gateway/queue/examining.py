"""[pure] What a writer wrote, examined: fit to be sent, and how; or not, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from gateway import routing
from gateway.i18n import _
from gateway.queue import times
from gateway.queue.rules import Category, IntakeRules, category_name, is_found_name
from gateway.queue.states import State
from gateway.routing import Facts
from gateway.sms import number, quick_number, segmentation
from gateway.sms.message import TextRefused

# Codes of NumberError that outbox.error_code says as they are; the others are `invalid_recipient`.
NUMBER_CODES = frozenset({"landline", "toll_free", "emergency_number", "short_code"})
MAX_CHARACTERS = 255 * 153  # 255 segments of 153 septets: longer texts need no counting
MOST_REMEMBERED = 2000  # characters of a text whose count is remembered
TEXT_CODES = {"empty_text": "empty_text", "text_too_long": "too_long"}  # TextRefused.code; the others: `invalid_text`
WHOLE_FLOAT = re.compile(r"(\d+)\.0")  # how SQLite writes a number that a program gave as a float
PRIORITIES = range(10)
NO_CODING = "no_coding"
NOT_WRITTEN = _(
    "It has a character, such as €, that no carrier of its route can write in a text of this length."
    " Leave it out or shorten the text; or ask the operator whether gsm7 must stay as it is."
)


@dataclass(frozen=True, slots=True)
class Written:
    """The writer's columns of a row: text as its octets, because it may not be text."""

    recipient: bytes | None = field(repr=False)
    body: bytes | None = field(repr=False)
    category: bytes | None
    priority: object
    sender: bytes | None
    not_before: bytes | None
    expires_at: bytes | None
    created_at: str


@dataclass(frozen=True, slots=True)
class Fit:
    """It can be sent: what the queue goes by."""

    msisdn: str = field(repr=False)
    segments: int
    rank: int
    route: str  # a way of gateway.routing; '' any carrier
    not_before: datetime | None
    expires: datetime

    def waits(self, now: datetime) -> bool:
        """Whether its time is still to come."""
        return self.not_before is not None and self.not_before > now


class Unfit(Exception):
    """It will not be sent: the state it goes to, a stable code and one sentence for a person."""

    def __init__(self, code: str, text: str, state: State = State.REJECTED) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.state = state


def examine(written: Written, rules: IntakeRules, now: datetime) -> Fit:
    """What to do with the message; raises Unfit."""
    msisdn = _msisdn(written.recipient, rules)
    segments = _segments(written.body)
    category = _category(written.category, rules)
    rank = _rank(written.priority, category)
    route = _able(_route(written, msisdn, segments, rules), written.body, rules)
    _check_limits(segments, route, rules)
    not_before, expires = _times(written, category, rules)
    if expires <= now:
        raise Unfit("expired", _("It was too late when the message was examined."), State.EXPIRED)
    return Fit(msisdn, segments, rank, route, not_before, expires)


def _text(octets: bytes | None, column: str, code: str) -> str:
    try:
        return (octets or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        sentence = _("{column} is not UTF-8 text: octet {octet} is not part of a character.")
        raise Unfit(code, sentence.format(column=column, octet=error.start + 1)) from None


def _msisdn(octets: bytes | None, rules: IntakeRules) -> str:
    text = _text(octets, "recipient", "invalid_recipient")
    if not text.strip():
        raise Unfit("invalid_recipient", _("There is no number."))
    if quick := quick_number.read(text, rules.country):
        return quick
    whole = WHOLE_FLOAT.fullmatch(text)
    try:
        return number.parse(whole[1] if whole else text, rules.country, rules.short_codes).msisdn
    except number.NumberError as error:
        code = error.code if error.code in NUMBER_CODES else "invalid_recipient"
        raise Unfit(code, error.reason) from None


def _segments(octets: bytes | None) -> int:
    text = _text(octets, "body", "invalid_text")
    if len(text) > MAX_CHARACTERS:
        raise Unfit("too_long", _("The text needs more than 255 SMS."))
    try:
        return segmentation.count(text) if len(text) > MOST_REMEMBERED else _count(text)
    except TextRefused as error:
        raise Unfit(TEXT_CODES.get(error.code, "invalid_text"), str(error)) from None


@lru_cache(maxsize=16)
def _count(text: str) -> int:
    """Many rows one after the other say the same."""
    return segmentation.count(text)


def _category(octets: bytes | None, rules: IntakeRules) -> Category:
    category = rules.category(_text(octets, "category", "invalid_category"))
    if category is None:
        sentence = _("There is no such category; there are {categories}.")
        raise Unfit("invalid_category", sentence.format(categories=", ".join(sorted(rules.categories))))
    return category


def _rank(priority: object, category: Category) -> int:
    """SQLite has made an integer of whatever looks like one."""
    if priority is None or (isinstance(priority, str) and not priority.strip()):
        return category.priority
    if priority not in PRIORITIES:
        raise Unfit("invalid_priority", _("The priority is not a whole number from 0 to 9."))
    return int(priority)  # type: ignore[call-overload, no-any-return]


def _route(written: Written, msisdn: str, segments: int, rules: IntakeRules) -> str:
    """The way that it goes: over the carrier that the writer names, else over those that its route and sender allow."""
    sender = _text(written.sender, "sender", "unknown_sender").strip()
    if not sender and not rules.routes:
        return routing.ANY
    if sender in rules.carriers or (sender and sender not in rules.senders):
        return _pinned(sender, rules)
    category = category_name(_text(written.category, "category", "invalid_category"))
    way = rules.way(Facts(msisdn, category, sender, segments))
    if way is None:
        sentence = _("Its route leads over no carrier that has the sender {sender}: `smsgw route` explains it.")
        raise Unfit("no_route", sentence.format(sender=sender))
    return way


def check_way(
    msisdn: str, body: str, segments: int, category: str | None, sender: str | None, rules: IntakeRules
) -> None:
    """Raises Unfit for a message that no carrier may take, or none that may can write."""
    octets = [None if text is None else text.encode() for text in (category, sender)]
    written = Written(None, body.encode(), octets[0], None, octets[1], None, None, "")
    _able(_route(written, msisdn, segments, rules), written.body, rules)


def check_sender(sender: str, rules: IntakeRules) -> None:
    """Raises Unfit for one that neither a carrier nor a bind has; none and blank are no wish."""
    if (name := sender.strip()) and name not in rules.senders:
        _pinned(name, rules)


def check_time(text: str, name: str, rules: IntakeRules) -> None:
    """Raises Unfit, which calls it by `name`; blank is no wish."""
    _time(text.encode("utf-8", "surrogateescape"), name, rules)


def _pinned(sender: str, rules: IntakeRules) -> str:
    """The carrier of that name; one that may still be found is waited for."""
    if sender in rules.carriers or (not rules.are_carriers_known and is_found_name(sender)):
        return sender
    sentence = _("The sender is not the name of a carrier, and no bind has it; there are {names}.")
    names = ", ".join(sorted({*rules.carriers, *rules.senders}))
    raise Unfit("unknown_sender", sentence.format(names=names or "-"))


def _able(route: str, body: bytes | None, rules: IntakeRules) -> str:
    """Without those that can't write one of its characters: no part of it may go out before that is known."""
    if not rules.lacking:
        return route
    way = rules.able_way(route, (body or b"").decode("utf-8"))
    if way is None:
        raise Unfit(NO_CODING, NOT_WRITTEN)
    return way


def _check_limits(segments: int, route: str, rules: IntakeRules) -> None:
    """A message that is longer than a whole day's or month's limit would wait for ever."""
    most = rules.most_sms(route)
    if most is not None and segments > most:
        sentence = _("It takes {segments} SMS, and max_per_day or max_per_month lets {most} out: it could never go.")
        raise Unfit("over_limit", sentence.format(segments=segments, most=most))


def _times(written: Written, category: Category, rules: IntakeRules) -> tuple[datetime | None, datetime]:
    """Not before, and the effective expiry."""
    not_before = _time(written.not_before, "not_before", rules)
    expires_at = _time(written.expires_at, "expires_at", rules)
    start = max(times.read(written.created_at, rules.zone), not_before or times.EARLIEST)
    if expires_at is None:
        return not_before, start + timedelta(seconds=category.expires_after_s)
    if not_before is not None and expires_at <= not_before:
        raise Unfit("invalid_time", _("expires_at is not later than not_before."))
    return not_before, expires_at


def _time(octets: bytes | None, column: str, rules: IntakeRules) -> datetime | None:
    text = _text(octets, column, "invalid_time").strip()
    try:
        return times.read(text, rules.zone) if text else None
    except ValueError:
        sentence = _("{column} is not a time such as 2026-11-22 09:30 or 2026-11-22T09:30:00+03:00.")
        raise Unfit("invalid_time", sentence.format(column=column)) from None
