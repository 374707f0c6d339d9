"""`smsgw` and `python -m gateway`."""

from __future__ import annotations

import codecs
import gc
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

CATALOGUES = {"zh": "zh_CN"}  # whose name is another than that of the language
TOLERANT = "smsgw.tolerant"  # the name under which Python knows it
PLAINER = {"\u202f": " "}  # stands between the thousands of a Russian number


def main() -> None:
    """Run the command; ends the process with its exit code."""
    _furnish()
    try:
        _speak(language_in(sys.argv[1:]))
        from gateway.cli.app import smsgw

        for stream in (sys.stdout, sys.stderr):
            tolerate(stream)
        smsgw.main(prog_name="smsgw")
    except KeyboardInterrupt:  # before the frame of the command stands, which gives the same code
        sys.exit(130)
    finally:
        _let_go(sys.stderr)
        gc.freeze()  # all goes with the process now: to look through it for cycles would take 50 ms, for every command


def _furnish() -> None:
    """Whoever starts us without standard streams (`>&-`, some supervisors) has nobody who reads: nothing is missing."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


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


def tolerate(stream: TextIO | None) -> None:
    """A terminal that cannot show a letter shows ? instead of ending the command; for a narrow blank a plain one."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        codecs.register_error(TOLERANT, _replaced)
        reconfigure(errors=TOLERANT)


def _replaced(error: UnicodeError) -> tuple[str | bytes, int]:
    """What is written in the place of letters that an encoding hasn't."""
    if not isinstance(error, UnicodeEncodeError):
        return codecs.replace_errors(error)
    return "".join(PLAINER.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


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
