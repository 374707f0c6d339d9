"""A remark that may say not to write is pointed out; the row goes, for only a person can tell what is meant."""

from __future__ import annotations

import pytest

from gateway.merge.layout import find_layout
from gateway.merge.plan import Plan, Rules, build
from gateway.merge.template import compile_template

REMARKS = {
    "не звонить": True,
    "Умерла 12.10": True,
    "просила не беспокоить": True,
    "отказ от СМС": True,
    "Do not contact!": True,
    "don't text": True,
    "No SMS please": True,
    "请勿打扰": True,
    "已故": True,
    "Прошу не писать и не звонить": True,
    "не звоните": True,
    "не пишите ей": True,
    "СМС не отправлять": True,
    "не отправляйте": True,
    "не присылать": True,
    "勿打电话": True,
    "Отменена": True,
    "пациент отменил": True,
    "cancelled": True,
    "已取消": True,
    "не отменил": False,
    "отмена аспирина за 7 дней": False,
    "not cancelled": False,
    "未取消": False,
    "умеренная боль": False,
    "не звонили": False,
    "ещё не писали": False,
    "не отправлено": False,
    "не отправляли": False,
    "请勿进食": False,
    "отказ от госпитализации": False,
    "звонили, придёт": False,
    "not yet called": False,
    "stopped smoking": False,
    "初诊": False,
}


def plan_of(heading: str, remark: object) -> Plan:
    rows = [(1, ["Имя", "Телефон", heading]), (2, ["Анна", "8 900 000-00-01", remark])]
    layout = find_layout(rows, ["Имя"], "RU")  # type: ignore[arg-type]
    return build(rows, Rules(layout, compile_template("{Имя}, ждём вас", layout.columns), "RU"))  # type: ignore[arg-type]


@pytest.mark.parametrize(("remark", "is_told"), REMARKS.items(), ids=str)
def test_a_remark_that_may_be_against_it_is_pointed_out_and_the_row_goes(remark: str, is_told: bool) -> None:
    plan = plan_of("Прим.", remark)
    assert len(plan.messages) == 1
    assert [(each.row, each.column, each.code) for each in plan.warnings] == (
        [(2, "Прим.", "remark")] if is_told else []
    )


@pytest.mark.parametrize("heading", ["Примечание", "Комментарий", "Обзвон", "Notes", "Remarks", "Status", "备注"])
def test_columns_of_remarks_are_known_by_their_heading(heading: str) -> None:
    assert [each.column for each in plan_of(heading, "stop").warnings] == [heading]


@pytest.mark.parametrize(("heading", "cell"), [("Услуга", "СТОП-терапия, стоп"), ("Прим.", None), ("Прим.", 12.0)])
def test_other_columns_and_cells_without_words_are_not_asked(heading: str, cell: object) -> None:
    assert plan_of(heading, cell).warnings == ()


@pytest.mark.parametrize("heading", ["Не звонить", "Do not contact", "No SMS", "请勿打扰"])
def test_a_tick_under_a_heading_that_says_it_is_pointed_out(heading: str) -> None:
    for ticked in ("x", "да", "yes", "+", "是", True, 1.0):
        assert [each.column for each in plan_of(heading, ticked).warnings] == [heading]
    for unticked in (None, "нет", "No", "-", "否", False, 0.0):
        assert plan_of(heading, unticked).warnings == ()


ANNA, VERA = "8 900 000-00-01", "8 900 000-00-02"
TWO_LINES = {
    "merged downwards": (
        *(["Пациент", None, "Телефон", "Примечание"], ["Фамилия", "Имя", None, None]),
        *(["Ли", "Анна", ANNA, "не писать"], ["Ким", "Вера", VERA, None]),
        "Примечание",
    ),
    "in the lower line": (
        *(["Имя", "Телефон", "Запись", None], [None, None, "Дата", "Прим."]),
        *(["Анна", ANNA, "1.12", "не писать"], ["Вера", VERA, "1.12", None]),
        "D",
    ),
    "merged sideways": (
        *(["Пациент", None, "Примечания", None], ["Имя", "Телефон", "регистратуры", "врача"]),
        *(["Анна", ANNA, None, "умер"], ["Вера", VERA, "придёт", None]),
        "врача",
    ),
    "ticked under both": (
        *(["Пациент", None, "Не писать", None], ["Имя", "Телефон", "в будни", "по ночам"]),
        *(["Анна", ANNA, None, "x"], ["Вера", VERA, None, None]),
        "по ночам",
    ),
    "beside one that is merged downwards": (
        *(["Пациент", None, "Не писать", None], ["Имя", "Телефон", None, "Врач"]),
        *(["Анна", ANNA, "x", "Белова"], ["Вера", VERA, None, "Белова"]),
        "Не писать",
    ),
}


@pytest.mark.parametrize(("upper", "lower", "anna", "vera", "column"), TWO_LINES.values(), ids=TWO_LINES)
def test_remarks_under_a_heading_of_two_lines_are_known(
    upper: list[str], lower: list[str], anna: list[str], vera: list[str], column: str
) -> None:
    rows = list(enumerate([upper, lower, anna, vera], start=1))
    layout = find_layout(rows, ["Имя"], "RU")  # type: ignore[arg-type]
    plan = build(rows, Rules(layout, compile_template("{Имя}, ждём вас", layout.columns), "RU"))  # type: ignore[arg-type]
    assert [message.row for message in plan.messages] == [3, 4]
    assert [(each.row, each.column, each.code) for each in plan.warnings] == [(3, column, "remark")]
