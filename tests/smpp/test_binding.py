"""How a bind comes about and ends: account, password, links; and what is said of one that does not come about."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import CarrierLost, Cause
from gateway.smpp.carrier import SmppCarrier
from tests.fake_smsc import Smsc
from tests.smpp.live import PHONE, bound, settings_for

DIGITS = PHONE.removeprefix("+")


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


@pytest.mark.parametrize(("name", "said"), [("nothing", "There is no password file .*nothing"), ("", "cannot be read")])
def test_a_password_that_cannot_be_read_is_said_so(name: str, said: str, tmp_path: Path) -> None:
    with Smsc() as smsc:
        carrier = SmppCarrier(settings_for(smsc, tmp_path, password_file=tmp_path / name))
        with pytest.raises(CarrierLost, match=said) as lost:
            carrier.open()
        assert lost.value.cause is Cause.FORBIDDEN


@pytest.mark.parametrize("content", ["", "\n", "  \nsecret\n"], ids=["nothing", "a line end", "a blank first line"])
def test_an_empty_password_file_is_said_so_and_not_tried(content: str, tmp_path: Path) -> None:
    with Smsc() as smsc:
        settings = settings_for(smsc, tmp_path)
        assert settings.password_file is not None
        settings.password_file.write_text(content, encoding="utf-8")
        carrier = SmppCarrier(settings)
        with pytest.raises(CarrierLost, match="is empty") as lost:
            carrier.open()
        assert lost.value.cause is Cause.FORBIDDEN
        assert smsc.counts["binds"] == 0


@pytest.mark.parametrize(
    ("changes", "is_asked"),
    [({}, True), ({"host": "nowhere.invalid"}, False), ({"password_file": Path("/nowhere/secret")}, False)],
    ids=["no port", "no such name", "no password"],
)
def test_the_operators_door_is_only_asked_about_when_the_line_is_at_fault(
    changes: dict[str, Any], is_asked: bool, tmp_path: Path
) -> None:
    with Smsc() as smsc:
        gone = SmppCarrier(settings_for(smsc, tmp_path, **changes))
    with pytest.raises(CarrierLost) as lost:
        gone.open()
    assert ("address in?" in str(lost.value)) is is_asked


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


def test_two_binds_of_one_account_share_a_line(tmp_path: Path) -> None:
    with Smsc() as smsc:
        settings = settings_for(smsc, tmp_path)
        assert SmppCarrier(settings).line == SmppCarrier(settings.model_copy(update={"name": "second"})).line
        assert replace(SmppCarrier(settings).status()).line == f"smpp:clinic@127.0.0.1:{smsc.port}"
