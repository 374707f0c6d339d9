"""[[smpp]]: the keys of a bind: where the SMSC is, who we are to it, how fast it may be asked, how texts go."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from gateway.i18n import _
from gateway.settings.duration import seconds
from gateway.settings.key import COST, COUNT, DURATION, REQUIRED, RULES, key
from gateway.settings.values import Cost, Duration, File, Limit, Name, Text

Octet = Annotated[int, Field(ge=0, le=255)]
Ton = Annotated[int, Field(ge=0, le=6)]
Npi = Annotated[int, Field(ge=0, le=18)]
# What a phone can show (3GPP TS 23.040, 9.1.2.5): a name of 11, or the digits of a number
SenderName = Annotated[str, Field(pattern=r"^(?:[!-~](?:[ -~]{0,9}[!-~])?|\+?[0-9]{1,15})$")]
SenderNames = Annotated[tuple[SenderName, ...], Field(strict=False)]

ASCII = r"^[ -~]*$"

OCTET = _("a whole number from 0 to 255")
TON = _("a whole number from 0 to 6")
NPI = _("a whole number from 0 to 18")
SENDER = _("1 to 11 letters and digits, or a number, in quotes")


class SmppSettings(BaseModel):
    """[[smpp]]: one bind to an operator's SMSC."""

    model_config = RULES
    name: Name = key(
        REQUIRED, _("a name of 1 to 32 characters, in quotes"), _("How you call it; shown everywhere."), "operator"
    )
    host: Text = key(
        REQUIRED, _("a host name or address in quotes"), _("The operator's SMSC; also an IPv6 address."), "127.0.0.1"
    )
    port: Annotated[int, Field(ge=1, le=65535)] = key(2775, _("a whole number from 1 to 65535"), _("Its TCP port."))
    system_id: Annotated[str, Field(min_length=1, max_length=15, pattern=ASCII)] = key(
        REQUIRED, _("1 to 15 characters in quotes"), _("The account that the operator gave you."), "clinic"
    )
    password_file: File | None = key(
        None,
        _("a file name in quotes"),
        _("The file with the password in its first line; only the gateway's user should be able to read it."),
        "smpp.secret",
    )
    password_credential: Text | None = key(
        None,
        _("the name of a systemd credential in quotes"),
        _(
            "Instead of password_file: the credential that the service was given by LoadCredential= "
            "or SetCredentialEncrypted=."
        ),
        "smpp-password",
    )
    bind: Literal["transceiver", "pair", "transmitter", "receiver"] = key(
        "transceiver",
        _('"transceiver", "pair", "transmitter" or "receiver"'),
        _('What the bind may do; "pair": a transmitter and a receiver, for an SMSC that has no transceiver.'),
    )
    system_type: Annotated[str, Field(max_length=12, pattern=ASCII)] = key(
        "", _("up to 12 characters in quotes"), _("Only if the operator names one.")
    )
    address_range: Annotated[str, Field(max_length=40, pattern=ASCII)] = key(
        "", _("up to 40 characters in quotes"), _("The numbers whose incoming SMS are ours; only if the operator asks.")
    )
    address_ton: Ton = key(0, TON, _("Type of number of address_range."))
    address_npi: Npi = key(0, NPI, _("Numbering plan of address_range."))
    window: Annotated[int, Field(ge=1, le=1000)] = key(
        10, _("a whole number from 1 to 1000"), _("How many SMS may wait for their answer at a time.")
    )
    max_per_second: Annotated[int, Field(ge=1, le=10_000)] = key(
        30, _("a whole number from 1 to 10000"), _("At most so many SMS a second; the operator names the figure.")
    )
    max_per_day: Limit | None = key(None, COUNT, _("At most so many SMS a day. Not set: no limit."), 10_000)
    max_per_month: Limit | None = key(None, COUNT, _("At most so many SMS a month. Not set: no limit."), 100_000)
    cost: Cost | None = key(
        None, COST, _("What one SMS over it costs, in any currency: routes that take the cheapest go by it."), 0.9
    )
    tls: bool = key(False, _("true or false"), _("true: encrypted; the certificate is checked."))
    ca_file: File | None = key(
        None,
        _("a file name in quotes"),
        _("With tls: the certificates to trust, instead of the system's store."),
        "smsc-ca.pem",
    )
    server_name: Text | None = key(
        None,
        _("a host name in quotes"),
        _("With tls: the name in the certificate, when it is not that of the host."),
        "smsc.example",
    )
    answer_timeout: Duration = key(
        seconds("60 s"), DURATION, _("How long the SMSC may take to answer for an SMS; after that it is uncertain.")
    )
    enquire_every: Duration = key(
        seconds("30 s"), DURATION, _("A link that is silent for so long is asked for a sign of life.")
    )
    source: SenderName | None = key(
        None, SENDER, _("From whom SMS come when a message names no sender; the operator registers it."), "Clinic"
    )
    senders: SenderNames = key(
        (), _("a list of names in quotes"), _("Other senders that messages may name; the operator registers them."),
        ["Clinic", "Lab"],
    )  # fmt: skip
    source_ton: Ton | None = key(None, TON, _("Type of number of the sender. Not set: found by how it is written."), 5)
    source_npi: Npi | None = key(None, NPI, _("Numbering plan of the sender. Not set: found by how it is written."), 0)
    dest_ton: Ton | None = key(None, TON, _("Type of number of recipients. Not set: found by how they are written."), 1)
    dest_npi: Npi | None = key(None, NPI, _("Numbering plan of recipients. Not set: found likewise."), 1)
    service_type: Annotated[str, Field(max_length=5, pattern=ASCII)] = key(
        "", _("up to 5 characters in quotes"), _("Only if the operator names one.")
    )
    long_messages: Literal["udh", "sar", "payload"] = key(
        "udh",
        _('"udh", "sar" or "payload"'),
        _('How the parts of a long text say that they belong together: a header in the text, or parameters beside it;'
          ' "payload": the octets go in message_payload.'),
    )  # fmt: skip
    gsm7: Literal["unpacked", "packed", "latin1", "ascii"] = key(
        "unpacked",
        _('"unpacked", "packed", "latin1" or "ascii"'),
        _("How texts of the GSM alphabet are written; ask the operator when € or @ arrive wrong."),
    )
    gsm7_coding: Octet = key(0, OCTET, _("data_coding of these texts: 0 is the SMSC's default."))
    ucs2_coding: Octet = key(8, OCTET, _("data_coding of texts in Unicode."))

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for mistake in self._mistakes():
            raise ValueError(mistake)
        return self

    def _mistakes(self) -> Iterator[str]:
        if not _is_host(self.host):
            yield _("host is a name or an address alone; the port has a key of its own")
        if self.gsm7_coding == self.ucs2_coding:
            yield _("gsm7_coding and ucs2_coding must not be the same: nobody could tell the texts apart")


def _is_host(host: str) -> bool:
    """No URL, no "host:port"; an IPv6 address has colons of its own."""
    with suppress(ValueError):
        return bool(ipaddress.ip_address(host.partition("%")[0]))
    return not any(sign in host for sign in ":/[] ")
