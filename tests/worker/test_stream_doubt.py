"""A bind whose SMSC owes a sign of life: nothing is given to it that could be lost on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worker.bound import bound, numbered


def test_what_comes_while_the_link_is_dead_and_nobody_knows_yet_is_not_lost_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.smpp.session.DOUBT_S", 0.1)
    monkeypatch.setattr("gateway.smpp.session.ENQUIRE_ANSWER_S", 1.0)
    monkeypatch.setattr("gateway.smpp.session.UNBIND_S", 0.1)
    with bound(tmp_path, enquire_s=0.3) as made:
        made.start()
        made.add(*numbered(3))
        made.until_all("delivered")
        made.smsc.cut("stall")
        made.until(lambda: "asked whether it is there" in made.carrier.status().detail)
        assert made.worker is not None
        assert made.worker.state == "recovering"
        made.add(*numbered(5, first=3))
        made.until_all("delivered")
        assert made.rows("SELECT count(*) FROM events WHERE to_state = 'uncertain'") == [(0,)]
        assert len(made.smsc.taken) == 8
