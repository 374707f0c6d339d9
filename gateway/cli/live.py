"""A verb's output again and again, as `watch` does it: on a terminal in one place, elsewhere when it has changed."""

from __future__ import annotations

import io
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout

EVERY_S = 1.0
HOME = "\x1b[H"  # the cursor to the first line
TO_THE_END_OF_LINE = "\x1b[K"
TO_THE_END_OF_SCREEN = "\x1b[J"
CLEAR = "\x1b[2J"


class _Page(io.StringIO):
    """What would be printed, by a terminal's own width."""

    def isatty(self) -> bool:
        return sys.__stdout__ is not None and sys.__stdout__.isatty()


def show(draw: Callable[[], None], *, times: int | None = None) -> None:
    """Draw every second, until Ctrl-C or so many `times`."""
    is_terminal = sys.stdout.isatty()
    last, count = "", 0
    try:
        while times is None or count < times:
            page = _drawn(draw)
            if is_terminal:
                _put(page, is_first=count == 0)
            elif page != last:
                print(page, flush=True)
            last, count = page, count + 1
            time.sleep(EVERY_S)
    except KeyboardInterrupt:
        return


def _drawn(draw: Callable[[], None]) -> str:
    page = _Page()
    with redirect_stdout(page):
        draw()
    return page.getvalue()


def _put(page: str, *, is_first: bool) -> None:
    """Over the last one, without a flicker."""
    rows = page.splitlines()[: shutil.get_terminal_size().lines - 1]
    body = "".join(f"{row}{TO_THE_END_OF_LINE}\n" for row in rows)
    sys.stdout.write((CLEAR if is_first else "") + HOME + body + TO_THE_END_OF_SCREEN)
    sys.stdout.flush()
