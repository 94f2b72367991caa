"""Listed mistakes that a formula can make: what is said of each, encrypted with the wrong numbers.

The key is made of the values at a few inputs, to four digits: whoever has the mistake's formula has them, and nobody
else can read the sentence. Values within rounding of where the last of these digits changes make no key.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.core.encryption import decrypt, encrypt
from grader.reports.report import Diagnosis

_DIGITS = 4
_ROUNDING = 1e-7
"""How far two programs of one formula may be apart, relative to the largest entry."""
_ROUNDS = 2000
_NOTHING = 1e-6

Entries = Sequence[complex]
"""All entries of an answer at one input, with its shapes left out."""


@dataclass(frozen=True, slots=True)
class SealedMistake:
    """A listed mistake without its formula: the inputs whose values make the key, and the words under it."""

    cases: tuple[int, ...]
    salt: str
    data: bytes

    def recognise(self, hashed: bytes) -> Diagnosis | None:
        """What is said of the mistake, if these are its values at its cases, as `hash_values` makes them."""
        words = decrypt(self.data, _key(self.salt, hashed))
        return Diagnosis(*json.loads(words)) if words is not None else None


def seal(words: Sequence[str], salt: str, cases: Sequence[int], values: Sequence[Entries]) -> SealedMistake:
    """Encrypt what is said of a mistake with its values at some cases.

    Args:
        words: the fields of the diagnosis.
    """
    text = json.dumps([*words], ensure_ascii=False)
    data = encrypt(text.encode(), _key(salt, hash_values(values)))
    return SealedMistake(tuple(cases), salt, data)


def are_plain(entries: Entries) -> bool:
    """Are all entries finite, and is one of them more than what rounding leaves of 0?"""
    sizes = [abs(number) for number in _numbers(entries)]
    return all(map(math.isfinite, sizes)) and max(sizes, default=0.0) > _NOTHING


def _numbers(entries: Entries) -> list[float]:
    return [part for entry in map(complex, entries) for part in (entry.real, entry.imag)]


def read_digits(entries: Entries, shift: float = 0.0) -> list[str]:
    """The entries to four digits of the largest.

    Args:
        shift: moves every number by this part of the largest, to see whether rounding matters.
    """
    numbers = _numbers(entries)
    largest = max(map(abs, numbers), default=0.0)
    unit = largest * 10.0**-_DIGITS or 1.0
    return [
        f"{largest * (1 + shift):.{_DIGITS - 1}e}",
        *(str(round(x / unit + shift / 10.0**-_DIGITS)) for x in numbers),
    ]


def is_settled(entries: Entries) -> bool:
    """Does another program of the same formula give the same digits?"""
    moved = {tuple(read_digits(entries, shift)) for shift in (-_ROUNDING, 0.0, _ROUNDING)}
    return len(moved) == 1


def hash_values(values: Sequence[Entries]) -> bytes:
    """What keys are made of; mistakes with the same cases share it. It takes time, so that no one tries formulas."""
    words = [word for entries in values for word in read_digits(entries)]
    hashed = " ".join(words).encode()
    for _ in range(_ROUNDS):
        hashed = hashlib.blake2b(hashed).digest()
    return hashed


def _key(salt: str, hashed: bytes) -> bytes:
    return hashlib.blake2b(salt.encode(), key=hashed).digest()
