"""What a person must agree to before it is done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from gateway.cli import show
from gateway.errors import GatewayError
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

# In whichever language it is typed: who is asked in Russian answers `да`.
ANSWERS = {
    **dict.fromkeys(("y", "yes", "д", "да", "是", "好"), True),
    **dict.fromkeys(("n", "no", "н", "нет", "否", "不", ""), False),
}


def agreed(question: str) -> bool:
    """Ctrl-C and Ctrl-D are a no, and so is Return alone."""
    try:
        while (answer := ANSWERS.get(_typed(question))) is None:
            click.echo(_("Answer y for yes, or n for no."), err=True)
    except click.Abort:
        show.say("")
        return False
    return answer


def _typed(question: str) -> str:
    choice = _("[y/N]")
    answer = click.prompt(f"{question} {choice}", default="", show_default=False, err=True)
    return str(answer).strip().casefold()


@contextmanager
def told_when_broken_off(sentence: str) -> Iterator[None]:
    """Ctrl-C elsewhere than at a question, where it is an answer: what became of the matter, and the same end."""
    try:
        yield
    except KeyboardInterrupt:
        show.say("\n" + sentence)
        raise


def confirm(question: str, is_yes: bool) -> None:
    """Raises GatewayError unless the person says yes, with --yes or on a terminal."""
    if is_yes:
        return
    if not sys.stdin.isatty():
        raise GatewayError(_("Nothing was changed: there is no terminal to ask at. Add --yes."))
    if not agreed(question):
        raise GatewayError(_("Nothing was changed."))


def confirm_beginning(settings: Settings) -> None:
    """A path that is mistyped leads to no queue. Where nobody can be asked, a script says what it wants by itself."""
    from gateway.daemon.starting import would_begin

    database = settings.gateway.database
    is_seen = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    if not is_seen or not would_begin(database):
        return
    if not agreed(_("There is no database {path} yet. Begin with an empty queue?").format(path=database)):
        raise GatewayError(_("Nothing was begun: `database` in {path} says where it is.").format(path=settings.path))
