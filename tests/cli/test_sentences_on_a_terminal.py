"""Long sentences on a terminal: broken between words, never wider than it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from gateway.cli import show
from tests.cli.conftest import Gateway
from tests.cli.test_campaign import imported
from tests.cli.test_import import BAD_LIST
from tests.cli.test_show import on_terminal

LONG_SENTENCES = (
    "A reply is the first SMS that came from the number afterwards; nothing in it says which text it answers.",
    "Поставлено в очередь 23.11.2026 06:29; состояние на 23.11.2026 06:29, по времени клиники (Europe/Moscow).",
    "2026-11-23 06:29 入队；以下为 2026-11-23 06:29 的情况，按诊所的时间。回复是该号码之后的第一条短信。",
    "    doubtful (several_numbers): 1. The cell holds several numbers: the first mobile one is taken.",
    "short",
)


@pytest.mark.parametrize("sentence", LONG_SENTENCES)
@pytest.mark.parametrize("width", [40, 80])
def test_a_long_sentence_is_broken_where_no_word_is_cut_in_two(sentence: str, width: int) -> None:
    lines = show.in_lines(sentence, width)
    assert max(map(cell_len, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(sentence.split())
    assert all(word in sentence.split() for line in lines for word in line.split()) or "入队" in sentence
    assert len({len(line) - len(line.lstrip()) for line in lines}) == 1


def test_the_sentences_of_a_report_fit_a_terminal(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path)
    lines = on_terminal(gateway, 80, "campaign", "report", "list")
    assert max(map(cell_len, lines)) <= 80
    assert [line.split()[-1] for line in lines if line.startswith("Queued ")] == ["clock"]


def test_the_rows_of_a_campaign_that_were_refused_fit_a_terminal(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path, "--skip-bad", rows=BAD_LIST)
    lines = [line for line in on_terminal(gateway, 80, "campaign", "show", "list") if "`" not in line]
    told = lines.index(next(line for line in lines if line.startswith("Rows of the list")))
    assert max(map(cell_len, lines[told:])) <= 80
    assert " ".join(lines[told : told + 2]).endswith("or doubtful; --json has them all:")
