"""The real daemon, whose housekeeping looks and tells each second: `python -m tests.e2e.hurrying --config … run`.

Nobody waits for a quarter of a minute for a test; what is looked at, and how it is told, stays what it is.
"""

from __future__ import annotations

from gateway.__main__ import main
from gateway.daemon import housekeeping

EVERY_S = 1

if __name__ == "__main__":
    housekeeping.LOOK_EVERY_S = housekeeping.TELL_EVERY_S = EVERY_S
    main()
