"""Options that many verbs have, each said once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from gateway.cli.context import WHOLE
from gateway.i18n import _

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Any], Any]


def together(*options: Decorator) -> Callable[[Command], Command]:
    """All of them as one decorator; in the help they stand in this order."""

    def decorated(command: Command) -> Command:
        found: Any = command
        for option in reversed(options):
            found = option(found)
        return found  # type: ignore[no-any-return]  # click's decorators keep what they are given

    return decorated


class Words(click.Choice[str]):
    """Some of the words, with commas between them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        said = [word.strip() for word in str(value).split(",")]
        return ",".join(super(Words, self).convert(word, param, ctx) for word in said)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        sentence = _("{word} is none of {words}. One or more of these go, with commas between them.")
        return sentence.format(word=repr(value), words=", ".join(map(repr, self.choices)))


def each_word(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Of an option that may be given several times: every word once."""
    return tuple(dict.fromkeys(word for words in given for word in words.split(",")))


as_json = click.option("--json", "is_json", is_flag=True, help=_("One JSON document."))
at_most = click.option("--limit", type=WHOLE, default=50, show_default=True, help=_("At most so many."))
