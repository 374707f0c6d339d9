"""[pure] PDUs as modems write them, in hexadecimal: the service centre's address, then the TPDU (3GPP TS 27.005, 4).

Modems put filling behind a PDU, quotes around it, a storage record's status before it, or count the service centre's
length in digits instead of octets. When reading a PDU as it says gives nothing sound, it is tried at the other places
where a TPDU may begin; what looks like nothing there either is taken as it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from string import hexdigits

from gateway.carrier import Submission
from gateway.i18n import _
from gateway.modem import data_coding
from gateway.modem.address import NO_PLAN, TELEPHONE_PLAN, decode_service_centre, to_address
from gateway.modem.fields import MESSAGE_TYPE, PduError
from gateway.modem.tpdu import Deliver, StatusReport, Submit
from gateway.modem.user_data import for_segment
from gateway.modem.validity import RelativeValidity
from gateway.sms.message import Alphabet

NO_SERVICE_CENTRE = "00"  # the SIM's own is used
RECORD_OCTETS = 176  # a SIM's whole record (EF-SMS, 3GPP TS 31.102, 4.2.25): a status octet, the PDU, filling
AROUND = " \t\r\n\0\"'\x1a"
KNOWN_PLANS = (NO_PLAN, TELEPHONE_PLAN)
OCTET_OF_ALPHABET = {Alphabet.GSM7: data_coding.GSM7_OCTET, Alphabet.UCS2: data_coding.UCS2_OCTET}

# TP-MTI from the service centre (23.040, 9.2.3.1); 3 is reserved and read as DELIVER, 1 is a stored SUBMIT of our own
TYPES: dict[int, type[Deliver] | type[StatusReport]] = {0: Deliver, 2: StatusReport, 3: Deliver}


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
    octets = _octets(hex)
    as_said = _try_reading(octets, Place(0, 1 + octets[0]))
    if isinstance(as_said, PduError) or not _is_sound(as_said):
        for place in _other_places(octets, tpdu_length):
            reading = _try_reading(octets, place)
            if not isinstance(reading, PduError) and _is_sound(reading):
                return reading
    if isinstance(as_said, PduError):
        raise as_said
    return as_said


def _validity(seconds: int | None) -> RelativeValidity | None:
    return None if seconds is None else RelativeValidity(seconds)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service centre's field and the TPDU begin."""

    service_centre: int
    tpdu: int


def _other_places(octets: bytes, tpdu_length: int | None) -> Iterator[Place]:
    """Where else a TPDU may begin when the service centre's length leads to nothing sound."""
    said = octets[0]
    if tpdu_length is not None and 0 < tpdu_length < len(octets):
        yield Place(0, len(octets) - tpdu_length)
    yield Place(0, 2 + (said + 1) // 2)  # counted in digits
    yield Place(0, 2 + said)  # counted without the type octet
    if len(octets) == RECORD_OCTETS:
        yield Place(1, 2 + octets[1])  # a status octet before all
    yield Place(0, 0)  # no service centre's field at all


def _try_reading(octets: bytes, place: Place) -> Deliver | StatusReport | PduError:
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


def _is_sound(value: Deliver | StatusReport) -> bool:
    """Whether it looks like what networks send: read at the wrong place, a PDU has no such address and times."""
    times = (value.sent_at,) if isinstance(value, Deliver) else (value.submitted_at, value.discharged_at)
    address = value.sender if isinstance(value, Deliver) else value.recipient
    return address.value != "" and address.numbering_plan in KNOWN_PLANS and None not in times


def _octets(text: str) -> bytes:
    """At least one; quotes, spaces and line ends around the digits are the modem's."""
    digits = text.strip(AROUND)
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        raise PduError("PDU", _first_odd(digits), _("not pairs of hexadecimal digits")) from None  # holds the PDU
    if not octets:
        raise PduError("PDU", 0, _("empty"))
    return octets


def _first_odd(digits: str) -> int:
    """The octet at which the digits stop making sense."""
    return (len(digits) - len(digits.lstrip(hexdigits))) // 2
