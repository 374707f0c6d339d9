"""The power fails at every step of what is one row each: saved texts, single messages, PINs, kept refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.queue import opt_outs, pins, refusals, templates
from gateway.queue.adding import NewMessage, add_one
from gateway.queue.refusals import Wishes
from tests.queue.clinic import OTHER_PHONE, PHONE, RULES
from tests.queue.power import Tale, World, survives
from tests.queue.test_crash_points_of_carriers import rows

# --- saved texts -----------------------------------------------------------------------------------------------------

TEXTS = ["Ждём вас", "Ждём вас, {имя}", None, "Приходите"]


def a_saved_text(world: World) -> None:
    """Saved, changed, removed, and saved anew, each by a person who sees what is there and does the next."""
    for number, text in enumerate(TEXTS):
        if len(templates.versions(world.connection, "Приём")) == number:
            save(world, number, text)


def save(world: World, number: int, text: str | None) -> None:
    if text is None:
        templates.remove(world.connection, "Приём", world.now)
    elif number == 1:
        templates.edit(world.connection, "Приём", text, world.now)
    else:
        templates.add(world.connection, "приём", text, world.now)


def each_version_is_there(world: World) -> None:
    assert [each.body for each in templates.versions(world.connection, "Приём")] == TEXTS


# --- a message by itself ---------------------------------------------------------------------------------------------


def a_message_with_its_own_number(world: World) -> None:
    """Whoever saw no answer gives it once more."""
    for _time in range(2):
        add_one(world.connection, NewMessage(PHONE, "Ждём вас", external_id="visit-17"), world.now)
    world.box.intake(world.now)
    world.send(world.accepted())


def it_is_there_once(world: World) -> None:
    assert rows(world, "SELECT external_id, state FROM outbox") == [("visit-17", "sent")]


# --- a PIN -----------------------------------------------------------------------------------------------------------

WRONG, RIGHT = ("sim 0000", "port 0000"), ("sim 1234",)
TRIES = "SELECT key, is_open FROM refused_pins ORDER BY key"


def a_pin_that_the_sim_refuses(world: World) -> None:
    """Before that the SIM did not look at it; then another one opens it."""
    try_it(world, WRONG, pins.withdraw)
    try_it(world, WRONG, pins.refused)
    try_it(world, RIGHT, pins.forget)


def try_it(world: World, keys: tuple[str, ...], answer: object) -> None:
    if pins.is_refused(world.connection, keys[:1]):
        return
    pins.begin(world.connection, keys)
    world.power.step()  # the PIN leaves
    if answer is not pins.withdraw:
        world.air.handed[-len(keys)] += 1
    answer(world.connection, keys)  # type: ignore[operator]


def nobody_locks_the_sim(world: World) -> None:
    """One more try after one whose answer nobody saw, never a third; the right one is not held against it for ever."""
    assert world.air.handed[-len(WRONG)] <= 2
    assert pins.is_refused(world.connection, WRONG)
    assert rows(world, "SELECT count(*) FROM refused_pins WHERE key = ?", *RIGHT) == [(0,)]


# --- refusals, on their way into a backup ----------------------------------------------------------------------------

AT = "2026-11-22T08:00:00.000Z"
WISHES = Wishes([(PHONE, 1, "sms", AT, AT)], [], [("104-25", OTHER_PHONE, AT)])


def refusals_since_a_backup(world: World) -> None:
    """Two offers wait in it."""
    world.add("Скидка", PHONE, OTHER_PHONE, category="marketing")
    refusals.write_down(world.connection, WISHES, world.rules, world.now)
    world.send(world.accepted())


def they_are_brought_once_more(world: World) -> None:
    """The copy is made anew; here it is the same one."""
    refusals.write_down(world.connection, WISHES, world.rules, world.now)


def neither_is_written_to(world: World) -> None:
    assert opt_outs.among(world.connection, [PHONE, OTHER_PHONE]) == {PHONE, OTHER_PHONE}
    assert rows(world, "SELECT count(*) FROM opt_outs") == [(2,)]
    assert world.air.has == set()


TALES = (
    Tale(a_saved_text, RULES, a_saved_text, each_version_is_there),
    Tale(a_message_with_its_own_number, RULES, a_message_with_its_own_number, it_is_there_once),
    Tale(a_pin_that_the_sim_refuses, RULES, a_pin_that_the_sim_refuses, nobody_locks_the_sim),
    Tale(refusals_since_a_backup, RULES, they_are_brought_once_more, neither_is_written_to),
)


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.name)
@pytest.mark.timeout(120)
def test_a_power_cut_leaves_a_row_or_none(tmp_path: Path, empty: bytes, tale: Tale) -> None:
    assert survives(tale, tmp_path, empty) > 10
