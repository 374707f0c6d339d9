"""`smsgw` and `python -m gateway`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

CATALOGUES = {"zh": "zh_CN"}  # whose name is another than that of the language


def main() -> None:
    """Run the command; ends the process with its exit code."""
    try:
        _speak(language_in(sys.argv[1:]))
        from gateway.cli.app import smsgw

        for stream in (sys.stdout, sys.stderr):
            _tolerate(stream)
        smsgw.main(prog_name="smsgw")
    except KeyboardInterrupt:  # before the frame of the command stands, which gives the same code
        sys.exit(130)
    finally:
        _let_go(sys.stderr)


def language_in(arguments: Iterable[str]) -> str | None:
    """What --lang before the verb says; asked before anything is translated. click judges it later."""
    words = iter(arguments)
    for word in words:
        name, sign, value = word.partition("=")
        if name == "--lang":
            return value if sign else next(words, None)
        if name == "--config" and not sign:
            next(words, None)
        elif not word.startswith("-"):
            return None
    return None


def _speak(language: str | None) -> None:
    if language is not None:
        os.environ["LANGUAGE"] = CATALOGUES.get(language, language)


def _tolerate(stream: TextIO | None) -> None:
    """A terminal that cannot show a letter shows ? instead of ending the command."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _let_go(stream: TextIO | None) -> None:
    """Words that nobody can read any more, since the terminal was closed, must not make 120 of the exit code."""
    if stream is None:
        return
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
