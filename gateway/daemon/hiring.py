"""A carrier's worker is made, and a modem's changed while it works, by the configuration as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.daemon.pin_book import PinBook
from gateway.modem.carrier import ModemCarrier
from gateway.plan.limits import CAPS
from gateway.queue.rules import IntakeRules
from gateway.settings import ModemSettings, SmppSettings
from gateway.settings.rules import bind_plan, modem_plan
from gateway.worker.accounts import Accounts
from gateway.worker.gate import Gate
from gateway.worker.leave import Leave
from gateway.worker.loop import Worker
from gateway.worker.purse import Asking
from gateway.worker.sharing import Sharing
from gateway.worker.switchboard import Switchboard

# The keys of a [[modem]] table that a worker takes over while its modem is open, or that are others' matter: prefixes
# the dispatcher's, what is low the alarms'. For every other key the modem is opened anew.
IN_PLACE = frozenset(
    {
        *CAPS,
        *("min_interval", "jitter", "warm_up", "quiet"),
        *("balance_ussd", "balance_pattern", "balance_every", "balance_low", "allowance_low"),
        *("may_reset", "prefixes", "cost"),
    }
)


class Hiring:
    """Any thread may call it."""

    def __init__(
        self, database: Path, rules: IntakeRules, gate: Gate | None, switchboard: Switchboard | None = None
    ) -> None:
        self._database = database
        self._rules = rules
        self._gate = gate
        self._sharing = Sharing()
        self._accounts = Accounts()
        self._switchboard = switchboard

    def apply(self, rules: IntakeRules) -> bool:
        """Go by these from now on; whether they are others for a worker too, so that all are to be replaced."""
        is_new = _of_workers(rules) != _of_workers(self._rules)
        self._rules = rules
        return is_new

    def worker(self, modem: ModemSettings) -> Worker:
        """Not started yet."""
        timezone = ZoneInfo(self._rules.timezone)
        carrier = ModemCarrier(modem, PinBook(self._database))
        worker = Worker(
            carrier,
            self._database,
            self._rules,
            leave=Leave(modem_plan(modem), timezone),
            gate=self._gate,
            sharing=self._sharing,
            switchboard=self._switchboard,
            asking=Asking.of(modem),
            timezone=timezone,
            answer_wait_s=modem.answer_wait,
            may_reset=modem.may_reset,
        )
        carrier.on_sim = worker.retry
        return worker

    def bind(self, settings: SmppSettings) -> Worker:
        """Not started yet. SMPP is imported here because a gateway of modems alone does without it, and has 1.5 MB."""
        from gateway.smpp.carrier import SmppCarrier

        timezone = ZoneInfo(self._rules.timezone)
        return Worker(
            SmppCarrier(settings),
            self._database,
            self._rules,
            leave=Leave(bind_plan(settings), timezone, accounts=self._accounts),
            gate=self._gate,
            sharing=self._sharing,
            switchboard=self._switchboard,
            timezone=timezone,
            answer_wait_s=settings.answer_timeout,
        )


def can_change(before: ModemSettings, after: ModemSettings) -> bool:
    """Whether a worker can go on with its modem as it is."""
    return before == after.model_copy(update={key: getattr(before, key) for key in IN_PLACE})


def is_same_link(before: SmppSettings, after: SmppSettings) -> bool:
    """Whether a bind goes on as it is: what its SMS cost, and which senders messages may name, is the dispatcher's."""
    return before == after.model_copy(update={"cost": before.cost, "senders": before.senders})


def change(worker: Worker, modem: ModemSettings) -> None:
    """Let it go by these limits and the like from its next SMS on."""
    worker.change(modem_plan(modem), Asking.of(modem), may_reset=modem.may_reset)


def _of_workers(rules: IntakeRules) -> IntakeRules:
    """Of the rules those that a worker goes by; which carriers there are, and for what, is the dispatcher's matter."""
    return replace(rules, carriers=(), are_carriers_known=True, prefixes={}, longest={}, routes=(), senders={})
