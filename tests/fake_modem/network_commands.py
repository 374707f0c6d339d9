"""Commands about the network: registration, signal, service centre, USSD (3GPP TS 27.007, 7; TS 27.005, 3.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.fake_modem import alphabet
from tests.fake_modem.answers import Answer, Failure
from tests.fake_modem.storage import numbers, parameters

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

Handler = Callable[["Modem", str], Answer]


def _registration(name: str) -> Handler:
    def handler(modem: Modem, _: str) -> Answer:
        tells = name != "+CREG" or modem.personality.has_creg
        stat = modem.stat if tells else 0
        line = modem.personality.registration.format(n=modem.settings.creg[name], stat=stat)
        return Answer((line.replace("+CREG", name),))

    return handler


def _set_registration(name: str) -> Handler:
    def handler(modem: Modem, text: str) -> Answer:
        modem.settings.creg[name] = numbers(text)[0]
        return Answer()

    return handler


def _operator(modem: Modem, _: str) -> Answer:
    return Answer((f'+COPS: 0,0,"{modem.operator}",2' if modem.stat in (1, 5) else "+COPS: 0",))


def _signal(modem: Modem, _: str) -> Answer:
    return Answer((f"+CSQ: {modem.signal},99",))


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


def _ussd(modem: Modem, text: str) -> Answer:
    values = parameters(text)
    if len(values) < 2:
        return Answer()
    return Answer(then=lambda: _ussd_later(modem))


def _ussd_later(modem: Modem) -> None:
    taste = modem.personality
    line = taste.ussd_line or f'+CUSD: 0,"{_ussd_text(taste.ussd_form)}",15'
    modem.loop.after(0.02, lambda: modem.say(line))


def _ussd_text(form: str) -> str:
    text = "Balance 12.50"
    if form == "packed":
        return alphabet.pack(alphabet.write(text) or b"").hex().upper()
    return text.encode("utf-16-be").hex().upper() if form == "ucs2" else text


HANDLERS: dict[tuple[str, str], Handler] = {
    ("+CSQ", ""): _signal,
    ("+COPS", "?"): _operator,
    ("+COPS", "="): lambda modem, _: Answer(),
    ("+CSCA", "?"): _service_centre,
    ("+CSCA", "="): _set_service_centre,
    ("+CSMP", "="): _text_parameters,
    ("+CUSD", "="): _ussd,
    **{(name, "?"): _registration(name) for name in ("+CREG", "+CGREG", "+CEREG")},
    **{(name, "="): _set_registration(name) for name in ("+CREG", "+CGREG", "+CEREG")},
}
