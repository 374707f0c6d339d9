"""The load is shared by what each SIM has left, and nobody waits long for another."""

from __future__ import annotations

import pytest

from gateway.worker.sharing import START_S, Sharing


def of(**shares: float) -> Sharing:
    """All of them wait for a message."""
    sharing = Sharing()
    for name, share in shares.items():
        sharing.offer(name, share)
    return sharing


def test_the_one_with_less_left_gives_way() -> None:
    sharing = of(full=0.8, spent=0.2)
    assert sharing.way_s("spent", 0.2, 100.0) == pytest.approx(START_S)
    assert sharing.way_s("full", 0.8, 100.0) == 0.0


def test_alike_nobody_gives_way() -> None:
    sharing = of(one=1.0, other=1.0)
    assert sharing.way_s("one", 1.0, 100.0) == sharing.way_s("other", 1.0, 100.0) == 0.0


def test_to_one_that_sends_or_cannot_nobody_gives_way() -> None:
    sharing = of(full=0.8, spent=0.2)
    sharing.withdraw("full")
    assert sharing.way_s("spent", 0.2, 100.0) == 0.0


def test_who_is_alone_gives_no_way() -> None:
    assert of(spent=0.0).way_s("spent", 0.0, 100.0) == 0.0


def test_it_gives_way_for_a_moment_only_and_then_takes_what_the_other_left() -> None:
    sharing = of(full=0.8, spent=0.2)
    assert sharing.way_s("spent", 0.2, 100.0) == pytest.approx(START_S)
    assert 0.0 < sharing.way_s("spent", 0.2, 100.0 + START_S / 2) < START_S
    assert sharing.way_s("spent", 0.2, 100.0 + START_S) == 0.0
    assert sharing.way_s("spent", 0.2, 200.0) == 0.0


def test_for_the_next_message_it_gives_way_anew() -> None:
    sharing = of(full=0.8, spent=0.2)
    sharing.way_s("spent", 0.2, 100.0)
    sharing.rest("spent")
    assert sharing.way_s("spent", 0.2, 200.0) == pytest.approx(START_S)


def test_trickling_messages_even_out_what_is_left() -> None:
    """Each goes to the fuller one, until both have the same share left; then in turn."""
    limits, used = {"large": 100, "small": 20}, {"large": 80, "small": 4}
    taken = []
    for n in range(36):
        sharing = of(**{name: 1 - used[name] / limit for name, limit in limits.items()})
        way = {name: sharing.way_s(name, 1 - used[name] / limit, float(n)) for name, limit in limits.items()}
        first = min(way, key=lambda name: way[name])
        used[first] += 1
        taken.append(first)
    assert taken[:12] == ["small"] * 12
    assert used == {"large": 100, "small": 20}
