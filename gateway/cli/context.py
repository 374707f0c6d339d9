"""What every verb starts from: the options of the command, the settings, the database, the time."""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.show import say
from gateway.clock import utc_now
from gateway.errors import UsageProblem
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings


class Whole(click.IntRange):
    """A whole number from 1 on, an id or a count; beyond all that SQLite can number it is the last of those."""

    name = "integer"
    LAST = 2**63 - 1

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        return min(int(super().convert(value, param, ctx)), self.LAST)


WHOLE = Whole(1)


@dataclass(frozen=True, slots=True)
class Invocation:
    """The options that stand before the verb."""

    config: Path | None
    debug: bool


def load_settings(ctx: click.Context) -> Settings:
    """The configuration that --config, the environment or the usual places name; raises UsageProblem."""
    from gateway import settings

    return settings.load(settings.find(invocation(ctx).config))


def settings_to_look_on(ctx: click.Context) -> tuple[Settings, list[str]]:
    """For verbs that only show. Also of a configuration with mistakes, which they are told of, as far as it says where
    the database is: a healthy daemon must not look ill by it. The mistakes, a line each; raises UsageProblem."""
    from gateway import settings

    path = settings.find(invocation(ctx).config)
    try:
        return settings.load(path), []
    except UsageProblem as problem:
        from gateway.settings.glimpse import glimpse

        seen = glimpse(path)
        if seen is None or not os.path.exists(seen.gateway.database):
            raise
        mistakes = str(problem).splitlines()
        _say_mistakes(mistakes)
        return seen, mistakes


@contextmanager
def uncollected() -> Iterator[None]:
    """For a long list: a tenth of its time would go into looking for cycles where there are none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _say_mistakes(mistakes: Iterable[str]) -> None:
    say(_("The configuration has mistakes. This is what the database says; a running daemon goes on as it was told."))
    for line in mistakes:
        say(line)


def invocation(ctx: click.Context) -> Invocation:
    """The options before the verb; a verb that is called alone, as tests do, has none."""
    return ctx.find_object(Invocation) or Invocation(None, False)


@contextmanager
def opened(settings: Settings) -> Iterator[sqlite3.Connection]:
    """A connection to the gateway's database, closed at the end."""
    from gateway.queue.db import open_database

    with closing(open_database(settings.gateway.database)) as connection:
        yield connection


now = utc_now  # the verbs' only clock
