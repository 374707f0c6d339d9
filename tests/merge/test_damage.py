"""Headings that have lost their letters: who misses a column is told that the file is damaged, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import UsageProblem
from gateway.merge.cells import tidied
from gateway.merge.damage import SAVE_ANEW, is_another_word, is_in_headings
from gateway.merge.layout import Row
from gateway.merge.preparing import Source, prepare, refuse_without_template
from tests.merge.lists import GOOD, person
from tests.merge.test_mojibake import NAMES

DAMAGED = {
    "question marks": ("????", "???????", "???? ??????"),
    "question marks with brackets": ("???", "??????? (???.)", "? ?/?"),
    "Windows read as Western": ("Èìÿ", "Òåëåôîí", "Äàòà ïðè¸ìà"),
    "Windows read as DOS": ("╘╚╬", "╥хыхЇюэ", "─рЄр"),
    "DOS read as Windows": ("€¬п", "’Ґ«Ґд®\xad", "„\xa0в\xa0"),
    "KOI8 read as Windows": ("йНС", "фЕМЕЖПО", "дБФБ"),
    "a Macintosh's read as Windows": ("€мЯ", "’елефон", "„ата"),
    "UTF-8 read as Western": ("Ð˜Ð¼Ñ", "Ð¢ÐµÐ»ÐµÑ„Ð¾Ð½", "Ð”Ð°Ñ‚Ð°"),
    "Chinese read as Western": ("ÐÕÃû", "µç»°ºÅÂë", "ÈÕÆÚ"),
    "UTF-8 read as Chinese": ("濮撳悕", "鎵嬫満鍙风爜", "鏃ユ湡"),
}
SOUND = {
    "Russian": ("Имя", "Телефон", "Дата приёма"),
    "in capitals": ("ИМЯ", "ТЕЛЕФОН", "ДАТА"),
    "other words": ("Кличка", "Куда писать", "Прививка"),
    "English": ("Name", "Phone", "Room?"),
    "French": ("Prénom", "Numéro", "Âge"),
    "Chinese": ("姓名", "手机号码", "就诊日期"),
    "Kazakh": ("Аты-жөні", "Ұялы", "Күні"),
    "one error": ("Name", "#N/A", "Phone"),
}


def rows(heading: tuple[str, ...]) -> list[Row]:
    return [(1, [tidied(cell) for cell in heading]), (2, ["Анна", GOOD, "01.12.2026"])]


@pytest.mark.parametrize("heading", DAMAGED.values(), ids=DAMAGED)
def test_letters_that_are_lost_are_seen(heading: tuple[str, ...]) -> None:
    assert is_in_headings(rows(heading))


@pytest.mark.parametrize("heading", SOUND.values(), ids=SOUND)
def test_headings_as_people_write_them_are_sound(heading: tuple[str, ...]) -> None:
    assert not is_in_headings(rows(heading))


def test_below_the_first_number_nothing_is_a_heading() -> None:
    assert not is_in_headings([*rows(SOUND["Russian"]), (3, [tidied("????"), tidied("????")])])


@pytest.mark.parametrize("language", NAMES)
def test_a_name_is_no_heading_that_was_misread(language: str) -> None:
    assert [name for name in NAMES[language].split("|") if is_another_word(name)] == []


@pytest.mark.parametrize("heading", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("row", [person(GOOD)[:3], ("Анна", "нет", "завтра")], ids=["with phones", "without"])
def test_who_misses_a_column_is_told_what_to_do(tmp_path: Path, heading: tuple[str, ...], row: tuple[str, ...]) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(";".join(map(str, each)) for each in (heading, row)), "utf-8-sig")
    with pytest.raises(UsageProblem) as told:
        prepare(Source(path, "RU"), "{Имя}, ждём вас")
    assert str(told.value).endswith(SAVE_ANEW)
    with pytest.raises(UsageProblem, match="Give the text with --template") as asked:
        refuse_without_template(Source(path, "RU", phone_columns=("B",)))
    assert str(asked.value).endswith(SAVE_ANEW)
