"""The rules of the dispatcher, changed by a reload and by modems that are found, also at the same moment."""

from __future__ import annotations

import threading

from gateway.daemon.rulebook import Rulebook
from gateway.queue.rules import IntakeRules, SafetyRules

OLD, NEW = IntakeRules(), IntakeRules(safety=SafetyRules(daily_limit=3))
NOBODY: frozenset[str] = frozenset()
FOUND = frozenset({"sim-1"})


def test_a_reload_keeps_the_carriers_and_what_is_found_keeps_the_configuration() -> None:
    told: list[IntakeRules] = []
    book = Rulebook(OLD, told.append)
    book.know(FOUND)
    book.reload(NEW, lambda: FOUND)
    book.know(FOUND | {"sim-2"})
    assert [rules.carriers for rules in told] == [FOUND, FOUND, FOUND | {"sim-2"}]
    assert [rules.safety for rules in told] == [OLD.safety, NEW.safety, NEW.safety]
    assert all(rules.are_carriers_known for rules in told)


def test_while_no_carrier_is_known_none_is_refused() -> None:
    told: list[IntakeRules] = []
    Rulebook(OLD, told.append).reload(NEW, lambda: NOBODY)
    assert not told[-1].are_carriers_known


def test_a_modem_that_is_found_during_a_reload_is_known_after_it_with_the_new_configuration() -> None:
    told: list[IntakeRules] = []
    book = Rulebook(OLD, told.append)
    fleet = threading.Thread(target=book.know, args=(FOUND,))

    def names() -> frozenset[str]:
        fleet.start()
        fleet.join(0.1)
        return NOBODY

    book.reload(NEW, names)
    fleet.join()
    assert (told[-1].carriers, told[-1].safety) == (FOUND, NEW.safety)
