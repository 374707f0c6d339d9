"""While a list is read: its first texts stand on a terminal as soon as they are known; elsewhere nothing does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from gateway.cli.import_ahead import Ahead
from gateway.cli.import_reading import reading
from gateway.merge.plan import Planned
from gateway.queue.history import Asked
from gateway.settings import Settings, load

MESSAGES = [Planned(row, f"+7900000000{row}", f"Ждём вас в {row} ч", 1) for row in range(1, 6)]


@pytest.fixture
def ahead(tmp_path: Path) -> Ahead:
    path = tmp_path / "gateway.toml"
    path.write_text(f'[gateway]\ndatabase = "{tmp_path}/none.db"\n', encoding="utf-8")
    settings: Settings = load(path)
    return Ahead(settings, Asked(datetime(2026, 11, 22, tzinfo=UTC), UTC), "", 10_000)


def shown(ahead: Ahead, told: Sequence[int], *, is_terminal: bool = True) -> tuple[str, str]:
    """What stands there before the end, and what came at the end; `told`: so many messages are known each time."""
    screen = StringIO()
    console = Console(file=screen, force_terminal=is_terminal, width=80, height=40, legacy_windows=False)
    with reading(console, ahead) as advance:
        for count in told:
            advance(count, 100, MESSAGES[:count])
        before = screen.getvalue()
    return before, screen.getvalue()[len(before) :]


def test_the_first_three_texts_stand_there_long_before_the_end(ahead: Ahead) -> None:
    before, _after = shown(ahead, [1, 2, 3])
    assert all(f"Ждём вас в {row} ч" in before for row in (1, 2, 3))


def test_they_are_the_first_ones_and_stay_so(ahead: Ahead) -> None:
    before, after = shown(ahead, [3, 5])
    assert "Ждём вас в 4 ч" not in before + after


def test_the_whole_preview_takes_their_place(ahead: Ahead) -> None:
    """What was drawn is erased, line by line: the bar, and three times a blank line, the number and the text."""
    _before, after = shown(ahead, [5])
    assert after.count("\x1b[2K") >= 9


def test_a_list_of_two_needs_none(ahead: Ahead) -> None:
    before, _after = shown(ahead, [1, 2])
    assert "Ждём" not in before


def test_nothing_is_written_where_no_person_looks_on(ahead: Ahead) -> None:
    assert shown(ahead, [5], is_terminal=False) == ("", "")
