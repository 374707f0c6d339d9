"""The suite reads English, whatever the language of the machine: set before anything of the gateway is imported."""

from __future__ import annotations

import os
import signal

os.environ["LANGUAGE"] = "C"  # children inherit it

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup every daemon would be started to ignore it
