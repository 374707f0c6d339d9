"""Questions of yes or no: whichever language they are answered in, and what is said of an answer that is neither."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from gateway.cli.confirming import agreed

NEITHER = "Answer y for yes, or n for no."
TYPED = {
    "y": (True, 0),
    "Да": (True, 0),
    "是": (True, 0),
    "нет": (False, 0),
    "": (False, 0),
    "hm\nда": (True, 1),
    "1\n2\nn": (False, 2),
}


@click.command()
def ask() -> None:
    click.echo(f"agreed: {agreed('Queue it?')}")


@pytest.mark.parametrize("typed", TYPED)
def test_an_answer_that_is_neither_yes_nor_no_is_asked_for_again_with_what_may_be_answered(typed: str) -> None:
    is_agreed, times = TYPED[typed]
    said = CliRunner().invoke(ask, input=f"{typed}\n").output
    assert said.count("Queue it? [y/N]") == times + 1
    assert said.count(NEITHER) == times
    assert said.endswith(f"agreed: {is_agreed}\n")
