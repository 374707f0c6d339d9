"""[pure] A template's text -> its parts: words, `{placeholders}`, `{?conditional: pieces}`; no headings are known.

The signs in a placeholder may be full-width ones, `？`, `：` and `｜`, as a Chinese keyboard writes them.
Its braces may not: `｛` may be a bracket of the text (brackets.py). `{{` and `}}` are braces. Inside a conditional
piece a brace closes it, unless one was opened in it by `{{`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway import forms
from gateway.errors import UsageProblem
from gateway.i18n import _

MOST_SIGNS = 50_000  # of a template: more than the longest message can have
DEEPEST = 5  # conditional pieces inside one another
TOKEN = re.compile(r"\{\{|\}\}|\{[?？]|\{([^{}?？][^{}]*|)\}|[{}]")
SINGLE = {
    "{": _("The template has a single {{ at character {place}: where is its }}? A brace of the text is written twice."),
    "}": _("The template has a single }} at character {place}: where is its {{? A brace of the text is written twice."),
}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{inner}`."""

    inner: str


@dataclass(frozen=True, slots=True)
class Optional:
    """`{?…}`: what stands between, the column's name in front of it."""

    parts: tuple[Part, ...]


Part = str | Placeholder | Optional


class _Reader:
    """Walks through the tokens once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0  # of what was read

    def parts(self, opened_at: int | None = None, depth: int = 0) -> Iterator[Part]:
        """Up to the brace that closes what was opened at `opened_at`; None: to the text's end."""
        braces = 0  # written as {{ in this piece, and not closed
        while token := TOKEN.search(self._text, self._end):
            yield self._text[self._end : token.start()]
            if opened_at is not None and token[0] in ("}", "}}") and not braces:
                self._end = token.start() + 1  # of two braces the first one closes; the second is looked at anew
                return
            self._end = token.end()
            braces += {"{{": 1, "}}": -1}.get(token[0], 0)
            yield self._part(token, depth)
        yield self._text[self._end :]
        if opened_at is not None:
            raise UsageProblem(SINGLE["{"].format(place=opened_at + 1))

    def _part(self, token: re.Match[str], depth: int) -> Part:
        if token[0] in ("{", "}"):
            raise UsageProblem(SINGLE[token[0]].format(place=token.start() + 1))
        if token[0] in ("{?", "{？"):
            if depth >= DEEPEST:
                sentence = _("The template has more than {most} conditional pieces inside one another.")
                raise UsageProblem(sentence.format(most=DEEPEST))
            return Optional(_joined(self.parts(token.start(), depth + 1)))
        return token[0][0] if token[1] is None else Placeholder(token[1])


def parse(text: str) -> tuple[Part, ...]:
    """Raises UsageProblem for a single brace, with its place."""
    if len(text) > MOST_SIGNS:
        raise UsageProblem(
            _("The template is too long: it may have {most} characters.").format(most=forms.whole(MOST_SIGNS))
        )
    return _joined(_Reader(text).parts())


def _joined(parts: Iterator[Part]) -> tuple[Part, ...]:
    """Words that stand side by side become one part."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        elif part != "":
            joined.append(part)
    return tuple(joined)
