"""[pure] From facts to alarms: a table of checks, each of which says what is amiss and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta, tzinfo
from statistics import median

from gateway import forms
from gateway.alarms.values import Alarm, CarrierFacts, Facts, Low, Rules
from gateway.alarms.words import FILTERED, FILTERED_OVER_BIND, NO_MODEM, NO_WAY_OUT, OF_A_BIND, OF_A_MODEM
from gateway.i18n import _, ngettext
from gateway.life import Life

# Some centres give their stamps a wrong zone: off by whole quarters of an hour, at most from UTC-12 to UTC+14.
QUARTER_S, ZONES_S = 15 * 60.0, 26 * 3600.0
STAMP_S = 60.0  # a right stamp is nearer than this to our own time
LEAST_STAMPS = 3  # fewer say nothing about a clock

# Codes of alarms: stable words, as [[notify]] `only` has them (settings/alarms.py).
NO_CARRIER = "no_carrier"
CARRIER_DOWN = "carrier_down"
OLDEST_QUEUED = "oldest_queued"
DELIVERY_RATE = "delivery_rate"
BALANCE_LOW = "balance_low"
ALLOWANCE_LOW = "allowance_low"
STORAGE_FULL = "storage_full"
HELD = "held"
DISK_FULL = "disk_full"
CLOCK_OFF = "clock_off"
HUNG = "hung"
DATABASE_NOT_WRITABLE = "database_not_writable"
STORM = "storm"
# States of a carrier that need a person, so nobody waits for carrier_down.
AT_ONCE: Mapping[str, str] = {
    Life.FAILED: "carrier_failed",
    Life.BLOCKED: "carrier_blocked",
    Life.NEEDS_PIN: "needs_pin",
}

WELL = frozenset({Life.READY, Life.PAUSED})  # a paused one is so because somebody wants it
SETTLING = timedelta(minutes=5)  # after a start: until then not every modem has been seen, nor its account asked for
# Alarms that go by what a carrier has shown, and by which of its facts.
SHOWN_BY: Mapping[str, str] = {
    **dict.fromkeys([*AT_ONCE.values(), CARRIER_DOWN], "state"),
    BALANCE_LOW: "balance",
    ALLOWANCE_LOW: "allowance",
    STORAGE_FULL: "storage_percent",
}


Check = Callable[[Facts, Rules], Iterator[Alarm]]


def judge(facts: Facts, rules: Rules) -> list[Alarm]:
    """All that is amiss now."""
    return [alarm for check in CHECKS for alarm in check(facts, rules)]


def undecided(facts: Facts) -> frozenset[tuple[str, str]]:
    """The alarms that are not over, though nothing shows them now: their carrier has yet to tell how it is."""
    carriers = {carrier.name: carrier for carrier in facts.carriers}
    is_settling = facts.now - facts.started_at < SETTLING
    return frozenset(
        (code, subject)
        for code, subject in facts.raised
        if code in SHOWN_BY and not _is_shown(carriers.get(subject), SHOWN_BY[code], is_settling)
    )


def _is_shown(carrier: CarrierFacts | None, fact: str, is_settling: bool) -> bool:
    if carrier is not None and carrier.state == Life.STARTING:
        return False
    return not is_settling or (carrier is not None and getattr(carrier, fact) is not None)


def _no_carrier(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    """A start gives modems time anew, but ends no alarm."""
    is_raised = (NO_CARRIER, "") in facts.raised
    since = max(facts.started_at, facts.able_at or facts.started_at)
    if is_raised and facts.able_at:
        since = facts.able_at
    is_able = any(carrier.state == Life.READY for carrier in facts.carriers)
    if not is_able and (is_raised or facts.now - since > timedelta(seconds=rules.alarms.no_carrier)):
        idle, waiting, remedy = NO_WAY_OUT if any(carrier.is_bind for carrier in facts.carriers) else NO_MODEM
        sentence = idle if facts.oldest_queued_s is None else waiting
        yield Alarm(NO_CARRIER, sentence.format(since=forms.moment(since, rules.timezone)), remedy)


def _carrier_down(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    for carrier in facts.carriers:
        if carrier.state in AT_ONCE or carrier.state in WELL:
            continue
        since = max(carrier.since or facts.started_at, facts.started_at)
        is_raised = (CARRIER_DOWN, carrier.name) in facts.raised
        if is_raised or facts.now - since > timedelta(seconds=rules.alarms.carrier_down):
            text = _("{name} cannot send: {state}. {detail}").format(
                name=carrier.name, state=carrier.state, detail=carrier.detail
            )
            yield Alarm(CARRIER_DOWN, text.strip(), _("`smsgw doctor` says what to do."), carrier.name)


def _needs_a_person(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    for carrier in facts.carriers:
        code = AT_ONCE.get(carrier.state)
        if code and carrier.name not in facts.hung:
            text = _("{name} is out of service: {state}. {detail}").format(
                name=carrier.name, state=carrier.state, detail=carrier.detail
            )
            remedy = (OF_A_BIND if carrier.is_bind else OF_A_MODEM)[carrier.state].format(name=carrier.name)
            yield Alarm(code, text.strip(), remedy, carrier.name)


def _oldest_queued(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    if facts.oldest_queued_s is not None and facts.oldest_queued_s > rules.alarms.oldest_queued:
        minutes = int(facts.oldest_queued_s // 60)
        text = ngettext(
            "A message has waited for {count} minute.", "A message has waited for {count} minutes.", minutes
        ).format(count=minutes)
        yield Alarm(OLDEST_QUEUED, text, _("Look at `smsgw status`: is a limit reached, is a modem or a bind away?"))


def _delivery_rate(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    for name, (delivered, undelivered) in sorted(facts.reported.items()):
        reported = delivered + undelivered
        if reported < max(1, rules.alarms.delivery_least) or delivered * 100 >= rules.alarms.delivery_rate * reported:
            continue
        text = ngettext(
            "Over {name} only {delivered} of {reported} message arrived in the last 24 hours.",
            "Over {name} only {delivered} of {reported} messages arrived in the last 24 hours.",
            reported,
        ).format(name=name, delivered=delivered, reported=reported)
        is_bind = any(carrier.is_bind for carrier in facts.carriers if carrier.name == name)
        yield Alarm(DELIVERY_RATE, text, FILTERED_OVER_BIND if is_bind else FILTERED, name)


def _account(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    for carrier in facts.carriers:
        low = rules.low.get(carrier.name, Low())
        top_up = _("Top up its account.")
        if carrier.balance is not None and low.balance is not None and carrier.balance < low.balance:
            text = _("The balance of {name} is {balance}.").format(
                name=carrier.name, balance=forms.money(carrier.balance)
            )
            yield Alarm(BALANCE_LOW, text + _forecast(carrier, rules.timezone), top_up, carrier.name)
        if carrier.allowance is not None and low.allowance is not None and carrier.allowance < low.allowance:
            text = _("The plan of {name} has {count} SMS left.").format(
                name=carrier.name, count=forms.whole(carrier.allowance)
            )
            yield Alarm(ALLOWANCE_LOW, text + _forecast(carrier, rules.timezone), top_up, carrier.name)


def _forecast(carrier: CarrierFacts, timezone: tzinfo) -> str:
    """Until which day it lasts, where that can be told."""
    if carrier.runs_out_at is None:
        return ""
    day = forms.day(carrier.runs_out_at.astimezone(timezone))
    return " " + _("At the rate of the last weeks it lasts until {date}.").format(date=day)


def _storage_full(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    for carrier in facts.carriers:
        if carrier.storage_percent is not None and carrier.storage_percent >= rules.alarms.storage_full:
            text = _("The message storage of {name} is {percent} % taken.").format(
                name=carrier.name, percent=carrier.storage_percent
            )
            remedy = _("Delete old messages of the SIM in a phone; when it is full, nothing more comes in.")
            yield Alarm(STORAGE_FULL, text, remedy, carrier.name)


def _held(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    for code, count in sorted(facts.held.items()):
        text = ngettext(
            "{count} message is held ({code}) and waits for a person.",
            "{count} messages are held ({code}) and wait for a person.",
            count,
        ).format(count=count, code=code)
        remedy = _("`smsgw outbox list --state held` shows them; release or cancel them.")
        yield Alarm(HELD, text, remedy, code)


def _storm(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    if facts.past_limit:
        text = ngettext(
            "{count} emergency went out in the last 24 hours though its number had its messages of a day.",
            "{count} emergencies went out in the last 24 hours though their numbers had their messages of a day.",
            facts.past_limit,
        ).format(count=facts.past_limit)
        remedy = _("Is a program in a loop? `smsgw outbox show {id}` shows the last one.")
        yield Alarm(STORM, text, remedy.format(id=facts.last_past_limit))


def _disk_full(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    if facts.disk_free_mb is not None and facts.disk_free_mb < rules.alarms.disk_free_mb:
        text = _("The database's disk has only {megabytes:.0f} MB left.").format(megabytes=facts.disk_free_mb)
        yield Alarm(DISK_FULL, text, _("Free some space: on a full disk nothing can be sent."))


def _clock_off(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    """The network knows best; where it says nothing, what was the clock's own time before must be over."""
    off_s = _off_s(facts)
    if text := _set_back(facts, rules) if off_s is None else _differs(off_s, rules):
        yield Alarm(
            CLOCK_OFF, text, _("Set this machine's clock and let it be kept right: `timedatectl set-ntp true`.")
        )


def _set_back(facts: Facts, rules: Rules) -> str:
    """Empty: it was not; or a time server keeps it right now, so it was ahead before."""
    latest, limit = facts.latest_at, timedelta(seconds=rules.alarms.clock_off)
    if latest is None or latest - facts.now <= limit or facts.is_clock_kept:
        return ""
    text = _("The clock was set back: the gateway worked at {moment} already, and that is still to come.")
    return text.format(moment=forms.moment(latest, rules.timezone))


def _differs(off_s: float, rules: Rules) -> str:
    if abs(off_s) <= rules.alarms.clock_off:
        return ""
    minutes = round(abs(off_s) / 60)
    return ngettext(
        "The clock differs from the network's by {minutes} minute.",
        "The clock differs from the network's by {minutes} minutes.",
        minutes,
    ).format(minutes=minutes)


def is_clock_right(facts: Facts, rules: Rules) -> bool:
    """Whether the network says so, or a time server, where the network says nothing."""
    off_s = _off_s(facts)
    return facts.is_clock_kept if off_s is None else abs(off_s) <= rules.alarms.clock_off


def _off_s(facts: Facts) -> float | None:
    """How far the network's clock is ahead of ours; None: it says too little, or its zone may be to blame."""
    if len(facts.stamp_differences_s) < LEAST_STAMPS:
        return None
    off_s = median(facts.stamp_differences_s)
    return None if _is_wrong_zone(off_s) else off_s


def _hung(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    if facts.hung:
        text = _("A part of the gateway does not move any more: {names}.").format(names=", ".join(facts.hung))
        yield Alarm(HUNG, text, _("Restart it: `systemctl restart smsgw`; its log says where it stood."))


def _database_not_writable(facts: Facts, rules: Rules) -> Iterator[Alarm]:
    """Of the messages: the daemon beats on, and carriers count as ready."""
    if facts.write_fault:
        text = _("No message can be written or sent: SQLite says “{words}”.").format(words=facts.write_fault)
        remedy = _("Give the triggers of other programs what they need, or DROP TRIGGER: {names}.")
        yield Alarm(DATABASE_NOT_WRITABLE, text, remedy.format(names=", ".join(facts.strangers)))


def _is_wrong_zone(difference_s: float) -> bool:
    """Whether the centre's zone may be to blame; a clock that is off by just so much can't be told from that."""
    quarters = round(difference_s / QUARTER_S)
    return quarters != 0 and abs(difference_s) <= ZONES_S and abs(difference_s - quarters * QUARTER_S) <= STAMP_S


CHECKS: tuple[Check, ...] = (
    _no_carrier,
    _carrier_down,
    _needs_a_person,
    _oldest_queued,
    _delivery_rate,
    _account,
    _storage_full,
    _held,
    _storm,
    _disk_full,
    _clock_off,
    _hung,
    _database_not_writable,
)
