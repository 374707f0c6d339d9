"""The patients: they answer, over whatever number they know, and some ask for no more messages, or for more again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from tests.simulation.modem import Modem
from tests.simulation.network import DAY_S, Network, Sim
from tests.simulation.smsc import Smsc
from tests.simulation.words import WISHES, Word
from tests.simulation.world import World

SAYING = 0.6  # share of the worlds in which patients say STOP and START
SAID_A_DAY = 24
RUSH_S = (-600.0, 3 * 3600.0)  # about the hour of the reminders: then messages wait
WAVERERS, WAVERS, BETWEEN_S = 2, 6, (60.0, 2400.0)  # a day
WRITES = (True, True, False, None)


class Patients:
    """Of one clinic."""

    def __init__(self, world: World, network: Network, chance: Random, text: Callable[[str], str]) -> None:
        self.words: list[Word] = []
        self._world, self._network, self._chance, self._text = world, network, chance, text
        self._said: dict[str, int] = {}  # by number: how often each has asked for something

    def plan(self, days: int, modems: Sequence[Modem], smscs: Sequence[Smsc]) -> None:
        """What they answer."""
        chance, until = Random(f"answers {self._world.seed}"), days * DAY_S
        for _ in range(chance.randrange(days * 4)):
            sim = chance.choice(modems).sim
            self._world.at(chance.uniform(0, until), partial(self._answer, sim))
        for smsc in smscs:
            for _ in range(chance.randrange(days * 4)):
                self._world.at(chance.uniform(0, until), partial(self._answer_over, smsc))

    def plan_wishes(self, days: int, modems: Sequence[Modem], smscs: Sequence[Smsc], rush_at: Sequence[float]) -> None:
        """Who asks for no more, and for more again; `rush_at`: each day's busy hour."""
        chance = Random(f"wishes {self._world.seed}")
        if chance.random() >= SAYING:
            return
        ways: list[Sim | Smsc] = [*(modem.sim for modem in modems), *smscs]
        for _ in range(days * SAID_A_DAY):
            sometime, in_rush = chance.uniform(0, days * DAY_S), chance.choice(rush_at) + chance.uniform(*RUSH_S)
            way = chance.choice(ways)
            at = chance.choice((sometime, in_rush))
            self._world.at(at, partial(self._wish, way, chance.choice(WRITES), chance.random()))
        for at in rush_at:
            for _ in range(WAVERERS):
                self._waver(chance, ways, at)

    def _waver(self, chance: Random, ways: Sequence[Sim | Smsc], rush_at: float) -> None:
        """Somebody who says one thing and then the other, all morning."""
        at, roll = rush_at, chance.random()
        for turn in range(WAVERS):
            at += chance.uniform(*BETWEEN_S)
            self._world.at(at, partial(self._wish, chance.choice(ways), turn % 2 == 0, roll))

    def _answer(self, sim: Sim) -> None:
        text = self._chance.choice(list(self._network.phones)), self._chance.choice(("notification", "otp"))
        self._write(sim, Word(text[0], self._text(text[1])))

    def _answer_over(self, smsc: Smsc) -> None:
        self._write(smsc, Word(self._chance.choice(list(self._network.phones)), self._text("notification")))

    def _wish(self, way: Sim | Smsc, wish: bool | None, roll: float) -> None:
        """Some do it more often. No two of one patient are spelt alike: over a bind nobody could tell them from one
        that is repeated."""
        phones, texts = list(self._network.phones), WISHES[wish]
        patient, text = phones[int(roll**3 * len(phones))], texts[int(roll * 1000) % len(texts)]
        self._said[patient] = self._said.get(patient, 0) + 1
        self._write(way, Word(patient, text + "!" * self._said[patient], wish))

    def _write(self, way: Sim | Smsc, word: Word) -> None:
        self.words.append(word)
        if isinstance(way, Sim):
            self._network.write(way, word)
        else:
            way.write(word)
