"""What an SMSC sends: PDUs damaged, their lengths put right or not, through cutter, parsers, receipts and SMS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from gateway.smpp import codes, incoming, receipt
from gateway.smpp.coding import Coding, Codings
from gateway.smpp.commands import AlertNotification, Bind, BindResp, Outbind
from gateway.smpp.fields import Malformed, Unencodable
from gateway.smpp.ids import Learner
from gateway.smpp.messages import DataSm, DeliverSm, MessageId, QuerySm, QuerySmResp, SubmitSm
from gateway.smpp.pdu import HEADER_OCTETS, LONGEST, RESPONSE, BadLength, Cutter, Pdu
from gateway.smpp.times import Zone
from tests.fuzz import mutations
from tests.fuzz.corpus import samples

MOST_PDUS = 5  # in one item
MOST_SMALL = 4000  # octets: longer streams are not read octet by octet
MOST_FORMS = 20  # of one message id: each is looked up
NOW = datetime(2026, 11, 22, 7, 30, 40, tzinfo=UTC)
TABLES = (Codings(), Codings({0: Coding.LATIN1, 8: Coding.UCS2}), Codings({0: Coding.GSM_PACKED}))


@dataclass(frozen=True)
class Stream:
    """Octets as they come from an SMSC, and how the bind is told to read texts."""

    octets: bytes
    count: int  # PDUs that went in
    table: int  # of TABLES


def make(chance: Random) -> Stream:
    """Some PDUs, most of them damaged; mostly with lengths that fit, else nothing behind them would be read."""
    count = chance.randrange(1, MOST_PDUS + 1)
    return Stream(b"".join(pdu_of(chance) for _ in range(count)), count, chance.randrange(len(TABLES)))


def pdu_of(chance: Random) -> bytes:
    """A PDU of the corpus, most of them damaged."""
    octets = bytes.fromhex(chance.choice(samples("smpp")).decode("ascii"))
    where = chance.random()
    if where < 0.1:
        return octets
    if where < 0.25:
        return mutations.damaged(chance, octets)
    body = mutations.damaged(chance, octets[HEADER_OCTETS:])[: LONGEST - HEADER_OCTETS]
    header = octets[4:HEADER_OCTETS]
    if where > 0.9:
        header = mutations.damaged(chance, header)[: len(header)].ljust(len(header), b"\x00")
    return (HEADER_OCTETS + len(body)).to_bytes(4, "big") + header + body


def check(stream: Stream) -> None:
    """Cut alike whatever the reads; read or refused by our own errors; what is read is written and means the same."""
    whole = _cut(stream.octets, len(stream.octets) or 1)
    for size in (1, 7):
        assert len(stream.octets) > MOST_SMALL or _cut(stream.octets, size) == whole
    pdus, _bad = whole
    assert sum(len(pdu.body) + HEADER_OCTETS for pdu in pdus) <= len(stream.octets)
    learner, zone = Learner(), Zone()
    for pdu in pdus:
        codes.outcome_of(pdu.status), codes.refused_bind(pdu.status), codes.command_name(pdu.command)
        _read(pdu, TABLES[stream.table], learner, zone)


def _cut(octets: bytes, size: int) -> tuple[list[Pdu], int | None]:
    """The PDUs, and the length at which the stream made no sense any more."""
    cutter = Cutter()
    found: list[Pdu] = []
    for start in range(0, len(octets), size):
        try:
            found.extend(cutter.feed(octets[start : start + size]))
        except BadLength as problem:
            return found, problem.length  # those before it were taken
    return found, None


# Which parser a command has, and how what it read is written again
PARSERS: dict[int, Callable[[bytes], Any]] = {
    codes.BIND_TRANSCEIVER_RESP: BindResp.parse,
    codes.BIND_TRANSMITTER_RESP: BindResp.parse,
    codes.BIND_RECEIVER_RESP: BindResp.parse,
    codes.BIND_TRANSCEIVER: lambda body: Bind.parse(codes.BIND_TRANSCEIVER, body),
    codes.OUTBIND: Outbind.parse,
    codes.SUBMIT_SM: SubmitSm.parse,
    codes.SUBMIT_SM_RESP: MessageId.parse,
    codes.DELIVER_SM: DeliverSm.parse,
    codes.DELIVER_SM_RESP: MessageId.parse,
    codes.DATA_SM: DataSm.parse,
    codes.DATA_SM_RESP: MessageId.parse,
    codes.QUERY_SM: QuerySm.parse,
    codes.QUERY_SM_RESP: QuerySmResp.parse,
    codes.ALERT_NOTIFICATION: AlertNotification.parse,
}


def _read(pdu: Pdu, codings: Codings, learner: Learner, zone: Zone) -> None:
    parse = PARSERS.get(pdu.command)
    if parse is None:
        return
    value = _parsed(parse, pdu.body)
    if isinstance(value, Malformed):
        assert 0 <= value.octet <= len(pdu.body)
        return
    _comes_back(pdu, parse, value)
    if isinstance(value, MessageId):
        learner.answered(value.message_id)
    if isinstance(value, DeliverSm | DataSm):
        _understood(value, codings, learner, zone)


def _parsed(parse: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return parse(body)
    except Malformed as problem:
        return problem


def _comes_back(pdu: Pdu, parse: Callable[[bytes], Any], value: Any) -> None:
    """Unless it broke off; what is longer than the specification allows is only read."""
    names_command = isinstance(value, MessageId | BindResp)
    try:
        octets = value.encode(pdu.command & ~RESPONSE, 1) if names_command else value.encode(1)
    except Unencodable:
        return
    again = parse(octets[HEADER_OCTETS:])
    assert again == value or not value.is_whole


def _understood(message: DeliverSm | DataSm, codings: Codings, learner: Learner, zone: Zone) -> None:
    """A receipt or an SMS; either can be stored."""
    found = receipt.find(message, codings)
    if found is None:
        sms = incoming.read(message, codings, "print")
        sms.text.encode("utf-8"), sms.sender.encode("utf-8")
        return
    if found.done is not None:
        zone.came(found.done, NOW)
    report = receipt.report(found, learner.receipted(found.message_id), zone, "print")
    assert len(report.other_forms) <= MOST_FORMS
    assert report.code.isascii()
    for moment in (report.submitted_at, report.discharged_at):
        assert moment is None or moment.astimezone(UTC)
    for each in (report.message_reference, report.recipient or "", *report.other_forms):
        each.encode("utf-8")
