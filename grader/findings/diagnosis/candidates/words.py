"""Letters and words: A, Aᵀ, A⁻¹, A⁻ᵀ, dA …, and products of them, as a student would try them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, Literal, NamedTuple

import numpy as np

from grader.cases.case import Case
from grader.core.norms import Array
from grader.findings.diagnosis.candidates.evaluated import LIMIT, Evaluated, concatenate
from grader.problems.problem import Problem

LONGEST = 5
"""The most letters of a word."""

Kind = Literal["itself", "inverse", "pseudoinverse", "inverse of AᵀA", "reciprocal"]


class Form(NamedTuple):
    """What is made of an argument before it is multiplied."""

    kind: Kind = "itself"
    transposed: bool = False


class Letter(NamedTuple):
    """One factor: an argument in some form."""

    name: str
    form: Form = Form()

    @property
    def untransposed(self) -> Letter:
        """The letter without its transpose."""
        return Letter(self.name, Form(self.form.kind))


class Word(NamedTuple):
    """Letters with `@` or `*` between them; evaluated from the left, as Python does."""

    letters: tuple[Letter, ...]
    signs: str = ""


Sides = tuple[Any, Any]
"""A symbolic shape, a vector being one column."""

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

_OF_SQUARES: tuple[Kind, ...] = ("inverse",)
_OF_OTHERS: tuple[Kind, ...] = ("pseudoinverse", "inverse of AᵀA")


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
    """The value of a word.

    Args:
        flags: say which letters are conjugated; one is taken for each.
    """
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


def arguments_of(problem: Problem, case: Case) -> dict[str, tuple[Any, ...]]:
    """The symbolic shape of each argument that is an array or a number."""
    shapes: dict[str, Any] = {argument.name: argument.shape for argument in problem.inputs}
    shapes |= {word: shapes[name] for word, name in problem.directions.items() if name in shapes}
    if problem.cotangent is not None:
        shapes[problem.cotangent] = problem.output

    return {name: tuple(shape) for name, shape in shapes.items() if _is_usable(case.values.get(name), shape)}


def _is_usable(value: Any, shape: tuple[Any, ...]) -> bool:
    if not isinstance(value, float | complex | np.ndarray):
        return False
    array = np.asarray(value)
    return array.dtype.kind in "fc" and array.ndim == len(shape) <= 2


def linear_arguments(problem: Problem) -> frozenset[str]:
    """Directions and the cotangent."""
    return frozenset(filter(None, (*problem.directions, problem.cotangent)))


def count_linear(letters: Sequence[Letter], linear: frozenset[str]) -> int:
    """How many letters are directions or the cotangent."""
    return sum(letter.name in linear for letter in letters)


def letters_of(problem: Problem, case: Case) -> dict[Letter, Sides]:
    """All letters with their symbolic shapes, leaving out those that equal another one in this case."""
    linear = linear_arguments(problem)
    letters: dict[Letter, Sides] = {}
    for name, shape in arguments_of(problem, case).items():
        if not shape:
            continue
        forms = _forms_of(*(*shape, 1)[:2], is_invertible=len(shape) == 2 and name not in linear)
        letters |= {Letter(name, form): sides for form, sides in forms.items()}

    return {
        letter: sides
        for letter, sides in letters.items()
        if not (letter.form.transposed and sides[0] == sides[1] and _is_symmetric(case, letter.name))
    }


def _forms_of(rows: Any, columns: Any, *, is_invertible: bool) -> dict[Form, Sides]:
    forms: dict[Form, Sides] = {Form(): (rows, columns), Form(transposed=True): (columns, rows)}
    if is_invertible and rows == columns:
        forms |= dict.fromkeys((Form("inverse"), Form("inverse", transposed=True)), (rows, rows))
    elif is_invertible:
        forms[Form("pseudoinverse")] = (columns, rows)
        forms[Form("pseudoinverse", transposed=True)] = (rows, columns)
        forms[Form("inverse of AᵀA")] = (columns, columns)
    return forms


def _is_symmetric(case: Case, name: str) -> bool:
    M = matrix(case, name)
    return bool(np.array_equal(M, M.T))


WordsBySides = dict[Sides, Evaluated[Word]]


def enumerate_words(problem: Problem, cases: Sequence[Case]) -> WordsBySides:
    """All words that a formula may consist of, with their values.

    A word has at most as many directions as the answer is linear in. Long words keep to the letters that the
    map itself brings in: inverses if it has some, else the matrices as they are.
    """
    letters = letters_of(problem, cases[0])
    values = {letter: [evaluate_letter(case, letter) for case in cases] for letter in letters}
    alphabet = _Alphabet(letters, values, linear_arguments(problem), essential_letters(problem, letters))

    words: WordsBySides = {}
    longest: WordsBySides = {}
    for letter, sides in letters.items():
        _add(longest, sides, Evaluated([Word((letter,))], [value[None] for value in values[letter]]))
    for length in range(1, LONGEST + 1):
        for sides, table in longest.items():
            _add(words, sides, table)
        longest = alphabet.lengthen(longest, length)
        if sum(map(len, longest.values())) > LIMIT:
            break
    return words


def _add(words: WordsBySides, sides: Sides, table: Evaluated[Word]) -> None:
    words[sides] = concatenate([words[sides], table]) if sides in words else table


@dataclass(frozen=True, slots=True, eq=False)
class _Alphabet:
    """The letters with their sides and their values in each pilot case.

    Args:
        linear: the arguments that an answer is linear in; essential: the letters of long words.
    """

    letters: Mapping[Letter, Sides]
    values: Mapping[Letter, Sequence[Array]]
    linear: frozenset[str]
    essential: frozenset[Letter]

    def lengthen(self, words: WordsBySides, length: int) -> WordsBySides:
        """The words of one letter more."""
        usable = [letter for letter in self.letters if length < 3 or letter in self.essential]
        longer: WordsBySides = {}
        for (sides, table), letter in product(words.items(), usable):
            rows, columns = self.letters[letter]
            if sides[1] == rows and len(table):
                _add(longer, (sides[0], columns), self._append(table, letter))
        return longer

    def _append(self, table: Evaluated[Word], letter: Letter) -> Evaluated[Word]:
        places = [k for k, word in enumerate(table.items) if self._may_follow(word, letter)]
        chosen = table.take(places)
        products = zip(chosen.values, self.values[letter], strict=True)
        words = [Word((*word.letters, letter), word.signs + "@") for word in chosen.items]
        return Evaluated(words, [array @ value for array, value in products])

    def _may_follow(self, word: Word, letter: Letter) -> bool:
        letters = (*word.letters, letter)
        if _cancel(word.letters[-1], letter):
            return False
        if len(letters) > 3 and not self.essential.issuperset(letters):
            return False

        most = min(len(self.linear), 2)
        count = count_linear(letters, self.linear)
        return count == most or (count < most and len(letters) < LONGEST)


def essential_letters(problem: Problem, letters: Mapping[Letter, Sides]) -> frozenset[Letter]:
    """Those that long products consist of: of a differentiated matrix the inverse, if the map inverts, else itself."""
    linear = linear_arguments(problem)
    inverted: set[str] = set()
    if any(name in problem.f.text for name in ("inv(", "solve(", "det(", "adj(")):
        inverted = {name for name, form in letters if form.kind == "inverse" and name in problem.wrt}

    def is_essential(letter: Letter) -> bool:
        if letter.name in linear or letter.form.kind in _OF_OTHERS:
            return True
        return (letter.form.kind in _OF_SQUARES) == (letter.name in inverted)

    return frozenset(filter(is_essential, letters))


def _cancel(left: Letter, right: Letter) -> bool:
    """A·A⁻¹, or the same with both transposed."""
    same = left.name == right.name and left.form.transposed == right.form.transposed
    return same and {left.form.kind, right.form.kind} == {"itself", "inverse"}


def elementwise_words(problem: Problem, cases: Sequence[Case], sides: Sides) -> Evaluated[Word]:
    """Products of up to three letters of one shape with a `*` among the signs, or with 1/A for A⁻¹."""
    linear = linear_arguments(problem)
    fitting = [letter for letter, shape in letters_of(problem, cases[0]).items() if shape == sides]
    letters = [letter for letter in fitting if letter.form in (Form(), Form("inverse"))]
    letters += [
        Letter(name, Form("reciprocal")) for name, form in fitting if form == Form() and name not in linear
    ]
    values = {letter: [evaluate_letter(case, letter) for case in cases] for letter in letters}

    signs = "@*" if sides[0] == sides[1] else "*"
    words = [
        word
        for length in (1, 2, 3)
        for word in filter(_is_elementwise, _products(letters, signs, length))
        if count_linear(word.letters, linear) == bool(linear)
    ]
    if len(words) > LIMIT:
        words = [word for word in words if len(word.letters) < 3]

    def evaluate(word: Word, k: int) -> Array:
        return multiply([values[letter][k] for letter in word.letters], word)

    return Evaluated(words, [np.array([evaluate(word, k) for word in words]) for k in range(len(cases))])


def _products(letters: Sequence[Letter], signs: str, length: int) -> Iterator[Word]:
    for chosen in product(letters, repeat=length):
        for between in product(signs, repeat=length - 1):
            yield Word(chosen, "".join(between))


def _is_elementwise(word: Word) -> bool:
    pairs = zip(pairwise(word.letters), word.signs, strict=True)
    if any(sign == "@" and _cancel(*pair) for pair, sign in pairs):
        return False
    return "*" in word.signs or any(letter.form.kind == "reciprocal" for letter in word.letters)
