"""Commands about the device, its SIM and the network; storage.py has those about SMS. Each handler gets what stands after `=`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.fake_modem import alphabet, storage
from tests.fake_modem.answers import Answer, Failure, error
from tests.fake_modem.sim import READY, WANTS_PUK
from tests.fake_modem.storage import numbers, parameters

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

Handler = Callable[["Modem", str], Answer]
ITEM = re.compile(r"([+^&%$*][A-Z0-9]+|[A-Z]\d*)(=\?|\?|=(.*))?$", re.DOTALL | re.IGNORECASE)
# What works before the PIN; `pin first` devices know only the first line
BEFORE_PIN_ALWAYS = frozenset({"", "E", "Z", "+CPIN", "+CMEE", "+CMGS"})
BEFORE_PIN = BEFORE_PIN_ALWAYS | {
    "I", "+CGMI", "+CGMM", "+CGMR", "+CGSN", "+GMI", "+GMM", "+GMR", "+GSN", "+CFUN", "+CLAC", "+CREG", "+CEREG", "+CGREG", "+CSQ", "+CSCS",
    "^CURC", "+CCID", "+ICCID", "^ICCID", "+CPAS",
}  # fmt: skip


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
    return [item for item in re.findall(r'(?:"[^"]*"|[^;"]|")+', rest)] or [""]


def _chained(answers: list[Answer]) -> Answer:
    if len(answers) == 1:
        return answers[0]
    lines = tuple(line for one in answers for line in one.lines)
    return Answer(lines, answers[-1].final, answers[-1].expects, answers[-1].then)


def _one(modem: Modem, item: str) -> Answer:
    if not item:
        return Answer()
    found = ITEM.match(item)
    name, suffix = (found[1].upper(), (found[2] or "")) if found else ("?", "")
    name = "E" if name in ("E0", "E1") else "Z" if name == "Z0" else name
    _refuse_if_not_ready(modem, name)
    handler = HANDLERS.get(
        (name, "?" if suffix in ("?", "=?") and suffix == "?" else suffix[:2] if suffix == "=?" else suffix[:1])
    )
    if handler is None or name in modem.personality.refused or item.upper() in modem.personality.refused:
        raise Failure(modem.personality.unsupported)
    return handler(modem, item if name in ("E", "Z") else suffix[1:] if suffix[:1] == "=" else "")


def _refuse_if_not_ready(modem: Modem, name: str) -> None:
    if modem.busy_commands > 0 and name not in ("E", "Z", ""):
        modem.busy_commands -= 1
        raise Failure("CME 515")
    state = modem.sim.state
    if state == READY or name in BEFORE_PIN_ALWAYS:
        return
    if modem.personality.is_pin_first or name not in BEFORE_PIN:
        sms = name in storage.SMS_COMMANDS
        raise Failure(("CMS 316" if sms else "CME 12") if state == WANTS_PUK else ("CMS 311" if sms else "CME 11"))


def sent(modem: Modem, reference: int, *, has_reference: bool) -> Answer:
    """The answer to a submit that the network took."""
    taste = modem.personality
    shown = reference if taste.constant_reference is None else taste.constant_reference
    return Answer((f"+CMGS: {shown}",) if has_reference and taste.has_references else ())


# -- the device


def _echo(modem: Modem, item: str) -> Answer:
    modem.settings.echo = not item.endswith("0")
    return Answer()


def _defaults(modem: Modem, item: str) -> Answer:
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
        return Answer(then=modem.reset_off_the_bus if modem.personality.resets_off_the_bus else modem.reset)
    modem.is_on = values[0] == 1
    if modem.is_on:
        modem.busy_commands = modem.personality.busy_after_cfun
    return Answer(then=modem.routing.go_on)


def _commands(modem: Modem, _: str) -> Answer:
    names = sorted({name for name, _ in HANDLERS if name.startswith(("+", "^"))} - set(modem.personality.refused))
    return Answer(("+CLAC:" + ",".join(names),)) if modem.personality.clac_line else Answer(tuple(names))


def _pin_state(modem: Modem, _: str) -> Answer:
    state, taste = modem.sim.state, modem.personality
    if state == READY:
        return Answer((taste.cpin_ready,), "OK" if taste.cpin_has_ok else "")
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


# -- the network


def _registration(name: str) -> Handler:
    def handler(modem: Modem, _: str) -> Answer:
        tells = name != "+CREG" or modem.personality.has_creg
        stat = modem.registration if tells else 0
        line = modem.personality.registration.format(n=modem.settings.creg[name], stat=stat)
        return Answer((line.replace("+CREG", name),))

    return handler


def _set_registration(name: str) -> Handler:
    def handler(modem: Modem, text: str) -> Answer:
        modem.settings.creg[name] = numbers(text)[0]
        return Answer()

    return handler


def _operator(modem: Modem, _: str) -> Answer:
    return Answer((f'+COPS: 0,0,"{modem.operator}",2' if modem.registration in (1, 5) else "+COPS: 0",))


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
    modem.smsc = parameters(text)[0]
    return Answer()


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
    modem.loop.after(0.02, lambda: modem.say(f'+CUSD: 0,"{_ussd_text(modem.personality.ussd_form)}",15'))


def _ussd_text(form: str) -> str:
    text = "Balance 12.50"
    if form == "packed":
        return alphabet.pack(alphabet.write(text) or b"").hex().upper()
    return text.encode("utf-16-be").hex().upper() if form == "ucs2" else text


def _charset(modem: Modem, text: str) -> Answer:
    if (chosen := parameters(text)[0]) not in ("GSM", "IRA", "UCS2"):
        raise Failure("CME 50")
    modem.settings.charset = chosen
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
    ("+CNUM", ""): _shown(lambda modem: f'+CNUM: "","{modem.sim.number}",145'),
    ("+CFUN", "?"): _shown(lambda modem: f"+CFUN: {int(modem.is_on)}"),
    ("+CFUN", "="): _function,
    ("+CLAC", ""): _commands,
    ("+CMEE", "="): _set("cmee", (0, 1, 2)),
    ("+CMEE", "?"): _shown(lambda modem: f"+CMEE: {modem.settings.cmee}"),
    ("+CPIN", "?"): _pin_state,
    ("+CPIN", "="): _enter_pin,
    ("+CPAS", ""): _told("+CPAS: 0"),
    ("+CSQ", ""): _signal,
    ("+COPS", "?"): _operator,
    ("+COPS", "="): _taken,
    ("+CSCA", "?"): _service_centre,
    ("+CSCA", "="): _set_service_centre,
    ("+CSMP", "="): _text_parameters,
    ("+CUSD", "="): _ussd,
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
    **{(name, "?"): _registration(name) for name in ("+CREG", "+CGREG", "+CEREG")},
    **{(name, "="): _set_registration(name) for name in ("+CREG", "+CGREG", "+CEREG")},
    **storage.HANDLERS,
}
