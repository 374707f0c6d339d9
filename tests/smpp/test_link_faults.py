"""The link dropped, reset, stalled and half-closed at each step: what is known stays known, what isn't is said."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.carrier import Accepted, Deferred, LateAnswer, Uncertain
from gateway.errors import CarrierLost, Cause
from gateway.smpp.carrier import SmppCarrier
from tests.fake_smsc import Conduct, Smsc, codec
from tests.smpp.live import PHONE, Driver, bound, settings_for

DIGITS = PHONE.removeprefix("+")
SOON = {"answer_timeout": 0.6, "enquire_every": 0.2}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for an SMSC that says nothing."""
    monkeypatch.setattr("gateway.smpp.session.ENQUIRE_ANSWER_S", 0.3)
    monkeypatch.setattr("gateway.smpp.session.BIND_S", 0.5)
    monkeypatch.setattr("gateway.smpp.session.UNBIND_S", 0.2)


def open_anew(driver: Driver) -> None:
    """What the worker does after a fall."""
    driver.carrier.close()
    driver.carrier.open()


HOWS = ("reset", "close", "half_close", "stall")


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(
    "at", ["submit", "taken", "half_answer", "answered", "deliver", "half_deliver", "acknowledged"]
)
def test_wherever_the_link_breaks_every_sms_has_one_true_answer(at: str, how: str, tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path, **SOON) as driver:
        smsc.break_at(at, how, after=3)
        keys = [driver.submit(f"message {number}") for number in range(6)]
        driver.until(lambda: driver.falls)
        assert sorted(driver.answers) == keys
        taken = smsc.texts.get(DIGITS, [])
        for number, key in enumerate(keys):
            (outcome,) = driver.answers[key]
            is_out = f"message {number}" in taken
            assert isinstance(outcome, Uncertain) or (
                isinstance(outcome, Accepted) if is_out else isinstance(outcome, Deferred)
            )
        open_anew(driver)
        assert isinstance(driver.outcome(driver.submit("after")), Accepted)
        driver.until(lambda: len({report.fingerprint for report in driver.reports}) == len(taken) + 1)
        assert smsc.complaints == []


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("at", ["connect", "bind"])
def test_a_link_that_breaks_before_it_is_bound_is_said_so(at: str, how: str, tmp_path: Path) -> None:
    with Smsc() as smsc:
        smsc.break_at(at, how)
        carrier = SmppCarrier(settings_for(smsc, tmp_path))
        with pytest.raises(CarrierLost) as lost:
            carrier.open()
        assert lost.value.cause is Cause.UNREACHABLE
        carrier.open()
        assert carrier.status().state == "ready"
        carrier.close()


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("at", ["bound", "enquire_link"])
def test_a_link_that_breaks_at_rest_is_noticed_and_built_up_again(at: str, how: str, tmp_path: Path) -> None:
    with Smsc() as smsc:
        smsc.break_at(at, how)
        with bound(smsc, tmp_path, **SOON) as driver:
            driver.until(lambda: driver.falls)
            assert smsc.counts["faults"] == 1
            open_anew(driver)
            assert isinstance(driver.outcome(driver.submit()), Accepted)
            assert smsc.complaints == []


@pytest.mark.parametrize("how", HOWS)
def test_a_link_that_breaks_as_we_take_leave_holds_up_nothing(how: str, tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path, **SOON) as driver:
        key = driver.submit()
        assert isinstance(driver.outcome(key), Accepted)
        smsc.break_at("unbind", how)
        began = time.monotonic()
        driver.carrier.close()
        assert time.monotonic() - began < 2.0
        assert smsc.counts["faults"] == 1
        driver.carrier.open()
        assert isinstance(driver.outcome(driver.submit()), Accepted)


def test_what_was_in_the_window_is_uncertain_and_its_late_receipt_still_comes(tmp_path: Path) -> None:
    with Smsc(Conduct(receipt_s=0.3)) as smsc, bound(smsc, tmp_path, **SOON) as driver:
        smsc.break_at("taken", "reset")
        key = driver.submit()
        assert isinstance(driver.outcome(key), Uncertain)
        smsc.behave(receipt_s=0.0)
        open_anew(driver)
        smsc.say(DIGITS, b"id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:", esm_class=4)
        driver.until(lambda: driver.reports)
        assert driver.reports[0].recipient == PHONE


def test_a_response_that_never_comes_makes_one_uncertain_and_the_others_go_on(tmp_path: Path) -> None:
    with Smsc(Conduct(ignore_next=2)) as smsc, bound(smsc, tmp_path, window=4, **SOON) as driver:
        keys = [driver.submit() for _ in range(4)]
        outcomes = [type(driver.outcome(key)) for key in keys]
        assert sorted(kind.__name__ for kind in outcomes) == ["Accepted", "Accepted", "Uncertain", "Uncertain"]
        assert isinstance(driver.outcome(driver.submit()), Accepted)
        assert driver.falls == []


def test_a_response_that_comes_late_settles_it(tmp_path: Path) -> None:
    with Smsc(Conduct(late_next=1, late_s=0.9)) as smsc, bound(smsc, tmp_path, **SOON) as driver:
        key = driver.submit()
        assert isinstance(driver.outcome(key), Uncertain)
        driver.until(lambda: any(isinstance(each, LateAnswer) for each in driver.inbound))
        (late,) = [each for each in driver.inbound if isinstance(each, LateAnswer)]
        assert late == LateAnswer(key, Accepted("1"))


def test_an_answer_that_came_while_the_gateway_was_held_up_is_no_missing_one(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path, **SOON) as driver:
        key = driver.submit()
        time.sleep(0.8)
        assert driver.outcome(key) == Accepted("1")
        assert driver.falls == []


def test_a_sign_of_life_that_came_while_the_gateway_was_held_up_counts(tmp_path: Path) -> None:
    with Smsc(Conduct(ignores=frozenset({"enquire_link"}))) as smsc, bound(smsc, tmp_path, **SOON) as driver:
        time.sleep(0.25)
        driver.look(0.0)
        smsc.ask(codec.ENQUIRE_LINK)
        time.sleep(0.4)
        driver.look(0.0)
        assert driver.falls == []


def test_an_smsc_that_does_not_answer_enquire_link_is_given_up(tmp_path: Path) -> None:
    with Smsc(Conduct(ignores=frozenset({"enquire_link"}))) as smsc, bound(smsc, tmp_path, **SOON) as driver:
        start = time.monotonic()
        driver.until(lambda: driver.falls)
        assert 0.4 < time.monotonic() - start < 3
        assert "enquire_link" in str(driver.falls[0])


def test_an_smsc_that_owes_a_sign_of_life_is_given_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.smpp.session.DOUBT_S", 0.1)
    monkeypatch.setattr("gateway.smpp.session.ENQUIRE_ANSWER_S", 30.0)
    with Smsc(Conduct(ignores=frozenset({"enquire_link"}))) as smsc, bound(smsc, tmp_path, **SOON) as driver:
        driver.until(lambda: driver.carrier.status().state == "recovering")
        assert driver.carrier.room() == 0
        smsc.ask(codec.ENQUIRE_LINK)
        driver.until(lambda: driver.carrier.status().state == "ready")
        assert driver.carrier.room() > 0
        assert isinstance(driver.outcome(driver.submit()), Accepted)


def test_waiting_for_a_sign_of_life_with_an_sms_at_hand_is_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.smpp.session.DOUBT_S", 0.1)
    monkeypatch.setattr("gateway.smpp.session.ENQUIRE_ANSWER_S", 30.0)
    with Smsc() as smsc, bound(smsc, tmp_path, **SOON, max_per_second=1) as driver:
        assert isinstance(driver.outcome(driver.submit()), Accepted)
        smsc.cut("stall")
        driver.submit()  # the bind's pace keeps it for a second
        driver.until(lambda: driver.carrier.status().state == "recovering")
        end, looks = time.monotonic() + 1.2, 0
        while time.monotonic() < end:
            driver.look()
            looks += 1
        assert looks < 100


def test_a_silent_link_is_kept_alive_and_the_smsc_is_answered(tmp_path: Path) -> None:
    with Smsc(Conduct(enquire_s=0.1)) as smsc, bound(smsc, tmp_path, **SOON) as driver:
        end = time.monotonic() + 1.0
        driver.until(lambda: time.monotonic() > end)
        assert driver.falls == []
        assert smsc.complaints == []


def test_an_unbind_of_the_smsc_is_answered_and_ends_the_bind(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        smsc.ask(codec.UNBIND)
        driver.until(lambda: driver.falls)
        assert "ended the bind" in str(driver.falls[0])


@pytest.mark.parametrize(
    "octets",
    [
        codec.pdu(0x0BADCAFE, 0, 1, b"?"),  # nobody knows this command
        codec.pdu(codec.OUTBIND, 0, 1, b"smsc\0pw\0"),
        codec.pdu(0x80000004, 0, 999_999, b"7\0"),  # an answer to nothing
        codec.pdu(codec.GENERIC_NACK, 3, 0),
        codec.pdu(0x80000103, 0, 5),
        codec.pdu(0x102, 0, 6, bytes(30)),  # alert_notification
    ],
    ids=["unknown", "outbind", "stray_answer", "stray_nack", "stray_data", "alert"],
)
def test_odd_pdus_are_survived(octets: bytes, tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        smsc.send(octets)
        assert isinstance(driver.outcome(driver.submit()), Accepted)
        assert driver.falls == []


SECRET = b"79000000002 comes at ten"
SAID = {  # what is sent, and the event that it leaves in the log
    "an unknown command": (codec.pdu(0x0BADCAFE, 0, 1, SECRET), "smpp_unknown_command"),
    "an answer to nothing": (codec.pdu(0x80000103, 0, 5, SECRET), "smpp_unexpected"),
    "a receipt without an end": (codec.pdu(codec.DELIVER_SM, 0, 7, SECRET), "smpp_not_understood"),
    "a generic_nack": (codec.pdu(codec.GENERIC_NACK, 3, 0, SECRET), "smpp_nack"),
}


@pytest.mark.parametrize(("octets", "event"), SAID.values(), ids=SAID)
def test_what_is_odd_is_logged_without_its_contents(octets: bytes, event: str, tmp_path: Path) -> None:
    with capture_logs() as logged, Smsc() as smsc, bound(smsc, tmp_path) as driver:
        smsc.send(octets)
        driver.until(lambda: any(entry["event"] == event for entry in logged))
        driver.look()
    words = repr(logged)
    assert not [secret for secret in ("79000000002", "comes at ten", SECRET.hex()) if secret in words]


@pytest.mark.parametrize(
    "octets", [bytes(16), b"\x7f\xff\xff\xff" + bytes(12), b"HTTP/1.1 400 Bad"], ids=["0", "2G", "http"]
)
def test_a_length_that_makes_no_sense_ends_the_link(octets: bytes, tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        smsc.send(octets)
        driver.until(lambda: driver.falls)
        open_anew(driver)
        assert isinstance(driver.outcome(driver.submit()), Accepted)


def test_a_receipt_that_was_not_acknowledged_comes_again_and_is_the_same(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path, **SOON) as driver:
        smsc.break_at("deliver", "reset")
        driver.submit()
        driver.until(lambda: driver.falls)
        open_anew(driver)
        driver.until(lambda: driver.reports)
        assert len({report.fingerprint for report in driver.reports}) == 1


def test_a_patients_sms_that_comes_again_is_the_same_and_one_written_twice_is_not(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path, **SOON) as driver:
        smsc.break_at("half_answer", "close", after=99)
        smsc.say("79000000009", b"Yes")
        driver.until(lambda: len(driver.incoming) == 1)
        driver.look()  # the acknowledgement leaves
        smsc.say("79000000009", b"Yes")
        driver.until(lambda: len(driver.incoming) == 2)
        assert len({each.fingerprint for each in driver.incoming}) == 2


def test_an_smsc_that_restarts_is_bound_to_again(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path, **SOON) as driver:
        smsc.close()
        driver.until(lambda: driver.falls)
        with pytest.raises(CarrierLost):
            open_anew(driver)
        smsc.open()
        open_anew(driver)
        assert isinstance(driver.outcome(driver.submit()), Accepted)


def test_a_pair_of_which_one_link_fell_takes_leave_of_the_other_at_rest(tmp_path: Path) -> None:
    """It waits for the answer to its unbind without turning round and round."""
    with Smsc(Conduct(ignores=frozenset({"unbind"}))) as smsc, bound(smsc, tmp_path, bind="pair", **SOON) as driver:
        smsc.break_at("submit", "reset")
        driver.submit()
        driver.until(lambda: driver.falls)
        before, began = time.thread_time(), time.monotonic()
        driver.carrier.close()
        assert time.monotonic() - began >= 0.2  # UNBIND_S here
        assert time.thread_time() - before < 0.05
