"""Whatever stands in a template or a cell: a text, or a sentence; never an attribute, a file or endless memory."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import UsageProblem
from gateway.merge.cells import Cell, Flaw
from gateway.merge.filling import MOST_SIGNS, Unfilled, render
from gateway.merge.template import Column, compile_template
from gateway.sms.segmentation import MOST_SEGMENTS, TooLong
from tests.merge.test_template import COLUMNS, MARCH, ROW


@given(st.text(max_size=60))
def test_any_text_compiles_or_is_wrong_usage_and_never_anything_else(text: str) -> None:
    with suppress(UsageProblem, Unfilled):
        assert isinstance(render(compile_template(text, COLUMNS), ROW), str)


@given(st.text(alphabet=st.characters(exclude_characters="{}"), max_size=40), st.text(min_size=1, max_size=20))
def test_what_stands_in_a_cell_is_never_read_as_a_template(before: str, value: str) -> None:
    assert render(compile_template(before + "{x}", (Column("x", 0),)), [value]) == (before + value).strip()


PARTS = st.sampled_from(
    [
        "{",
        "}",
        "{{",
        "}}",
        "{?",
        "{？",
        "|",
        "｜",
        ":",
        "：",
        "x",
        "%d",
        "%B",
        " ",
        "\n",
        ".__class__",
        "[0]",
        "!r",
        "в ",
    ]
)


@settings(max_examples=400)
@given(st.lists(PARTS, max_size=30).map("".join), st.sampled_from([None, "a", 1.0, MARCH, Flaw.CELL_ERROR]))
def test_any_pile_of_a_template_s_signs_is_filled_or_refused_in_a_sentence(text: str, value: Cell) -> None:
    with suppress(UsageProblem, Unfilled):
        filled_in = render(compile_template(text, (Column("x", 0),)), [value])
        assert "class " not in filled_in
        assert "function" not in filled_in


@given(st.integers(1, 3000), st.integers(1, 32_767))
def test_no_template_and_no_cell_make_a_text_longer_than_a_message_can_be(holes: int, signs: int) -> None:
    template, row = compile_template("{x}" * holes, (Column("x", 0),)), ["я" * signs]
    if holes * signs <= MOST_SIGNS:
        assert len(render(template, row)) == holes * signs
        return
    with pytest.raises(TooLong) as raised:
        render(template, row)
    assert raised.value.segments > MOST_SEGMENTS
