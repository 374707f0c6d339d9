"""The clinic's campaigns: lists of messages under a name, which people stop, let go on and take back as a whole."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from gateway.queue import campaigns
from gateway.queue.adding import NewMessage
from gateway.queue.campaigns import CANCEL, PAUSE, RESUME, Decision, NewCampaign, Stage
from tests.simulation.network import DAY_S

if TYPE_CHECKING:
    from tests.simulation.clinic import Clinic

WITH_CAMPAIGNS = 0.5  # share of the worlds
A_DAY = 2
SOON_S, LONG_S = (0.0, 900.0), (60.0, 5 * 3600.0)  # until somebody stops one, and decides again
MESSAGES = "SELECT id FROM outbox WHERE campaign = (SELECT id FROM campaigns WHERE name = ?) ORDER BY id"


@dataclass
class Campaign:
    """One of them, and when nothing of it was to go out."""

    name: str
    messages: list[int] = field(default_factory=list)
    stopped: list[tuple[float, float]] = field(default_factory=list)  # from and until
    stopped_at: float | None = None  # it is now
    cancelled_at: float | None = None

    def stop(self, moment: float) -> None:
        self.stopped_at = moment

    def go_on(self, moment: float) -> None:
        if self.stopped_at is not None:
            self.stopped.append((self.stopped_at, moment))
            self.stopped_at = None

    @property
    def stops(self) -> list[tuple[float, float]]:
        """Also the one that lasts."""
        return self.stopped + ([] if self.stopped_at is None else [(self.stopped_at, math.inf)])


class Campaigns:
    """Of one clinic."""

    def __init__(self, clinic: Clinic) -> None:
        self.all: list[Campaign] = []
        self._clinic, self._world = clinic, clinic.world
        self._chance = Random(f"campaigns {clinic.world.seed}")

    def plan(self, days: int) -> None:
        if self._chance.random() >= WITH_CAMPAIGNS:
            return
        for _ in range(days * A_DAY):
            at = self._chance.choice((self._clinic.rush_at(self._chance.randrange(days)), None))
            self._world.at(self._chance.uniform(0, days * DAY_S) if at is None else at, self._begin)

    def _begin(self) -> None:
        """As an import queues it; some begin as drafts."""
        chance, clinic = self._chance, self._clinic
        campaign = Campaign(f"list {len(self.all) + 1}")
        category = chance.choice(("notification", "marketing"))
        rows = [clinic.row_for(chance, category) for _ in range(chance.randrange(3, 25))]
        stage = Stage.DRAFT if chance.random() < 0.2 else Stage.RUNNING
        messages = [NewMessage(row.written, row.body, category) for row in rows]
        campaigns.queue(clinic.connection, NewCampaign(campaign.name, stage=stage), messages, self._world.now())
        ids = [key for (key,) in clinic.connection.execute(MESSAGES, (campaign.name,))]
        for key, row in zip(ids, rows, strict=True):
            clinic.note(key, row.patient, row.body, category)
        campaign.messages = ids
        self.all.append(campaign)
        if stage is Stage.DRAFT:
            campaign.stop(self._world.moment)
            self._later(LONG_S, self._decide_again, campaign)
        else:
            self._later(SOON_S, self._pause, campaign)
        self._world.touched.set()

    def _pause(self, campaign: Campaign) -> None:
        self._decide(campaign, PAUSE)
        campaign.stop(self._world.moment)
        self._later(LONG_S, self._decide_again, campaign)

    def _decide_again(self, campaign: Campaign) -> None:
        if self._chance.random() < 0.3:
            self._decide(campaign, CANCEL)
            campaign.cancelled_at = self._world.moment
            return
        campaign.go_on(self._world.moment)
        self._decide(campaign, RESUME)
        if self._chance.random() < 0.3:
            self._later(SOON_S, self._pause, campaign)

    def _decide(self, campaign: Campaign, decision: Decision) -> None:
        """Now and then the command is killed before it has gone through the messages: the daemon does it."""
        connection, now = self._clinic.connection, self._world.now()
        found = campaigns.decide(connection, campaign.name, decision, "", now)
        if self._chance.random() < 0.5:
            sum(campaigns.go_on(connection, found.id, now))
        self._world.touched.set()

    def _later(self, span_s: tuple[float, float], what: Callable[[Campaign], None], campaign: Campaign) -> None:
        self._world.after(self._chance.uniform(*span_s), partial(what, campaign))
