"""Commands about the network: registration, signal, service centre, USSD (3GPP TS 27.007, 7; TS 27.005, 3.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.fake_modem import ussd
from tests.fake_modem.answers import Answer, Failure
from tests.fake_modem.storage import numbers, parameters

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

UNKNOWN_SIGNAL, UNKNOWN_RSRP = 99, 255
Handler = Callable[["Modem", str], Answer]


def _registration(name: str) -> Handler:
    def handler(modem: Modem, _: str) -> Answer:
        stat = modem.registration.stat if name in modem.personality.registers else 0
        line = modem.personality.registration.format(n=modem.settings.creg[name], stat=stat)
        return Answer((line.replace("+CREG", name),))

    return handler


def _set_registration(name: str) -> Handler:
    def handler(modem: Modem, text: str) -> Answer:
        modem.settings.creg[name] = numbers(text)[0]
        return Answer()

    return handler


def _operator(modem: Modem, _: str) -> Answer:
    return Answer((f'+COPS: 0,0,"{modem.operator}",2' if modem.registration.stat in (1, 5) else "+COPS: 0",))


def _signal(modem: Modem, _: str) -> Answer:
    return Answer((f"+CSQ: {modem.signal if modem.personality.has_csq else UNKNOWN_SIGNAL},99",))


def _extended_signal(modem: Modem, _: str) -> Answer:
    """As RSRP, from -140 dBm; +CSQ counts steps of 2 dB from -113 dBm (TS 27.007, 8.5 and 8.69)."""
    rsrp = UNKNOWN_RSRP if modem.signal == UNKNOWN_SIGNAL else max(0, min(97, -113 + 2 * modem.signal + 141))
    return Answer((f"+CESQ: 99,99,255,255,255,{rsrp}",))


def _service_centre(modem: Modem, _: str) -> Answer:
    if modem.sim_busy > 0:
        modem.sim_busy -= 1
        raise Failure("CME 14")
    number, form = modem.smsc, modem.personality.csca_form
    shown = {"quoted": f'"{number}"', "bare": number, "ucs2": '"' + number.encode("utf-16-be").hex().upper() + '"'}[
        form
    ]
    return Answer((f"+CSCA: {shown},145",))


def _set_service_centre(modem: Modem, text: str) -> Answer:
    modem.smsc = _plain(parameters(text)[0])
    return Answer()


def _plain(number: str) -> str:
    """The number, also when it was written back as UCS-2 hexadecimal."""
    is_ucs2 = re.fullmatch(r"(00[0-9A-Fa-f]{2})+", number)
    return bytes.fromhex(number).decode("utf-16-be") if is_ucs2 else number


def _text_parameters(modem: Modem, _: str) -> Answer:
    if modem.personality.csmp_erases_csca:
        modem.smsc = ""
    return Answer()


HANDLERS: dict[tuple[str, str], Handler] = {
    ("+CSQ", ""): _signal,
    ("+CESQ", ""): _extended_signal,
    ("+COPS", "?"): _operator,
    ("+COPS", "="): lambda modem, _: Answer(),
    ("+CSCA", "?"): _service_centre,
    ("+CSCA", "="): _set_service_centre,
    ("+CSMP", "="): _text_parameters,
    ("+CUSD", "="): ussd.command,
    **{(name, "?"): _registration(name) for name in ("+CREG", "+CGREG", "+CEREG")},
    **{(name, "="): _set_registration(name) for name in ("+CREG", "+CGREG", "+CEREG")},
}
