"""Every place in which the gateway writes to its database is met by a story in which the power fails at each step.

A place is a function with `with ….write(…):`. What it leaves after a cut is looked at where the story is told
(test_crash_points*.py in the rooms); here each story is told once, to its end, and somebody notes who is at work.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import gateway
from tests.alarms import test_crash_points as of_alarms
from tests.contacts import test_crash_points as of_contacts
from tests.daemon import test_crash_points as of_the_daemon
from tests.queue import test_crash_points as of_messages
from tests.queue import (
    test_crash_points_of_carriers,
    test_crash_points_of_odd_days,
    test_crash_points_of_people,
    test_crash_points_of_single_rows,
)
from tests.queue.power import Power, Tale, World
from tests.worker import test_crash_points as of_workers

ROOT = Path(gateway.__file__).parent
ROOMS = (
    *(of_alarms, of_contacts, of_the_daemon, of_workers),
    *(test_crash_points_of_carriers, test_crash_points_of_odd_days),
    *(test_crash_points_of_people, test_crash_points_of_single_rows),
)
TALES = [
    *(Tale(story, of_messages.GUARDED) for story in of_messages.STORIES),
    *(tale for room in ROOMS for tale in room.TALES),
]
Place = tuple[str, str]  # a file of the gateway, and a function in it


class Observer(Power):
    """The power never fails; whoever runs a statement is noted, with all that have called them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[Place] = set()

    def step(self) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            self.seen.add((frame.f_code.co_filename, frame.f_code.co_qualname))
            frame = frame.f_back


def places(path: Path) -> Iterator[Place]:
    """The functions of a file that open a transaction to write."""

    def walk(node: ast.AST, names: tuple[str, ...]) -> Iterator[Place]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                yield from walk(child, (*names, child.name, "<locals>"))
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, (*names, child.name))
            else:
                if isinstance(child, ast.With) and any(map(_writes, child.items)):
                    yield str(path), ".".join(names[:-1])
                yield from walk(child, names)

    return walk(ast.parse(path.read_text("utf-8")), ())


def _writes(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "write"


def test_at_every_place_that_writes_some_story_cuts_the_power(tmp_path: Path, empty: bytes) -> None:
    observer = Observer()
    for tale in TALES:
        path = tmp_path / f"{tale.name}.db"
        path.write_bytes(empty)
        world = World(path, tale.rules, observer, start=tale.start)
        tale.story(world)
        world.connection.close()
    writing = {place for path in sorted(ROOT.rglob("*.py")) for place in places(path)}
    assert len(writing) > 70
    left = sorted(f"{Path(path).relative_to(ROOT)}: {name}" for path, name in writing - observer.seen)
    assert left == [], "tell a story in which these write"
