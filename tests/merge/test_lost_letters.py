"""Letters that a text file's encoding lacked are gone: no patient is called `??????`."""

from __future__ import annotations

import pytest

from gateway.merge.cells import Flaw, tidied


@pytest.mark.parametrize("text", ["??????", "?????? ????", "???????? ?. ?.", "????-???", "Иван\ufffd"])
def test_a_text_whose_letters_were_lost_is_an_error(text: str) -> None:
    assert tidied(text) is Flaw.CELL_ERROR


@pytest.mark.parametrize("text", ["?", "Анна???", "Придёт???", "...", "-", "? ?", "8 900 ???"])
def test_a_question_mark_beside_letters_is_a_text(text: str) -> None:
    assert tidied(text) == text
