"""`smsgw` and `python -m gateway`."""

from __future__ import annotations

import sys
from typing import TextIO


def main() -> None:
    """Run the command; ends the process with its exit code."""
    try:
        from gateway.cli.app import smsgw

        for stream in (sys.stdout, sys.stderr):
            _tolerate(stream)
        smsgw.main(prog_name="smsgw")
    except KeyboardInterrupt:  # before the frame of the command stands, which gives the same code
        sys.exit(130)


def _tolerate(stream: TextIO | None) -> None:
    """A terminal that cannot show a letter shows ? instead of ending the command."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


if __name__ == "__main__":
    main()
