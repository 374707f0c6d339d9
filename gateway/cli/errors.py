"""What a person is told when it did not work: one line and an exit code. No traceback, unless --debug asks for it."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from gateway import forms, system_words
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _

INTERRUPTED = 130  # as shells have it: 128 + SIGINT
NO_TABLE = _("The database is not one of this gateway. `smsgw init` creates what is missing.")


class Failure(click.ClickException):
    """It could not be done: exit code 1 after what a person is told."""

    def __init__(self, sentence: str, debug: bool) -> None:
        super().__init__(forms.ended(sentence))
        self.debug = debug

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it on standard error; with --debug after the traceback."""
        if self.debug and self.__cause__ is not None:
            click.echo("".join(traceback.format_exception(self.__cause__)), err=True, nl=False)
        click.echo(self.message, err=True)


class WrongUsage(Failure):
    """Wrong usage or configuration."""

    exit_code = 2


@contextmanager
def in_one_line(debug: bool) -> Iterator[None]:
    """Turn whatever goes wrong inside into a Failure."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        raise click.exceptions.Exit(INTERRUPTED) from None
    except UsageProblem as problem:
        raise WrongUsage(str(problem), debug) from problem
    except Exception as problem:  # the outermost edge: a person gets a sentence
        raise Failure(explained(problem), debug) from problem


def explained(problem: Exception) -> str:
    """What to tell about it."""
    if isinstance(problem, GatewayError):
        return str(problem)
    if isinstance(problem, OSError) and problem.strerror:
        file = f": {problem.filename}" if problem.filename else ""
        return _("The system refused: {reason}.").format(reason=system_words.reason(problem) + file)
    return _about_database(problem) if isinstance(problem, sqlite3.Error) else _unforeseen(problem)


def _about_database(problem: sqlite3.Error) -> str:
    from gateway.queue.db import plain_errors

    try:
        with plain_errors():
            raise problem
    except GatewayError as told:
        return str(told)
    except sqlite3.Error:
        return NO_TABLE if "no such" in str(problem) else _unforeseen(problem)


def _unforeseen(problem: Exception) -> str:
    """Only the kind of error: its text might quote a message."""
    sentence = _("Something went wrong that we did not foresee ({kind}). Run it again with --debug to see where.")
    return sentence.format(kind=type(problem).__name__)
