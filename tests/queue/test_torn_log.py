"""The machine loses power while a commit is on its way to the disk: the write-ahead log ends anywhere in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from gateway.queue import db
from gateway.queue.outbox import Outbox
from tests.queue.clinic import NOW
from tests.queue.power import Power, Story, World, is_sound
from tests.queue.test_crash_points import (
    GUARDED,
    a_backlog,
    a_late_answer,
    a_long_message,
    a_storm,
    the_end_of_the_past,
    what_comes_in,
)

STORIES = (a_long_message, a_late_answer, a_storm, a_backlog, what_comes_in, the_end_of_the_past)
PLACES = 3  # at which the log is torn within each commit
Content = list[list[tuple[object, ...]]]


@dataclass
class Diary(Power):
    """Notes how long the log is after each commit, and what the tables hold."""

    log: Path = Path()
    pages: list[tuple[int, Content]] = field(default_factory=list)

    def committed(self) -> None:
        connection = db.open_database(self.log.with_name(self.log.name.removesuffix("-wal")))
        self.pages.append((self.log.stat().st_size, content(connection)))
        connection.close()


def content(connection: db.Connection) -> Content:
    queries = ("SELECT id, state, body FROM outbox", "SELECT id, state FROM segments", "SELECT id, event FROM events")
    return [connection.execute(query).fetchall() for query in queries]


def torn(log: bytes, at: int, how: str, random: Random) -> bytes:
    """What may be left of a log whose end was being written: nothing more, zeros, what lay on the disk before."""
    rest = len(log) - at
    return log[:at] + {"short": b"", "zeros": bytes(rest), "garbage": random.randbytes(rest)}[how]


@pytest.mark.parametrize("how", ["short", "zeros", "garbage"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_log_torn_within_a_commit_holds_all_commits_before_it(
    tmp_path: Path, empty: bytes, story: Story, how: str
) -> None:
    random, path = Random(17), tmp_path / "gateway.db"
    path.write_bytes(empty)
    diary = Diary(log=tmp_path / "gateway.db-wal")
    world = World(path, GUARDED, diary)
    story(world)
    file, log = path.read_bytes(), diary.log.read_bytes()
    world.connection.close()
    for number, ((begin, before), (end, _after)) in enumerate(zip(diary.pages, diary.pages[1:], strict=False)):
        for place in range(PLACES if end > begin else 0):
            copy = tmp_path / f"{number}-{place}.db"
            copy.write_bytes(file)
            copy.with_name(f"{copy.name}-wal").write_bytes(torn(log[:end], random.randrange(begin, end), how, random))
            connection = db.open_database(copy)
            assert content(connection) == before
            Outbox(connection, GUARDED).recover(NOW)
            is_sound(connection)
            connection.close()
