"""The words of error_code: what may be asked for is what the code says, no more and no less."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.queue import codes

GATEWAY = Path(codes.__file__).parent.parent
SAY = {"Unfit", "Deferred", "Refused", "Uncertain", "GiveUp"}  # their first argument is a code
OF_LATER = {"opted_out"}  # the contract's, of which nothing says it yet


def said() -> Iterator[str]:
    """Every code that stands in the source as a plain word."""
    for path in GATEWAY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAY and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value)


def test_every_code_that_the_gateway_says_may_be_asked_for() -> None:
    assert {code for code in said() if code not in codes.WORDS and not codes.NUMBERED.fullmatch(code)} == set()


def test_every_word_that_may_be_asked_for_stands_somewhere_else_in_the_code_too() -> None:
    sources = [path.read_text("utf-8") for path in GATEWAY.rglob("*.py") if path != Path(codes.__file__)]
    text = "\n".join([*sources, *(path.read_text("utf-8") for path in GATEWAY.rglob("*.sql"))])
    assert {word for word in codes.WORDS - OF_LATER if f'"{word}"' not in text and f"'{word}'" not in text} == set()


FORMS = {
    **dict.fromkeys(("cms_500", "smpp_0x0b", "smpp_0x00000045", "smpp_unsendable", "tp_st_0x46"), True),
    **dict.fromkeys(("cms500", "cms_", "smpp_0x", "tp_st_46"), False),
}


@pytest.mark.parametrize("code", FORMS)
def test_codes_with_a_name_in_front_are_known_by_their_form(code: str) -> None:
    assert bool(codes.NUMBERED.fullmatch(code)) is FORMS[code]
