"""The words that a formula of a problem may consist of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from grader.cases.case import Case
from grader.core.norms import Array
from grader.findings.diagnosis.candidates.evaluated import LIMIT, Evaluated, concatenate
from grader.findings.diagnosis.candidates.words import (
    Form,
    Letter,
    Word,
    cancel,
    evaluate_letter,
    matrix,
    multiply,
)
from grader.problems.problem import Problem
from grader.problems.sides import is_square

LONGEST = 5
"""The most letters of a word."""

_INVERTING = ("inv(", "solve(", "det(", "adj(")
"""Operations whose derivatives have inverses."""

Sides = tuple[Any, Any]
"""A symbolic shape, a vector being one column."""
WordsBySides = dict[Sides, Evaluated[Word]]


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


def _letters_of(problem: Problem, case: Case) -> dict[Letter, Sides]:
    """All letters with their symbolic shapes, leaving out those that equal another one in this case."""
    letters: dict[Letter, Sides] = {}
    for name, shape in arguments_of(problem, case).items():
        if not shape:
            continue

        M = matrix(case, name)
        is_symmetric = np.array_equal(M, M.T)
        is_linear = name in problem.linear_arguments
        for form, sides in _forms_of(shape, is_linear=is_linear).items():
            is_same = is_symmetric and form.transposed and is_square(sides)
            if not is_same:
                letters[Letter(name, form, is_linear)] = sides
    return letters


def _forms_of(shape: tuple[Any, ...], *, is_linear: bool) -> dict[Form, Sides]:
    rows, columns = (*shape, 1)[:2]
    forms: dict[Form, Sides] = {Form(): (rows, columns), Form(transposed=True): (columns, rows)}
    if len(shape) < 2 or is_linear:
        return forms

    if rows == columns:
        return forms | dict.fromkeys((Form("inverse"), Form("inverse", transposed=True)), (rows, rows))
    return forms | {
        Form("pseudoinverse"): (columns, rows),
        Form("pseudoinverse", transposed=True): (rows, columns),
        Form("inverse of AᵀA"): (columns, columns),
    }


def enumerate_words(problem: Problem, cases: Sequence[Case]) -> WordsBySides:
    """All words that a formula may consist of, with their values.

    A word has at most as many directions as the answer is linear in. Long words keep to the letters that the
    map itself brings in: inverses if it has some, else the matrices as they are.
    """
    letters = _letters_of(problem, cases[0])
    degree = min(len(problem.linear_arguments), 2)
    values = {letter: [evaluate_letter(case, letter) for case in cases] for letter in letters}
    alphabet = _Alphabet(letters, values, essential_letters(problem, letters), degree)

    longest = alphabet.single_letters()
    words = dict(longest)
    for length in range(1, LONGEST):
        longest = alphabet.lengthen(longest, length)
        if sum(map(len, longest.values())) > LIMIT:
            break
        for sides, table in longest.items():
            _add(words, sides, table)
    return words


@dataclass(frozen=True, slots=True, eq=False)
class _Alphabet:
    """The letters with their sides, and their values in each pilot case.

    Args:
        essential: the letters of long words.
        degree: of a complete word.
    """

    letters: Mapping[Letter, Sides]
    values: Mapping[Letter, Sequence[Array]]
    essential: Mapping[Letter, Sides]
    degree: int

    def single_letters(self) -> WordsBySides:
        """The words of one letter."""
        words: WordsBySides = {}
        for letter, sides in self.letters.items():
            _add(words, sides, Evaluated([Word((letter,))], [value[None] for value in self.values[letter]]))
        return words

    def lengthen(self, words: WordsBySides, length: int) -> WordsBySides:
        """The words of one letter more than `length`, a letter at the end of each word that it fits."""
        usable = self.letters if length < 3 else self.essential
        longer: WordsBySides = {}
        for (sides, table), (letter, letter_sides) in product(words.items(), usable.items()):
            (rows, inner), (same, columns) = sides, letter_sides
            if inner != same:
                continue

            fitting = table.where(partial(self._may_precede, letter))
            _add(longer, (rows, columns), _append(fitting, letter, self.values[letter]))
        return longer

    def _may_precede(self, letter: Letter, word: Word) -> bool:
        if cancel(word.letters[-1], letter):
            return False

        longer = Word((*word.letters, letter))
        length = len(longer.letters)
        if length > 3 and not self.essential.keys() >= {*longer.letters}:
            return False
        if length == LONGEST:
            return longer.degree == self.degree
        return longer.degree <= self.degree


def _add(words: WordsBySides, sides: Sides, table: Evaluated[Word]) -> None:
    words[sides] = concatenate([words[sides], table]) if sides in words else table


def _append(table: Evaluated[Word], letter: Letter, values: Sequence[Array]) -> Evaluated[Word]:
    words = [Word((*word.letters, letter), word.signs + "@") for word in table.items]
    return Evaluated(words, [array @ value for array, value in zip(table.values, values, strict=True)])


def essential_letters(problem: Problem, letters: Mapping[Letter, Sides]) -> dict[Letter, Sides]:
    """Those that long products consist of: of a differentiated matrix the inverse, if the map inverts, else itself."""
    inverted: set[str] = set()
    if any(operation in problem.f.text for operation in _INVERTING):
        inverted = {letter.name for letter in letters if letter.form.kind == "inverse"} & {*problem.wrt}

    def is_essential(letter: Letter) -> bool:
        if letter.is_linear or letter.form.kind in ("pseudoinverse", "inverse of AᵀA"):
            return True
        return (letter.form.kind == "inverse") == (letter.name in inverted)

    return {letter: letters[letter] for letter in filter(is_essential, letters)}


def entrywise_words(problem: Problem, cases: Sequence[Case], sides: Sides) -> Evaluated[Word]:
    """Products of up to three letters of one shape with a `*` among the signs, or with 1/A for A⁻¹."""
    fitting = [letter for letter, shape in _letters_of(problem, cases[0]).items() if shape == sides]
    letters = [letter for letter in fitting if letter.form in (Form(), Form("inverse"))]
    letters += [Letter(letter.name, Form("reciprocal")) for letter in fitting if _is_input(letter)]
    degree = min(len(problem.linear_arguments), 1)

    def is_wanted(word: Word) -> bool:
        return word.is_entrywise and word.degree == degree and not word.has_inverses_side_by_side

    signs = "@*" if is_square(sides) else "*"
    words = list(filter(is_wanted, _products(letters, signs)))
    if len(words) > LIMIT:
        words = [word for word in words if len(word.letters) < 3]

    def evaluate(case: Case) -> Array:
        values = {letter: evaluate_letter(case, letter) for letter in letters}
        return np.array([multiply([values[letter] for letter in word.letters], word) for word in words])

    return Evaluated(words, list(map(evaluate, cases)))


def _is_input(letter: Letter) -> bool:
    """Is it an argument as it is, in which the answer is not linear?"""
    return letter == Letter(letter.name)


def _products(letters: Sequence[Letter], signs: str) -> Iterator[Word]:
    """All products of up to three letters."""
    for length in (1, 2, 3):
        for chosen in product(letters, repeat=length):
            for between in product(signs, repeat=length - 1):
                yield Word(chosen, "".join(between))
