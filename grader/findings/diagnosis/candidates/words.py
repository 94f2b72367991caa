"""Letters and words: A, Aᵀ, A⁻¹, A⁻ᵀ, dA …, and products of them, as a student would try them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from grader.cases.case import Case
from grader.core.norms import Array

Kind = Literal["itself", "inverse", "pseudoinverse", "inverse of AᵀA", "reciprocal"]


class Form(NamedTuple):
    """The form in which an argument is multiplied: as it is, inverted, transposed."""

    kind: Kind = "itself"
    transposed: bool = False


class Letter(NamedTuple):
    """One factor: an argument in some form; the answer may be linear in it."""

    name: str
    form: Form = Form()
    is_linear: bool = False

    @property
    def untransposed(self) -> Letter:
        """The letter without its transpose."""
        return self._replace(form=Form(self.form.kind))


class Word(NamedTuple):
    """Letters with `@` or `*` between them; evaluated from the left, as Python does."""

    letters: tuple[Letter, ...]
    signs: str = ""

    @property
    def degree(self) -> int:
        """In how many letters the answer is linear."""
        return sum(letter.is_linear for letter in self.letters)

    @property
    def is_entrywise(self) -> bool:
        """Does `*` or `/` work entry by entry in it?"""
        return "*" in self.signs or any(letter.form.kind == "reciprocal" for letter in self.letters)

    @property
    def has_inverses_side_by_side(self) -> bool:
        """Does a shorter word have the same value?"""
        pairs = zip(pairwise(self.letters), self.signs, strict=True)
        return any(sign == "@" and cancel(*pair) for pair, sign in pairs)


_FUNCTIONS: Mapping[Kind, Callable[[Array], Array]] = {
    "itself": lambda M: M,
    "inverse": lambda M: np.asarray(np.linalg.inv(M)),
    "pseudoinverse": lambda M: np.asarray(np.linalg.inv(M.T @ M) @ M.T),
    "inverse of AᵀA": lambda M: np.asarray(np.linalg.inv(M.T @ M)),
    "reciprocal": lambda M: 1 / M,
}
_SYMBOLS: Mapping[Kind, tuple[str, str, str, str]] = {
    "itself": ("{}", "{}ᵀ", "conj({})", "{}ᴴ"),
    "inverse": ("{}⁻¹", "{}⁻ᵀ", "conj({}⁻¹)", "{}⁻ᴴ"),
    "pseudoinverse": ("{}⁺", "{}⁺ᵀ", "conj({}⁺)", "{}⁺ᴴ"),
    "inverse of AᵀA": ("({0}ᵀ{0})⁻¹", "({0}ᵀ{0})⁻ᵀ", "conj(({0}ᵀ{0})⁻¹)", "({0}ᵀ{0})⁻ᴴ"),
    "reciprocal": ("(1/{})", "(1/{})ᵀ", "conj(1/{})", "(1/{})ᴴ"),
}
"""As it is, transposed, conjugated, both."""


def cancel(left: Letter, right: Letter) -> bool:
    """Are they A and A⁻¹, or both of these transposed?"""
    same = left.name == right.name and left.form.transposed == right.form.transposed
    return same and {left.form.kind, right.form.kind} == {"itself", "inverse"}


def matrix(case: Case, name: str) -> Array:
    """An argument as a matrix, a vector as one column."""
    value = np.asarray(case.values[name])
    return value[:, None] if value.ndim == 1 else value


def conjugated(x: Array, flag: bool) -> Array:
    """The conjugate of x, or x itself."""
    return np.asarray(np.conj(x)) if flag else x


def evaluate_letter(case: Case, letter: Letter) -> Array:
    """The value of a letter; LinAlgError where it has none."""
    value = _FUNCTIONS[letter.form.kind](matrix(case, letter.name))
    return value.T if letter.form.transposed else value


def evaluate_word(case: Case, word: Word, flags: Iterator[bool]) -> Array:
    """The value of a word; one flag is taken for each letter, and says whether it is conjugated."""
    return multiply([conjugated(evaluate_letter(case, letter), next(flags)) for letter in word.letters], word)


def multiply(values: Sequence[Array], word: Word) -> Array:
    """The product of a word, given the values of its letters."""
    result = values[0]
    for sign, value in zip(word.signs, values[1:], strict=True):
        result = result @ value if sign == "@" else result * value
    return result


def write_word(word: Word, flags: Iterator[bool]) -> str:
    """`A⁻¹·dA·A⁻¹`, or with `*` and `@` where both occur."""
    names = [_write_letter(letter, next(flags)) for letter in word.letters]
    written = {"@": " @ ", "*": " * "} if "*" in word.signs else {"@": "·"}
    pairs = zip(word.signs, names[1:], strict=True)
    return names[0] + "".join(written[sign] + name for sign, name in pairs)


def _write_letter(letter: Letter, flag: bool) -> str:
    return _SYMBOLS[letter.form.kind][letter.form.transposed + 2 * flag].format(letter.name)
