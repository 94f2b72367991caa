"""Letters and words: A, Aᵀ, A⁻¹, A⁻ᵀ, dA …, and products of them, as a student would try them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np

from grader.cases.case import Case
from grader.core.norms import Array
from grader.problems.problem import Problem


class Letter(NamedTuple):
    """One factor: an argument in one of the FORMS."""

    name: str
    form: str


class Word(NamedTuple):
    """Letters with `@` or `*` between them; evaluated from the left, as Python does."""

    letters: tuple[Letter, ...]
    glue: str


Sides = tuple[Any, Any]
"""A symbolic shape, a vector being one column."""

FORMS: Mapping[str, Callable[[Array], Array]] = {
    "": lambda M: M,
    "T": lambda M: M.T,
    "inv": lambda M: np.asarray(np.linalg.inv(M)),
    "invT": lambda M: np.asarray(np.linalg.inv(M).T),
    "pinv": lambda M: np.asarray(np.linalg.inv(M.T @ M) @ M.T),
    "pinvT": lambda M: np.asarray(M @ np.linalg.inv(M.T @ M)),
    "gram": lambda M: np.asarray(np.linalg.inv(M.T @ M)),
    "over": lambda M: 1 / M,
}
TURNED = ("T", "invT", "pinvT")
"""The transposed forms."""
_NAMES = {
    "": ("{}", "conj({})"), "T": ("{}ᵀ", "{}ᴴ"), "inv": ("{}⁻¹", "conj({}⁻¹)"), "invT": ("{}⁻ᵀ", "{}⁻ᴴ"),
    "pinv": ("{}⁺", "conj({}⁺)"), "pinvT": ("{}⁺ᵀ", "{}⁺ᴴ"), "gram": ("({0}ᵀ{0})⁻¹", "conj(({0}ᵀ{0})⁻¹)"),
    "over": ("(1/{})", "conj(1/{})"),
}  # fmt: skip
_CANCEL = ({"", "inv"}, {"T", "invT"})

LIMIT = 3000
"""So many words of one length are looked through; longer words only if they are no more."""
LONGEST = 5


def matrix(case: Case, name: str) -> Array:
    """An argument as a matrix, a vector as one column."""
    value = np.asarray(case.values[name])
    return value[:, None] if value.ndim == 1 else value


def evaluate_letter(case: Case, letter: Letter, conjugate: bool = False) -> Array:
    """The value of a letter; LinAlgError where it has none."""
    value = FORMS[letter.form](matrix(case, letter.name))
    return np.conj(value) if conjugate else value


def multiply(values: Sequence[Array], glue: str) -> Array:
    """The product of a word's letters from the left."""
    result = values[0]
    for sign, value in zip(glue, values[1:], strict=True):
        result = result @ value if sign == "@" else result * value
    return result


def write_letter(letter: Letter, conjugate: bool = False) -> str:
    """`A⁻ᵀ`."""
    return _NAMES[letter.form][conjugate].format(letter.name)


def write_word(word: Word, flags: Sequence[bool]) -> str:
    """`A⁻¹·dA·A⁻¹`, or with `*` and `@` where both occur."""
    names = [write_letter(letter, flag) for letter, flag in zip(word.letters, flags, strict=True)]
    signs = dict.fromkeys("@*", "·") if "*" not in word.glue else {"@": " @ ", "*": " * "}
    return names[0] + "".join(signs[sign] + name for sign, name in zip(word.glue, names[1:], strict=True))


def arguments_of(problem: Problem, case: Case) -> dict[str, tuple[Any, ...]]:
    """The symbolic shape of each argument that is an array or a number."""
    shapes: dict[str, Any] = {item.name: item.shape for item in problem.inputs}
    shapes |= {word: shapes[name] for word, name in problem.directions.items() if name in shapes}
    if problem.cotangent is not None:
        shapes[problem.cotangent] = problem.output
    found = {}
    for name, shape in shapes.items():
        value = case.values.get(name)
        usable = isinstance(value, float | complex | np.ndarray) and np.asarray(value).dtype.kind in "fc"
        if usable and np.ndim(np.asarray(value)) == len(shape) <= 2:
            found[name] = tuple(shape)
    return found


def linear_arguments(problem: Problem) -> frozenset[str]:
    """Directions and the cotangent."""
    return frozenset({*problem.directions, *([problem.cotangent] if problem.cotangent else [])})


def letters_of(problem: Problem, case: Case) -> dict[Letter, Sides]:
    """All letters with their symbolic shapes, leaving out those that equal another one in this case."""
    linear = linear_arguments(problem)
    found: dict[Letter, Sides] = {}
    for name, shape in arguments_of(problem, case).items():
        if not shape:
            continue
        rows, columns = (shape[0], 1) if len(shape) == 1 else shape
        forms: dict[str, Sides] = {"": (rows, columns), "T": (columns, rows)}
        if name not in linear and rows == columns:
            forms |= dict.fromkeys(("inv", "invT"), (rows, rows))
        elif name not in linear and len(shape) == 2:
            forms |= {"pinv": (columns, rows), "pinvT": (rows, columns), "gram": (columns, columns)}
        for form, sides in forms.items():
            letter = Letter(name, form)
            if form[-1:] != "T" or sides != forms[form[:-1]] or not _is_symmetric(case, letter):
                found[letter] = sides
    return found


def _is_symmetric(case: Case, letter: Letter) -> bool:
    M = matrix(case, letter.name)
    return bool(np.array_equal(M, M.T))


Spelt = dict[Sides, tuple[list[Word], list[Array]]]
"""Words by shape, with their values in each case as one array (word, row, column)."""


def enumerate_words(problem: Problem, cases: Sequence[Case]) -> Spelt:
    """All words that a formula may consist of, up to five letters, with their values.

    A word has at most as many directions as the answer is linear in. Long words keep to the letters that the
    map itself brings in: inverses if it has some, else the matrices as they are.
    """
    letters = letters_of(problem, cases[0])
    linear = linear_arguments(problem)
    most = min(len(linear), 2)
    values = {letter: [evaluate_letter(case, letter) for case in cases] for letter in letters}
    essential = essential_letters(problem, letters)
    spelt: Spelt = {}
    level: Spelt = {}
    for letter, sides in letters.items():
        _add(level, sides, [Word((letter,), "")], [value[None] for value in values[letter]])
    for length in range(1, LONGEST + 1):
        for sides, (words, arrays) in level.items():
            _add(spelt, sides, words, arrays)
        longer: Spelt = {}
        usable = [letter for letter in letters if length < 3 or letter in essential]
        for (sides, (words, arrays)), letter in product(level.items(), usable):
            if sides[1] == letters[letter][0] and len(words):
                rows = [k for k, word in enumerate(words) if _fits(word, letter, linear, most, essential)]
                new = [Word((*words[k].letters, letter), words[k].glue + "@") for k in rows]
                products = [array[rows] @ value for array, value in zip(arrays, values[letter], strict=True)]
                _add(longer, (sides[0], letters[letter][1]), new, products)
        if sum(len(words) for words, _ in longer.values()) > LIMIT:
            break
        level = longer
    return spelt


def _add(spelt: Spelt, sides: Sides, words: list[Word], arrays: list[Array]) -> None:
    old = spelt.get(sides)
    if old is not None:
        words = old[0] + words
        arrays = [np.concatenate(pair) for pair in zip(old[1], arrays, strict=True)]
    spelt[sides] = (words, arrays)


def essential_letters(problem: Problem, letters: Mapping[Letter, Sides]) -> frozenset[Letter]:
    """Those that long products consist of: of a differentiated matrix the inverse, if the map inverts, else itself."""
    inverts = any(name in problem.f.text for name in ("inv(", "solve(", "det(", "adj("))
    linear = linear_arguments(problem)
    inverted = {
        letter.name for letter in letters if letter.form == "inv" and letter.name in problem.wrt and inverts
    }
    return frozenset(
        letter
        for letter in letters
        if letter.name in linear
        or letter.form in ("pinv", "pinvT", "gram")
        or (letter.form in ("inv", "invT")) == (letter.name in inverted)
    )


def _fits(
    word: Word, letter: Letter, linear: frozenset[str], most: int, essential: frozenset[Letter]
) -> bool:
    last = word.letters[-1]
    if _cancel(last, letter):
        return False
    letters = (*word.letters, letter)
    if len(letters) > 3 and not essential.issuperset(letters):
        return False
    count = sum(other.name in linear for other in letters)
    return count == most or (count < most and len(letters) < LONGEST)


def _cancel(left: Letter, right: Letter) -> bool:
    return left.name == right.name and {left.form, right.form} in _CANCEL


def spell_elementwise(
    problem: Problem, cases: Sequence[Case], sides: Sides
) -> tuple[list[Word], list[Array]]:
    """Products of up to three letters of one shape with a `*` among the signs, or with 1/A for A⁻¹."""
    linear = linear_arguments(problem)
    known = letters_of(problem, cases[0])
    letters = [letter for letter in known if known[letter] == sides and letter.form in ("", "inv")]
    plain = [Letter(name, "") for name, form in letters if form == "" and name not in linear]
    letters += [Letter(letter.name, "over") for letter in plain]
    values = {letter: [evaluate_letter(case, letter) for case in cases] for letter in letters}
    words: list[Word] = []
    signs = "@*" if sides[0] == sides[1] else "*"
    for length in (1, 2, 3):
        for chosen, glue in product(product(letters, repeat=length), product(signs, repeat=length - 1)):
            unusual = "*" in glue or any(letter.form == "over" for letter in chosen)
            pairs = zip(pairwise(chosen), glue, strict=True)
            if any(sign == "@" and _cancel(x, y) for (x, y), sign in pairs):
                continue
            if unusual and sum(letter.name in linear for letter in chosen) == bool(linear):
                words.append(Word(chosen, "".join(glue)))
    if len(words) > LIMIT:
        words = words[: next(k for k, word in enumerate(words) if len(word.letters) == 3)]
    arrays = [
        np.array([multiply([values[x][k] for x in word.letters], word.glue) for word in words])
        for k in range(len(cases))
    ]
    return words, arrays
