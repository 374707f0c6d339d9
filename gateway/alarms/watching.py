"""The two jobs of housekeeping.py: to look for alarms, and to tell of them. Neither ever waits for the other."""

from __future__ import annotations

from contextlib import closing
from zoneinfo import ZoneInfo

from gateway.alarms import book, telling
from gateway.alarms.facts import Reader
from gateway.alarms.judging import is_clock_right, judge, undecided
from gateway.alarms.outside import Outside
from gateway.alarms.values import Low, Rules
from gateway.alarms.ways import ways_of
from gateway.clock import Clock, utc_now
from gateway.queue import heartbeat
from gateway.queue.db import UnusableError, open_database, plain_errors
from gateway.settings import Settings


class Watch:
    """Looks and tells by one configuration."""

    def __init__(self, settings: Settings, clock: Clock = utc_now, outside: Outside | None = None) -> None:
        self._database = settings.gateway.database
        self._clock = clock
        self._rules = rules_of(settings)
        self._ways = ways_of(settings.notify, self._rules.timezone)
        self._reader = Reader(self._database)
        self.outside = outside or Outside()

    def look(self) -> None:
        """Raise what is amiss, clear what is well; when nothing can be written, that is amiss."""
        try:
            with plain_errors(self._database):
                self._look()
        except UnusableError as fault:
            self.outside.amiss(str(fault), self._clock())
            raise
        self.outside.well(self._clock())

    def _look(self) -> None:
        with closing(open_database(self._database)) as connection:
            now = self._clock()
            heartbeat.prove(connection)
            facts = self._reader.read(connection, now)
            if facts is not None:
                book.update(connection, judge(facts, self._rules), self._wanting, now, undecided(facts))
                if facts.latest_at and facts.latest_at > now and is_clock_right(facts, self._rules):
                    heartbeat.believe(connection, now)

    def tell(self) -> None:
        """Work off the notices that are due: none while it couldn't be noted that they are told."""
        self.outside.tell(self._ways, self._clock())
        if self.outside.is_amiss:
            return
        with closing(open_database(self._database)) as connection:
            telling.tell_due(connection, self._ways, self._clock())

    def _wanting(self, code: str) -> list[str]:
        return [way.name for way in self._ways.values() if way.wants(code)]


def rules_of(settings: Settings) -> Rules:
    """What the configuration says of alarms."""
    low = {modem.name: Low(modem.balance_low, modem.allowance_low) for modem in settings.modems}
    return Rules(settings.alarms, low, ZoneInfo(settings.gateway.timezone))
