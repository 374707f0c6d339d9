"""What a person sees while a list is read: how far that is, and the first texts, long before the last row is counted.

It goes again when the whole preview comes, which says the same texts with everything that is to be known of the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress

from gateway.i18n import _
from gateway.merge.report import FIRST_TEXTS, first_texts

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from gateway.cli.import_ahead import Ahead
    from gateway.merge.plan import Planned
    from gateway.merge.preparing import Advance

LOOKS_PER_SECOND = 5.0  # at the screen; each takes its time from the reading


class Reading(Progress):
    """A bar, and below it the first texts as soon as they are known."""

    texts: Sequence[RenderableType] = ()

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        yield from self.texts

    def tell(self, messages: Sequence[Planned]) -> None:
        """All so far."""
        if not self.texts and len(messages) >= FIRST_TEXTS:
            self.texts = tuple(first_texts(self.console, messages))
            self.refresh()


@contextmanager
def reading(console: Console, ahead: Ahead) -> Iterator[Advance]:
    """On a terminal, nothing elsewhere; and what is asked while the rows are read."""
    is_shown = console.is_terminal
    with Reading(
        console=console, transient=True, disable=not is_shown, refresh_per_second=LOOKS_PER_SECOND
    ) as progress:
        task = progress.add_task(_("Reading"), total=None)

        def advance(row: int, rows: int, messages: Sequence[Planned]) -> None:
            progress.update(task, completed=row, total=rows or None)
            if is_shown:
                progress.tell(messages)
            ahead.take(messages, rows - row if rows else None)

        yield advance
