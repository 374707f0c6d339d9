"""What the operating system refuses, in people's language: its own words for the reasons that a person can mend."""

from __future__ import annotations

from gateway.i18n import N_, translated

WORDS = frozenset(
    {
        N_("No such file or directory"),
        N_("Permission denied"),
        N_("Operation not permitted"),
        N_("No space left on device"),
        N_("Disk quota exceeded"),
        N_("Read-only file system"),
        N_("Is a directory"),
        N_("Not a directory"),
        N_("File name too long"),
        N_("Input/output error"),
        N_("Device or resource busy"),
    }
)


def reason(error: OSError) -> str:
    """The system's own sentence for all others; the kind of error where it has none."""
    words = error.strerror or type(error).__name__
    return translated(words) if words in WORDS else words
