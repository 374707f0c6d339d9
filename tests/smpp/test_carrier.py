"""A bind on real sockets: what goes out, what comes in, and what is said of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway.carrier import Accepted, Deferred, Refused, ReportStatus, Scope
from gateway.errors import GatewayError
from gateway.smpp.pdu import LAST_SEQUENCE
from tests.fake_smsc import Conduct, Smsc, codec
from tests.fake_smsc.receipts import IDS, TEXTS
from tests.smpp.live import PHONE, bound

DIGITS = PHONE.removeprefix("+")
RUSSIAN = "Здравствуйте, ждём Вас во вторник в 10:30 у доктора Петровой. Возьмите, пожалуйста, полис и паспорт. 🙂"
ENGLISH = "We expect you on Tuesday at 10:30 {room 5} [bring your passport] for €0, ~2 hours. " * 5


def test_a_text_arrives_and_its_receipt_comes_back(tmp_path: Path) -> None:
    with Smsc(Conduct(ids="hex", first_id=0xAB)) as smsc, bound(smsc, tmp_path) as driver:
        key = driver.submit("Hello, Anna")
        assert driver.outcome(key) == Accepted("ab")
        driver.until(lambda: driver.reports)
        (report,) = driver.reports
        assert (report.message_reference, report.recipient, report.status, report.is_exact) == (
            "ab", PHONE, ReportStatus.DELIVERED, True,
        )  # fmt: skip
        driver.until(lambda: smsc.statuses)
        assert smsc.statuses == [0]
        assert smsc.texts == {DIGITS: ["Hello, Anna"]}
        assert smsc.complaints == []


@pytest.mark.parametrize(
    ("gsm7", "long_messages"),
    [("unpacked", "udh"), ("unpacked", "sar"), ("unpacked", "payload"), ("packed", "udh"), ("packed", "payload")],
)
@pytest.mark.parametrize("text", [RUSSIAN, ENGLISH, "@£$¥èéùìòÇ ^{}\\[~]|€" * 12])
def test_a_long_text_arrives_whole(text: str, gsm7: str, long_messages: str, tmp_path: Path) -> None:
    conduct = Conduct(receipt_s=None, is_packed=gsm7 == "packed")
    with Smsc(conduct) as smsc, bound(smsc, tmp_path, long_messages=long_messages, gsm7=gsm7) as driver:
        keys = driver.submit_long(text)
        assert all(isinstance(driver.outcome(key), Accepted) for key in keys)
        assert smsc.texts == {DIGITS: [text]}
        assert smsc.complaints == []


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("tlvs", ["none", "also", "only"])
def test_receipts_are_understood_in_every_form(form: str, tlvs: str, tmp_path: Path) -> None:
    conduct = Conduct(receipt_form=form, receipt_tlvs=tlvs == "also", receipt_only_tlvs=tlvs == "only")
    with Smsc(conduct) as smsc, bound(smsc, tmp_path) as driver:
        driver.submit()
        driver.until(lambda: driver.reports)
        assert [(each.message_reference, each.status) for each in driver.reports] == [("1", ReportStatus.DELIVERED)]
        assert driver.incoming == []


@pytest.mark.parametrize(
    ("ids", "receipt_ids"),
    [(one, other) for one in IDS for other in IDS if (one in ("uuid", "letters")) <= (one == other)
     and other not in ({"uuid", "letters"} - {one})],
)  # fmt: skip
def test_however_the_smsc_writes_ids_the_receipt_names_the_answers_id(
    ids: str, receipt_ids: str, tmp_path: Path
) -> None:
    conduct = Conduct(ids=ids, receipt_ids=receipt_ids, first_id=300)
    with Smsc(conduct) as smsc, bound(smsc, tmp_path) as driver:
        outcomes = [driver.outcome(driver.submit()) for _ in range(4)]
        driver.until(lambda: len(driver.reports) == 4)
        for outcome, report in zip(outcomes, driver.reports, strict=True):
            assert isinstance(outcome, Accepted)
            assert outcome.message_reference in (report.message_reference, *report.other_forms)
        assert driver.reports[-1].other_forms == ()
        assert driver.reports[-1].message_reference == IDS[ids](303)
        assert "ids" in driver.carrier.status().detail


def test_a_receipt_may_come_before_the_answer_and_twice(tmp_path: Path) -> None:
    conduct = Conduct(receipt_is_early=True, receipt_copies=2, answer_s=0.1)
    with Smsc(conduct) as smsc, bound(smsc, tmp_path) as driver:
        key = driver.submit()
        driver.until(lambda: len(driver.reports) == 2 and key in driver.answers)
        assert driver.answers == {key: [Accepted("1")]}
        assert len({report.fingerprint for report in driver.reports}) == 1


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("ENROUTE", "DELIVRD"), ["pending", "delivered"]),
        (("ACCEPTD", "UNDELIV"), ["pending", "undelivered"]),
        (("EXPIRED",), ["undelivered"]),
        (("REJECTD",), ["undelivered"]),
        (("UNKNOWN",), ["pending"]),
    ],
)
def test_intermediate_and_final_receipts_are_told_apart(
    states: tuple[str, ...], expected: list[str], tmp_path: Path
) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        smsc.luck(DIGITS, *states)
        driver.submit()
        driver.until(lambda: len(driver.reports) == len(expected))
        assert [report.status.value for report in driver.reports] == expected


def test_answers_in_any_order_find_their_sms(tmp_path: Path) -> None:
    numbers = [f"+7900000{n:04}" for n in range(10)]
    conduct = Conduct(reversed_by=5, receipt_s=None)
    with Smsc(conduct) as smsc, bound(smsc, tmp_path, max_per_second=10_000) as driver:
        keys = {driver.submit(to=number): number for number in numbers}
        driver.until(lambda: len(driver.answers) == len(keys))
        taken = [submit.dest[2] for submit in smsc.taken]
        assert taken == [number.removeprefix("+") for number in (*numbers[4::-1], *numbers[:4:-1])]
        for key, number in keys.items():
            place = taken.index(number.removeprefix("+"))
            assert driver.answers[key] == [Accepted(str(place + 1))]


def test_sequence_numbers_that_come_round_find_their_sms_too(tmp_path: Path) -> None:
    with Smsc(Conduct(receipt_s=None)) as smsc, bound(smsc, tmp_path) as driver:
        (session,) = driver.carrier._sessions
        session._sequence = LAST_SEQUENCE - 2
        outcomes = [driver.outcome(key) for key in [driver.submit() for _ in range(6)]]
        assert outcomes == [Accepted(str(n)) for n in range(1, 7)]
        assert session._sequence < 10
        assert smsc.complaints == []


def test_no_second_sees_more_sms_than_the_contract_says(tmp_path: Path) -> None:
    """The SMSC refuses what is more, and has nothing to refuse."""
    times: list[float] = []
    with Smsc(Conduct(receipt_s=None)) as smsc, bound(smsc, tmp_path, max_per_second=40, window=50) as driver:
        while len(driver.answers) < 80:
            for _ in range(min(driver.carrier.room(), 80 - len(times))):
                driver.submit()
                times.append(time.monotonic())
            driver.look(0.005)
        assert smsc.counts["submits"] == 80
    assert all(later - earlier > 0.97 for earlier, later in zip(times, times[40:], strict=False))
    assert times[-1] - times[0] < 4.0  # and it is used


STATUSES = (0x58, 0x14)  # ESME_RTHROTTLED, ESME_RMSGQFUL


@pytest.mark.parametrize("status", STATUSES, ids=["throttled", "queue_full"])
def test_an_smsc_that_is_busy_gets_the_same_sms_again_and_slower(status: int, tmp_path: Path) -> None:
    conduct = Conduct(refuse_next=3, refuse_next_with=status, receipt_s=None)
    with Smsc(conduct) as smsc, bound(smsc, tmp_path, window=3) as driver:
        keys = [driver.submit(f"{n}") for n in range(3)]
        driver.until(lambda: smsc.counts["refused"] == 3)
        assert "takes no more than that" in driver.carrier.status().detail
        assert [type(driver.outcome(key)) for key in keys] == [Accepted] * 3
        assert sorted(smsc.texts[DIGITS]) == ["0", "1", "2"]


def test_every_part_of_a_long_text_asks_for_a_receipt(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        keys = driver.submit_long(RUSSIAN)
        driver.until(lambda: len(driver.reports) == len(keys))
        assert [taken.registered for taken in smsc.taken] == [1] * len(keys)
        answered = {outcome.message_reference for key in keys if isinstance(outcome := driver.outcome(key), Accepted)}
        assert {report.message_reference for report in driver.reports} == answered
        assert len(answered) == len(keys) > 1


def test_types_of_numbers_that_the_operator_wants_are_used(tmp_path: Path) -> None:
    changes = {"source_ton": 0, "source_npi": 1, "dest_ton": 2, "dest_npi": 8}
    with Smsc() as smsc, bound(smsc, tmp_path, **changes) as driver:
        driver.outcome(driver.submit())
        (taken,) = smsc.taken
        assert (taken.source[:2], taken.dest[:2]) == ((0, 1), (2, 8))


def test_a_patients_sms_is_taken_and_acknowledged(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        smsc.say("79000000009", "Да, приду".encode("utf-16-be"), data_coding=8)
        smsc.say("79000000009", b"id:1 stat:DELIVRD")  # looks like a receipt, and is none
        driver.until(lambda: len(driver.incoming) == 2)
        assert [(each.sender, each.text) for each in driver.incoming] == [
            ("+79000000009", "Да, приду"),
            ("+79000000009", "id:1 stat:DELIVRD"),
        ]
        driver.until(lambda: len(smsc.statuses) == 2)


def test_what_cannot_be_read_is_not_sent_to_us_for_ever(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        smsc.ask(codec.DELIVER_SM, b"no end")
        driver.submit()
        driver.until(lambda: driver.reports)
        assert driver.falls == []


@pytest.mark.parametrize(
    ("sender", "ton"),
    [("Clinic", 5), ("Lab", 5), ("+79000000000", 1), ("7733", 3)],
    ids=["own", "name", "number", "code"],
)
def test_the_sender_is_typed_by_how_it_is_written(sender: str, ton: int, tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        driver.outcome(driver.submit(sender=None if sender == "Clinic" else sender))
        (taken,) = smsc.taken
        assert (taken.source[0], taken.source[2]) == (ton, sender.removeprefix("+"))
        assert taken.dest == (1, 1, DIGITS)
        assert taken.registered == 1


def test_the_validity_goes_with_it(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        driver.outcome(driver.submit(validity_s=3 * 3600))
        assert smsc.taken[0].validity == "000000030000000R"


@pytest.mark.parametrize(
    ("status", "kind", "scope"),
    [(0x0B, Refused, None), (0x08, Deferred, Scope.NETWORK), (0x0E, Deferred, Scope.ACCOUNT)],
)
def test_a_refusal_says_whom_it_concerns(status: int, kind: type, scope: Scope | None, tmp_path: Path) -> None:
    with Smsc(Conduct(refuse_with=status)) as smsc, bound(smsc, tmp_path) as driver:
        outcome = driver.outcome(driver.submit())
        assert isinstance(outcome, kind)
        assert getattr(outcome, "scope", None) is scope


def test_throttled_sms_go_out_later_and_none_is_lost(tmp_path: Path) -> None:
    with Smsc(Conduct(most_per_second=50, receipt_s=None)) as smsc, bound(smsc, tmp_path, window=20) as driver:
        sent = 0
        while sent < 60:
            if driver.carrier.room():
                driver.submit(f"{sent}")
                sent += 1
            else:
                driver.look(0.01)
        driver.until(lambda: len(driver.answers) == 60)
        assert {tuple(map(type, outcomes)) for outcomes in driver.answers.values()} == {(Accepted,)}
        assert sorted(smsc.texts[DIGITS], key=int) == [str(number) for number in range(60)]
        assert smsc.counts["refused"] > 0


def test_only_a_modem_asks_by_ussd(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        with pytest.raises(GatewayError, match="only a modem"):
            driver.carrier.ussd("*100#")
        assert driver.carrier.remedies == ()
