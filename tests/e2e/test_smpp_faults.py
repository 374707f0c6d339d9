"""A bind under everything that goes wrong, on the real daemon: each message has one truthful outcome, none is lost, and
a phone shows one twice only where it was called uncertain."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.binds import opened, seconds_until
from tests.fake_smsc import Conduct

HOWS = ("reset", "close", "half_close", "stall")
STEPS = ("submit", "taken", "half_answer", "answered", "deliver", "half_deliver", "acknowledged")
BACK_S = 2.0  # an SMSC that is back is bound to within this
RESENT: dict[str, Any] = {"uncertain_wait": "1 s"}
NOT_RESENT: dict[str, Any] = {"uncertain_wait": "1 h"}


def test_wherever_the_link_breaks_every_message_has_one_truthful_outcome(tmp_path: Path) -> None:
    """Each way of breaking at each step, one after the other, under a queue that is never empty."""
    with opened(tmp_path, Conduct(answer_s=0.005, receipt_s=0.02)) as clinic:
        clinic.configure({"enquire_every": "0.2 s", "answer_timeout": "0.5 s"}, **RESENT)
        clinic.start(program="tests.e2e.impatient")
        count = 0
        for how in HOWS:
            for at in STEPS:
                faults = clinic.smsc.counts["faults"]
                clinic.smsc.break_at(at, how, after=7)
                clinic.insert(15, first=count)
                count += 15
                clinic.wait_count("faults", faults + 1)
        clinic.wait_ends()
        assert clinic.smsc.counts["faults"] == len(HOWS) * len(STEPS)
        assert clinic.complaints(count) == []
        assert clinic.smsc.counts["binds"] >= len(HOWS) * len(STEPS)


def test_a_response_that_is_lost_makes_it_uncertain_and_its_receipt_settles_it(tmp_path: Path) -> None:
    with opened(tmp_path, Conduct(ignore_next=3, receipt_s=1.5)) as clinic:
        clinic.configure({"answer_timeout": "0.5 s"}, **NOT_RESENT)
        clinic.start()
        clinic.insert(10)
        clinic.installation.wait_for(lambda: len(clinic.uncertain()) == 3, "three are uncertain")
        clinic.wait_all("delivered", 10)
        assert len(clinic.smsc.taken) == 10
        assert clinic.complaints(10) == []


def test_a_response_that_is_late_settles_it_and_nothing_is_sent_again(tmp_path: Path) -> None:
    with opened(tmp_path, Conduct(late_next=2, late_s=1.2, receipt_s=None)) as clinic:
        clinic.configure({"answer_timeout": "0.5 s"}, **NOT_RESENT)
        clinic.start()
        clinic.insert(6)
        clinic.installation.wait_for(lambda: len(clinic.uncertain()) == 2, "two are uncertain")
        clinic.wait_all("sent", 6)
        assert len(clinic.smsc.taken) == 6
        assert clinic.complaints(6) == []


def test_an_smsc_that_restarts_is_bound_to_within_two_seconds_of_its_return(tmp_path: Path) -> None:
    with opened(tmp_path, Conduct(answer_s=0.02)) as clinic:
        clinic.configure({}, {"name": "pair", "bind": "pair"}, **RESENT)
        clinic.start(binds_ready=2)
        count, waits = 0, []
        for away_s in (0.0, 0.5, 3.0):
            clinic.insert(30, first=count)
            count += 30
            clinic.smsc.close()
            time.sleep(away_s)  # how long it is away is what is tried
            binds = clinic.smsc.counts["binds"]
            clinic.smsc.open()
            waits.append(seconds_until(clinic, binds + 3))
        assert max(waits) < BACK_S
        clinic.wait_all("delivered", count)
        assert clinic.complaints(count) == []


def test_kill_9_with_a_full_window_loses_nothing_and_receipts_settle_what_was_in_it(tmp_path: Path) -> None:
    """The SMSC took what was in the air, and answered nobody; its receipts wait for the next bind. As it has answered
    nobody yet, none is begun beyond the window."""
    with opened(tmp_path, Conduct(answer_s=1.5, receipt_s=1.0)) as clinic:
        clinic.configure({"window": 20}, **NOT_RESENT)
        clinic.insert(60)
        clinic.start(binds_ready=0)
        clinic.wait_count("submits", 20)
        clinic.installation.kill()
        clinic.start()
        clinic.installation.wait_for(lambda: len(clinic.uncertain()) == 20, "the window is uncertain")
        clinic.wait_all("delivered", 60)
        assert len(clinic.smsc.taken) == 60
        assert clinic.complaints(60) == []


def test_kill_9_again_and_again_doubles_only_what_was_called_uncertain(tmp_path: Path) -> None:
    with opened(tmp_path, Conduct(answer_s=0.05, receipt_s=None)) as clinic:
        clinic.configure(**RESENT)
        clinic.insert(150)
        for killed_after in (30, 60, 90):
            clinic.start(binds_ready=0)
            clinic.wait_count("submits", killed_after)
            clinic.installation.kill()
        clinic.start()
        clinic.wait_all("sent", 150)
        assert (
            len(clinic.smsc.taken) - 150 <= 3 * 15
        )  # at each kill the window, and the half of it that may be begun beyond
        assert clinic.complaints(150) == []


@pytest.mark.parametrize("bind", ["transceiver", "pair"])
def test_an_smsc_that_ends_the_bind_is_bound_to_again(bind: str, tmp_path: Path) -> None:
    with opened(tmp_path, Conduct(answer_s=0.01)) as clinic:
        clinic.configure({"bind": bind}, **RESENT)
        clinic.start()
        clinic.insert(40)
        clinic.wait_count("submits", 15)
        clinic.smsc.ask(0x06)  # unbind
        clinic.wait_all("delivered", 40)
        assert clinic.complaints(40) == []


def test_stop_does_not_wait_for_an_smsc_that_takes_nothing(tmp_path: Path) -> None:
    """What it refused for being busy has not been sent: it is simply queued again."""
    with opened(tmp_path, Conduct(refuse_with=0x58)) as clinic:
        clinic.configure()
        clinic.start()
        clinic.insert(20)
        clinic.wait_count("refused", 10)
        began = time.monotonic()
        assert clinic.installation.terminate() == 0
        assert time.monotonic() - began < 10
        assert clinic.installation.states() == {"queued": 20}
        assert clinic.installation.rows("SELECT max(attempts) AS most FROM outbox")[0]["most"] <= 1
        clinic.smsc.behave(refuse_with=0)
        clinic.start()
        clinic.wait_all("delivered", 20)
        assert clinic.uncertain() == set()


def test_receipts_that_come_early_twice_and_in_disorder_count_once(tmp_path: Path) -> None:
    conduct = Conduct(receipt_is_early=True, receipt_copies=2, receipt_spread_s=0.3, ids="HEX", receipt_ids="decimal")
    with opened(tmp_path, conduct) as clinic:
        clinic.configure({"window": 50})
        clinic.start()
        clinic.insert(100)
        clinic.wait_all("delivered", 100)
        assert len(clinic.installation.rows("SELECT 1 FROM reports")) == 100
        assert clinic.complaints(100) == []
