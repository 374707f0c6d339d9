"""The suite reads English, whatever the language of the machine: set before anything of the gateway is imported."""

from __future__ import annotations

import os
import signal

os.environ["LANGUAGE"] = "C"  # children inherit it

# What the suite itself was started to ignore (by nohup, or in a shell's background) its daemons would ignore too.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
