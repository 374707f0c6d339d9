"""PDUs: what comes from the network, damaged; what we write, read again by us and by the fake bank's strict codec."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from gateway.carrier import Submission
from gateway.errors import GatewayError
from gateway.modem import inbound, pdu
from gateway.modem.fields import PduError
from gateway.modem.tpdu import Deliver, StatusReport, Submit
from gateway.sms.data_coding import may_be_ucs2
from gateway.sms.message import TextRefused
from gateway.sms.national import SHIFTS
from gateway.sms.segmentation import split
from tests.fake_modem import codec
from tests.fuzz import mutations
from tests.fuzz.corpus import samples

INCOMING = ("deliver", "deliver", "report")
MOST_OCTETS = 4000  # of a text: beyond 255 SMS in any alphabet it is refused at once
LENGTHS = (None, None, 0, 1, 24, 26, 255, 10**6)
RECIPIENTS = ("+79000000001", "79000000001", "1234", "+", "", "+7900\x00", "+" + "9" * 20, "+" + "9" * 21)


@dataclass(frozen=True)
class Arrived:
    """A PDU's line and the length that its header said."""

    text: str
    length: int | None


def make_incoming(chance: Random) -> Arrived:
    sample = mutations.damaged_hexadecimal(chance, chance.choice(samples(chance.choice(INCOMING))))
    return Arrived(sample.decode("latin-1"), chance.choice(LENGTHS))


def check_incoming(arrived: Arrived) -> None:
    """Decoded or refused by our own error; what was decoded whole and is written again means the same."""
    inbound.decode(arrived.text, arrived.length, "8970199000000000017", None)
    value = _decoded(arrived)
    if isinstance(value, PduError):
        assert 0 <= value.octet <= len(arrived.text)
        return
    _storable(value)
    if not value.is_damaged and not may_be_ucs2(value.data_coding or 0):  # those are read more ways than written
        _comes_back(value)


def _decoded(arrived: Arrived) -> Deliver | StatusReport | PduError:
    try:
        return pdu.decode_incoming(arrived.text, tpdu_length=arrived.length)
    except PduError as error:
        return error


def _storable(value: Deliver | StatusReport) -> None:
    """The database takes UTF-8 only."""
    text = value.text if isinstance(value, Deliver) else value.recipient.number
    text.encode("utf-8")


def _comes_back(value: Deliver | StatusReport) -> None:
    try:
        octets = value.encode()
    except GatewayError:
        return  # national tables and what is longer than an SMS are only read
    again = type(value).decode(octets)
    assert again.encode() == octets
    if isinstance(value, Deliver) and isinstance(again, Deliver):
        assert (again.text, again.sender.number) == (value.text, value.sender.number)


def make_submit(chance: Random) -> str:
    return mutations.damaged_hexadecimal(chance, chance.choice(samples("submit"))).decode("latin-1")


def check_submit(text: str) -> None:
    """What a strict network takes, our own codec reads the same way; of the rest nothing breaks it."""
    octets = _octets(text)
    strict, ours = _strict(octets), _ours(octets)
    if isinstance(ours, PduError):
        assert 0 <= ours.octet <= len(octets)
    if strict is None:
        return
    assert isinstance(ours, Submit)
    assert (ours.recipient.number, ours.data_coding) == (strict.recipient, strict.data_coding)
    if strict.alphabet != "8bit" and not _is_national(strict):
        assert ours.user_data.is_damaged or ours.user_data.text == strict.text


def _octets(text: str) -> bytes:
    try:
        return codec.octets_of(text)
    except codec.BadPdu:
        return b""


def _strict(octets: bytes) -> codec.Submit | None:
    try:
        return codec.read_submit(octets, len(octets) - 1 - octets[0]) if octets else None
    except codec.BadPdu:
        return None


def _ours(octets: bytes) -> Submit | PduError | None:
    try:
        return Submit.decode(octets, 1 + octets[0]) if octets else None
    except PduError as error:
        return error


def _is_national(strict: codec.Submit) -> bool:
    return any(identifier in SHIFTS for identifier, _data in strict.elements)


@dataclass(frozen=True)
class Said:
    """A text for somebody."""

    recipient: str
    text: str
    reference: int
    is_wide: bool


def make_text(chance: Random) -> Said:
    octets = mutations.damaged(chance, chance.choice(samples("texts")))[:MOST_OCTETS]
    is_wide = chance.random() < 0.5
    recipient = chance.choice(RECIPIENTS) if chance.random() < 0.2 else RECIPIENTS[0]
    return Said(recipient, octets.decode("utf-8", "replace"), chance.randrange(0x10000 if is_wide else 0x100), is_wide)


def check_text(said: Said) -> None:
    """Cut, written, read by the bank: the very same text arrives, or the gateway's own error says why not."""
    try:
        segments = split(said.text, said.reference, said.is_wide)
        written = [pdu.encode_submit(Submission(1, said.recipient, segment, 3600)) for segment in segments]
    except (TextRefused, PduError):
        return
    arrived = [codec.read_submit(codec.octets_of(each.hex), each.length) for each in written]
    assert "".join(each.text for each in arrived) == said.text
    assert [(each.part.number, each.part.total) for each in arrived if each.part] == [
        (number, len(arrived)) for number in range(1, len(arrived) + 1) if len(arrived) > 1
    ]
