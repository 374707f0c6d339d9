"""[pure] Small changes to a part of an Office package (ECMA-376 part 2), which leave all else in it octet by octet.

Reading a part and writing it anew would lose what the reader does not know: so elements are put into its text. Every
pattern allows for the prefix that some programmes give to the name space.
"""

from __future__ import annotations

import re
from collections.abc import Callable

DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\bencoding=[\"']([\w.-]+)[\"']")
UTF_8 = (b"utf-8", b"us-ascii", b"utf8")
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")
TAG = re.compile(rb"<(/?)(?=[A-Za-z])")
COUNT = re.compile(rb"\bcount=[\"']\d+[\"']")


class NotKept(Exception):
    """The workbook can't be added to without harm; `str()` says what stands in the way."""


def check_encoding(xml: bytes) -> None:
    """Raises NotKept for a part that is no UTF-8."""
    found = DECLARATION.match(xml)
    if xml.startswith(WIDE_MARKS) or (found and found[1].lower() not in UTF_8):
        raise NotKept("encoding")


def prefix_of(xml: bytes, root: bytes) -> bytes:
    """What stands before the names of the part's elements, with its colon; "" as a rule. Raises NotKept."""
    check_encoding(xml)
    found = re.search(rb"<(\w+:)?%b[\s>/]" % root, xml)
    if found is None:
        raise NotKept(root.decode())
    return found[1] or b""


def prefixed(fragment: bytes, prefix: bytes) -> bytes:
    """Elements as they are written in a part with this prefix."""
    return TAG.sub(rb"<\1" + prefix, fragment) if prefix else fragment


def appended(xml: bytes, parent: bytes, fragment: bytes, prefix: bytes, count: int | None = None) -> bytes:
    """The elements as the last ones of the one element `parent`; with `count`, which is then said. Raises NotKept."""
    end = b"</%b%b>" % (prefix, parent)
    place = xml.rfind(end)
    if place < 0:
        raise NotKept(parent.decode())
    changed = xml[:place] + prefixed(fragment, prefix) + xml[place:]
    return changed if count is None else _counted(changed, parent, prefix, count)


def _counted(xml: bytes, parent: bytes, prefix: bytes, count: int) -> bytes:
    start = re.compile(rb"<%b%b(?:\s[^>]*)?>" % (prefix, parent))
    put: Callable[[re.Match[bytes]], bytes] = lambda found: COUNT.sub(b'count="%d"' % count, found[0])  # noqa: E731
    return start.sub(put, xml, count=1)
