"""A submit from Ctrl-Z to its answer: strict decoding, time on the air, the network's verdict."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fake_modem import codec
from tests.fake_modem.answers import Answer
from tests.fake_modem.faults import PDU, Fault
from tests.fake_modem.misbehaviour import BEFORE_RADIO, SHAPES

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem


@dataclass(frozen=True, slots=True)
class Submitted:
    """One PDU that the network took. Times are monotonic: when AT+CMGS came, when its result left."""

    modem: str
    commanded_at: float
    answered_at: float
    hex: str
    decoded: codec.Submit
    tp_mr: int


def submit(modem: Modem, typed: bytes, announced: int) -> None:
    """What the gateway typed at the prompt."""
    hexadecimal = typed.decode("latin-1").strip("\r\n ")
    try:
        decoded = codec.read_submit(codec.octets_of(hexadecimal), announced)
    except codec.BadPdu as problem:
        modem.journal.write("bad_pdu", modem=modem.name, reason=str(problem))
        modem.fail(f"CMS {modem.personality.bad_pdu_code}")
        return
    fault = modem.faults.take(PDU, decoded.recipient)
    if fault is not None:
        modem.journal.write("fault", modem=modem.name, kind=fault.kind, command="PDU")
    if fault is not None and fault.kind in BEFORE_RADIO:
        BEFORE_RADIO[fault.kind](modem, fault)
    else:
        _transmit(modem, decoded, hexadecimal, fault)


def _transmit(modem: Modem, decoded: codec.Submit, hexadecimal: str, fault: Fault | None) -> None:
    kind = fault.kind if fault else None
    seconds = modem.radio_s + (fault.seconds or 1.0 if fault and kind in ("slow", "slow_result") else 0.0)
    if kind == "urc_before_result":
        modem.loop.after(seconds / 2, lambda: modem.say(modem.noise()))
    if seconds > 0:
        modem.asked.busy_for(seconds, lambda: _result(modem, decoded, hexadecimal, fault))
    else:
        _result(modem, decoded, hexadecimal, fault)


def _result(modem: Modem, decoded: codec.Submit, hexadecimal: str, fault: Fault | None) -> None:
    reference = modem.sim.next_reference()  # counts every try, also the refused ones
    refusal = _refusal(modem, decoded, fault)
    if refusal is not None:
        modem.journal.write("refused", modem=modem.name, code=refusal, recipient=decoded.recipient)
        modem.fail(refusal)
        return
    kind = fault.kind if fault else None
    if kind != "lost" and not modem.sim.account.swallows:
        modem.network.accept(modem.sim, decoded, reference)
    modem.sim.account.charge()
    _note(modem, Submitted(modem.name, modem.commanded_at, time.monotonic(), hexadecimal, decoded, reference), kind)
    _answer(modem, Answer(_reference_line(modem, reference, kind)), fault)


def _refusal(modem: Modem, decoded: codec.Submit, fault: Fault | None) -> str | None:
    if fault and fault.kind in ("refuse", "error"):
        return fault.code
    if modem.health.illness is not None:
        return modem.health.illness.code
    if not modem.has_network:
        return "CMS 331"  # no network service
    if not decoded.smsc and not modem.smsc:
        return "CMS 330"  # SMSC address unknown
    if modem.personality.full_stops_sending and modem.store(modem.settings.memories[2]).is_full:
        return "CMS 322"  # memory full
    return modem.network.refusal(decoded.recipient) or modem.sim.account.refusal()


def _reference_line(modem: Modem, reference: int, kind: str | None) -> tuple[str, ...]:
    taste = modem.personality
    if kind == "no_reference" or not taste.has_references:
        return ()
    return (f"+CMGS: {reference if taste.constant_reference is None else taste.constant_reference}",)


def _answer(modem: Modem, answer: Answer, fault: Fault | None) -> None:
    if fault is not None and fault.kind in SHAPES:
        SHAPES[fault.kind](modem, fault, modem.octets_of(answer))
    else:
        modem.asked.write(modem.octets_of(answer))


def _note(modem: Modem, submitted: Submitted, kind: str | None) -> None:
    modem.submitted.append(submitted)
    modem.journal.write(
        "submitted",
        modem=submitted.modem,
        tp_mr=submitted.tp_mr,
        recipient=submitted.decoded.recipient,
        hex=submitted.hex,
        command_at=submitted.commanded_at,
        answer_at=submitted.answered_at,
        fault=kind,
    )
