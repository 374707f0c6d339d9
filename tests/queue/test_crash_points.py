"""The power fails at every statement and every commit of a message's way, and the next start puts it right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from gateway.carrier import Accepted, LateAnswer, Refused, Uncertain
from gateway.queue import backlog, clearing, desk, orders, retention
from gateway.queue.clearing import Choice
from gateway.queue.rules import SafetyRules
from gateway.settings.retention import RetentionSettings
from tests.queue.clinic import BUSY, LONG, OTHER_PHONE, PHONE, RULES, part, report
from tests.queue.power import Power, Story, World, cuts, is_sound, is_truthful

SILENT = Uncertain("no_answer", "?")
SAFETY = SafetyRules(same_text_limit=2, daily_limit=0, outage_s=600.0, backlog_limit=2)
GUARDED = replace(RULES, safety=SAFETY)


def a_long_message(world: World) -> None:
    """Accepted, put off, gone on, delivered."""
    world.add(LONG)
    world.send(world.accepted(), BUSY)
    world.wait(minutes=1)
    world.send(world.accepted(), world.accepted())
    world.store(*(report(str(number), at=world.now) for number in range(1, 4)))


def silence_and_a_second_copy(world: World) -> None:
    world.add("Ждём вас")
    world.send(SILENT)
    world.wait(minutes=11)
    world.send(world.accepted())


def a_late_answer(world: World) -> None:
    world.add(LONG)
    first = world.claim()
    world.hand_over(first, SILENT)
    if first is not None:
        world.store(LateAnswer(first.key, world.accepted()))
    world.send(world.accepted(), world.accepted())


def an_emergency_over_two_carriers(world: World) -> None:
    world.add("Приходите срочно", category="emergency")
    world.send(SILENT)
    world.send(world.accepted(), carrier="sim-2")


def a_message_broken_off(world: World) -> None:
    """A part of it is out, then its time is over."""
    world.add(LONG, expires_at=world.now + timedelta(minutes=5))
    world.send(world.accepted(), go_on=False)
    world.wait(minutes=6)


def messages_that_end_unsent(world: World) -> None:
    world.add("Код 4711", PHONE, category="otp")
    world.add("Ждём вас", OTHER_PHONE)
    world.send(Refused("cms_1", "No such number."), carrier="sim-2")
    desk.cancel(world.connection, 2, world.now)
    world.wait(minutes=20)


def a_storm(world: World) -> None:
    world.add("Ждём вас", *[PHONE] * 4)
    for _time in range(3):
        world.send(world.accepted())
    desk.release(world.connection, 3, world.now)
    clearing_of(world, clearing.cancel)
    world.wait(seconds=1)
    world.send(world.accepted())


def clearing_of(world: World, act: Callable[..., object]) -> None:
    last = max((group.last_id for group in clearing.look(world.connection, Choice())), default=0)
    for _some in act(world.connection, Choice(), last, world.now):  # type: ignore[attr-defined]
        pass


def a_backlog(world: World) -> None:
    world.add("Ждём вас", *(f"+790000012{number:02}" for number in range(4)))
    world.add("Приходите срочно", OTHER_PHONE, category="emergency")
    world.now += timedelta(hours=1)
    before = backlog.find(world.connection, world.rules, world.now)
    assert before is not None
    done = backlog.go_through(world.connection, world.rules, before, backlog.Progress(), world.now)
    backlog.end(world.connection, done, before, world.now)
    clearing_of(world, clearing.release)
    world.wait(seconds=1)
    world.send(world.accepted())


def what_people_decide(world: World) -> None:
    world.add("Ждём вас", PHONE, OTHER_PHONE)
    world.send(SILENT)
    world.send(SILENT)
    desk.settle(world.connection, 1, "sent", world.now)
    desk.settle(world.connection, 2, "failed", world.now)
    desk.retry(world.connection, 2, world.now, world.rules)
    world.send(world.accepted())


def what_comes_in(world: World) -> None:
    world.add("Ждём вас")
    world.send(world.accepted())
    world.store(report("1", at=world.now), part(1, 2, "Буду, "))
    world.store(part(2, 2, "спасибо"), report("77", at=world.now, recipient=OTHER_PHONE))


def the_end_of_the_past(world: World) -> None:
    world.add("Ждём вас")
    world.send(world.accepted())
    world.store(part(1, 1, "Спасибо"))
    kept = RetentionSettings(texts=0.5 * 86400, rows=1.5 * 86400, inbox=0.5 * 86400)
    for _day in range(3):
        retention.run(world.connection, kept, world.now)
        world.now += timedelta(days=1)


def what_people_order(world: World) -> None:
    world.add("Ждём вас")
    orders.pause(world.connection, "sim-1", "SIM", world.now)
    orders.give(world.connection, "sim-1", "reset", "", world.now)
    order = orders.take(world.connection, "sim-1", world.now)
    if order is not None:
        orders.finish(world.connection, order.id, "done", "", world.now)
    orders.resume(world.connection, "sim-1", world.now)
    world.send(world.accepted())


def many_at_once(world: World) -> None:
    """As over a bind: several messages begun, answered and reported in one commit each; one of them goes on."""
    world.add("Ждём вас", *(f"+790000013{number:02}" for number in range(4)))
    world.add(LONG)
    begun = world.box.claim_some("sim-1", "line of sim-1", world.now, 10)
    outcomes = [SILENT if number == 1 else world.accepted() for number, _each in enumerate(begun)]
    for each, outcome in zip(begun, outcomes, strict=True):
        world.air.take(each.key, outcome)
    answers = [(each.key, outcome) for each, outcome in zip(begun, outcomes, strict=True)]
    (following,) = world.box.record_all(answers, world.now)
    names = [outcome.message_reference if isinstance(outcome, Accepted) else "unheard" for outcome in outcomes]
    told = [report(name, at=world.now, recipient=each.recipient) for each, name in zip(begun, names, strict=True)]
    exact = [replace(each, is_exact=True) for each in told]
    world.store(*exact)
    world.hand_over(following, world.accepted(), world.accepted())


STORIES: tuple[Story, ...] = (
    a_long_message,
    many_at_once,
    silence_and_a_second_copy,
    a_late_answer,
    an_emergency_over_two_carriers,
    a_message_broken_off,
    messages_that_end_unsent,
    a_storm,
    a_backlog,
    what_people_decide,
    what_comes_in,
    the_end_of_the_past,
    what_people_order,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
@pytest.mark.timeout(120)
def test_a_power_cut_at_any_step_leaves_what_the_next_start_puts_right(
    tmp_path: Path, empty: bytes, story: Story
) -> None:
    numbers = count()

    def make(power: Power) -> World:
        path = tmp_path / f"{next(numbers)}.db"
        path.write_bytes(empty)
        return World(path, GUARDED, power)

    for world in cuts(story, make):
        world.restart()
        is_sound(world.connection)
        world.finish()
        is_sound(world.connection)
        is_truthful(world)
        world.connection.close()
        world.path.unlink()
    assert next(numbers) > 20  # the story has as many steps as it seems
