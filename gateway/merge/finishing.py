"""[pure] What is done to a text whose template is filled: the category's last lines, and signs replaced on request.

Cyrillic becomes Latin by ICAO Doc 9303, part 3, section 6 (as in Russian passports): letters of ASCII alone, so that
the text fits the GSM alphabet. Letters that its table lacks (Kazakh ones, say) stay, and so does any text with Chinese.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.merge.words import HAN

# Typographic signs that no GSM alphabet has, and what typewriters had for them.
PLAIN: dict[str, str] = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),  # hyphens, dashes, the minus
    **dict.fromkeys("«»“”„‟″", '"'),
    **dict.fromkeys("‘’‚‛′`´", "'"),
    "…": "...",
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\t", " "),  # no-break, en, em, figure, thin blanks
    **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),  # the soft hyphen and blanks without width
}
# Doc 9303 part 3, section 6, table B; Ь is not written.
LATIN: dict[str, str] = {
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Д": "D", "Е": "E", "Ё": "E", "Ж": "ZH", "З": "Z", "И": "I", "Й": "I",
    "К": "K", "Л": "L", "М": "M", "Н": "N", "О": "O", "П": "P", "Р": "R", "С": "S", "Т": "T", "У": "U", "Ф": "F",
    "Х": "KH", "Ц": "TS", "Ч": "CH", "Ш": "SH", "Щ": "SHCH", "Ъ": "IE", "Ы": "Y", "Ь": "", "Э": "E", "Ю": "IU",
    "Я": "IA", "І": "I", "Ї": "I", "Є": "IE", "Ґ": "G", "Ў": "U",
}  # fmt: skip
NUMERO = {"№": "No"}  # stands on every Russian keyboard, and in no GSM alphabet
SINGLE_LETTERS = {letter: latin for letter, latin in LATIN.items() if len(latin) < 2}
SMALL = {letter.lower(): latin.lower() for letter, latin in LATIN.items()}
TO_PLAIN = str.maketrans(dict(PLAIN))
TO_LATIN = str.maketrans({**SINGLE_LETTERS, **SMALL, **NUMERO})
SEVERAL = re.compile("[" + "".join(letter for letter in LATIN if letter not in SINGLE_LETTERS) + "]")
REPLACED = LATIN | SMALL | NUMERO
# By how much a text grows with each: for its length alone, which is asked of every row, nothing is replaced.
GROWTH = {sign: len(other) - 1 for sign, other in (REPLACED | PLAIN).items() if len(other) != 1}
GROWS = re.compile("[" + "".join(GROWTH) + "]")
IN_PLAIN = re.compile("[" + re.escape("".join(PLAIN)) + "]")
IN_NUMERO = re.compile("[" + "".join(NUMERO) + "]")
IN_LATIN = re.compile("[" + "".join(REPLACED) + "]")


@dataclass(frozen=True, slots=True)
class Finish:
    """What is done to every text of an import; nothing unless asked."""

    endings: tuple[str, ...] = ()  # lines that stand under the text: signature, how to opt out
    is_plain: bool = False  # typographic signs become plain ones
    is_latin: bool = False  # Cyrillic becomes Latin

    def of(self, text: str) -> str:
        """The text that goes out."""
        text = with_endings(text, self.endings)
        text = plain_punctuation(text) if self.is_plain else text
        return transliterated(text) if self.is_latin else text

    def replaced(self, text: str) -> Counter[tuple[str, str]]:
        """Of the unfinished text, which signs become what, how often."""
        whole = with_endings(text, self.endings)
        return Counter(self._pairs(whole))

    def _pairs(self, text: str) -> Iterator[tuple[str, str]]:
        if self.is_plain:
            yield from ((sign, PLAIN[sign]) for sign in IN_PLAIN.findall(text))
        if self.is_latin and not HAN.search(text):
            yield from ((sign, REPLACED[sign]) for sign in IN_LATIN.findall(text))


AS_WRITTEN = Finish()


def with_endings(text: str, endings: tuple[str, ...]) -> str:
    """Each on its own line under the text; one that a line of the text ends with is not written again."""
    for ending in endings:
        if not _has(text, ending):
            text = f"{text}\n{ending}"
    return text


def _has(text: str, ending: str) -> bool:
    at = f"{text}\n".find(f"{ending}\n")
    return at == 0 or (at > 0 and not text[at - 1].isalnum())


def plain_punctuation(text: str) -> str:
    """`—` is `-`, `«»` are `"`, `…` is three dots, blanks that don't break are blanks."""
    return text.translate(TO_PLAIN)


def transliterated(text: str) -> str:
    """Cyrillic letters in Latin; a text with Chinese stays as it is."""
    if HAN.search(text):
        return text
    return SEVERAL.sub(_capitals, text).translate(TO_LATIN)


def latin_length(text: str) -> int:
    """The characters of `transliterated(plain_punctuation(text))`, of a text without Chinese."""
    return len(text) + sum(map(GROWTH.__getitem__, GROWS.findall(text)))


def _capitals(found: re.Match[str]) -> str:
    """`Щука` is Shchuka, `ЩИ` is SHCHI: one capital alone begins a word, or stands for itself."""
    latin, text, at = LATIN[found[0]], found.string, found.start()
    neighbours = text[at + 1 : at + 2] or text[max(at - 1, 0) : at]
    if not neighbours.isalpha():
        neighbours = text[max(at - 1, 0) : at]
    return latin if neighbours.isupper() else latin.capitalize()
