"""The dictionary of a problem: all terms with their values in a few cases, to look an answer up in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from grader.cases.case import Case
from grader.core.norms import Array
from grader.findings.diagnosis.candidates.terms import (
    Scalar,
    Term,
    bases_of,
    evaluate_number,
    evaluate_term,
    scalars_of,
)
from grader.findings.diagnosis.candidates.words import (
    Letter,
    Spelt,
    Word,
    arguments_of,
    enumerate_words,
    linear_arguments,
    spell_elementwise,
)  # fmt: skip
from grader.problems.problem import Problem
from grader.truths.truth import SolvedCase

PILOTS = ("generic", "integer")
"""Cases in which nothing hides."""
ALIGNED = 1e-12
"""An answer is a multiple of a term if the squared sine between them is no more than this."""
SIMPLE = 12
"""The largest numerator and denominator of a factor."""
PAIRED = 700
"""So many terms are tried in pairs."""


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """Terms and their values in the pilot cases, one row each, of length 1.

    Args:
        pilots: the cases; scales: what each case's values are divided by. sizes: the rows' former lengths.
    """

    pilots: tuple[Case, ...]
    scales: tuple[float, ...]
    terms: tuple[Term, ...]
    rows: Array
    sizes: Array

    def stack(self, values: Sequence[Array]) -> Array:
        """The values in the pilot cases as one vector."""
        pairs = zip(values, self.scales, strict=True)
        return np.concatenate([np.ravel(value) / scale for value, scale in pairs])

    def find(self, y: Array, aligned: float = ALIGNED) -> list[tuple[float, Term]]:
        """Terms that y is a multiple of, with the factors, the simplest first."""
        size = float(np.linalg.norm(y))
        if size == 0 or not len(self.terms):
            return []
        cosines = self.rows @ (y / size)
        near = map(int, np.flatnonzero(np.abs(cosines) > 1 - 1e-3))
        found = [k for k in near if self._sine(k, y / size) < aligned]
        pairs = [(float(cosines[k]) * size / float(self.sizes[k]), self.terms[k]) for k in found]
        return sorted(pairs, key=lambda pair: pair[1].cost)

    def _sine(self, k: int, direction: Array) -> float:
        """The square of the sine, without cancellation."""
        rest = direction - (self.rows[k] @ direction) * self.rows[k]
        return float(rest @ rest)


def simple(factor: float, largest: int = SIMPLE) -> Fraction | None:
    """The factor as a fraction of small numbers, if it is one."""
    fraction = Fraction(factor).limit_denominator(largest) if np.isfinite(factor) else Fraction(0)
    near = abs(float(fraction) - factor) <= 1e-9 * abs(factor)
    return fraction if near and 0 < abs(fraction.numerator) <= largest else None


def choose_pilots(posed: Iterable[SolvedCase], scalar: bool) -> list[SolvedCase]:
    """A few real cases of different sizes; more of them where an answer is one number only."""
    chosen: list[SolvedCase] = []
    per_size: dict[tuple[int, ...], int] = {}
    ordered = sorted(
        posed, key=lambda item: (item.case.family != "generic", max(item.case.sizes.values(), default=1))
    )
    for item in ordered:
        sizes = tuple(item.case.sizes.values())
        usable = item.truth is not None and item.case.family in PILOTS and item.case.combination_of is None
        if usable and max(sizes, default=2) > 1 and per_size.get(sizes, 0) < (99 if scalar else 2):
            per_size[sizes] = per_size.get(sizes, 0) + 1
            chosen.append(item)
        if len(per_size) > 2 and not scalar:
            return [p for p in chosen if tuple(p.case.sizes.values()) != sizes]
    return chosen


def make_dictionary(
    blocks: Iterable[tuple[Sequence[Term], list[Array]]], pilots: Sequence[Case], scales: Sequence[float]
) -> Dictionary:
    """Join blocks of terms and values, one array (term, entries) for each pilot case."""
    terms: list[Term] = []
    arrays: list[Array] = []
    with np.errstate(all="ignore"):
        for block, values in blocks:
            pairs = zip(values, scales, strict=True)
            rows = np.concatenate([x.reshape(len(block), -1) / scale for x, scale in pairs], axis=1)
            sizes = np.linalg.norm(rows, axis=1)
            good = np.flatnonzero(np.isfinite(sizes) & (sizes > 1e-9))
            terms += [block[int(k)] for k in good]
            arrays.append(rows[good])
        rows = np.concatenate(arrays) if arrays else np.zeros((0, 1))
        sizes = np.linalg.norm(rows, axis=1)
        return Dictionary(tuple(pilots), tuple(scales), tuple(terms), rows / sizes[:, None], sizes)


def relation_blocks(problem: Problem, posed: Sequence[SolvedCase], part: int, shape: Any) -> Iterable[Any]:
    """What may have become of the truth: its transpose, a factor, another order of vec."""
    pilots = [item.case for item in posed]
    truths = [item.truth.parts[part].hi for item in posed if item.truth is not None]
    shapes = arguments_of(problem, pilots[0])
    scalars = [s for s in scalars_of(problem, shapes, linear_arguments(problem)) if not _has_number(s)]
    scalars += [((kind, letter),) for letter in pilots[0].sizes for kind in ("size", "oversize")]
    terms = [
        Term(scalar, base=base)
        for base in bases_of(problem, shape)
        for scalar in scalars
        if base not in ("off-diagonal", "absolute", "checkerboard") or not scalar
    ]
    yield (
        terms,
        [
            np.array([evaluate_term(term, problem, case, truth, (False,) * term.factors) for term in terms])
            for case, truth in zip(pilots, truths, strict=True)
        ],
    )


def _has_number(scalar: Scalar) -> bool:
    return any(kind == "number" for kind, _ in scalar)


def product_blocks(problem: Problem, pilots: Sequence[Case], shape: Any) -> Iterable[Any]:
    """Products of matrices and numbers that have the shape of the truth."""
    shapes, linear = arguments_of(problem, pilots[0]), linear_arguments(problem)
    scalars = scalars_of(problem, shapes, linear)
    numbers = {s: [_number(s, problem, case) for case in pilots] for s in scalars}
    spelt = enumerate_words(problem, pilots)
    if problem.form == "matrix":
        yield from _scaled(numbers, *_kronecker(problem, spelt, len(pilots)))
        return
    traced = _traces(spelt)
    if shape == ():
        yield from _scaled(numbers, [Term((), (word,)) for word in traced[0]], traced[1])
        yield from _scaled(numbers, *_two_traces(problem, traced))
        return
    sides = (shape[0], 1) if len(shape) == 1 else shape
    words, arrays = spelt.get(sides, ([], []))
    if words:
        yield from _scaled(numbers, [Term((), (), (word,)) for word in words], arrays)
        yield from _scaled(numbers, *_trace_and_word(problem, traced, words, arrays))
    if len(shape) == 2:
        words, arrays = spell_elementwise(problem, pilots, sides)
        if words:
            yield [Term((), (), (word,)) for word in words], arrays


def _number(scalar: Scalar, problem: Problem, case: Case) -> float:
    return float(np.prod([evaluate_number(kind, name, problem, case) for kind, name in scalar]))


def _scaled(numbers: dict[Scalar, list[float]], terms: Sequence[Term], arrays: list[Array]) -> Iterable[Any]:
    """Every term with every number before it; the long ones without."""
    short = [
        k for k, term in enumerate(terms) if sum(len(w.letters) for w in (*term.traces, *term.words)) < 5
    ]
    for scalar, values in numbers.items():
        plain = not scalar or all(kind == "number" for kind, _ in scalar)
        rows = list(range(len(terms))) if plain else short
        if rows:
            yield (
                [terms[k]._replace(scalar=scalar) for k in rows],
                [array[rows] * value for array, value in zip(arrays, values, strict=True)],
            )


def _traces(spelt: Spelt) -> tuple[list[Word], list[Array]]:
    square = [group for sides, group in spelt.items() if sides[0] == sides[1]]
    words = [word for group in square for word in group[0]]
    count = len(square[0][1]) if square else 0
    arrays = [
        np.concatenate([np.trace(group[1][k], axis1=1, axis2=2) for group in square]) for k in range(count)
    ]
    return words, arrays


def _directions(problem: Problem, word: Word) -> list[str]:
    linear = linear_arguments(problem)
    return [letter.name for letter in word.letters if letter.name in linear]


def _two_traces(problem: Problem, traced: tuple[list[Word], list[Array]]) -> tuple[list[Term], list[Array]]:
    """tr(A⁻¹·V)·tr(A⁻¹·W)."""
    words, arrays = traced
    short = [k for k, w in enumerate(words) if len(w.letters) <= 2 and len(_directions(problem, w)) == 1]
    pairs = [(i, j) for i in short for j in short if i <= j] if problem.order == 2 else []
    return _join([Term((), (words[i], words[j])) for i, j in pairs], pairs, arrays, arrays)


def _trace_and_word(
    problem: Problem, traced: tuple[list[Word], list[Array]], words: list[Word], arrays: list[Array]
) -> tuple[list[Term], list[Array]]:
    """tr(A⁻¹·V)·A⁻¹."""
    left = [k for k, w in enumerate(traced[0]) if len(w.letters) <= 2 and _directions(problem, w)]
    right = [
        k
        for k, w in enumerate(words)
        if len(w.letters) <= 3 and len(_directions(problem, w)) == problem.order - 1
    ]
    pairs = [(i, j) for i in left for j in right]
    terms = [Term((), (traced[0][i],), (words[j],)) for i, j in pairs]
    return _join(terms, pairs, traced[1], arrays)


def _join(
    terms: list[Term], pairs: list[tuple[int, int]], left: list[Array], right: list[Array]
) -> tuple[list[Term], list[Array]]:
    if not pairs or len(pairs) > 3000:
        return [], [np.zeros((0, 1)) for _ in left]
    first, second = np.array(pairs).T
    return terms, [
        x[first].reshape(-1, *[1] * (y.ndim - 1)) * y[second] for x, y in zip(left, right, strict=True)
    ]


def _kronecker(problem: Problem, spelt: Spelt, count: int) -> tuple[list[Term], list[Array]]:
    """P ⊗ Q with P and Q of one or two letters, if input and output are square."""
    inside, outside = problem.input(problem.wrt[0]).shape, problem.output
    square = inside == outside and len(inside) == 2 and inside[0] == inside[1]
    words, arrays = spelt.get((inside[0], inside[1]), ([], [])) if square else ([], [])
    rows = [k for k, word in enumerate(words) if len(word.letters) <= 2]
    pairs = [(i, j) for i in rows for j in rows]
    if not pairs or len(pairs) > 3000:
        return [], [np.zeros((0, 1)) for _ in range(count)]
    first, second = np.array(pairs).T
    values = []
    for x in arrays:
        n = x.shape[-1]
        values.append(np.einsum("kij,klm->kiljm", x[first], x[second]).reshape(-1, n * n, n * n))
    return [Term((), (), (words[i], words[j])) for i, j in pairs], values


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """All pairs of some terms that do not point the same way, as two lists of places among these terms.

    Args:
        chosen: the terms; cosines: between the two of each pair.
    """

    chosen: tuple[int, ...]
    first: Array
    second: Array
    cosines: Array


def make_pairs(dictionary: Dictionary, chosen: Sequence[int]) -> Pairs:
    """The pairs of the chosen terms."""
    rows = dictionary.rows[list(chosen)]
    first, second = np.tril_indices(len(rows), -1)
    cosines = (rows @ rows.T)[first, second]
    apart = 1 - cosines**2 > 1e-6
    return Pairs(tuple(chosen), first[apart], second[apart], cosines[apart])


def find_pairs(
    dictionary: Dictionary, pairs: Pairs, y: Array, aligned: float = ALIGNED
) -> list[tuple[float, float, int, int]]:
    """All pairs that y is a sum of multiples of, with these multiples."""
    size = float(np.linalg.norm(y))
    if size == 0 or not len(pairs.first):
        return []
    rows = dictionary.rows[list(pairs.chosen)]
    b = rows @ (y / size)
    p, q, g = b[pairs.first], b[pairs.second], pairs.cosines
    explained = (p * p + q * q - 2 * p * q * g) / (1 - g * g)
    found = []
    for k in np.flatnonzero(np.abs(1 - explained) < max(1e-8, aligned))[:200]:
        places = [int(pairs.first[k]), int(pairs.second[k])]
        basis = rows[places].T
        factors, *_ = np.linalg.lstsq(basis, y / size, rcond=None)
        rest = basis @ factors - y / size
        if rest @ rest < aligned:
            i, j = (pairs.chosen[place] for place in places)
            c, d = (
                size * float(f) / float(dictionary.sizes[t]) for f, t in zip(factors, (i, j), strict=True)
            )
            found.append((c, d, i, j))
    return found


def factor_multiset(term: Term) -> tuple[Any, ...]:
    """The factors of a term without their order and without transposes."""
    letters = [letter for word in (*term.traces, *term.words) for letter in word.letters]
    return term.scalar, tuple(sorted(without_transpose(letter) for letter in letters)), len(term.traces)


def without_transpose(letter: Letter) -> Letter:
    """The letter without its transpose."""
    return letter._replace(form=letter.form.removesuffix("T"))
