"""Bytes become the same lines and prompts whatever the size of the reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.modem.lines import LONGEST_LINE, Line, LineSplitter, Prompt

WHOLE = 1_000_000

CASES = {
    "CR LF around": (b"\r\nOK\r\n", [Line("OK")]),
    "two CR and a LF": (b"+CGMI\r\r\n+CGMM\r\r\nOK\r\n", [Line("+CGMI"), Line("+CGMM"), Line("OK")]),
    "a lone CR": (b"\rOK\rRING\r", [Line("OK"), Line("RING")]),
    "a lone LF": (b"\nOK\n", [Line("OK")]),
    "blank lines are none": (b"\r\n\r\n  \r\nOK\r\n", [Line("OK")]),
    "leading spaces belong to no value": (b"\r\n MULTIBAND  900E \r\n", [Line("MULTIBAND  900E")]),
    "prompt with a space": (b"\r\n> ", [Prompt()]),
    "prompt without a space": (b"\r\n>", [Prompt()]),
    "prompt behind a lone CR": (b"\r>", [Prompt()]),
    "prompt behind a lone LF": (b"\n> ", [Prompt()]),
    "a prompt said twice": (b"\r\n> >", [Prompt(), Prompt()]),
    "prompt behind the command's echo": (b"AT+CMGS=23\r\r\n> ", [Line("AT+CMGS=23"), Prompt()]),
    "what is echoed behind the prompt": (
        b"\r\n> 0001AB\x1a\r\n+CMGS: 5\r\n",
        [Prompt(), Line("0001AB"), Line("+CMGS: 5")],
    ),
    "a late prompt does not spoil the next line": (b"\r\n> \r\nOK\r\n", [Prompt(), Line("OK")]),
    "octets that are no text": (b"\xff\x00\r\nOK\xff\r\n\x11\x13RING\r\n", [Line("OK"), Line("RING")]),
    "Latin-1 is kept": (b'+COPS: 0,0,"T\xe9l\xe9"\r\n', [Line('+COPS: 0,0,"Télé"')]),
    "a line without its end waits": (b"\r\n+CMT", []),
}


def read(data: bytes, size: int) -> list[Line | Prompt]:
    splitter = LineSplitter()
    found: list[Line | Prompt] = []
    for at in range(0, len(data), size):
        found += splitter.feed(data[at : at + size])
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, WHOLE])
@pytest.mark.parametrize("name", CASES)
def test_lines_and_prompts_are_found_at_any_size_of_reads(name: str, size: int) -> None:
    data, expected = CASES[name]
    assert read(data, size) == expected


@given(st.binary(max_size=200), st.integers(1, 20))
def test_no_bytes_stop_the_splitter_and_reads_may_be_cut_anywhere(data: bytes, size: int) -> None:
    assert read(data, size) == read(data, WHOLE)


def test_a_stream_without_line_ends_is_forgotten_in_time() -> None:
    splitter = LineSplitter()
    for _ in range(20):
        assert splitter.feed(b"x" * (LONGEST_LINE // 10)) == []
    assert splitter.feed(b"\r\nOK\r\n")[-1] == Line("OK")
