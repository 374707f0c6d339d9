"""What one bind was told by the configuration, in the words of the protocol."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.carrier import Submission
from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.settings import SmppSettings
from gateway.smpp import codes
from gateway.smpp.address import Types
from gateway.smpp.coding import Coding, Codings
from gateway.smpp.commands import Bind
from gateway.smpp.sender import Encode
from gateway.smpp.shaping import LongMessages, Manner, shape

CREDENTIALS = "CREDENTIALS_DIRECTORY"  # where systemd lays a service's credentials
MISSING = _("There is no password file {file}: write the password into its first line, or correct its name.")
EMPTY = _("The password file {file} is empty: write the password into its first line.")
GSM7 = {"unpacked": Coding.GSM, "packed": Coding.GSM_PACKED, "latin1": Coding.LATIN1, "ascii": Coding.ASCII}
BINDS = {
    "transceiver": (codes.BIND_TRANSCEIVER,),
    "pair": (codes.BIND_TRANSMITTER, codes.BIND_RECEIVER),
    "transmitter": (codes.BIND_TRANSMITTER,),
    "receiver": (codes.BIND_RECEIVER,),
}


@dataclass(frozen=True)
class Terms:
    """Of one [[smpp]] table."""

    settings: SmppSettings

    @property
    def address(self) -> str:
        """Host and port, for people."""
        host = self.settings.host
        return f"[{host}]:{self.settings.port}" if ":" in host else f"{host}:{self.settings.port}"

    @property
    def line(self) -> str:
        """In whose name the SMSC's message ids are counted: two binds of one account share it."""
        return f"smpp:{self.settings.system_id}@{self.address}"

    @property
    def codings(self) -> Codings:
        settings = self.settings
        return Codings({settings.gsm7_coding: GSM7[settings.gsm7], settings.ucs2_coding: Coding.UCS2})

    @property
    def manner(self) -> Manner:
        """How it wants its SMS."""
        settings = self.settings
        return Manner(
            settings.source or "",
            Types(settings.source_ton, settings.source_npi),
            Types(settings.dest_ton, settings.dest_npi),
            LongMessages(settings.long_messages),
            self.codings,
            settings.service_type,
        )

    @property
    def is_for_service_only(self) -> bool:
        """Whether only a process that systemd has started can read the password."""
        return self.settings.password_credential is not None and not os.environ.get(CREDENTIALS)

    def binds(self) -> Sequence[Bind]:
        """One for each link; the password is read anew, so that a new one counts from the next bind on."""
        settings, password = self.settings, self._password()
        return [
            Bind(
                command,
                settings.system_id,
                password,
                settings.system_type,
                addr_ton=settings.address_ton,
                addr_npi=settings.address_npi,
                address_range=settings.address_range,
            )
            for command in BINDS[settings.bind]
        ]

    def _password(self, environment: Mapping[str, str] = os.environ) -> str:
        """The first line of the file or credential; raises CarrierLost."""
        place = self._secret_file(environment)
        if place is None:
            return ""
        try:
            lines = place.read_text(encoding="latin-1").splitlines()
        except FileNotFoundError:
            raise CarrierLost(MISSING.format(file=place), Cause.FORBIDDEN) from None
        except OSError as fault:
            text = _("The password in {file} cannot be read: {reason}. Give the gateway's user the right to read it.")
            raise CarrierLost(text.format(file=place, reason=fault.strerror), Cause.FORBIDDEN) from None
        if not (lines and lines[0].strip()):  # who needs none names no file; an SMSC would call it an invalid password
            raise CarrierLost(EMPTY.format(file=place), Cause.FORBIDDEN)
        return lines[0].strip()

    def _secret_file(self, environment: Mapping[str, str]) -> Path | None:
        name = self.settings.password_credential
        if name is None:
            return self.settings.password_file
        if folder := environment.get(CREDENTIALS):
            return Path(folder) / name
        text = _("The credential {name} is not there: the gateway was not started by systemd with LoadCredential=.")
        raise CarrierLost(text.format(name=name), Cause.FORBIDDEN)


def encoder(manner: Manner) -> Encode:
    """The submit_sm of a submission, with a sequence number."""

    def encode(submission: Submission, sequence: int) -> bytes:
        return shape(submission, manner).encode(sequence)

    return encode
