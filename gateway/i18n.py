"""Texts that people read, in their language: `_()` marks them, gettext translates them.

The language is that of the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG); without a catalogue for it the English
text stands.
"""

from __future__ import annotations

import gettext
from pathlib import Path

DOMAIN = "smsgw"
LOCALE_FOLDER = Path(__file__).parent / "locale"

_catalogue = gettext.translation(DOMAIN, LOCALE_FOLDER, fallback=True)
_ = _catalogue.gettext
ngettext = _catalogue.ngettext
