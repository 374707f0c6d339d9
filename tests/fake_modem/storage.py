"""Commands about SMS: submit, stores, routing, acknowledgement (3GPP TS 27.005, 3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from tests.fake_modem.answers import Answer, Failure
from tests.fake_modem.store import READ, SENT, UNREAD, Store, Stored

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem
    from tests.fake_modem.personality import Personality

RECORD_OCTETS = 175  # of a message in a SIM, after its status octet (TS 51.011, 10.5.3)
RANGE = re.compile(r"(\d+)(?:-(\d+))?")
MEMORIES = ("SM", "ME", "MT", "SR")
SMS_COMMANDS = frozenset({"+CMGS", "+CMGL", "+CMGR", "+CMGD", "+CPMS", "+CNMI", "+CSMS", "+CNMA", "+CSCA", "+CMMS"})


def parameters(text: str) -> list[str]:
    """Values between commas, quotes taken off, at least one."""
    values = [value.strip().strip('"') for value in re.findall(r'"[^"]*"|[^,]+|(?<=,)(?=,)', text)]
    if not values:
        raise Failure("CME 50")
    return values


def numbers(text: str) -> list[int]:
    """Values that must all be numbers, at least one."""
    values = [value.strip() for value in text.split(",")]
    if not all(value.isdecimal() for value in values):
        raise Failure("CME 50")
    return [int(value) for value in values]


def _submit(modem: Modem, text: str) -> Answer:
    if modem.settings.cmgf == 1:
        raise Failure("CMS 304")  # text mode is not imitated
    if not text.isdecimal() or not 8 <= int(text) <= 164:
        raise Failure("CMS 304")
    return Answer(expects=int(text))


def _memories(modem: Modem, text: str) -> Answer:
    chosen = parameters(text)
    if len(chosen) > (3 if modem.personality.has_three_stores else 2):
        raise Failure("CMS 302")
    if any(memory not in MEMORIES for memory in chosen):
        raise Failure("CMS 302")
    modem.settings.memories[: len(chosen)] = chosen
    return Answer((f"+CPMS: {_fill(modem, chosen)}",), then=modem.routing.go_on)


def _fill(modem: Modem, memories: list[str]) -> str:
    stores = [modem.store(memory) for memory in memories]
    return ",".join(f"{len(store.slots)},{store.capacity}" for store in stores)


def _memories_now(modem: Modem, _: str) -> Answer:
    chosen = modem.settings.memories
    return Answer(("+CPMS: " + ",".join(f'"{memory}",{_fill(modem, [memory])}' for memory in chosen),))


def _list(modem: Modem, text: str) -> Answer:
    wanted = _wanted(modem, text)
    store, lines = _reading(modem), []
    for index, stored in store.readable().items():
        if stored.status in wanted:
            lines += _lines(modem.personality, modem.personality.list_header, index, stored)
            stored.open()
    return Answer(tuple(lines))


def _wanted(modem: Modem, text: str) -> tuple[int, ...]:
    kinds = {"": (UNREAD,), "0": (UNREAD,), "1": (READ,), "2": (), "3": (SENT,), "4": (UNREAD, READ, SENT)}
    if modem.settings.cmgf == 1 or text not in kinds:
        raise Failure("CMS 304" if modem.settings.cmgf == 0 else "CMS 302")
    return kinds[text]


def _reading(modem: Modem) -> Store:
    return modem.store(modem.settings.memories[0])


def _read(modem: Modem, text: str) -> Answer:
    store, index = _reading(modem), numbers(text)[0]
    stored = store.readable().get(index)
    if not store.has_index(index):
        raise Failure("CMS 321")
    if stored is None:
        return Answer() if modem.personality.empty_slot == "OK" else Answer(final=modem.personality.empty_slot)
    lines = _lines(modem.personality, modem.personality.read_header, index, stored)
    stored.open()
    return Answer(tuple(lines))


def _lines(taste: Personality, header: str, index: int, stored: Stored) -> list[str]:
    """A header and a PDU, as this model writes them."""
    pdu = stored.pdu.ljust(RECORD_OCTETS, b"\xff") if taste.pads_records else stored.pdu
    shown = header.format(index=index, status=stored.status, length=stored.length)
    return [shown, pdu.hex().upper() + taste.pdu_end]


def _delete(modem: Modem, text: str) -> Answer:
    index, *flags = numbers(text)
    store = _reading(modem)
    if flags and flags[0]:
        doomed = [i for i, stored in store.slots.items() if flags[0] == 4 or stored.status == READ]
    elif store.has_index(index):
        doomed = [index] if index in store.slots else []
    else:
        raise Failure("CMS 321")
    for slot in doomed:
        del store.slots[slot]
    return Answer(then=modem.routing.go_on)


def _routing_test(modem: Modem, _: str) -> Answer:
    return Answer((modem.personality.cnmi_test,))


def _routing(modem: Modem, text: str) -> Answer:
    values, allowed = numbers(text), allowed_values(modem.personality.cnmi_test)
    if len(values) > len(allowed) or any(value not in some for value, some in zip(values, allowed, strict=False)):
        raise Failure("CMS 302")
    modem.settings.cnmi[: len(values)] = values
    return Answer(then=modem.routing.go_on)


@cache
def allowed_values(test: str) -> tuple[frozenset[int], ...]:
    """What the answer to a test command allows: (0-2),(0,2) is 0, 1, 2 and 0, 2."""
    return tuple(
        frozenset(value for first, last in RANGE.findall(group) for value in range(int(first), int(last or first) + 1))
        for group in re.findall(r"\(([^)]*)\)", test)
    )


def _routing_now(modem: Modem, _: str) -> Answer:
    return Answer(("+CNMI: " + ",".join(str(value) for value in modem.settings.cnmi),))


def _service(modem: Modem, text: str) -> Answer:
    value = numbers(text)[0]
    if value not in modem.personality.csms_services:
        raise Failure("CMS 302")
    modem.settings.csms = value
    return Answer(("+CSMS: 1,1,1",))


def _acknowledge(modem: Modem, text: str) -> Answer:
    if not modem.routing.acknowledged(is_good=text.split(",")[0] in ("", "0", "1")):
        raise Failure("CMS 340")
    return Answer(then=modem.routing.go_on)


Handler = Callable[["Modem", str], Answer]
HANDLERS: dict[tuple[str, str], Handler] = {
    ("+CMGS", "="): _submit,
    ("+CMGS", "=?"): lambda modem, _: Answer(),
    ("+CPMS", "="): _memories,
    ("+CPMS", "?"): _memories_now,
    ("+CPMS", "=?"): lambda modem, _: Answer((modem.personality.cpms_test,)),
    ("+CMGL", ""): _list,
    ("+CMGL", "="): _list,
    ("+CMGL", "=?"): lambda modem, _: Answer(("+CMGL: (0-4)",)),
    ("+CMGR", "="): _read,
    ("+CMGD", "="): _delete,
    ("+CMGD", "=?"): lambda modem, _: Answer((f"+CMGD: ({','.join(map(str, sorted(_reading(modem).slots)))}),(0-4)",)),
    ("+CNMI", "="): _routing,
    ("+CNMI", "?"): _routing_now,
    ("+CNMI", "=?"): _routing_test,
    ("+CSMS", "="): _service,
    ("+CSMS", "?"): lambda modem, _: Answer((f"+CSMS: {modem.settings.csms},1,1,1",)),
    ("+CSMS", "=?"): lambda modem, _: Answer(("+CSMS: (" + ",".join(map(str, modem.personality.csms_services)) + ")",)),
    ("+CNMA", ""): _acknowledge,
    ("+CNMA", "="): _acknowledge,
    ("+CNMA", "=?"): lambda modem, _: Answer(("+CNMA: (0-2)",)),
}
