"""A message's way over a bind, on the real daemon: its parts, its receipt, the reply; what people change meanwhile."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.binds import SECRET, Clinic, number_of, opened, seconds_until
from tests.fake_smsc import Conduct

NUMBER = number_of(0)
DIGITS = NUMBER.removeprefix("+")
LONG = "Уважаемая Анна Ивановна, ждём вас завтра в 10:00. " * 6


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    """A clinic that is bound once, as a transceiver."""
    with opened(tmp_path) as made:
        made.configure()
        yield made


@pytest.mark.parametrize("manner", ["udh", "sar", "payload"])
def test_a_long_text_arrives_whole_and_every_part_has_its_receipt(manner: str, clinic: Clinic) -> None:
    clinic.configure({"long_messages": manner})
    clinic.start()
    row = clinic.installation.wait_for_state(clinic.installation.insert(NUMBER, LONG), "delivered")
    assert clinic.smsc.texts[DIGITS] == [LONG]
    segments = clinic.installation.rows("SELECT * FROM segments WHERE outbox_id = ?", row["id"])
    assert len(segments) == row["segments"] == 5
    assert {segment["state"] for segment in segments} == {"delivered"}
    assert len({segment["message_reference"] for segment in segments}) == 5
    assert (row["carrier"], clinic.smsc.complaints) == ("operator", [])


def test_one_part_that_is_not_delivered_is_said(clinic: Clinic) -> None:
    clinic.smsc.luck(DIGITS, "ENROUTE", "UNDELIV")
    clinic.start()
    row = clinic.installation.wait_for_state(clinic.installation.insert(NUMBER, "Hello"), "undelivered")
    assert row["error_code"].startswith("smpp_undeliv")


def test_a_reply_reaches_the_inbox_once_and_knows_what_it_answers(clinic: Clinic) -> None:
    clinic.start()
    message = clinic.installation.insert(NUMBER, "Please confirm")
    clinic.installation.wait_for_state(message, "delivered")
    clinic.smsc.say(DIGITS, b"Yes")
    clinic.installation.wait_for(lambda: clinic.installation.rows("SELECT 1 FROM inbox"), "the reply")
    clinic.wait_count("acknowledged", 2)
    (reply,) = clinic.installation.rows("SELECT * FROM inbox")
    assert (reply["sender"], reply["body"], reply["reply_to"]) == (NUMBER, "Yes", message)


def test_a_pair_sends_over_one_link_and_receives_over_the_other(clinic: Clinic) -> None:
    clinic.configure({"bind": "pair"})
    clinic.start()
    clinic.insert(20)
    clinic.wait_all("delivered", 20)
    assert clinic.smsc.counts["connections"] == 2
    assert clinic.complaints(20) == []


def test_a_receipt_may_come_over_another_bind_of_the_account(clinic: Clinic) -> None:
    """One only sends, the other only receives: whatever the SMSC has to tell comes over the other."""
    clinic.smsc.behave(ids="hex", receipt_ids="decimal")
    clinic.configure({"name": "out", "bind": "transmitter"}, {"name": "in", "bind": "receiver"})
    clinic.start(binds_ready=2)
    clinic.insert(20)
    clinic.wait_all("delivered", 20)
    assert {row["carrier"] for row in clinic.installation.rows("SELECT carrier FROM outbox")} == {"out"}
    assert {row["carrier"] for row in clinic.installation.rows("SELECT carrier FROM reports")} == {"in"}
    assert clinic.complaints(20) == []


@pytest.mark.parametrize("restarted", [False, True])
def test_two_binds_of_one_account_send_no_more_than_its_limit_together(restarted: bool, clinic: Clinic) -> None:
    clinic.smsc.behave(answer_s=0.05, receipt_s=0.0)
    limits = {"max_per_day": 45, "window": 10}
    clinic.configure({"name": "one", **limits}, {"name": "two", **limits})
    clinic.start(binds_ready=2)
    if restarted:
        clinic.insert(10, first=100)
        clinic.wait_all("delivered", 10)
        assert clinic.installation.terminate() == 0
        clinic.start(binds_ready=2)
    clinic.insert(80)
    for bind in ("one", "two"):
        clinic.wait_detail("45 of 45 SMS today", bind)
    assert clinic.installation.terminate() == 0
    assert len(clinic.smsc.taken) == 45
    assert {row["carrier"] for row in clinic.installation.rows("SELECT carrier FROM segments WHERE carrier > ''")} == {
        "one",
        "two",
    }


def test_a_password_that_is_mended_in_its_file_lets_the_bind_in_without_a_restart(clinic: Clinic) -> None:
    clinic.password("mistaken")
    clinic.start(binds_ready=0)
    clinic.wait_detail("Check system_id, password and system_type")
    clinic.insert(3)
    clinic.password(SECRET)
    clinic.wait_all("delivered", 3)
    assert "mistaken" not in clinic.installation.log.read_text()
    assert SECRET not in clinic.installation.log.read_text()


def test_a_reload_tries_a_refused_password_anew_at_once(clinic: Clinic) -> None:
    clinic.password("mistaken")
    clinic.start(binds_ready=0)
    clinic.wait_detail("Check system_id, password and system_type")
    assert clinic.installation.daemon is not None
    clinic.installation.daemon.send_signal(signal.SIGHUP)
    clinic.wait_count("connections", 2)  # still mistaken: the next try by itself comes after 15 s
    clinic.password(SECRET)
    clinic.installation.daemon.send_signal(signal.SIGHUP)
    assert seconds_until(clinic, binds=1, patience_s=30.0) < 10.0


def test_a_bind_whose_table_is_changed_ends_its_window_and_is_bound_anew(clinic: Clinic) -> None:
    clinic.smsc.behave(answer_s=0.3)
    clinic.start()
    clinic.insert(30)
    clinic.wait_count("submits", 5)
    clinic.configure({"source": "Lab"})
    assert clinic.installation.daemon is not None
    clinic.installation.daemon.send_signal(signal.SIGHUP)
    clinic.wait_count("binds", 2)
    clinic.insert(5, first=30)
    clinic.wait_all("delivered", 35)
    assert {submit.source[2] for submit in clinic.smsc.taken} == {"Clinic", "Lab"}
    assert clinic.uncertain() == set()
    assert clinic.complaints(35) == []


def test_stop_lets_the_window_drain_and_takes_leave(clinic: Clinic) -> None:
    clinic.smsc.behave(answer_s=0.5)
    clinic.start()
    clinic.insert(40)
    clinic.wait_count("submits", 10)
    assert clinic.installation.terminate() == 0
    states = clinic.installation.states()
    taken = len(clinic.smsc.taken)
    assert 10 <= taken < 40
    assert states.pop("queued") == 40 - taken
    assert set(states) <= {"sent", "delivered"}
    assert clinic.smsc.call(lambda: clinic.smsc._service._reached["unbind"]) == 1
    assert clinic.smsc.complaints == []


def test_the_log_has_neither_texts_nor_numbers_nor_the_password(clinic: Clinic) -> None:
    clinic.configure(log_level="debug")
    clinic.start()
    clinic.installation.wait_for_state(clinic.installation.insert(NUMBER, "Secret finding"), "delivered")
    clinic.smsc.say(DIGITS, b"Secret answer")
    clinic.installation.wait_for(lambda: clinic.installation.rows("SELECT 1 FROM inbox"), "the answer")
    clinic.smsc.cut()
    clinic.wait_count("binds", 2)
    clinic.installation.terminate()
    log = clinic.installation.log.read_text()
    assert "delivered" in log
    for private in ("Secret", SECRET, DIGITS[1:], DIGITS.encode().hex()):
        assert private not in log


def test_status_shows_how_the_bind_stands_and_what_it_met_last(clinic: Clinic) -> None:
    clinic.smsc.behave(answer_s=0.05)
    clinic.start()
    clinic.insert(20)
    clinic.wait_all("delivered", 20)
    clinic.smsc.cut()
    clinic.wait_count("binds", 2)
    clinic.insert(5, first=20)
    clinic.wait_all("delivered", 25)
    clinic.wait_detail("ids alike")
    (shown,) = clinic.installation.json("status")["carriers"]
    assert (shown["name"], shown["kind"], shown["state"]) == ("operator", "smpp", "ready")
    figures = re.fullmatch(r"(\d+) of 10 in the air, up to 1000 SMS/s, answered in (\d+) ms; .*", shown["detail"])
    assert figures is not None
    assert 50 <= int(figures[2]) < 2000
    assert "broke" in shown["last_error"]
    for_people = " ".join(clinic.installation.smsgw("status").stdout.split())
    assert "of 10 in the air" in for_people


def test_the_password_is_in_no_process_list(clinic: Clinic) -> None:
    clinic.start()
    clinic.installation.wait_for_state(clinic.installation.insert(NUMBER, "Hello"), "delivered")
    assert clinic.installation.daemon is not None
    for place in ("cmdline", "environ"):
        assert SECRET.encode() not in Path(f"/proc/{clinic.installation.daemon.pid}/{place}").read_bytes()


def test_one_that_is_throttled_slows_down_and_loses_nothing(tmp_path: Path) -> None:
    """The SMSC takes a twentieth of what the bind may send, then all of it."""
    with opened(tmp_path, Conduct(most_per_second=30)) as clinic:
        clinic.configure({"max_per_second": 600})
        clinic.start()
        clinic.insert(120)
        clinic.installation.wait_for(lambda: len(clinic.smsc.taken) >= 60, "half of them")
        assert clinic.smsc.counts["refused"] < 200  # it has slowed down, and does not knock all the time
        clinic.smsc.behave(most_per_second=None)
        clinic.wait_all("delivered", 120)
        assert clinic.uncertain() == set()
        attempts = clinic.installation.rows("SELECT max(attempts) AS most FROM outbox")[0]["most"]
        assert attempts == 1  # what was refused for its haste is no try of the message's
        assert clinic.complaints(120) == []
