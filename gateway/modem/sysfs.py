"""Short files of the kernel under /sys and /proc, each one word or number."""

from __future__ import annotations

from pathlib import Path


def word_of(path: Path) -> str:
    """What the file holds; empty where it is not there, or is not for this user."""
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
