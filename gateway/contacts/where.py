"""[pure] What `--where` says: `Doctor = Petrov`, `age >= 60`, `Visit between 2026-12-01 and 2026-12-31`, `Room empty`.

One condition: a field, an operator, values. The first operator that stands outside quotation marks counts, so that a
heading or a value that holds one is put into them. Nothing is evaluated; the values are bound by whoever looks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.merge.cells import folded

LONGEST = 500  # characters of a condition
QUOTES = {'"': '"', "'": "'", "«": "»", "“": "”", "„": "“"}
TOKEN = re.compile(
    r"\"[^\"]*\"|'[^']*'|«[^»]*»|“[^”]*”|„[^“]*“"  # quoted
    r"|!=|<>|<=|>=|==|[=<>≠≤≥]"  # signs
    r"|[^\s=<>!≠≤≥]+|!"  # words
)


class Operator(StrEnum):
    """What is asked of a field."""

    EQUAL = "="
    OTHER = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    BETWEEN = "between"  # both ends count
    CONTAINS = "contains"
    EMPTY = "empty"
    FILLED = "not empty"


SIGNS: Mapping[str, Operator] = {
    **{each.value: each for each in Operator if not each.value[0].isalpha()},
    "==": Operator.EQUAL, "<>": Operator.OTHER, "≠": Operator.OTHER, "≤": Operator.AT_MOST, "≥": Operator.AT_LEAST,
}  # fmt: skip
# In the languages that the command speaks, as people type them.
WORDS: Mapping[tuple[str, ...], Operator] = {
    ("not", "empty"): Operator.FILLED, ("не", "пусто"): Operator.FILLED, ("不为空",): Operator.FILLED,
    ("empty",): Operator.EMPTY, ("пусто",): Operator.EMPTY, ("为空",): Operator.EMPTY,
    ("between",): Operator.BETWEEN, ("между",): Operator.BETWEEN, ("介于",): Operator.BETWEEN,
    ("contains",): Operator.CONTAINS, ("содержит",): Operator.CONTAINS, ("包含",): Operator.CONTAINS,
}  # fmt: skip
ANDS = frozenset(["and", "и", "和", "与", "..", "-", "–", "—"])
VALUES = {Operator.BETWEEN: 2, Operator.EMPTY: 0, Operator.FILLED: 0}  # all others: 1


@dataclass(frozen=True, slots=True)
class Condition:
    """One `--where`: of which field what is asked. Its values may be a patient's name or number."""

    name: str
    operator: Operator
    values: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def is_quoted(self) -> bool:
        return len(self.text) > 1 and QUOTES.get(self.text[0]) == self.text[-1]

    @property
    def value(self) -> str:
        return self.text[1:-1] if self.is_quoted else self.text


def parse(text: str) -> Condition:
    """Raises UsageProblem, which says what is wrong and shows how a condition looks."""
    if len(text) > LONGEST:
        raise UsageProblem(_("A condition has at most {most} characters.").format(most=LONGEST))
    tokens = [_Token(found[0], found.start(), found.end()) for found in TOKEN.finditer(text)]
    place, length, operator = _operator(tokens, text)
    name = _joined(tokens[:place], text)
    if not name:
        raise _mistake(text, _("the field's name is missing"))
    rest = tokens[place + length :]
    return Condition(name, operator, _values(operator, rest, text))


def _operator(tokens: list[_Token], text: str) -> tuple[int, int, Operator]:
    """Where it stands, how many words it has, and which one it is. A word at the very beginning is the field's name."""
    for place, token in enumerate(tokens):
        if token.is_quoted:
            continue
        if token.text in SIGNS:
            return place, 1, SIGNS[token.text]
        for words, operator in WORDS.items():
            if place and tuple(map(_plain, tokens[place : place + len(words)])) == words:
                return place, len(words), operator
    raise _mistake(text, _("there is no operator in it"))


def _plain(token: _Token) -> str:
    return "" if token.is_quoted else folded(token.text)


def _values(operator: Operator, tokens: list[_Token], text: str) -> tuple[str, ...]:
    wanted = VALUES.get(operator, 1)
    if wanted == 0:
        if tokens:
            raise _mistake(text, _("nothing may follow “{operator}”").format(operator=operator))
        return ()
    values = _two(tokens, text) if wanted == 2 else (_joined(tokens, text),)
    if not all(value.strip() for value in values):
        raise _mistake(text, _("a value is missing; `FIELD empty` asks for those without one"))
    return values


def _two(tokens: list[_Token], text: str) -> tuple[str, ...]:
    """What stands before and behind the `and`; two bare values need none."""
    for place, token in enumerate(tokens):
        if _plain(token) in ANDS:
            return _joined(tokens[:place], text), _joined(tokens[place + 1 :], text)
    if len(tokens) != 2:
        raise _mistake(text, _("between needs two values, as in `Visit between 2026-12-01 and 2026-12-31`"))
    return tokens[0].value, tokens[1].value


def _joined(tokens: list[_Token], text: str) -> str:
    """As it stands in the text; what is quoted as a whole without its quotation marks."""
    if not tokens:
        return ""
    return tokens[0].value if len(tokens) == 1 else text[tokens[0].start : tokens[-1].end]


def _mistake(text: str, what: str) -> UsageProblem:
    sentence = _("--where “{text}”: {what}. Write it like `age >= 60`, `Doctor = Petrov`, `Visit empty`.")
    return UsageProblem(sentence.format(text=text, what=what))
