"""What only seems to be about the bind, and what of it nobody says: no SMS keeps the others waiting, none is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.carrier import Scope
from gateway.queue import retry
from gateway.queue.retry import BackOff
from tests.fake_smsc import Conduct
from tests.worker.bound import bound, numbered

INVALID_CLASS = 0x43  # ESME_RINVESMCLASS: this SMSC does not take an SMS in this form


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


def test_one_sms_in_a_form_that_the_smsc_does_not_take_keeps_the_bind_from_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a quiet night nothing else shows that the bind is well."""
    monkeypatch.setattr(retry, "BACK_OFF", {**retry.BACK_OFF, Scope.GATEWAY: BackOff((0.05,), limit=50)})
    with bound(tmp_path, Conduct(receipt_s=None, refuse_with=INVALID_CLASS)) as made:
        made.start()
        made.add(*numbered(1))
        made.until(lambda: made.smsc.counts["refused"] >= 12)
        assert made.worker is not None
        assert made.worker.state == "ready"
        assert "invalid esm_class" in made.worker.status().last_error
        assert made.smsc.counts["binds"] == 1
        made.smsc.behave(refuse_with=0)
        made.add(*numbered(1, first=1))
        made.until_all("sent")
