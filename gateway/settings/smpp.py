"""[[smpp]]: the keys of a bind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from gateway.i18n import _
from gateway.settings.key import REQUIRED, RULES, key
from gateway.settings.values import File, Name, Text


class SmppSettings(BaseModel):
    """[[smpp]]: one bind to an operator's SMSC."""

    model_config = RULES
    name: Name = key(
        REQUIRED, _("a name of 1 to 32 characters, in quotes"), _("How you call it; shown everywhere."), "operator"
    )
    host: Text = key(REQUIRED, _("a host name or address in quotes"), _("The operator's SMSC."), "127.0.0.1")
    port: Annotated[int, Field(ge=1, le=65535)] = key(2775, _("a whole number from 1 to 65535"), _("Its TCP port."))
    system_id: Annotated[str, Field(min_length=1, max_length=15)] = key(
        REQUIRED, _("1 to 15 characters in quotes"), _("The account that the operator gave you."), "clinic"
    )
    password_file: File | None = key(
        None,
        _("a file name in quotes"),
        _("The file with the password in its first line; only the gateway's user should be able to read it."),
        "smpp.secret",
    )
    bind: Literal["transceiver", "transmitter", "receiver"] = key(
        "transceiver", _('"transceiver", "transmitter" or "receiver"'), _("What the bind may do.")
    )
    window: Annotated[int, Field(ge=1, le=1000)] = key(
        10, _("a whole number from 1 to 1000"), _("How many SMS may wait for their answer at a time.")
    )
    max_per_second: Annotated[int, Field(ge=1, le=10_000)] = key(
        30, _("a whole number from 1 to 10000"), _("At most so many SMS a second; the operator names the figure.")
    )
    tls: bool = key(False, _("true or false"), _("true: encrypted; the certificate is checked."))
    ca_file: File | None = key(
        None,
        _("a file name in quotes"),
        _("With tls: the certificates to trust, instead of the system's store."),
        "smsc-ca.pem",
    )
