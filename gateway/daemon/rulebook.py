"""The rules that the dispatcher goes by: the configuration's, with the carriers that there are.

Both change while the daemon works, each in a thread of its own: a reload in the main one, found modems in the fleet's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from gateway.queue.rules import IntakeRules


class Rulebook:
    """Any thread may call it; `tell` hears of every change, in the order in which they came."""

    def __init__(self, rules: IntakeRules, tell: Callable[[IntakeRules], None]) -> None:
        self._rules = rules
        self._tell = tell
        self._changing = threading.Lock()

    def know(self, names: frozenset[str]) -> None:
        """Modems were found that nobody configured: from now on only one of them may be named as `sender`."""
        with self._changing:
            self._take(replace(self._rules, carriers=names, are_carriers_known=True))

    def reload(self, rules: IntakeRules, names: Callable[[], frozenset[str]]) -> None:
        """Another configuration; `names` are those of all carriers by now."""
        with self._changing:
            known = names()
            self._take(replace(rules, carriers=known, are_carriers_known=bool(known)))

    def _take(self, rules: IntakeRules) -> None:
        self._rules = rules
        self._tell(rules)
