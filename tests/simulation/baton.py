"""Threads that take turns under virtual time: exactly one runs, the others wait; when all wait, time jumps ahead.

A thread that waits hands the baton on: to one whose event came, else to the one whose time comes first. Which of equals
is first is left to the seeded chance, so that every run with the same seed goes the same way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

FOREVER_S = 1e12


class Event(Protocol):
    """What a thread may wait for: threading.Event, or whatever can be asked."""

    def is_set(self) -> bool: ...


class Killed(BaseException):
    """Raised in a thread whose process is gone; nothing of the gateway catches it."""


@dataclass
class Actor:
    """One thread that takes turns."""

    name: str
    deadline: float
    events: tuple[Event, ...] = ()
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    thread: threading.Thread | None = None
    is_killed: bool = False
    is_done: bool = False
    fault: BaseException | None = None


class Baton:
    """Whose turn it is, and what time. The thread that makes it has the first turn."""

    def __init__(self, chance: Random) -> None:
        self.moment = 0.0  # seconds; never goes back
        self.main = Actor("main", 0.0)
        self._chance = chance
        self._actors = [self.main]
        self._own = threading.local()
        self._own.actor = self.main

    def spawn(self, name: str, work: Callable[[], None]) -> Actor:
        """A thread that has its first turn when this one waits."""
        actor = Actor(name, self.moment)
        actor.thread = threading.Thread(target=self._live, args=(actor, work), name=name, daemon=True)
        self._actors.append(actor)
        actor.thread.start()
        return actor

    def wait(self, event: threading.Event, wait_s: float) -> bool:
        """As Event.wait, in virtual time."""
        if not event.is_set():
            self.wait_any((event,), wait_s)
        return event.is_set()

    def wait_any(self, events: tuple[Event, ...], wait_s: float) -> None:
        """Until one of the events came or the time is over; at least the others have had a turn that are due."""
        me: Actor = self._own.actor
        if me.is_killed:
            raise Killed
        me.deadline, me.events = self.moment + max(0.0, wait_s), events
        following = self._next()
        if following is not me:
            following.turn.release()
            me.turn.acquire()
        if me.is_killed:
            raise Killed

    def check(self) -> None:
        """A thread that is killed goes no further."""
        if self._own.actor.is_killed:
            raise Killed

    def sleep(self, sleep_s: float) -> None:
        self.wait_any((), sleep_s)

    def kill(self, actors: list[Actor]) -> None:
        """Each ends where it waits; called by another thread, whose turn it stays."""
        for actor in actors:
            actor.is_killed = True
            if not actor.is_done:
                actor.turn.release()
            self.forget(actor)

    def forget(self, actor: Actor) -> None:
        """It has ended, or does so now."""
        assert actor.thread is not None
        actor.thread.join()
        if actor in self._actors:
            self._actors.remove(actor)

    def _live(self, actor: Actor, work: Callable[[], None]) -> None:
        self._own.actor = actor
        actor.turn.acquire()
        try:
            if not actor.is_killed:
                work()
        except Killed:
            pass
        except BaseException as fault:  # noqa: BLE001 - the run shows it
            actor.fault = fault
        actor.is_done, actor.deadline, actor.events = True, self.moment + FOREVER_S, ()
        if not actor.is_killed:
            self._actors.remove(actor)
            self._next().turn.release()

    def _next(self) -> Actor:
        """Who goes on; the time becomes that of its deadline."""
        called = [actor for actor in self._actors if any(event.is_set() for event in actor.events)]
        if not called:
            first = min(actor.deadline for actor in self._actors)
            self.moment = max(self.moment, first)
            called = [actor for actor in self._actors if actor.deadline <= self.moment]
        else:
            called += [actor for actor in self._actors if actor.deadline <= self.moment and actor not in called]
        return called[0] if len(called) == 1 else self._chance.choice(called)
