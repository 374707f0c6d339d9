"""[pure] PDUs as modems write them, in hexadecimal: the service centre's address, then the TPDU (3GPP TS 27.005, 4).

Modems put filling behind a PDU, quotes around it, a storage record's status before it, or count the service centre's
length in digits instead of octets. When reading a PDU as it says gives nothing sound, it is tried at the other places
where a TPDU may begin; what looks like nothing there either is taken as it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.carrier import Submission
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.modem.address import NO_PLAN, TELEPHONE_PLAN, decode_service_centre, to_address
from gateway.modem.fields import MESSAGE_TYPE, PduError
from gateway.modem.tpdu import Deliver, StatusReport, Submit
from gateway.modem.user_data import for_segment
from gateway.modem.validity import RelativeValidity
from gateway.sms import data_coding
from gateway.sms.message import Alphabet

NO_SERVICE_CENTRE = "00"  # the SIM's own is used
RECORD_OCTETS = 176  # a SIM's whole record (EF-SMS, 3GPP TS 31.102, 4.2.25): a status octet, the PDU, filling
HEXADECIMAL = re.compile("(?:[0-9A-Fa-f]{2})*")
AROUND = " \t\r\n\0\"'\x1a"
FILLING = b"\xff"
KNOWN_PLANS = (NO_PLAN, TELEPHONE_PLAN)
OCTET_OF_ALPHABET = {Alphabet.GSM7: data_coding.GSM7_OCTET, Alphabet.UCS2: data_coding.UCS2_OCTET}

# TP-MTI from the service centre (23.040, 9.2.3.1); 3 is reserved and read as DELIVER, 1 is a stored SUBMIT of our own
TYPES: dict[int, type[Deliver] | type[StatusReport]] = {0: Deliver, 2: StatusReport, 3: Deliver}

Reading = Deliver | StatusReport | PduError


@dataclass(frozen=True, slots=True)
class SubmitPdu:
    """What goes to the modem: AT+CMGS=length, then, at the prompt, hex."""

    hex: str = field(repr=False)
    length: int  # octets, without the service centre's


def encode_submit(submission: Submission, *, reject_duplicates: bool = False) -> SubmitPdu:
    """A SUBMIT that asks for a status report. Raises PduError for a recipient that is no number."""
    submit = Submit(
        recipient=to_address(submission.recipient),
        user_data=for_segment(submission.segment),
        data_coding=OCTET_OF_ALPHABET[submission.segment.alphabet],
        validity_period=_validity(submission.validity_s),
        reject_duplicates=reject_duplicates,
        status_report_request=True,
    )
    octets = submit.encode()
    return SubmitPdu(NO_SERVICE_CENTRE + octets.hex().upper(), len(octets))


def decode_incoming(hex: str, *, tpdu_length: int | None = None) -> Deliver | StatusReport:
    """What a modem hands over, with the service centre's field first; `tpdu_length` is the header line's, if known.

    Raises PduError only; its octet counts from the first one given.
    """
    octets, is_whole = _octets(hex)
    as_said = _try_reading(octets, Place(0, 1 + octets[0]))
    reading = as_said if _is_sound(as_said) else _best_reading(octets, as_said, tpdu_length)
    if not is_whole:
        reading = _as_damaged(reading, len(octets))
    if isinstance(reading, PduError):
        raise reading
    return reading


def _validity(seconds: int | None) -> RelativeValidity | None:
    return None if seconds is None else RelativeValidity(seconds)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service centre's field and the TPDU begin."""

    service_centre: int
    tpdu: int


def _best_reading(octets: bytes, as_said: Reading, tpdu_length: int | None) -> Reading:
    """A sound reading elsewhere, else what has at least an address, else what the PDU says."""
    elsewhere = [(place, _try_reading(octets, place)) for place in _other_places(octets, tpdu_length)]
    sound = [each for place, each in elsewhere if _is_sound(each) and _is_all_of(octets[place.tpdu :], each)]
    by_header = [each for place, each in elsewhere if place.tpdu + (tpdu_length or 0) == len(octets)]
    addressed = [each for each in (as_said, *by_header) if _has_address(each)]
    return next(iter(sound + addressed), as_said)


def _other_places(octets: bytes, tpdu_length: int | None) -> Iterator[Place]:
    """Where else a TPDU may begin when the service centre's length leads to nothing sound."""
    said = octets[0]
    if tpdu_length is not None and 0 < tpdu_length < len(octets):
        yield Place(0, len(octets) - tpdu_length)  # by the header line, whose length may be as wrong as the other
    yield Place(0, 2 + (said + 1) // 2)  # counted in digits
    yield Place(0, 1 + (said + 1) // 2)  # counted in digits, the type as two of them
    yield Place(0, 2 + said)  # counted without the type octet
    if len(octets) == RECORD_OCTETS:
        yield Place(1, 2 + octets[1])  # a status octet before all
    yield Place(0, 0)  # no service centre's field at all


def _try_reading(octets: bytes, place: Place) -> Reading:
    try:
        return _read(octets, place)
    except PduError as error:
        return error


def _read(octets: bytes, place: Place) -> Deliver | StatusReport:
    if place.tpdu >= len(octets):
        raise PduError("SMSC" if place.tpdu > len(octets) else "TP-MTI", len(octets), _("the PDU ends here"))
    kind = TYPES.get(octets[place.tpdu] & MESSAGE_TYPE)
    if kind is None:
        raise PduError("TP-MTI", place.tpdu, _("neither a DELIVER nor a STATUS-REPORT"))
    service_centre = decode_service_centre(octets[place.service_centre + 1 : place.tpdu])
    return replace(kind.decode(octets, place.tpdu), smsc=service_centre)


def _is_sound(reading: Reading) -> bool:
    """Whether it looks like what networks send: at the wrong place hardly anything has an address and real times."""
    return _has_address(reading) and None not in _times(reading)


def _has_address(reading: Reading) -> bool:
    if isinstance(reading, PduError):
        return False
    address = reading.sender if isinstance(reading, Deliver) else reading.recipient
    return address.value != "" and address.numbering_plan in KNOWN_PLANS


def _times(reading: Reading) -> tuple[datetime | None, ...]:
    if isinstance(reading, PduError):
        return ()
    return (reading.sent_at,) if isinstance(reading, Deliver) else (reading.submitted_at, reading.discharged_at)


def _is_all_of(octets: bytes, reading: Reading) -> bool:
    """Whether it, written again, gives the same octets, with nothing but filling behind them."""
    try:
        written = b"" if isinstance(reading, PduError) else reading.encode()
    except GatewayError:
        return False
    return octets.startswith(written) and not octets[len(written) :].strip(FILLING)


def _as_damaged(reading: Reading, octet: int) -> Reading:
    """Of a PDU that stops being hexadecimal at `octet` an SMS is kept and marked; a report is not to be relied on."""
    if isinstance(reading, Deliver):
        return replace(reading, user_data=replace(reading.user_data, is_damaged=True))
    return PduError("PDU", octet, _("not pairs of hexadecimal digits"))


def _octets(text: str) -> tuple[bytes, bool]:
    """At least one, and whether the text was nothing but them; quotes, spaces and line ends are the modem's."""
    digits = "".join(text.strip(AROUND).split())
    whole = HEXADECIMAL.match(digits)
    octets = bytes.fromhex(whole[0] if whole else "")
    if not octets:
        raise PduError("PDU", 0, _("not pairs of hexadecimal digits"))
    return octets, 2 * len(octets) == len(digits)
