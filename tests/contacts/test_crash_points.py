"""The power fails at every step of an import of contacts, of withdrawals and of a removal."""

from __future__ import annotations

import sqlite3
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gateway.contacts import groups, importing, removing, withdrawing
from gateway.contacts.columns import Named
from gateway.contacts.consents import Said
from gateway.contacts.importing import Intention, List
from gateway.merge.preparing import Source
from gateway.queue import campaigns, db
from gateway.queue.adding import NewMessage
from gateway.queue.campaigns import NewCampaign
from tests.contacts.patients import ALL, HEADINGS
from tests.merge.lists import write_xlsx
from tests.queue.clinic import RULES
from tests.queue.power import Tale, World, survives

LATER = (
    *ALL[:1],
    (*ALL[1][:4], "8 900 000-00-09", *ALL[1][5:]),
    *ALL[2:],
    ("104-25", "Яшин Олег", None, "8 900 000-00-04"),
)
AGREED = Intention(("Кардиология",), ("marketing",), "анкета")
TABLES = ("persons", "person_numbers", "fields", "person_fields", "contact_groups", "members", "consents")


@cache
def read(rows: tuple[tuple[object, ...], ...]) -> List:
    with TemporaryDirectory() as folder:
        path = write_xlsx(Path(folder) / "patients.xlsx", [HEADINGS, *rows])
        source = Source(path, "RU", phone_columns=("Телефон", "Тел. мамы"))
        return importing.read(source, Named(key=("Карта",), consent="Согласие"), date(2026, 11, 22))


def bring(world: World, *rows: tuple[object, ...]) -> None:
    """As the command does it: compared with what is kept, then written."""
    found = importing.reachable(world.connection, read(rows))
    compared = importing.compare(world.connection, found)
    importing.keep(world.connection, found, compared, AGREED, world.rules, world.now)


def two_lists(world: World) -> None:
    """New contacts; then one with another number, and a new one."""
    bring(world, *ALL)
    bring(world, *LATER)


def both_lists_once_more(world: World) -> None:
    """Whoever saw no end of it imports them again."""
    assert kept(world.connection) in (kept_after(0), kept_after(1), kept_after(2))  # whole or not at all
    two_lists(world)


def each_contact_is_there_once(world: World) -> None:
    assert kept(world.connection) == kept_after(2)


def kept(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """All but the moments, which differ by when a list was brought."""
    found = {}
    for table in TABLES:
        columns = [name for _n, name, *_more in connection.execute(f"PRAGMA table_info({table})")]
        shown = ", ".join(name for name in columns if not name.endswith("_at") and name not in ("at", "id"))
        found[table] = connection.execute(f"SELECT DISTINCT {shown} FROM {table} ORDER BY {shown}").fetchall()
    return found


@cache
def kept_after(lists: int) -> dict[str, list[tuple[object, ...]]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.db"
        db.create_or_upgrade(path)
        world = World(path, RULES)
        for rows in (ALL, LATER)[:lists]:
            bring(world, *rows)
        found = kept(world.connection)
        world.connection.close()
        return found


def a_withdrawal(world: World) -> None:
    """An offer to two contacts waits; one of them withdraws, and is removed."""
    bring(world, *ALL)
    messages = [NewMessage(f"+7900000000{row}", "Скидка", category="marketing", list_row=row) for row in (1, 2)]
    campaigns.queue(world.connection, NewCampaign("offer"), messages, world.now)
    while world.box.intake(world.now):
        pass
    withdraw(world)
    world.send(world.accepted())
    removing.remove(world.connection, [1], world.now)


def withdraw(world: World) -> None:
    said = Said("marketing", False, "по телефону", world.now)
    withdrawing.note(world.connection, 1, said, world.rules, world.now)


def she_says_it_again(world: World) -> None:
    if world.connection.execute("SELECT 1 FROM persons WHERE id = 1").fetchone():
        world.now = world.now.replace(minute=30)
        withdraw(world)
        removing.remove(world.connection, [1], world.now)


def nothing_goes_to_her_and_the_number_stays_out(world: World) -> None:
    states = world.connection.execute("SELECT state, error_code FROM outbox WHERE recipient LIKE '%1'").fetchall()
    assert states in ([], [("rejected", "opted_out")])
    assert world.connection.execute("SELECT count(*) FROM consents WHERE person = 1").fetchone() == (0,)
    assert world.connection.execute("SELECT count(*) FROM person_numbers WHERE person = 1").fetchone() == (0,)


def groups_that_shrink(world: World) -> None:
    """One contact leaves a group, then it is dissolved."""
    bring(world, *ALL)
    let_go(world)


def let_go(world: World) -> None:
    """By whoever looks first what there is."""
    (named,) = AGREED.groups
    if named in [group.name for group in groups.listed(world.connection)]:
        group = groups.find(world.connection, named)
        if 1 in groups.members(world.connection, group):
            groups.leave(world.connection, group, 1)
        groups.dissolve(world.connection, group)


def the_contacts_stay(world: World) -> None:
    persons, left = (
        world.connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("persons", "members")
    )
    assert (persons, left) in ((0, 0), (len(ALL), 0))
    assert groups.listed(world.connection) == []


TALES = (
    Tale(groups_that_shrink, RULES, let_go, the_contacts_stay),
    Tale(two_lists, RULES, both_lists_once_more, each_contact_is_there_once),
    Tale(a_withdrawal, RULES, she_says_it_again, nothing_goes_to_her_and_the_number_stays_out),
)


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.name)
@pytest.mark.timeout(120)
def test_a_power_cut_at_any_step_leaves_all_of_a_list_or_none(tmp_path: Path, empty: bytes, tale: Tale) -> None:
    assert survives(tale, tmp_path, empty) > 20
