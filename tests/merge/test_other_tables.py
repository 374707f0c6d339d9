"""Two tables below each other on one sheet: what stands under another heading goes out under none of the first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.merge.preparing import Source, prepare
from gateway.merge.timing import Wishes
from tests.merge.lists import GOOD, HEADINGS, person, plan_of, plan_of_people, refused, sent, write_xlsx

SECOND = ("Петров", "Глеб", "8 900 000-00-02", "заболел", "", "Белова Н. П.")
REASON = ("Фамилия", "Имя", "Телефон", "Причина", "", "Врач")
TEXTS = {
    "as it stands": ("{Имя}, ждём вас {Дата приёма}.", "Дата приёма"),
    "with a format": ("{Имя}, ждём вас {Дата приёма:%d.%m}.", "Дата приёма"),
    "in a piece that may be left out": ("{Имя}, ждём вас{?Дата приёма: в назначенный день}.", "Дата приёма"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_row_of_another_table_is_refused_by_the_column_that_is_another_one(tmp_path: Path, name: str) -> None:
    text, column = TEXTS[name]
    plan = plan_of(tmp_path, [HEADINGS, person(GOOD), ("Отменили",), REASON, SECOND], text)
    assert (sent(plan), refused(plan)) == ([(2, "+79000000001")], [(5, column, "other_table")])
    assert plan.refused[0].reason.startswith("Row 4 is the heading of another table")


def test_a_table_of_which_the_text_needs_only_what_both_have_is_sent_too(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [HEADINGS, person(GOOD), REASON, SECOND], "{Имя}, клиника закрыта.")
    assert ([row for row, _msisdn in sent(plan)], refused(plan)) == ([2, 4], [])


def test_columns_in_another_order_are_told_by_the_word_over_the_phones_alone(tmp_path: Path) -> None:
    order = ("Врач", "Фамилия", "Телефон", "Время", "Дата приёма", "Имя")
    rows = [HEADINGS, person(GOOD), order, ("Белова Н. П.", "Петров", "8 900 000-00-02", "9:00", "1.12.2026", "Глеб")]
    plan = plan_of(tmp_path, rows, "{Имя}, позвоните нам.")
    assert (sent(plan), refused(plan)) == ([(2, "+79000000001")], [(4, "Имя", "other_table")])


def test_a_heading_that_says_phones_in_other_words_is_one_too(tmp_path: Path) -> None:
    rows = [("Имя", "Телефон", "Приём"), ("Анна", GOOD, "01.12.2026"), ("Имя", "Мобильный", "Причина")]
    plan = plan_of(tmp_path, [*rows, ("Глеб", "8 900 000-00-02", "болен")], "{Имя}, ждём вас {Приём}.")
    assert (sent(plan), refused(plan)) == ([(2, "+79000000001")], [(4, "Приём", "other_table")])


def test_the_first_table_s_own_heading_ends_the_other_one(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD), REASON, SECOND, HEADINGS, person("8 900 000-00-03"))
    assert ([row for row, _msisdn in sent(plan)], refused(plan)) == ([2, 6], [(4, "Дата приёма", "other_table")])


def test_a_repeated_heading_of_two_lines_is_no_other_table(tmp_path: Path) -> None:
    upper, lower = ("Пациент", None, "Телефон", "Приём"), ("Фамилия", "Имя", None, "Дата")
    people = [("Иванова", "Анна", GOOD, "01.12.2026"), ("Петров", "Глеб", "8 900 000-00-02", "01.12.2026")]
    plan = plan_of(tmp_path, [upper, lower, people[0], upper, lower, people[1]], "{Имя}, ждём вас {Дата}.")
    assert ([row for row, _msisdn in sent(plan)], refused(plan)) == ([3, 6], [])


def test_the_column_of_the_times_counts_too(tmp_path: Path) -> None:
    wishes = Wishes(
        now=datetime(2026, 11, 23, 9, tzinfo=UTC),
        zone=ZoneInfo("Europe/Moscow"),
        before="Дата приёма",
        lead=timedelta(hours=24),
    )
    born = (*HEADINGS[:3], "Дата рождения", *HEADINGS[4:])
    path = write_xlsx(tmp_path / "l.xlsx", [HEADINGS, person(GOOD), born, person("8 900 000-00-02")])
    plan = prepare(Source(path, "RU"), "{Имя}, ждём вас завтра.", wishes=wishes).plan
    assert (sent(plan), refused(plan)) == ([(2, "+79000000001")], [(4, "Дата приёма", "other_table")])
