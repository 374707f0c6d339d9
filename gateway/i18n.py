"""Texts that people read, in their language: `_()` marks them, gettext translates them.

The language is that of the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG); without a catalogue for it the English
text stands. Codes, JSON keys with their values and log events are the same in every language.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

DOMAIN = "smsgw"
LOCALE_FOLDER = Path(__file__).parent / "locale"
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts, as in gettext
ENGLISH = ("en", "C", "POSIX")  # needs no catalogue: whoever lists it before another language gets it


def languages(environment: Mapping[str, str]) -> list[str]:
    """The languages to try, the dearest first: `LANGUAGE=uk:ru:en` gives `["uk", "ru"]`."""
    wanted = next((value for name in VARIABLES if (value := environment.get(name))), "")
    return list(takewhile(lambda language: not language.startswith(ENGLISH), wanted.split(":")))


_catalogue = gettext.translation(DOMAIN, LOCALE_FOLDER, languages(os.environ), fallback=True)
_ = _catalogue.gettext
ngettext = _catalogue.ngettext

if isinstance(_catalogue, gettext.GNUTranslations):  # click asks gettext's default domain for its own texts
    gettext.bindtextdomain(DOMAIN, LOCALE_FOLDER)
    gettext.textdomain(DOMAIN)


def N_(sentence: str) -> str:  # gettext's own name, by which the sentence is found
    """A sentence to be translated later."""
    return sentence


def translated(msgid: str) -> str:
    """One that was found in a catalogue; `_` is for those that stand in the code."""
    return _catalogue.gettext(msgid)


def in_each_language(sentence: str) -> list[str]:
    """The English sentence, then its translations, always in the same order."""
    found = sorted(path.parent.parent.name for path in LOCALE_FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    catalogues = (gettext.translation(DOMAIN, LOCALE_FOLDER, [language]) for language in found)
    return [sentence, *(catalogue.gettext(sentence) for catalogue in catalogues)]


# The catalogue's language as the web writes it (BCP 47): `zh-Hans-CN`.
LANGUAGE = _catalogue.info().get("language", "en").replace("_", "-") or "en"
