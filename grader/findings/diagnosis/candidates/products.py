"""The terms that may stand in the place of a problem's truth: relations to it, and products of the inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np

from grader.core.norms import Array
from grader.findings.diagnosis.candidates.bases import BASES, traits_of
from grader.findings.diagnosis.candidates.evaluated import Evaluated, combine, concatenate
from grader.findings.diagnosis.candidates.terms import (
    NumberFactor,
    Scalar,
    Term,
    evaluate_number,
    evaluate_term,
    scalars_of,
)
from grader.findings.diagnosis.candidates.vocabulary import (
    LONGEST,
    WordsBySides,
    arguments_of,
    entrywise_words,
    enumerate_words,
)
from grader.findings.diagnosis.candidates.words import Word
from grader.findings.diagnosis.part_case import PartCase
from grader.problems.problem import Problem
from grader.problems.sides import is_square

_Numbers = Mapping[Scalar, Sequence[float]]
"""Numbers with their values in the pilot cases."""


def relation_terms(pilots: Sequence[PartCase], shape: Any) -> Evaluated[Term]:
    """Relations to a truth of a symbolic shape: its transpose, a factor, another order of vec."""
    problem, case = pilots[0].problem, pilots[0].case
    arguments = arguments_of(problem, case)
    scalars = [scalar for scalar in scalars_of(problem, arguments) if not _has_argument(scalar)]
    scalars += [(NumberFactor(kind, letter),) for letter in case.sizes for kind in ("size", "1/size")]

    traits = traits_of(problem, shape)
    terms: list[Term] = []
    for name, base in BASES.items():
        if not base.needs <= traits:
            continue
        # Where entries change by themselves, numbers do not come in as well.
        usable = [()] if "entries" in base.needs else scalars
        terms += [Term(scalar, base=name) for scalar in usable]

    def evaluate(at: PartCase) -> Array:
        return np.array([evaluate_term(term, at, term.plain) for term in terms])

    return Evaluated(terms, list(map(evaluate, pilots)))


def product_terms(pilots: Sequence[PartCase], shape: Any) -> Iterator[Evaluated[Term]]:
    """Products of matrices and numbers that have the symbolic shape of the truth."""
    problem, cases = pilots[0].problem, [at.case for at in pilots]
    is_jacobian = problem.form == "matrix"
    if problem.form == "stacked":
        return
    if is_jacobian and not problem.is_plain_jacobian:
        return

    scalars = scalars_of(problem, arguments_of(problem, cases[0]))
    numbers = {scalar: [_evaluate(scalar, at) for at in pilots] for scalar in scalars}
    words = enumerate_words(problem, cases)
    if is_jacobian:
        yield from _scale(numbers, _kronecker_products(problem, words))
        return

    traces = _traces(words)
    if shape == ():
        yield from _scale(numbers, traces.map(lambda word: Term(traces=(word,))))
        yield from _scale(numbers, _two_traces(problem, traces))
        return

    sides = (*shape, 1)[:2]
    if sides in words:
        yield from _scale(numbers, words[sides].map(lambda word: Term(words=(word,))))
        yield from _scale(numbers, _traces_and_words(problem, traces, words[sides]))
    if len(shape) == 2:
        entrywise = entrywise_words(problem, cases, sides)
        if len(entrywise):
            yield entrywise.map(lambda word: Term(words=(word,)))


def _has_argument(scalar: Scalar) -> bool:
    return any(number.kind == "argument" for number in scalar)


def _evaluate(scalar: Scalar, at: PartCase) -> float:
    return float(np.prod([evaluate_number(number, at) for number in scalar]))


def _scale(numbers: _Numbers, table: Evaluated[Term]) -> Iterator[Evaluated[Term]]:
    """Every term with every number before it; the longest with scalar arguments only."""
    short = table.where(lambda term: len(term.letters) < LONGEST)
    for scalar, values in numbers.items():
        is_plain = all(number.kind == "argument" for number in scalar)
        usable = table if is_plain else short
        if len(usable):
            scaled = map(np.multiply, usable.values, values)
            yield Evaluated([term._replace(scalar=scalar) for term in usable.items], list(scaled))


def _traces(words: WordsBySides) -> Evaluated[Word]:
    squares = [table for (rows, columns), table in words.items() if rows == columns]
    traces = partial(np.trace, axis1=1, axis2=2)
    return concatenate([Evaluated(table.items, list(map(traces, table.values))) for table in squares])


def _two_traces(problem: Problem, traces: Evaluated[Word]) -> Evaluated[Term]:
    """tr(A⁻¹·V)·tr(A⁻¹·W)."""
    if problem.order != 2:
        return Evaluated([], [])
    short = traces.where(lambda word: len(word.letters) <= 2 and word.degree == 1)
    pairs = combinations_with_replacement(range(len(short)), 2)
    return combine(short, short, pairs, lambda x, y: Term(traces=(x, y)), np.multiply)


def _traces_and_words(problem: Problem, traces: Evaluated[Word], words: Evaluated[Word]) -> Evaluated[Term]:
    """tr(A⁻¹·V)·A⁻¹."""
    left = traces.where(lambda word: len(word.letters) <= 2 and word.degree > 0)
    right = words.where(lambda word: len(word.letters) <= 3 and word.degree == problem.order - 1)
    return combine(
        left,
        right,
        product(range(len(left)), range(len(right))),
        lambda trace, word: Term(traces=(trace,), words=(word,)),
        lambda number, X: number[:, None, None] * X,
    )


def _kronecker_products(problem: Problem, words: WordsBySides) -> Evaluated[Term]:
    """P ⊗ Q with P and Q of one or two letters, if input and output are square."""
    shape = problem.output
    if problem.input(problem.wrt[0]).shape != shape or not is_square(shape):
        return Evaluated([], [])
    square = words.get((shape[0], shape[1]), Evaluated([], []))
    factors = square.where(lambda word: len(word.letters) <= 2)
    pairs = product(range(len(factors)), range(len(factors)))
    return combine(factors, factors, pairs, lambda P, Q: Term(words=(P, Q)), _kronecker)


def _kronecker(P: Array, Q: Array) -> Array:
    """P ⊗ Q for each of many matrices P and Q of one size."""
    n = P.shape[-1]
    return np.asarray(np.einsum("kij,klm->kiljm", P, Q).reshape(-1, n * n, n * n))
