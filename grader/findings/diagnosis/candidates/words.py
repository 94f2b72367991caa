"""Letters and words: A, Aᵀ, A⁻¹, A⁻ᵀ, dA …, and products of them, as a student would try them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
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
        """Whether `*` or `/` works entry by entry in it."""
        return "*" in self.signs or any(letter.form.kind == "reciprocal" for letter in self.letters)


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
    """Directions and the cotangent, in which the answer is linear."""
    return frozenset(filter(None, (*problem.directions, problem.cotangent)))


def letters_of(problem: Problem, case: Case) -> dict[Letter, Sides]:
    """All letters with their symbolic shapes, leaving out those that equal another one in this case."""
    linear = linear_arguments(problem)
    letters: dict[Letter, Sides] = {}
    for name, shape in arguments_of(problem, case).items():
        M = matrix(case, name)
        is_symmetric = np.array_equal(M, M.T)
        forms = _forms_of(shape, is_linear=name in linear) if shape else {}
        for form, sides in forms.items():
            if not (form.transposed and is_symmetric and sides[0] == sides[1]):
                letters[Letter(name, form, name in linear)] = sides
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


WordsBySides = dict[Sides, Evaluated[Word]]


def enumerate_words(problem: Problem, cases: Sequence[Case]) -> WordsBySides:
    """All words that a formula may consist of, with their values.

    A word has at most as many directions as the answer is linear in. Long words keep to the letters that the
    map itself brings in: inverses if it has some, else the matrices as they are.
    """
    letters = letters_of(problem, cases[0])
    values = _evaluate_letters(letters, cases)
    essential = essential_letters(problem, letters)
    most = min(len(linear_arguments(problem)), 2)

    def may_follow(word: Word, letter: Letter) -> bool:
        longer = Word((*word.letters, letter))
        if _cancel(word.letters[-1], letter):
            return False
        if len(longer.letters) > 3 and not essential.keys() >= {*longer.letters}:
            return False
        return longer.degree == most or (longer.degree < most and len(longer.letters) < LONGEST)

    words: WordsBySides = {}
    level: WordsBySides = {}
    for letter, sides in letters.items():
        _add(level, sides, Evaluated([Word((letter,))], [value[None] for value in values[letter]]))
    for length in range(1, LONGEST + 1):
        for sides, table in level.items():
            _add(words, sides, table)
        usable = letters if length < 3 else essential
        longer: WordsBySides = {}
        for (sides, table), letter in product(level.items(), usable):
            rows, columns = letters[letter]
            if sides[1] == rows:
                fitting = table.where(partial(may_follow, letter=letter))
                _add(longer, (sides[0], columns), _append(fitting, letter, values[letter]))
        if sum(map(len, longer.values())) > LIMIT:
            break
        level = longer
    return words


def _add(words: WordsBySides, sides: Sides, table: Evaluated[Word]) -> None:
    words[sides] = concatenate([words[sides], table]) if sides in words else table


def _append(table: Evaluated[Word], letter: Letter, values: Sequence[Array]) -> Evaluated[Word]:
    words = [Word((*word.letters, letter), word.signs + "@") for word in table.items]
    return Evaluated(words, [array @ value for array, value in zip(table.values, values, strict=True)])


def _evaluate_letters(letters: Iterable[Letter], cases: Sequence[Case]) -> dict[Letter, list[Array]]:
    return {letter: [evaluate_letter(case, letter) for case in cases] for letter in letters}


def essential_letters(problem: Problem, letters: Mapping[Letter, Sides]) -> dict[Letter, Sides]:
    """Those that long products consist of: of a differentiated matrix the inverse, if the map inverts, else itself."""
    inverted: set[str] = set()
    if any(name in problem.f.text for name in ("inv(", "solve(", "det(", "adj(")):
        inverted = {letter.name for letter in letters if letter.form.kind == "inverse"} & {*problem.wrt}

    def is_essential(letter: Letter) -> bool:
        if letter.is_linear or letter.form.kind in ("pseudoinverse", "inverse of AᵀA"):
            return True
        return (letter.form.kind == "inverse") == (letter.name in inverted)

    return {letter: letters[letter] for letter in filter(is_essential, letters)}


def _cancel(left: Letter, right: Letter) -> bool:
    """A·A⁻¹, or the same with both transposed."""
    same = left.name == right.name and left.form.transposed == right.form.transposed
    return same and {left.form.kind, right.form.kind} == {"itself", "inverse"}


def entrywise_words(problem: Problem, cases: Sequence[Case], sides: Sides) -> Evaluated[Word]:
    """Products of up to three letters of one shape with a `*` among the signs, or with 1/A for A⁻¹."""
    fitting = [letter for letter, shape in letters_of(problem, cases[0]).items() if shape == sides]
    letters = [letter for letter in fitting if letter.form in (Form(), Form("inverse"))]
    letters += [Letter(x.name, Form("reciprocal")) for x in fitting if x.form == Form() and not x.is_linear]
    degree = min(len(linear_arguments(problem)), 1)

    words = [
        word
        for word in _products(letters, "@*" if sides[0] == sides[1] else "*")
        if word.is_entrywise and word.degree == degree and not _has_cancelling(word)
    ]
    if len(words) > LIMIT:
        words = [word for word in words if len(word.letters) < 3]

    values = _evaluate_letters(letters, cases)

    def evaluate(word: Word, k: int) -> Array:
        return multiply([values[letter][k] for letter in word.letters], word)

    return Evaluated(words, [np.array([evaluate(word, k) for word in words]) for k in range(len(cases))])


def _products(letters: Sequence[Letter], signs: str) -> Iterator[Word]:
    """All products of up to three letters."""
    for length in (1, 2, 3):
        for chosen, between in product(product(letters, repeat=length), product(signs, repeat=length - 1)):
            yield Word(chosen, "".join(between))


def _has_cancelling(word: Word) -> bool:
    pairs = zip(pairwise(word.letters), word.signs, strict=True)
    return any(sign == "@" and _cancel(*pair) for pair, sign in pairs)
