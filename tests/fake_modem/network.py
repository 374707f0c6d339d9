"""The network behind all modems: accepts submits, joins their parts as a handset does, and sends reports back."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.fake_modem import network_codec
from tests.fake_modem.account import Congestion
from tests.fake_modem.codec import Part, Submit
from tests.fake_modem.faults import REPORT
from tests.fake_modem.journal import Journal
from tests.fake_modem.loop import Loop
from tests.fake_modem.rules import Rule
from tests.fake_modem.sim import Sim


@dataclass(frozen=True, slots=True)
class Inbound:
    """A report or message on its way to a modem, without the service-centre field."""

    tpdu: bytes
    is_report: bool
    message_class: int | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A whole text on a handset."""

    text: str
    sender: str
    parts: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Taken:
    """An SMS that the network took."""

    sim: Sim
    submit: Submit
    reference: int
    at: datetime


PartKey = tuple[str, str, int, int, bool]


@dataclass
class Network:
    """Who got what. `phones` has each handset's texts, in the order in which they became whole."""

    loop: Loop
    journal: Journal
    report_s: float
    chance: random.Random
    rules: dict[str, Rule] = field(default_factory=dict)
    default_rule: Rule = field(default_factory=Rule)
    phones: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    received: dict[str, list[Received]] = field(default_factory=lambda: defaultdict(list))
    incomplete: dict[PartKey, dict[int, str]] = field(default_factory=dict)
    congestion: Congestion = field(default_factory=Congestion)
    switched_off: dict[str, list[_Taken]] = field(default_factory=dict)  # handset -> what waits for it
    _turns: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def rule_for(self, recipient: str) -> Rule:
        return self.rules.get(recipient, self.default_rule)

    def refusal(self, recipient: str) -> str | None:
        """By which error it refuses an SMS to this number, if it does."""
        if self.congestion.strikes(self.chance.random(), time.monotonic()):
            return self.congestion.code
        return self.rule_for(recipient).code

    def accept(self, sim: Sim, submit: Submit, reference: int) -> None:
        """Take a submit for good: the handset gets it, the sender gets the reports that the rule says."""
        taken = _Taken(sim, submit, reference, datetime.now(UTC))
        if submit.recipient in self.switched_off:
            self.switched_off[submit.recipient].append(taken)
        else:
            self._deliver(taken)

    def switch_off(self, number: str) -> None:
        self.switched_off.setdefault(number, [])

    def switch_on(self, number: str) -> None:
        """The handset gets all that waited for it."""
        for taken in self.switched_off.pop(number, []):
            self._deliver(taken)

    def _deliver(self, taken: _Taken) -> None:
        rule = self.rule_for(taken.submit.recipient)
        if rule.is_received:
            self._hand_over(taken.sim.number, taken.submit)
        if taken.submit.wants_report:
            self._plan_reports(taken, rule)

    def _plan_reports(self, taken: _Taken, rule: Rule) -> None:
        submit, reference, accepted_at = taken.submit, taken.reference, taken.at
        for delay_s, tp_st in rule.reports:
            send = _Report(self, taken.sim, submit.recipient, reference, accepted_at, tp_st, rule)
            for _ in range(rule.copies):
                wait_s = 0.0 if rule.is_early else self._delay(rule, submit.recipient, delay_s)
                if rule.is_early:
                    send()
                else:
                    self.loop.after(wait_s, send)

    def _delay(self, rule: Rule, recipient: str, delay_s: float | None) -> float:
        if rule.delays_s:
            turn = self._turns[recipient]
            self._turns[recipient] += 1
            return rule.delays_s[turn % len(rule.delays_s)]
        chosen_s = self.report_s if delay_s is None else delay_s
        return chosen_s + (self.chance.uniform(0, rule.spread_s) if rule.spread_s else 0.0)

    def _hand_over(self, sender: str, submit: Submit) -> None:
        if submit.part is None:
            self._show(sender, submit.recipient, submit.text, 1)
            return
        key = _key(sender, submit.recipient, submit.part)
        parts = self.incomplete.setdefault(key, {})
        parts[submit.part.number] = submit.text
        if len(parts) == submit.part.total:
            del self.incomplete[key]
            self._show(sender, submit.recipient, "".join(parts[number] for number in sorted(parts)), len(parts))

    def _show(self, sender: str, recipient: str, text: str, parts: int) -> None:
        self.phones[recipient].append(text)
        self.received[recipient].append(Received(text, sender, parts, datetime.now(UTC)))
        self.journal.write("delivered", recipient=recipient, text=text, parts=parts, sender=sender)


def _key(sender: str, recipient: str, part: Part) -> PartKey:
    return (sender, recipient, part.reference, part.total, part.is_wide)


@dataclass(frozen=True, slots=True)
class _Report:
    """One status report, written when its time has come."""

    network: Network
    sim: Sim
    recipient: str
    reference: int
    accepted_at: datetime
    tp_st: int
    rule: Rule

    def __call__(self) -> None:
        modem = self.sim.holder
        fault = modem.faults.take(REPORT, self.recipient) if modem else None
        kind = fault.kind if fault else None
        self.network.journal.write(
            "report",
            modem=modem.name if modem else None,
            tp_mr=self.reference,
            tp_st=self.tp_st,
            recipient=self.recipient,
            fault=kind,
        )
        if kind != "report_lost":
            self._bring(Inbound(self._tpdu(), is_report=True, fault=kind))

    def _bring(self, inbound: Inbound) -> None:
        """To the SIM that sent it, in whichever device that is by now; to one in a drawer, later."""
        self.sim.waiting.append(inbound)
        if self.sim.holder is not None:
            self.sim.holder.routing.go_on()

    def _tpdu(self) -> bytes:
        stamp, discharged = self._stamps()
        recipient = network_codec.report_address(self.recipient, self.rule.number)
        return network_codec.status_report(self.reference, recipient, stamp, discharged, self.tp_st)

    def _stamps(self) -> tuple[bytes, bytes]:
        if self.rule.stamp != "true":
            odd = _ODD_STAMPS[self.rule.stamp]
            return odd, odd
        return network_codec.time_stamp(self.accepted_at), network_codec.time_stamp(datetime.now(UTC))


_ODD_STAMPS: Mapping[str, bytes] = {"zero": network_codec.ZERO_STAMP, "filled": network_codec.FILLED_STAMP}
