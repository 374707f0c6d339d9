"""[pure] Which rows of a list are people: titles, sections, repeated headings, totals and signatures are passed over.

A row that could be a person is taken for one: if it lacks something, it is refused with its number and the reason,
never dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from gateway.merge import phone
from gateway.merge.cells import Cell, as_heading, cell_at, filled, folded
from gateway.merge.dates import is_date_text
from gateway.merge.layout import Layout
from gateway.sms import quick_number
from gateway.sms.number import NumberError

TOTAL = re.compile(
    r"(?:итого|всего|общий итог|итог|общее (?:количество|число)|подытог|total|subtotal|grand total|"
    r"sum(?= of\b|\W*$))\b|"
    r"(?:барлығы|合计|总计|小计|共计)",
    re.IGNORECASE,
)
SUM_ALONE = re.compile(rf"(?:{TOTAL.pattern})\W*$", re.IGNORECASE)
SUBTOTAL = re.compile(r".*\S\s+(?:итог|total)|.*\S\s*汇总", re.IGNORECASE)  # as a pivot table ends each of its groups
WORDS_OVER_PHONES = (
    r"тел|телефон[аы]?|моб|мобильный|сот|сотовый|контакт(?:ный|ы)?|номера?|домашний|рабочий|факс|связ[ьи]|смс|"
    r"пациента|клиента|родител\w+|представител\w+|ұялы|"
    r"phones?|tel|telephone|mobile|cell|numbers?|(?<=\s)no|contacts?|fax|sms|whatsapp|viber|patient|home|work|"
    r"患者|联系|移动|电话|手机|号码?"
)
OVER_PHONES = re.compile(rf"\W*(?:(?:{WORDS_OVER_PHONES})(?:\b|(?=[一-鿿]))\W*)+", re.IGNORECASE)
SIGNATURE = re.compile(
    r"(?:главн\w* (?:врач|медсестр|медицинск)|главврач|гл\.? ?(?:врач|мед)|зам\. ?(?:гл|дир)|зав\.|заведующ|исполнител|"
    r"исп\.|подпис|составил|подготовил|проверил|утвержда|согласован|ответственн|отв\.|директор|руководител|администратор|"
    r"(?:старш\w* )?медсестра|секретар|контактн\w* лиц|(?:тел\w*\.?|телефон) для справок|примечани|м\. ?п\.$|"
    r"signature|signed|prepared by|approved|responsible|director|note:|制表|签名|签字|负责人|审核|备注)",
    re.IGNORECASE,
)
SECTION = re.compile(
    r"(?:\w+ ?отделени|отделени|кабинет|каб\.|корпус|участок|смена|филиал|поликлиник|клиник|регистратур|справочн|"
    r"department|ward|clinic|reception|科室|门诊|前台)",
    re.IGNORECASE,
)
LABEL = re.compile(r".*:$", re.DOTALL)
DIGIT = re.compile(r"\d")
WORD = re.compile(r"[^\W\d_]{3}")
SMALL_DIGITS = 9  # of the number of a column; Python reads no number of 5,000 at all
FULL_NUMBER = 7  # characters of the shortest phone number
NARROW = 2  # with so few columns a row of one cell may be a person without a phone


def is_repeated_heading(cells: Sequence[Cell], layout: Layout) -> bool:
    """It says what the heading above says, also over the phones: in half of its cells, or of words alone.

    A remark may say what stands over it too (`СМС`, `Повторный`): where nothing is over the phones, all must.
    """
    written = _phone(cells, layout)
    pairs = zip(cells, layout.headings, strict=False)
    same = sum(isinstance(cell, str) and folded(as_heading(cell)) == heading != "" for cell, heading in pairs)
    if not same or written is None:
        return 0 < same == filled(cells)
    return _says_phone(written, layout) and (2 * same >= filled(cells) or all(map(_is_word, cells)))


def _says_phone(cell: Cell, layout: Layout) -> bool:
    """The words over the phones, or others for them and no more: `нет телефона` is of a person."""
    above = layout.headings[layout.phone.index : layout.phone.index + 1]
    return isinstance(cell, str) and ((folded(as_heading(cell)),) == above or OVER_PHONES.fullmatch(cell) is not None)


def _is_word(cell: Cell) -> bool:
    """As headings are, or nothing; a date, a time or a number is of a person."""
    return cell is None or (isinstance(cell, str) and DIGIT.search(cell) is None)


def _phone(cells: Sequence[Cell], layout: Layout) -> Cell:
    return cell_at(cells, layout.phone.index)


def is_numbering(cells: Sequence[Cell], layout: Layout) -> bool:
    """The line `1 2 3 4 …` that forms have under their headings."""
    if cells and cells[0] is not None and _small_number(cells[0]) != 1:
        return False  # as every row but one
    present = [cell for cell in cells if cell is not None]
    if len(present) < 2 or _small_number(present[0]) != 1:
        return False
    numbers = [_small_number(cell) for cell in present]
    return numbers == list(range(1, len(present) + 1))


def _small_number(cell: Cell) -> int | None:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if not isinstance(cell, str) or len(cell) > SMALL_DIGITS:
        return None
    return int(cell) if cell.isascii() and cell.isdigit() else None


def is_total(cells: Sequence[Cell], layout: Layout) -> bool:
    """The first words are those of a sum; a full row with a number in the phone cell is a person of that name."""
    if _is_of_group(cells, layout):
        return True
    written = _phone(cells, layout)
    is_short = len(str(written)) < FULL_NUMBER
    if layout.usual_cells <= NARROW and not is_short and not _starts(cells, SUM_ALONE):
        return False
    return _starts(cells, TOTAL) and (_is_sparse(cells, layout) or is_short)


def _is_of_group(cells: Sequence[Cell], layout: Layout) -> bool:
    """Beside its words stand sums alone; of a person more is known, or a phone."""
    present = [cell for cell in cells if cell is not None]
    if not present or not isinstance(present[0], str) or SUBTOTAL.fullmatch(present[0].strip()) is None:
        return False
    phones = (cell_at(cells, column.index) for column in layout.phones or (layout.phone,))
    return all(cell is None for cell in phones) and all(map(_is_sum, present[1:]))


def _is_sum(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return isinstance(cell, int | float)
    return DIGIT.search(cell) is not None and WORD.search(cell) is None and not is_date_text(cell)


def is_signature(cells: Sequence[Cell], layout: Layout) -> bool:
    return (_starts(cells, SIGNATURE) or _has_line(cells)) and _is_sparse(cells, layout)


def is_section(cells: Sequence[Cell], layout: Layout) -> bool:
    """One cell alone that is no phone, a label with what follows it, or a department with its own number."""
    if filled(cells) == 1 and layout.usual_cells > NARROW:
        return not _is_phone(_phone(cells, layout), layout.country)
    return _is_sparse(cells, layout) and (_starts(cells, SECTION) or _starts(cells, LABEL))


def _is_phone(cell: Cell, country: str) -> bool:
    """Whether a cell that stands alone in its row is a phone, be it a wrong one; words or a date make it a section."""
    if not isinstance(cell, str | float) or (isinstance(cell, str) and is_date_text(cell)):
        return False
    try:
        return bool(phone.find(cell, country))
    except NumberError:
        return WORD.search(str(cell)) is None


REPEATED_HEADING = "repeated_heading"
OF_FULL_ROWS = ((REPEATED_HEADING, is_repeated_heading), ("numbering", is_numbering))
OF_ALL_ROWS = (*OF_FULL_ROWS, ("total", is_total), ("signature", is_signature), ("section", is_section))
HEADING = "heading"  # the row with the names of the columns
TITLE = "title"  # above the heading, or merged over several columns


def passed_over(row: int, cells: Sequence[Cell], layout: Layout, banners: Collection[int] = ()) -> str | None:
    """Why the row is no person; None for one that is."""
    if row <= layout.heading_row:
        return HEADING if row == layout.heading_row else TITLE
    if row in banners and _is_sparse(cells, layout):
        return TITLE
    is_full = layout.usual_cells > NARROW and filled(cells) >= layout.usual_cells
    for name, holds in OF_FULL_ROWS if is_full else OF_ALL_ROWS:
        if holds(cells, layout):
            return name
    return None


def plain_numbers(
    layout: Layout, country: str, banners: Collection[int] = ()
) -> Callable[[int, Sequence[Cell]], str | None]:
    """What finds the number of a row that has everything, as nearly every row of nearly every list: `passed_over` says
    of such a row that it is a person. None for every other."""
    heading, index, full = layout.heading_row, layout.phone.index, layout.usual_cells
    is_usual = layout.phones == (layout.phone,) and full > NARROW

    def of_row(row: int, cells: Sequence[Cell]) -> str | None:
        if not is_usual or row <= heading or row in banners or len(cells) - cells.count(None) < full:
            return None
        cell = cells[index] if index < len(cells) else None
        return quick_number.read(cell, country) if isinstance(cell, str) else None

    return of_row


def _is_sparse(cells: Sequence[Cell], layout: Layout) -> bool:
    """Clearly fewer cells than a row has as a rule; a narrow list has no such thing."""
    return 3 * filled(cells) <= 2 * layout.usual_cells or layout.usual_cells <= NARROW


def _starts(cells: Sequence[Cell], words: re.Pattern[str]) -> bool:
    first = next((cell for cell in cells if cell is not None), None)
    return isinstance(first, str) and words.match(first.strip(" \t\"'«")) is not None


def _has_line(cells: Sequence[Cell]) -> bool:
    return any(isinstance(cell, str) and "___" in cell for cell in cells)
