"""[pure] Letters read by the wrong table: `Ð˜Ð²Ð°Ð½` for Иван. Only what is surely so, for a name refused costs a call.

UTF-8 read as Western (cp1252) or Russian Windows (cp1251), DOS (cp866) read as Russian Windows, and UTF-8 and Russian
Windows read as DOS.
"""

from __future__ import annotations

import re

WESTERN, WINDOWS, DOS = "cp1252", "cp1251", "cp866"
# Nearly every cell, told at once: what was misread has a sign of the old tables' upper half besides.
ORDINARY = re.compile("[\x00-\x7fÀ-ÿА-яЁё一-鿿]*")
# UTF-8 from end to end; the last character may have lost its end to the cutting off of blanks.
WHOLE = re.compile(
    rb"(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2})+(?:[\xc2-\xdf]|[\xe1-\xef][\x80-\xbf]?)?"
)
EASTERN_LETTER = re.compile(r"[А-яЁёЄєІіЇїЎўҐґҒғҚқҢңҮүҰұҺһӘәӨө一-鿿]")
LATIN_LETTER = re.compile("[ß-ÿŒœĄ-ž]")
# What may stand behind a capital letter in a real text: `IRMÃ…`, `PÅ –`.
TAILS = "\x85\x94\x92\x96\x97\x99\xa0".encode("latin-1")
REAL_TAIL = re.compile(rb"[\xc2-\xdf][" + TAILS + rb"]")
LEAST = {WESTERN: 2, WINDOWS: 3}  # letters that come out; more where both readings are Cyrillic

# DOS letters alone, each word as words are written; and signs inside it that no word has, two at the least.
OF_DOS = re.compile(rb"[\x20-\x40\x80-\xaf\xe0-\xf1]+")
WORD = re.compile(r"[^\W\d_]+")
ODD = re.compile(
    "[¤¦§©¬®†‡‰•]|(?<=[^\\s(])«|(?<=[\\w€])[‚„]|€(?=[ўЎ-џа-п\xa0])|(?<=[\xa0ўЂЃЉЊЌЋЏ\xad])\xad"
    "|(?<=[ЂЃЉЊЌЋЏ‘’“”–—…])[\xa0ҐЎЇЈЄ]|(?<=[а-пўҐЎЇЈЄ])[ЁЄҐЎЇЈ](?=[ўҐЎЇЈЄЁа-п«\xad\xa0]|$)|(?<=[\xa0Ґ])«|Ґ(?=ў)"
)
LEAST_ODD = 2
# One is enough where nobody writes it: inside a word. A bullet, a trade mark or a price may stand beside one.
SURE = re.compile(
    r"[¤¦¬†‡‰](?=\w)|(?<=\w)[¤¦¬†‡‰]|[®©§](?=[\w«€¬\xad])|(?<=[^\s(])«(?=[\wґ®])|(?<=[\w€])[‚„]|€(?=[ўЎ-џа-п\xa0])"
    r"|(?<=[\xa0ўЂЃЉЊЌЋЏ\xad])\xad|(?<=[ЂЃЉЊЌЋЏ‘’“”–—…])[\xa0ҐЎЇЈЄ]|(?<=[а-пўҐЎЇЈЄ])[ЁЄҐЎЇЈ](?=[ўҐЎЇЈЄЁа-п«\xad\xa0]|$)"
    r"|(?<=[\xa0Ґ])«|Ґ(?=ў)"
)

# In DOS the octets of Windows' capitals, and those that begin UTF-8's Cyrillic letters, are lines of boxes.
BOX = re.compile("[─-▓]")
BOXED = re.compile(r"[─-▓](?=[^\W\d_])")
OF_WINDOWS = re.compile(rb"[\x20-\x40\xa8\xb8\xc0-\xff]+")
OF_UTF8 = re.compile(rb"(?:[\x00-\x7f]|[\xd0-\xd3][\x80-\xbf])+[\xd0-\xd3]?")
LEAST_BOXES = 4  # different ones, where no letter stands behind any; the lower edge of a drawn table has three


def is_misread(text: str) -> bool:
    """Whether nobody can have meant this."""
    if ORDINARY.fullmatch(text):
        return False
    return _is_utf8(text, WESTERN) or _is_utf8(text, WINDOWS) or _is_dos(text) or _is_read_as_dos(text)


def _octets(text: str, table: str) -> bytes | None:
    """As they stood in the file; Windows gives an octet that the table lacks the control code of its number."""
    try:
        return b"".join(_octet(sign, table) for sign in text)
    except UnicodeEncodeError:
        return None


def _octet(sign: str, table: str) -> bytes:
    return sign.encode("latin-1" if "\x80" <= sign <= "\x9f" else table)


def _is_utf8(text: str, table: str) -> bool:
    octets = _octets(text, table)
    if octets is None or WHOLE.fullmatch(octets) is None:
        return False
    eastern = EASTERN_LETTER.findall(octets.decode("utf-8", "ignore"))
    if table == WINDOWS or eastern:
        return len(eastern) >= LEAST[table]
    latin = LATIN_LETTER.findall(REAL_TAIL.sub(b"", octets).decode("utf-8", "ignore"))
    return len(latin) >= LEAST[WESTERN]


def _is_dos(text: str) -> bool:
    octets = _octets(text, WINDOWS)
    if octets is None or OF_DOS.fullmatch(octets) is None:
        return False
    is_odd = len(ODD.findall(text)) >= LEAST_ODD or SURE.search(text) is not None
    return is_odd and _has_words(octets.decode(DOS))


def _is_read_as_dos(text: str) -> bool:
    boxes = set(BOX.findall(text))
    octets = _octets(text, DOS) if boxes else None
    if octets is None:
        return False
    if OF_UTF8.fullmatch(octets):
        return _has_words(octets.decode("utf-8", "ignore"))
    is_odd = BOXED.search(text) is not None or len(boxes) >= LEAST_BOXES
    return is_odd and OF_WINDOWS.fullmatch(octets) is not None and _has_words(octets.decode(WINDOWS))


def _has_words(reading: str) -> bool:
    """Each written as words are, and one of them at least that is no abbreviation."""
    words = WORD.findall(reading)
    return max(map(len, words), default=0) > 2 and all(map(_is_word, words))


def _is_word(word: str) -> bool:
    return word.islower() or word.isupper() or word.istitle()
