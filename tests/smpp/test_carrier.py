"""A bind on real sockets: what goes out, what comes in, and what is said of it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.carrier import Accepted, Deferred, Refused, ReportStatus, Scope
from gateway.errors import CarrierLost, Cause, GatewayError
from gateway.smpp.carrier import SmppCarrier
from tests.fake_smsc import Conduct, Smsc, codec
from tests.fake_smsc.receipts import IDS, TEXTS
from tests.smpp.live import PHONE, bound, settings_for

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


def test_a_pair_sends_over_one_link_and_receives_over_the_other(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path, bind="pair") as driver:
        driver.submit()
        driver.until(lambda: driver.reports)
        assert smsc.counts["binds"] == 2
        assert smsc.texts == {DIGITS: ["Hello"]}


def test_a_receiver_takes_nothing_to_send(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path, bind="receiver") as driver:
        assert driver.carrier.room() == 0
        smsc.say("79000000009", b"Yes")
        driver.until(lambda: driver.incoming)


def test_the_account_binds_as_it_was_told_to(tmp_path: Path) -> None:
    changes = {"system_type": "VMA", "address_range": "^7900", "address_ton": 1, "address_npi": 1}
    with Smsc() as smsc, bound(smsc, tmp_path, **changes):
        (bind,) = smsc.binds
        assert (bind.system_id, bind.password, bind.version) == ("clinic", "secret", 0x34)
        assert (bind.system_type, bind.address_range, bind.ton, bind.npi) == ("VMA", "^7900", 1, 1)


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
    [(0x0B, Refused, None), (0x08, Deferred, Scope.NETWORK), (0x0E, Deferred, Scope.DEVICE)],
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


@pytest.mark.parametrize(("password", "system_id", "status"), [("wrong", "clinic", 0x0E), ("secret", "nobody", 0x0F)])
def test_a_bind_that_is_refused_says_what_to_check(password: str, system_id: str, status: int, tmp_path: Path) -> None:
    with Smsc() as smsc:
        settings = settings_for(smsc, tmp_path, system_id=system_id)
        assert settings.password_file is not None
        settings.password_file.write_text(password, encoding="utf-8")
        carrier = SmppCarrier(settings)
        with pytest.raises(CarrierLost, match="Check system_id, password and system_type") as lost:
            carrier.open()
        assert lost.value.cause is Cause.DENIED
        assert carrier.status().state == "searching"
        assert password not in str(lost.value)


def test_an_smsc_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with Smsc() as smsc:
        settings = settings_for(smsc, tmp_path)
    carrier = SmppCarrier(settings)
    with pytest.raises(CarrierLost, match="cannot be reached") as lost:
        carrier.open()
    assert lost.value.cause is Cause.UNREACHABLE


def test_a_password_longer_than_the_specification_has_it_is_sent_whole(tmp_path: Path) -> None:
    with Smsc() as smsc:
        settings = settings_for(smsc, tmp_path)
        assert settings.password_file is not None
        settings.password_file.write_text("a-long-secret-of-an-aggregator", encoding="utf-8")
        with closing(SmppCarrier(settings)) as carrier, pytest.raises(CarrierLost, match="password"):
            carrier.open()
        assert [bind.password for bind in smsc.binds] == ["a-long-secret-of-an-aggregator"]


def test_a_password_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    with Smsc() as smsc:
        carrier = SmppCarrier(settings_for(smsc, tmp_path, password_file=tmp_path / "nothing"))
        with pytest.raises(CarrierLost, match="nothing cannot be read") as lost:
            carrier.open()
        assert lost.value.cause is Cause.FORBIDDEN


def test_the_password_may_be_a_credential_of_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "smpp-password").write_text("secret", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with Smsc() as smsc, bound(smsc, tmp_path, password_file=None, password_credential="smpp-password"):
        assert smsc.counts["binds"] == 1


def test_it_listens_on_ipv6_too(tmp_path: Path) -> None:
    with Smsc(host="::1") as smsc, bound(smsc, tmp_path) as driver:
        driver.outcome(driver.submit())
        assert driver.carrier.status().port == f"[::1]:{smsc.port}"


def test_it_takes_leave_when_it_closes(tmp_path: Path) -> None:
    with Smsc() as smsc:
        with bound(smsc, tmp_path):
            smsc.break_at("unbind", "stall", after=2)
        assert smsc.call(lambda: smsc._service._reached["unbind"]) == 1


def test_only_a_modem_asks_by_ussd(tmp_path: Path) -> None:
    with Smsc() as smsc, bound(smsc, tmp_path) as driver:
        with pytest.raises(GatewayError, match="only a modem"):
            driver.carrier.ussd("*100#")
        assert driver.carrier.remedies == ()


def test_two_binds_of_one_account_share_a_line(tmp_path: Path) -> None:
    with Smsc() as smsc:
        settings = settings_for(smsc, tmp_path)
        assert SmppCarrier(settings).line == SmppCarrier(settings.model_copy(update={"name": "second"})).line
        assert replace(SmppCarrier(settings).status()).line == f"smpp:clinic@127.0.0.1:{smsc.port}"
