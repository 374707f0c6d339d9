"""[pure] How one model differs from the next: every oddity is a field here and a line in personalities.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("personalities.toml")


@dataclass(frozen=True)
class Personality:
    """The defaults are a modem without oddities."""

    name: str = "default"
    manufacturer: str = "Fake Works"
    model: str = "FM-1"
    revision: tuple[str, ...] = ("FM-1.0.0",)
    # on the bus
    interfaces: tuple[str, ...] = ("at",)  # sideport.ROLES, in the order of the interfaces' numbers
    usb_id: str = "1d6b:0104"  # vendor and product
    storage_id: str = "1d6b:0105"  # product while it is a disk
    serial: str = ""  # of the USB device, which many sticks have not
    tty: str = "ttyUSB"  # the kernel's name for its ports: ttyUSB, ttyACM
    # how it writes
    line_start: str = "\r\n"
    line_end: str = "\r\n"
    prompt: str = "\r\n> "
    echo: bool = True
    unsupported: str = "ERROR"  # the answer to a command that it has not
    escape_answer: str = "OK"  # to ESC at the prompt; "" for none
    # whole command without AT -> the lines of the answer, the final one too
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()  # commands that it has not, by name
    is_busy_deaf: bool = False  # bytes that come while a command runs are lost, not kept
    is_case_strict: bool = False  # lower-case commands get no answer
    has_chains: bool = True  # AT+A;+B
    answer_s: Mapping[str, float] = field(default_factory=dict)  # command name -> how long it thinks
    clac_line: bool = False  # +CLAC in one line
    says_errors_in_words: bool = False  # +CME ERROR: SIM busy, whatever +CMEE says
    # start-up
    boot_lines: tuple[str, ...] = ()
    boot_s: float = 0.0  # deaf so long after power-up or reset
    is_pin_first: bool = False  # nothing but AT and +CPIN before the PIN
    cpin_ready: str = "+CPIN: READY"
    cpin_has_ok: bool = True
    busy_after_cfun: int = 0  # so many commands get +CME ERROR: 515 after +CFUN=1
    sim_busy: int = 0  # so many +CSCA? get +CME ERROR: 14 after start-up
    csmp_erases_csca: bool = False
    csca_form: str = "quoted"  # quoted, bare, ucs2
    starts_in_text_mode: bool = False
    reset_kind: str = "stays"  # what +CFUN=1,1 leads to: modem.RESTARTS
    # noise
    noise: tuple[str, ...] = ("^RSSI: 18",)
    noise_every_s: float | None = None
    # network
    registration: str = "+CREG: {n},{stat}"
    registration_unasked: str = "+CREG: {stat}"
    ussd_line: str = ""  # the whole +CUSD line instead
    has_csq: bool = True  # False: +CSQ is always 99, only +CESQ tells
    own_number: str = '+CNUM: "","{number}",145'  # "" = the SIM does not know it
    registers: tuple[str, ...] = ("+CREG", "+CGREG", "+CEREG")  # those that tell the truth; the others say 0
    ussd_form: str = "plain"  # ussd.FORMS
    ussd_typed: str = ""  # the form that a code must have, ussd.READERS; "" = any
    # SMS
    cnmi_test: str = "+CNMI: (0-3),(0-3),(0-3),(0-2),(0-1)"
    csms_services: tuple[int, ...] = (0, 1)
    cpms_test: str = '+CPMS: ("SM","ME","SR"),("SM","ME"),("SM","ME")'
    has_three_stores: bool = True  # False: a three-argument +CPMS is refused
    memory: str = "SM"  # the store at the start
    sim_slots: int = 20
    device_slots: int = 100
    first_index: int = 1
    empty_slot: str = "+CMS ERROR: 321"
    report_store: str = ""  # where +CDSI puts reports; "" = where messages go
    smsc_counts_digits: bool = False  # the service-centre length of a report counts digits, not octets
    stores_routed: bool = False  # +CMT and stored as well
    full_line: str = ""  # said when the store has no room left
    full_stops_sending: bool = False
    has_references: bool = True  # False: +CMGS is never told, OK alone
    constant_reference: int | None = None
    bad_pdu_code: int = 304
    read_header: str = "+CMGR: {status},,{length}"
    list_header: str = "+CMGL: {index},{status},,{length}"
    pdu_end: str = ""  # what stands after the PDU of a stored message
    pads_records: bool = False  # a stored PDU comes as the SIM has it, filled up with FF to 175 octets
    indication_first_s: float = 0.0  # +CMTI comes so long before the message can be read


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return {key: _value(entry) for key, entry in value.items()}
    return value


def load_all(path: Path = FILE) -> dict[str, Personality]:
    """Every personality of the file by its name, `default` among them."""
    known = {entry.name for entry in fields(Personality)}
    loaded = {"default": Personality()}
    for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if unknown := set(table) - known:
            raise ValueError(f"{path.name}: [{name}] has unknown keys: {', '.join(sorted(unknown))}")
        loaded[name] = Personality(name=name, **{key: _value(value) for key, value in table.items()})
    return loaded
