"""TLS on real sockets: it carries all that goes over a bind, and a certificate that is not to be trusted ends it."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from gateway.errors import CarrierLost, Cause
from gateway.smpp.carrier import SmppCarrier
from tests.fake_smsc import Smsc
from tests.smpp.certificates import make_certificate
from tests.smpp.live import PHONE, bound, settings_for

DIGITS = PHONE.removeprefix("+")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def secured(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def test_tls_carries_thousands_of_sms_and_receipts(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    changes = {
        "tls": True,
        "ca_file": certificate[0],
        "server_name": "smsc.example",
        "max_per_second": 10_000,
        "window": 50,
    }
    with Smsc(tls=secured(certificate)) as smsc, bound(smsc, tmp_path, **changes) as driver:
        sent = 0
        while sent < 2000:
            for _ in range(min(driver.carrier.room(), 2000 - sent)):
                driver.submit(f"{sent}")
                sent += 1
            driver.look(0.005)
        driver.until(lambda: len(driver.reports) == 2000)
        assert len(smsc.texts[DIGITS]) == 2000
        assert driver.falls == []


@pytest.mark.parametrize(
    "changes",
    [{"ca_file": None, "server_name": "smsc.example"}, {"server_name": None}],
    ids=["unknown_issuer", "other_name"],
)
def test_a_certificate_that_is_not_to_be_trusted_is_refused(
    changes: dict[str, object], certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    with Smsc(tls=secured(certificate)) as smsc:
        settings = settings_for(smsc, tmp_path, **({"tls": True, "ca_file": certificate[0]} | changes))
        with pytest.raises(CarrierLost, match="not to be trusted") as lost:
            SmppCarrier(settings).open()
        assert lost.value.cause is Cause.DENIED
        assert smsc.binds == []
