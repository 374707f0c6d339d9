"""The same text to the same number goes out once, however a list put together of two has written it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.merge.repeats import Repeats
from tests.merge.test_plan import planned

NUMBER, OTHER = "8 900 000-00-07", "8 900 000-00-08"
SAME = {
    "capitals": ("Вера", "ВЕРА"),
    "blanks within": ("Вера Ильинична", "Вера  Ильинична"),
    "a blank that does not break": ("Вера Ильинична", "Вера\u00a0Ильинична"),
    "a line break": ("Вера Ильинична", "Вера\nИльинична"),
    "both": ("Вера Ильинична", "вера   ИЛЬИНИЧНА"),
}


@pytest.mark.parametrize(("one", "two"), SAME.values(), ids=SAME)
def test_capitals_and_blanks_make_no_other_text(one: str, two: str) -> None:
    plan = planned([[one, NUMBER], [two, NUMBER]], template="{Имя}, ждём вас")
    assert [message.row for message in plan.messages] == [2, 3]
    assert [(each.row, each.code, each.reason) for each in plan.refused] == [
        (4, "duplicate", "Row 3 has the same number and the same text.")
    ]


def test_another_text_goes_to_the_same_number_and_the_same_text_to_another() -> None:
    rows = [["Вера", NUMBER], ["Глеб", NUMBER], ["Вера", OTHER], ["глеб", NUMBER], ["вера", OTHER], ["ВЕРА", NUMBER]]
    plan = planned(rows, template="{Имя}, ждём вас")
    assert [message.row for message in plan.messages] == [2, 3, 4, 5]
    assert [each.reason[:6] for each in plan.refused] == ["Row 4 ", "Row 5 ", "Row 3 "]


@given(
    st.lists(st.tuples(st.sampled_from("12"), st.sampled_from(["a b", "A  B", " a b", "ab", "ß", "SS"])), max_size=12)
)
def test_each_row_is_laid_to_the_first_that_says_the_same(rows: list[tuple[str, str]]) -> None:
    repeats, firsts = Repeats(), dict[tuple[str, str], int]()
    for row, (number, text) in enumerate(rows):
        same = (number, " ".join(text.casefold().split()))
        assert repeats.first(number, text, row) == firsts.setdefault(same, row)
