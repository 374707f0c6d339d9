"""[pure] Where in a sheet the list stands: its heading row, its columns, and which of them holds the phones.

The template helps: the row that has its placeholders is the heading row. Without one, the widest row of words before
the first phone is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median

from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.merge import handed_back, two_lines
from gateway.merge.cells import Cell, as_heading, filled, folded, letters
from gateway.merge.like_phone import has_phone, is_like_phone
from gateway.merge.phone import find
from gateway.merge.template import Column, find_column
from gateway.sms.number import NumberError

SAMPLE_ROWS = 200  # rows looked at before the columns are chosen
HEADING_ROWS = 50  # the heading stands within the first of them
PROBED_CELLS = 60  # cells of a column that are tried as phones
HEADING_SIGNS = 300  # of a heading that are looked at: Excel lets a cell hold 32,767, which would take minutes
MIN_SHARE = 0.4  # of mobile numbers in a column without a telling heading

STAFF = "врач|доктор|медсестр|сотрудник|специалист|менеджер|администратор|doctor|physician|nurse|staff|医生|护士"

OF_PHONES = (
    r"тел|моб|сот|контакт|связ|смс|sms|phone|\btel|mobile|cell|contact|msisdn|"
    "whatsapp|ватсап|вотсап|viber|вайбер|ұялы|电话|手机|移动|联系"
)
NUMBERS_OF_ELSE = (
    r"\bкарт|снилс|\bинн\b|\bиин\b|полис|договор|паспорт|лицев|\bкод\b|\bид\b|штрих|"
    r"\bid\b|\bcard\b|account|policy|passport|\bssn\b|\bmrn\b|insurance|barcode|卡号|证号|编号|身份证|病历|账号|订单"
)

# The first pattern that fits the heading gives its weight; contents weigh up to 1. Numbers of cards and the like may
# look like mobile ones in every row, and belong to strangers then: they are taken only where a person names the column.
HEADING_WEIGHTS: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(words, re.IGNORECASE), weight)
    for words, weight in (
        (rf"^(?!.*(?:{OF_PHONES})).*(?:{NUMBERS_OF_ELSE})", -1.0),
        (r"факс|\bfax|传真", -0.5),
        (r"раб(?:оч|\.)|служ|дом(?:аш|\.)|стац|\bhome|\bwork|office|座机|регистратур|клиник", 0.1),
        (rf"(?=.*(?:тел|моб|сот|номер|контакт|phone|mobile|电话|手机)).*(?:{STAFF})", 0.1),
        (r"\bмоб|сот(?:ов|\.)|mobile|\bcell\b|\bmsisdn|手机|移动|ұялы", 0.6),
        (r"\bтел(?:\b|еф)|телефон|phone|\btel\b|电话|\bsms\b|\bсмс\b", 0.5),
        (r"контакт|\bномер|contact|whatsapp|联系", 0.2),
    )
)

Row = tuple[int, list[Cell]]


@dataclass(frozen=True, slots=True)
class Claim:
    """What speaks for a column to be that of the phones."""

    weight: float  # of its heading
    share: float  # of mobile numbers among its cells, 0 to 1
    cells: int  # that hold anything

    @property
    def is_enough(self) -> bool:
        return self.weight + self.share >= MIN_SHARE

    def rank(self, most_cells: int) -> float:
        """Beside others: of a column that few rows have, two good numbers are not many."""
        return self.weight + self.share * self.cells / max(most_cells, 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read the rows of a list."""

    heading_row: int  # the workbook's own number; 0: the list has none
    headings: tuple[str, ...]  # folded, by column; "" where there is none
    columns: tuple[Column, ...]
    phone: Column  # the first of `phones`
    other_phones: tuple[str, ...]  # columns that could also have been meant
    usual_cells: int  # how many cells a row has filled, as a rule
    country: str = "RU"
    phones: tuple[Column, ...] = ()  # named by the person, in that order; else the one that was found
    of_report: tuple[Column, ...] = ()  # what a report of an earlier campaign has added
    other_lines: tuple[str, ...] = ()  # of a heading of two lines what the other one says, by column


def find_layout(
    sample: Sequence[Row],
    wanted: Collection[str],
    country: str,
    hidden_columns: Collection[int] = (),
    phone_columns: Sequence[str] = (),
) -> Layout:
    """`wanted` are the template's placeholders. Raises UsageProblem when there is no column of phones."""
    place = _heading_place(sample[:HEADING_ROWS], {folded(name) for name in wanted})
    heading = two_lines.completed(sample, place) if place is not None else []
    others = two_lines.other_lines(sample, place) if place is not None else ()
    body = [cells for _number, cells in sample[0 if place is None else place + 1 :]]
    width = max((len(cells) for cells in (heading, *body)), default=0)
    columns = name_columns(heading, width, hidden_columns)
    headings = tuple(folded(as_heading(cell)) for cell in heading)
    of_report = handed_back.added(headings, columns)
    claims = _claims(columns, of_report, headings, body, country)
    phones = tuple(dict.fromkeys(_named(name, columns) for name in phone_columns)) or (_best(claims),)
    rivals = () if phone_columns else _rivals(claims, phones[0])
    number = sample[place][0] if place is not None else 0
    return Layout(number, headings, columns, phones[0], rivals, _usual_cells(body), country, phones, of_report, others)


def _claims(
    columns: Sequence[Column],
    of_report: Sequence[Column],
    headings: Sequence[str],
    body: Sequence[Sequence[Cell]],
    country: str,
) -> dict[Column, Claim]:
    """What speaks for each column; of those of a report none has the phones, unless no other has."""
    own = {column: _claim(column, body, country) for column in columns if column not in of_report}
    used = handed_back.number_used(of_report, headings)
    if used is None or any(claim.is_enough for claim in own.values()):
        return own
    return own | {used: _claim(used, body, country)}


def name_columns(heading: Sequence[Cell], width: int, hidden: Collection[int] = ()) -> tuple[Column, ...]:
    """Each visible column by its heading; without one by its letter, and `Дата (2)` where two have the same."""
    seen = [index for index in range(width) if index not in hidden]
    names = {index: as_heading(heading[index]) if index < len(heading) else "" for index in seen}
    times = Counter(folded(name) for name in names.values())
    numbers: Counter[str] = Counter()
    columns = []
    for index, name in names.items():
        numbers[folded(name)] += 1
        is_twin = name and times[folded(name)] > 1
        columns.append(Column(f"{name} ({numbers[folded(name)]})" if is_twin else name or letters(index), index))
    return tuple(columns)


def _usual_cells(body: Sequence[Sequence[Cell]]) -> int:
    """How many cells a row has filled, as a rule; section lines of one cell are no rows of the list."""
    counts = [filled(cells) for cells in body]
    return int(median([count for count in counts if count > 1] or counts or [0]))


def _heading_place(rows: Sequence[Row], wanted: Collection[str]) -> int | None:
    """The place of the heading row in the sample; None for a list without one."""
    widest = max((filled(cells) for _number, cells in rows), default=0)
    ranks = {place: _rank(rows, place, wanted, widest) for place, (_n, cells) in enumerate(rows) if _is_wordy(cells)}
    if not ranks:
        return None
    place = max(ranks, key=lambda place: (ranks[place], -place))
    placeholders, is_wide, has_phone_word, _cells = ranks[place]
    is_before_phones = is_wide and not any(has_phone(cells) for _number, cells in rows[:place])
    return place if placeholders or has_phone_word or is_before_phones else None


def _rank(rows: Sequence[Row], place: int, wanted: Collection[str], widest: int) -> tuple[int, bool, bool, int]:
    """Placeholders found, wide enough for a heading, a word for phone, cells filled: in this order.

    The line above counts for what is wanted, and only where the row itself has some of it: else a person without a
    phone, right below the heading, would be one line of it.
    """
    cells = rows[place][1]
    names = _names(cells)
    is_wide = filled(cells) >= min(2, widest) and 2 * filled(cells) >= widest
    found = _names(two_lines.completed(rows, place)) & set(wanted) if names & set(wanted) else ()
    return len(found), is_wide, is_wide and any(map(_has_phone_word, names)), filled(cells)


def _names(cells: Sequence[Cell]) -> set[str]:
    return {folded(as_heading(cell)) for cell in cells if cell is not None}


def _is_wordy(cells: Sequence[Cell]) -> bool:
    """A heading row has texts, at most a stray number (a year), and no phone."""
    present = [cell for cell in cells if cell is not None]
    texts = sum(isinstance(cell, str) for cell in present)
    return texts > 0 and 2 * texts > len(present) and not any(map(is_like_phone, present))


def _has_phone_word(heading: str) -> bool:
    """Also where another word speaks against the column: `Номер полиса` is as good a heading as any."""
    return any(weight > 0 and words.search(heading[:HEADING_SIGNS]) for words, weight in HEADING_WEIGHTS)


def _weight(heading: str) -> float:
    beginning = heading[:HEADING_SIGNS]
    return next((weight for words, weight in HEADING_WEIGHTS if words.search(beginning)), 0.0)


def _claim(column: Column, body: Sequence[Sequence[Cell]], country: str) -> Claim:
    cells = [cells[column.index] for cells in body if column.index < len(cells)]
    present = [cell for cell in cells if cell is not None]
    probed = present[:PROBED_CELLS]
    mobiles = sum(is_like_phone(cell) and _is_mobile(cell, country) for cell in probed)
    return Claim(_weight(column.name), mobiles / len(probed) if probed else 0.0, len(present))


def _is_mobile(cell: Cell, country: str) -> bool:
    try:
        return bool(find(cell, country).msisdn)
    except NumberError:
        return False


def _best(claims: dict[Column, Claim]) -> Column:
    """The column with the best claim, the first of equals."""
    enough = {column: claim for column, claim in claims.items() if claim.is_enough}
    if not enough:
        sentence = _("No column holds phone numbers. Name it with --phone-column; there are: {names}.")
        raise UsageProblem(sentence.format(names=", ".join(column.name for column in claims)))
    most_cells = max(claim.cells for claim in enough.values())
    return max(enough, key=lambda column: enough[column].rank(most_cells))


def _rivals(claims: dict[Column, Claim], best: Column) -> tuple[str, ...]:
    """Other columns that hold phones indeed: a heading alone (`No SMS`, ticked) is none."""
    others = ((column, claim) for column, claim in claims.items() if column is not best)
    return tuple(column.name for column, claim in others if claim.is_enough and claim.share)


def _named(name: str, columns: Sequence[Column]) -> Column:
    by_letter = {letters(column.index): column for column in columns}
    column = find_column(name.strip(), columns) or by_letter.get(name.strip().upper())
    if column is None:
        sentence = _("There is no column “{name}”. There are: {names}.")
        raise UsageProblem(sentence.format(name=name, names=", ".join(each.name for each in columns)))
    return column
