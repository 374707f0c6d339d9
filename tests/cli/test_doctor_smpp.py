"""`smsgw doctor` on binds: the way to the SMSC, its certificate, the account; and what a running daemon tells."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.checks import smpp, told
from gateway.cli.checks.finding import Finding
from gateway.cli.checks.rights import Person, lacking
from gateway.settings import SmppSettings
from tests.cli.doctor import problems, settings
from tests.fake_smsc import Smsc
from tests.smpp.certificates import make_certificate
from tests.smpp.live import settings_for

NOW = datetime.now(UTC) + timedelta(hours=12)  # in the middle of a day of certificates that are made now


def ask(bind: SmppSettings, now: datetime = NOW) -> list[Finding]:
    return list(smpp.asked(settings(smpp=(bind,)), now))


@pytest.mark.parametrize(("kind", "count"), [("transceiver", 1), ("pair", 2)])
def test_an_account_that_is_right_is_bound_and_unbound(kind: str, count: int, tmp_path: Path) -> None:
    with Smsc() as smsc:
        (found,) = ask(settings_for(smsc, tmp_path, bind=kind))
        assert found.ok
        assert "lets clinic in; it calls itself fake" in found.finding
        assert smsc.counts["binds"] == count
        assert smsc.counts["unbinds"] == count


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


# What is wrong, and a word of what is found and of what to do.
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "the host": ({"host": "nowhere.invalid"}, "name nowhere.invalid is not known", "Correct this"),
    "the port": ({"port": closed_port()}, "address in?", "Correct this"),
    "the account": ({"system_id": "nobody"}, "invalid system id", "every letter"),
    "the file": ({"password_file": Path("/nowhere/secret")}, "There is no password file", "Correct this"),
    "no password": ({"password_file": None}, "invalid password", "password_file"),
    "TLS": ({"tls": True}, "TLS", "Correct this"),
}


@pytest.mark.parametrize(("changes", "word", "remedy"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_remedy(changes: dict[str, Any], word: str, remedy: str, tmp_path: Path) -> None:
    with Smsc() as smsc:
        (found,) = ask(settings_for(smsc, tmp_path, **changes))
    assert not found.ok
    assert word in found.finding
    assert remedy in found.remedy


def test_a_password_longer_than_smpp_has_it_is_told_when_it_is_refused(tmp_path: Path) -> None:
    with Smsc() as smsc:
        bind = settings_for(smsc, tmp_path)
        assert bind.password_file is not None
        bind.password_file.write_text("too-long-a-secret", encoding="utf-8")
        (found,) = ask(bind)
    assert "8 characters" in found.remedy
    assert "secret" not in found.finding + found.remedy


def test_an_empty_password_file_is_told(tmp_path: Path) -> None:
    with Smsc() as smsc:
        bind = settings_for(smsc, tmp_path)
        assert bind.password_file is not None
        bind.password_file.write_text("\n", encoding="utf-8")
        (found,) = ask(bind)
        assert smsc.counts["binds"] == 0
    assert "is empty" in found.finding


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"ca_file": Path("ca.pem")}, "not encrypted"),
        ({"server_name": "smsc.example"}, "not encrypted"),
        ({"password_file": Path("secret"), "password_credential": "secret"}, "the credential counts"),
    ],
    ids=["certificates", "name", "passwords"],
)
def test_keys_that_contradict_each_other_are_told(changes: dict[str, Any], word: str) -> None:
    bind = SmppSettings(name="operator", host="127.0.0.1", system_id="clinic", **changes)
    (found,) = smpp.contradictions(settings(smpp=(bind,)))
    assert not found.ok
    assert word in found.finding
    fine = SmppSettings(name="operator", host="127.0.0.1", system_id="clinic", tls=True, ca_file=Path("ca.pem"))
    assert list(smpp.contradictions(settings(smpp=(fine,)))) == []


def test_a_credential_of_the_service_is_not_missed_at_the_command_line(tmp_path: Path) -> None:
    with Smsc() as smsc:
        (found,) = ask(settings_for(smsc, tmp_path, password_file=None, password_credential="smpp-password"))
        assert found.ok
        assert "only it tries the account" in found.finding
        assert smsc.counts["binds"] == 0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"), days=30)


def secured(certificate: tuple[Path, Path]) -> Smsc:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return Smsc(tls=context)


@pytest.mark.parametrize(("days_later", "is_well"), [(0, True), (20, False)])
def test_a_certificate_that_ends_soon_is_told(
    days_later: int, is_well: bool, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    with secured(certificate) as smsc:
        bind = settings_for(smsc, tmp_path, tls=True, ca_file=certificate[0], server_name="smsc.example")
        found, account = ask(bind, NOW + timedelta(days=days_later))
        row = {"name": "operator", "kind": "smpp", "state": "ready", "detail": "0 of 10 in the air"}
        known = list(smpp.from_daemon(settings(smpp=(bind,)), [row], NOW + timedelta(days=days_later)))
    assert (found.ok, account.ok) == (is_well, True)
    assert f"{29 - days_later} days more" in found.finding
    assert known[1] == found


def test_a_certificate_that_is_not_trusted_is_no_matter_of_the_account(
    certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    with secured(certificate) as smsc:
        (found,) = ask(settings_for(smsc, tmp_path, tls=True, server_name="smsc.example"))
    assert "not to be trusted" in found.finding
    assert "letter" not in found.remedy


ROWS: dict[str, tuple[dict[str, Any], bool, str]] = {
    "ready": ({"state": "ready", "detail": "3 of 10 in the air"}, True, ""),
    "paused": ({"state": "paused", "detail": ""}, True, ""),
    "away": ({"state": "recovering", "detail": "The link broke."}, False, "The link broke."),
    "not reached": ({"state": "searching", "detail": "No answer."}, False, "No answer. It is tried again by itself."),
    "blocked": ({"state": "blocked", "detail": "Refused."}, False, "Refused. Ask the operator about this account"),
    "failed": ({"state": "failed", "detail": "No."}, False, "smsgw modems resume operator"),
}


def test_a_bind_that_the_running_daemon_has_not_read_of_wants_a_reload() -> None:
    row = {"name": "operator", "kind": "smpp", "state": "starting", "detail": "", "updated_at": ""}
    bind = SmppSettings(name="operator", host="127.0.0.1", system_id="clinic")
    (found,) = smpp.from_daemon(settings(smpp=(bind,)), [row], NOW)
    assert not found.ok
    assert "reload" in found.remedy


@pytest.mark.parametrize(("row", "is_well", "remedy"), ROWS.values(), ids=ROWS)
def test_beside_a_running_daemon_nothing_is_bound_and_its_word_counts(
    row: dict[str, Any], is_well: bool, remedy: str, tmp_path: Path
) -> None:
    with Smsc() as smsc:
        known = [{"name": "operator", "kind": "smpp", **row}]
        (found,) = smpp.from_daemon(settings(smpp=(settings_for(smsc, tmp_path),)), known, NOW)
        assert smsc.counts["connections"] == 0
    assert (found.ok, found.finding.startswith(f"operator: {row['state']}")) == (is_well, True)
    assert remedy in found.remedy


def test_who_has_binds_may_do_without_modems() -> None:
    row = {"name": "operator", "kind": "smpp", "state": "ready", "detail": ""}
    assert problems(told.from_daemon([row], NOW)) == []
    assert len(problems(told.from_daemon([], NOW))) == 1


def test_the_services_user_must_be_able_to_read_the_password(tmp_path: Path) -> None:
    secret = tmp_path / "smpp.secret"
    secret.write_text("secret", encoding="utf-8")
    secret.chmod(0o600)
    bind = SmppSettings(name="operator", host="127.0.0.1", system_id="clinic", password_file=secret)
    found = list(lacking(Person("smsgw", 54321, ()), settings(smpp=(bind,))))
    assert [secret.name in each.finding and "640" in each.remedy for each in found if str(secret) in each.finding] == [
        True
    ]
