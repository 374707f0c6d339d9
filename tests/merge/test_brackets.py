"""A heading in another programme's brackets is asked about, for it would go out as it stands."""

from __future__ import annotations

import pytest

from gateway.merge import brackets
from gateway.merge.template import Column

NAMES = ["Имя", "Дата приёма", "Врач", "Время", "Цена (руб.)"]


@pytest.mark.parametrize(
    ("text", "written", "meant"),
    [
        ("Ждём [Дата приёма] в 9", "[Дата приёма]", "{Дата приёма}"),
        ("Ждём [ дата  приема ]", "[Дата приёма]", "{Дата приёма}"),
        ("врач <Врач>", "<Врач>", "{Врач}"),
        ("Скидка 10% в %Время%", "%Время%", "{Время}"),
        ("Ждём {{Дата приёма}}", "{{Дата приёма}}", "{Дата приёма}"),
        ("Ждём вас, «Имя»", "«Имя»", "{Имя}"),
        ("｛Имя｝，您好", "｛Имя｝", "{Имя}"),
        ("【имя】您好", "【Имя】", "{Имя}"),
        ("[Цена (руб.)]", "[Цена (руб.)]", "{Цена (руб.)}"),
    ],
)
def test_a_heading_in_other_brackets_is_asked_about(text: str, written: str, meant: str) -> None:
    assert brackets.lines([text], NAMES) == [f"The text has {written}: did you mean {meant}?"]


@pytest.mark.parametrize(
    "text",
    [
        "{Имя}, ждём {Дата приёма}",
        "{{{Врач}}}",
        "[{Врач}]",
        "(Врач) Врач",
        "[запись]",
        "«Клиника»",
        "【康宁诊所】{Имя}",
        "5% Время 5%",
        "",
        "<Имя",
    ],
)
def test_of_anything_else_nothing_is_said(text: str) -> None:
    assert brackets.lines([text], NAMES) == []


def test_each_is_asked_about_once() -> None:
    assert len(brackets.lines(["[Имя] [Имя]", "[имя] <Врач>"], NAMES)) == 2


def test_a_column_without_a_heading_is_not_looked_for() -> None:
    assert brackets.headings([Column("Имя", 0), Column("B", 1)]) == ["Имя"]
