"""Command lines, and the commands about the device and its SIM.

network_commands.py has those about the network, storage.py those about SMS.

A handler gets what stands after `=`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from tests.fake_modem import network_commands, storage
from tests.fake_modem.answers import Answer, Failure, error
from tests.fake_modem.sim import ABSENT, READY, WANTS_PIN, WANTS_PUK
from tests.fake_modem.storage import numbers, parameters

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

Handler = Callable[["Modem", str], Answer]
ITEM = re.compile(r"([+^&%$*][A-Z0-9]+|[A-Z]\d*)(=\?|\?|=(.*))?$", re.DOTALL | re.IGNORECASE)
NOT_READY = {  # state of the SIM -> the error of an ordinary command, of one about SMS
    WANTS_PIN: ("CME 11", "CMS 311"),
    WANTS_PUK: ("CME 12", "CMS 316"),
    ABSENT: ("CME 10", "CMS 310"),
}
# What works before the PIN; `pin first` devices know only the first line
BEFORE_PIN_ALWAYS = frozenset({"", "E", "Z", "+CPIN", "+CMEE"})
BEFORE_PIN = BEFORE_PIN_ALWAYS | {
    *("I", "&F", "+CGMI", "+CGMM", "+CGMR", "+CGSN", "+CCID", "+ICCID", "^ICCID", "+CFUN", "+CLAC", "+CPAS"),
    *("+CREG", "+CGREG", "+CEREG", "+CSQ", "+CSCS", "^CURC"),
}


ZONE = timezone(timedelta(hours=3))
CLOCK = re.compile(r'"\d\d/\d\d/\d\d,\d\d:\d\d:\d\d[+-]\d\d"')
FUNCTIONS = (0, 1, 4)  # +CFUN: minimum, full, flight mode (TS 27.007, 8.2)


def name_of(line: str) -> str:
    """+CMGF of AT+CMGF=0."""
    found = ITEM.match(line[2:])
    return found[1].upper() if found else ""


def answer(modem: Modem, line: str) -> Answer:
    """Carry out a whole command line."""
    whole = modem.personality.answers.get(line[2:].upper())
    if whole is not None:
        return Answer(tuple(whole[:-1]), whole[-1])
    items = _items(line[2:])
    if len(items) > 1 and not modem.personality.has_chains:
        return Answer(final="ERROR")
    try:
        return _chained([_one(modem, item) for item in items])
    except Failure as failure:
        return error(modem, failure.code)


def _items(rest: str) -> list[str]:
    """Split at `;` outside quotes."""
    return list(re.findall(r'(?:"[^"]*"|[^;"]|")+', rest)) or [""]


def _chained(answers: list[Answer]) -> Answer:
    if len(answers) == 1:
        return answers[0]
    lines = tuple(line for one in answers for line in one.lines)
    return Answer(lines, answers[-1].final, answers[-1].expects, answers[-1].then)


def _one(modem: Modem, item: str) -> Answer:
    if not item:
        return Answer()
    name, form, value = _parsed(item)
    _refuse_if_not_ready(modem, name)
    handler = HANDLERS.get((name, form))
    if handler is None or name in modem.personality.refused or item.upper() in modem.personality.refused:
        raise Failure(modem.personality.unsupported)
    return handler(modem, value)


def _parsed(item: str) -> tuple[str, str, str]:
    """Name, form (``, `?`, `=?`, `=`) and value; of E0 and Z the digit is the value."""
    found = ITEM.match(item)
    if found is None:
        return "", "none", ""
    name, suffix = found[1].upper(), found[2] or ""
    if name[0] in "EZ":
        return name[0], suffix, name[1:]
    return name, suffix if suffix in ("", "?", "=?") else "=", suffix[1:]


def _refuse_if_not_ready(modem: Modem, name: str) -> None:
    if modem.busy_commands > 0 and name not in ("E", "Z", ""):
        modem.busy_commands -= 1
        raise Failure("CME 515")
    state = modem.sim.state
    if state == READY or name in BEFORE_PIN_ALWAYS:
        return
    if modem.personality.is_pin_first or name not in BEFORE_PIN:
        raise Failure(NOT_READY[state][name in storage.SMS_COMMANDS])


# -- the device


def _echo(modem: Modem, value: str) -> Answer:
    modem.asked.echo = value == "1"
    return Answer()


def _defaults(modem: Modem, _: str) -> Answer:
    modem.defaults()
    return Answer()


def _information(modem: Modem, _: str) -> Answer:
    taste = modem.personality
    return Answer(
        (
            f"Manufacturer: {taste.manufacturer}",
            f"Model: {taste.model}",
            f"Revision: {taste.revision[0]}",
            f"IMEI: {modem.imei}",
        )
    )


def _function(modem: Modem, text: str) -> Answer:
    values = numbers(text)
    if len(values) > 1 and values[1] == 1:
        return Answer(then=modem.power.restart)
    if values[0] not in FUNCTIONS:
        raise Failure("CME 50")
    if values[0] == 1:
        modem.busy_commands = modem.personality.busy_after_cfun
    return Answer(then=lambda: modem.registration.switch(values[0]))


def _commands(modem: Modem, _: str) -> Answer:
    names = sorted({name for name, _ in HANDLERS if name.startswith(("+", "^"))} - set(modem.personality.refused))
    return Answer(("+CLAC:" + ",".join(names),)) if modem.personality.clac_line else Answer(tuple(names))


def _pin_state(modem: Modem, _: str) -> Answer:
    state, taste = modem.sim.state, modem.personality
    if state == READY:
        return Answer((taste.cpin_ready,), "OK" if taste.cpin_has_ok else "")
    if state == ABSENT:
        raise Failure("CME 10")
    return Answer((f"+CPIN: {state}",))


def _enter_pin(modem: Modem, text: str) -> Answer:
    values = parameters(text)
    if len(values) > 1:
        right = modem.sim.enter_puk(values[0], values[1])
    elif modem.sim.state == WANTS_PUK:
        raise Failure("CME 12")
    else:
        right = modem.sim.enter_pin(values[0])
    modem.journal.write("pin", modem=modem.name, is_right=right, tries_left=modem.sim.tries_left)
    if not right:
        raise Failure("CME 12" if modem.sim.state == WANTS_PUK else "CME 16")
    return Answer(then=modem.routing.go_on)


def _charset(modem: Modem, text: str) -> Answer:
    if (chosen := parameters(text)[0]) not in ("GSM", "IRA", "UCS2"):
        raise Failure("CME 50")
    modem.settings.charset = chosen
    return Answer()


def _own_number(modem: Modem, _: str) -> Answer:
    """Many SIMs do not know their own number."""
    form = modem.personality.own_number
    return Answer((form.format(number=modem.sim.number),) if form else ())


def _clock(modem: Modem, _: str) -> Answer:
    """In the zone of UTC+3, which is written as quarters of an hour (TS 27.007, 8.15)."""
    if modem.clock_offset_s is None:
        return Answer(('+CCLK: "80/01/06,00:00:00+00"',))
    shown = datetime.now(ZONE) + timedelta(seconds=modem.clock_offset_s)
    return Answer((f'+CCLK: "{shown:%y/%m/%d,%H:%M:%S}+12"',))


def _set_clock(modem: Modem, text: str) -> Answer:
    if not CLOCK.fullmatch(text):
        raise Failure("CME 50")
    modem.clock_offset_s = 0.0  # whoever sets it, sets it right
    return Answer()


def _set(name: str, allowed: tuple[int, ...]) -> Handler:
    """A setting that is one number."""

    def handler(modem: Modem, text: str) -> Answer:
        value = numbers(text)[0]
        if value not in allowed:
            raise Failure("CME 50")
        setattr(modem.settings, name, value)
        return Answer()

    return handler


def _taken(modem: Modem, _: str) -> Answer:
    return Answer()


def _told(*lines: str) -> Handler:
    return lambda modem, _: Answer(lines)


def _shown(line: Callable[[Modem], str]) -> Handler:
    return lambda modem, _: Answer((line(modem),))


HANDLERS: dict[tuple[str, str], Handler] = {
    ("E", ""): _echo,
    ("Z", ""): _defaults,
    ("&F", ""): _defaults,
    ("I", ""): _information,
    ("+CGMI", ""): _shown(lambda modem: modem.personality.manufacturer),
    ("+CGMM", ""): _shown(lambda modem: modem.personality.model),
    ("+CGMR", ""): lambda modem, _: Answer(modem.personality.revision),
    ("+CGSN", ""): _shown(lambda modem: modem.imei),
    ("+CIMI", ""): _shown(lambda modem: modem.sim.imsi),
    ("+CCID", ""): _shown(lambda modem: f"+CCID: {modem.sim.iccid}"),
    ("+CCID", "?"): _shown(lambda modem: f"+CCID: {modem.sim.iccid}"),
    ("+ICCID", ""): _shown(lambda modem: f"+ICCID: {modem.sim.iccid}"),
    ("^ICCID", "?"): _shown(lambda modem: f"^ICCID: {modem.sim.iccid}"),
    ("+CNUM", ""): _own_number,
    ("+CCLK", "?"): _clock,
    ("+CCLK", "="): _set_clock,
    ("+CTZU", "="): _taken,
    ("+CTZR", "="): _taken,
    ("^USSDMODE", "="): _taken,
    ("+CFUN", "?"): _shown(lambda modem: f"+CFUN: {modem.registration.function}"),
    ("+CFUN", "="): _function,
    ("+CLAC", ""): _commands,
    ("+CMEE", "="): _set("cmee", (0, 1, 2)),
    ("+CMEE", "?"): _shown(lambda modem: f"+CMEE: {modem.settings.cmee}"),
    ("+CPIN", "?"): _pin_state,
    ("+CPIN", "="): _enter_pin,
    ("+CPAS", ""): _told("+CPAS: 0"),
    ("+CSCS", "=?"): _told('+CSCS: ("GSM","IRA","UCS2")'),
    ("+CSCS", "?"): _shown(lambda modem: f'+CSCS: "{modem.settings.charset}"'),
    ("+CSCS", "="): _charset,
    ("+CMGF", "="): _set("cmgf", (0, 1)),
    ("+CMGF", "?"): _shown(lambda modem: f"+CMGF: {modem.settings.cmgf}"),
    ("+CMGF", "=?"): _told("+CMGF: (0,1)"),
    ("+CMMS", "="): _set("cmms", (0, 1, 2)),
    ("+CMMS", "=?"): _told("+CMMS: (0-2)"),
    ("+CMMS", "?"): _shown(lambda modem: f"+CMMS: {modem.settings.cmms}"),
    ("+CRC", "="): _taken,
    ("+CLIP", "="): _taken,
    ("+CVHU", "="): _told("+CVHU: (0-1)"),  # the query form, as some devices answer
    ("^CURC", "="): _taken,
    **network_commands.HANDLERS,
    **storage.HANDLERS,
}
