"""The suite reads English, whatever the language of the machine: set before anything of the gateway is imported."""

from __future__ import annotations

import os

os.environ["LANGUAGE"] = "C"  # children inherit it
