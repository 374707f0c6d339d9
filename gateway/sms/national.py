"""[pure] National language tables: septets in the language that the header names (3GPP TS 23.038, A.2 and A.3).

We never write in them: a text that the default alphabet can't carry goes out as UCS-2. Phones sold in these countries
do. Only what differs from the default tables stands here. Languages without a table read by the default one, marked as
damaged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from gateway.sms import alphabet
from gateway.sms.user_data_header import Element

SINGLE_SHIFT = 0x24  # identifier of the element that names the extension table's language (23.040, 9.2.3.24.15)
LOCKING_SHIFT = 0x25  # … and the basic table's
ESCAPE = 0x1B

TURKISH, SPANISH, PORTUGUESE = 1, 2, 3

Table = Mapping[int, str]


def _table(*runs: tuple[int, str]) -> Table:
    """Each run: the first septet, and the characters from there on."""
    return MappingProxyType({first + step: character for first, run in runs for step, character in enumerate(run)})


LOCKING: Mapping[int, Table] = {
    TURKISH: _table((0x04, "€"), (0x07, "ı"), (0x0B, "Ğğ"), (0x1C, "Şş"), (0x40, "İ"), (0x60, "ç")),
    SPANISH: _table(),  # has no basic table of its own
    PORTUGUESE: _table(
        (0x04, "ê"), (0x06, "úíóç"), (0x0B, "Ôô"), (0x0E, "Áá"), (0x12, "ªÇÀ∞^\\€Ó|"), (0x1C, "Ââ"), (0x1E, "Ê"),
        (0x24, "º"), (0x40, "Í"), (0x5B, "ÃÕÚÜ§~"), (0x7B, "ãõ`üà"),
    ),
}  # fmt: skip

SINGLE: Mapping[int, Table] = {
    TURKISH: _table((0x47, "Ğ"), (0x49, "İ"), (0x53, "Ş"), (0x63, "ç"), (0x67, "ğ"), (0x69, "ı"), (0x73, "ş")),
    SPANISH: _table(
        (0x09, "ç"), (0x41, "Á"), (0x49, "Í"), (0x4F, "Ó"), (0x55, "Ú"), (0x61, "á"), (0x69, "í"), (0x6F, "ó"),
        (0x75, "ú"),
    ),
    PORTUGUESE: _table(
        (0x05, "ê"), (0x09, "ç"), (0x0B, "Ôô"), (0x0E, "Áá"), (0x12, "ΦΓ^ΩΠΨΣΘ"), (0x1F, "Ê"), (0x41, "À"), (0x49, "Í"),
        (0x4F, "Ó"), (0x55, "Ú"), (0x5B, "ÃÕ"), (0x61, "Â"), (0x69, "í"), (0x6F, "ó"), (0x75, "ú"), (0x7B, "ãõ"),
        (0x7F, "â"),
    ),
}  # fmt: skip

SHIFTS = {SINGLE_SHIFT: SINGLE, LOCKING_SHIFT: LOCKING}


def decode(septets: bytes, header: Sequence[Element]) -> tuple[str, bool]:
    """The text by the tables that `header` names, and whether all of them are known."""
    named = {each.identifier: each.data for each in header if each.identifier in SHIFTS}
    if not named:
        return alphabet.from_septets(septets), True
    tables = {shift: SHIFTS[shift].get(data[0]) if len(data) == 1 else None for shift, data in named.items()}
    text = _by_tables(septets, tables.get(LOCKING_SHIFT) or {}, tables.get(SINGLE_SHIFT) or {})
    return text, None not in tables.values()


def _by_tables(septets: bytes, locking: Table, single: Table) -> str:
    """Septet by septet, an escape with its follower; the default tables where the national ones are silent."""
    characters, position = [], 0
    while position < len(septets):
        width = 2 if septets[position] == ESCAPE else 1
        unit = septets[position : position + width]
        table = single if width == 2 else locking
        characters.append(table.get(unit[-1]) or alphabet.from_septets(unit))
        position += width
    return "".join(characters)
