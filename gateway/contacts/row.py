"""[pure] One row of a list -> the person that it tells of, or why it is no contact as it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial

from gateway.contacts import age, preferences
from gateway.contacts.columns import Columns
from gateway.contacts.person import JOINT, Number, Person, laid_out, made_key, own_key
from gateway.contacts.values import Measure, Value, value_of
from gateway.i18n import _
from gateway.merge import phone
from gateway.merge.cells import Cell, Flaw, cell_at, folded
from gateway.merge.formats import CACHED, plain
from gateway.merge.layout import Layout
from gateway.merge.phone import Phone
from gateway.merge.plan import Problem
from gateway.merge.recipients import SEVERAL, Choice, Recipients, Unreachable, choose
from gateway.merge.template import FLAW_REASONS, Column

# What stands in a column of consents, in every language of the lists.
YES = frozenset(["да", "д", "yes", "y", "true", "1", "+", "есть", "согласен", "согласна", "v", "✓", "是", "同意"])
NO = frozenset(["не согласен", "не согласна", *["нет", "н", "no", "n", "false", "0", "-", "отказ", "否", "不同意"]])
NOBODY = Recipients(())


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every row."""

    layout: Layout
    columns: Columns
    country: str
    today: date
    short_codes: tuple[str, ...] = ()
    hidden_rows: Collection[int] = ()
    banner_rows: Collection[int] = ()
    is_hidden_included: bool = False


class Refused(ValueError):
    """The row is no contact as it stands."""

    def __init__(self, column: str | None, code: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.code = code


Reader = tuple[int, str, Callable[[Cell], Value | None]]  # of one column: its place, its key, how a cell is read


def readers(columns: Columns, country: str) -> tuple[Reader, ...]:
    """Made ready once for a list: doctors, days and words repeat, and one object for each takes less room too."""

    def reading(heading: str) -> Callable[[Cell], Value | None]:
        return lru_cache(CACHED, typed=True)(partial(value_of, heading=heading, country=country))

    return tuple((column.index, folded(column.name), reading(column.name)) for column in columns.fields)


def person_of(row: int, cells: Sequence[Cell], found: Recipients, rules: Rules, fields: Sequence[Reader]) -> Person:
    """Whose numbers are `found`; `fields` are the `readers` of the list. Raises Refused."""
    columns = rules.columns
    numbers = tuple(Number(msisdn, _kind(msisdn, cells, rules)) for msisdn in found.numbers)
    language = _preference(cells, columns.language, preferences.language_code, LANGUAGE, rules)
    zone = _preference(cells, columns.timezone, preferences.zone_name, ZONE, rules)
    name = " ".join(text for column in columns.name if (text := _text(cells, column, rules)))
    key, own = _key(cells, name, numbers, rules)
    return Person(
        row,
        key,
        own,
        name,
        numbers,
        *laid_out(_fields(cells, ((columns.language, language), (columns.timezone, zone)), rules, fields)),
        language,
        zone,
        _consent(cells, columns.consent, rules),
    )


LANGUAGE = ("unknown_language", _("Nobody knows this language: write it like ru, English or 中文."))
ZONE = ("unknown_time_zone", _("There is no such time zone: write it like Europe/Moscow or UTC+3."))


def _text(cells: Sequence[Cell], column: Column, rules: Rules) -> str:
    cell = cells[column.index] if column.index < len(cells) else None
    return cell.strip() if isinstance(cell, str) else plain(cell, rules.country).strip()


def numbers_of(cells: Sequence[Cell], rules: Rules) -> Recipients:
    """Every number that can be written to, in the order of the columns and cells. Raises Refused.

    Nothing where all cells are empty and the key says who it is: a contact that is kept has numbers already.
    """
    layout = rules.layout
    if rules.columns.key and all(cell_at(cells, column.index) is None for column in layout.phones):
        return NOBODY
    try:
        return choose(cells, layout.phones, Choice.MOBILE, rules.country, rules.short_codes)
    except Unreachable as error:
        raise Refused(error.column, error.code, error.reason) from None


def _kind(msisdn: str, cells: Sequence[Cell], rules: Rules) -> str:
    """The heading of the first column that has the number."""
    phones = rules.layout.phones
    if len(phones) == 1:
        return phones[0].name
    holding = (
        column.name
        for column in phones
        for each in phone.find_all(cell_at(cells, column.index), rules.country, rules.short_codes)
        if isinstance(each, Phone) and each.msisdn == msisdn
    )
    return next(holding, phones[0].name)


def _key(cells: Sequence[Cell], name: str, numbers: Sequence[Number], rules: Rules) -> tuple[str, str | None]:
    if not rules.columns.key:
        return made_key(name, numbers[0].msisdn), None
    parts = [_text(cells, column, rules) for column in rules.columns.key]
    for column, part in zip(rules.columns.key, parts, strict=True):
        if not part:
            flaw = cell_at(cells, column.index)
            code, reason = _absent(flaw)
            raise Refused(column.name, code, reason)
    return own_key(parts), JOINT.join(parts)


def _absent(cell: Cell) -> tuple[str, str]:
    if isinstance(cell, Flaw):
        return cell.value, FLAW_REASONS[cell]
    return "empty_key", _("The cell is empty, and it is what tells persons apart.")


def _fields(
    cells: Sequence[Cell], understood: Sequence[tuple[Column | None, str]], rules: Rules, fields: Sequence[Reader]
) -> dict[str, Value]:
    """`understood`: what is kept of a column instead of its cell, whatever words the list has for a language."""
    columns, country, width = rules.columns, rules.country, len(cells)
    found = {}
    for index, key, read in fields:
        if index < width and (value := read(cells[index])) is not None:
            found[key] = value
    for told, word in understood:
        if told is not None and word and (key := _heading_key(told.name)) in found:
            found[key] = value_of(word, told.name, country) or found[key]
    birth = None if columns.birth is None else _heading_key(columns.birth.name)
    if birth is not None and birth in found:
        found[birth] = _believed(found[birth], rules)
    return found


_heading_key = lru_cache(maxsize=256)(folded)  # of a list's few headings: each is asked for in every row


def _believed(value: Value, rules: Rules) -> Value:
    """A birth date that can't be one is kept as it is written, and no age is counted from it."""
    return value if _is_birth(value, rules.today) else value._replace(measure=None, sort=None)


def _is_birth(value: Value, today: date) -> bool:
    return value.measure is Measure.DAY and age.is_believable(date.fromisoformat(str(value.sort)[:10]), today)


def _preference(
    cells: Sequence[Cell],
    column: Column | None,
    read: Callable[[str], str | None],
    otherwise: tuple[str, str],
    rules: Rules,
) -> str:
    """What the cell means, "" for an empty one. Raises Refused."""
    written = "" if column is None else _text(cells, column, rules)
    if not written or column is None:
        return ""
    found = read(written)
    if found is None:
        raise Refused(column.name, *otherwise)
    return found


def _consent(cells: Sequence[Cell], column: Column | None, rules: Rules) -> bool | None:
    if column is None:
        return None
    cell = cell_at(cells, column.index)
    if cell is None or isinstance(cell, bool):
        return cell
    word = folded(_text(cells, column, rules))
    if word not in YES | NO:
        raise Refused(column.name, "unclear_consent", _("The cell says neither yes nor no."))
    return word in YES


def warnings_of(row: int, cells: Sequence[Cell], numbers: Recipients, rules: Rules) -> list[Problem]:
    """What is taken, and yet worth a look; several numbers are not, for all of them are kept."""
    doubts = [Problem(row, each.column, each.code, each.reason) for each in numbers.doubts if each.code != SEVERAL]
    return [*doubts, *_flaws(row, cells, rules), *_odd_birth(row, cells, rules)]


def _flaws(row: int, cells: Sequence[Cell], rules: Rules) -> list[Problem]:
    return [
        Problem(row, column.name, flaw.value, FLAW_REASONS[flaw])
        for column in (rules.columns.fields if Flaw in map(type, cells) else ())
        if isinstance(flaw := cell_at(cells, column.index), Flaw)
    ]


def _odd_birth(row: int, cells: Sequence[Cell], rules: Rules) -> list[Problem]:
    birth = rules.columns.birth
    value = None if birth is None else value_of(cell_at(cells, birth.index), birth.name, rules.country)
    if birth is None or value is None or _is_birth(value, rules.today):
        return []
    reason = _("It is no birth date that can be: no age is counted from it.")
    return [Problem(row, birth.name, "birth_date", reason)]
