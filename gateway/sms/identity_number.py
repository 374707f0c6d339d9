"""[pure] Identity numbers that clinics keep beside phone numbers, told by their check digits."""

from __future__ import annotations

from collections.abc import Callable

_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12_FIRST = (7, *_INN_10)
_INN_12_SECOND = (3, *_INN_12_FIRST)
_SNILS = (9, 8, 7, 6, 5, 4, 3, 2, 1)


def is_identity_number(digits: str, country: str) -> bool:
    """Whether `digits` are one by length and check digits; a phone number may seem one by chance."""
    is_one = _KINDS.get((country, len(digits)))
    return is_one is not None and is_one(digits)


def _weigh(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _is_inn_10(digits: str) -> bool:
    return _weigh(digits, _INN_10) % 11 % 10 == int(digits[9])


def _is_inn_12(digits: str) -> bool:
    checks = (_weigh(digits, weights) % 11 % 10 for weights in (_INN_12_FIRST, _INN_12_SECOND))
    return tuple(checks) == (int(digits[10]), int(digits[11]))


def _is_snils(digits: str) -> bool:
    return _weigh(digits, _SNILS) % 101 % 100 == int(digits[9:])


_KINDS: dict[tuple[str, int], Callable[[str], bool]] = {
    ("RU", 10): _is_inn_10,  # taxpayer, a company
    ("RU", 11): _is_snils,  # pension insurance
    ("RU", 12): _is_inn_12,  # taxpayer, a person
}
