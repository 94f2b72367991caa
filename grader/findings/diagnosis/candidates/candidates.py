"""What a problem's wrong answers are compared with; made when first needed, once for a class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from grader.core.norms import norm
from grader.findings.diagnosis.agreement import DELICATE, is_complex
from grader.findings.diagnosis.candidates.dictionary import (
    PAIRED,
    Dictionary,
    Pairs,
    choose_pilots,
    factor_multiset,
    find_pairs,
    make_dictionary,
    make_pairs,
    product_blocks,
    relation_blocks,
    simple,
)  # fmt: skip
from grader.findings.diagnosis.candidates.terms import Formula, Term, plain_formula, predict
from grader.findings.diagnosis.candidates.words import linear_arguments
from grader.problems.expression import ExpressionError
from grader.problems.problem import Problem
from grader.truths.truth import SolvedCase

LIKELY = 1000
"""So many terms are tried in pairs to write the truth itself."""


@dataclass(frozen=True, slots=True, eq=False)
class PartCandidates:
    """What one part of an answer may be.

    Args:
        relations: what may become of the truth; products: what may be multiplied; own: the truth as a product,
            None if it is not found; akin: the pairs of products that are tried.
    """

    pilots: tuple[SolvedCase, ...]
    relations: Dictionary
    products: Dictionary
    own: Formula | None
    akin: Pairs


class Candidates:
    """The dictionaries of a problem's parts, made when the first wrong answer asks for them."""

    def __init__(self, problem: Problem, posed: Sequence[SolvedCase]) -> None:
        self.problem = problem
        self.posed = tuple(item for item in posed if item.truth is not None)

    @cached_property
    def parts(self) -> tuple[PartCandidates | None, ...]:
        """One for each part of an answer; None where the cases do not allow any."""
        with np.errstate(all="ignore"):
            return tuple(self._part(k) for k in range(self.problem.parts))

    def _part(self, part: int) -> PartCandidates | None:
        problem, shape = self.problem, target_shape(self.problem, part)
        pilots = choose_pilots(self.posed, scalar=shape == ())
        if len(pilots) < 2:
            return None
        cases = [item.case for item in pilots]
        truths = [item.truth.parts[part].hi for item in pilots if item.truth is not None]
        if any(np.iscomplexobj(truth) for truth in truths):
            return None
        scales = [max(norm(truth), 1e-3) for truth in truths]
        relations = make_dictionary(relation_blocks(problem, pilots, part, shape), cases, scales)
        try:
            blocks = list(product_blocks(problem, cases, shape)) if shape is not None else []
            products = make_dictionary(blocks, cases, scales)
        except (np.linalg.LinAlgError, ExpressionError):
            products = make_dictionary([], cases, scales)
        own = self._own(products, part, products.stack(truths))
        akin = find_akin(problem, products, own.terms) if own is not None else []
        return PartCandidates(tuple(pilots), relations, products, own, make_pairs(products, akin))

    def _own(self, products: Dictionary, part: int, y: Any) -> Formula | None:
        """The truth itself as a product or a sum of two, if it is one at all real cases."""
        singles = [plain_formula([c], [term]) for f, term in products.find(y) if (c := simple(f)) is not None]
        found = next((formula for formula in singles if self._is_truth(formula, part)), None)
        if found is not None:
            return found
        likely = [k for k in range(len(products.terms)) if _is_likely(self.problem, products.terms[k])]
        likely = sorted(likely, key=lambda k: products.terms[k].cost)[:LIKELY]
        for formula in pair_formulas(products, make_pairs(products, likely), y):
            if self._is_truth(formula, part):
                return formula
        return None

    def _is_truth(self, formula: Formula, part: int) -> bool:
        return all(
            self._is_value(predict(formula, self.problem, item.case, item.truth.parts[part].hi), item, part)
            for item in self.posed
            if item.truth is not None and not is_complex(item.case)
        )

    def _is_value(self, predicted: Any, item: SolvedCase, part: int) -> bool:
        assert item.truth is not None
        truth = item.truth.parts[part].hi
        delicate = item.case.family in DELICATE
        if predicted is None or not np.all(np.isfinite(predicted)):
            return True
        return delicate or norm(predicted - truth) <= 1e-7 * norm(truth) + 4 * item.truth.tolerances[part]


def pair_formulas(products: Dictionary, pairs: Pairs, y: Any) -> Iterable[Formula]:
    """Sums of two products with simple factors that y is, the simplest first."""
    found = []
    for p, q, i, j in find_pairs(products, pairs, y):
        factors = simple(p, 6), simple(q, 6)
        if factors[0] is not None and factors[1] is not None:
            pair = sorted(
                [(products.terms[i], factors[0]), (products.terms[j], factors[1])], key=lambda x: x[0].cost
            )
            found.append(plain_formula([f for _, f in pair if f is not None], [term for term, _ in pair]))
    return sorted(found, key=lambda formula: [term.cost for term in formula.terms])


def _is_likely(problem: Problem, term: Term) -> bool:
    """Whether a truth may contain this term: all inverses are transposed or none, and so is all the rest."""
    letters = [letter for word in (*term.traces, *term.words) for letter in word.letters]
    inverse = {"T" in letter.form for letter in letters if "inv" in letter.form}
    rest = {"T" in letter.form for letter in letters if "inv" not in letter.form}
    linear = linear_arguments(problem)
    count = sum(letter.name in linear for letter in letters)
    plain = all(word.glue.count("*") == 0 for word in (*term.traces, *term.words))
    plain = plain and all(kind in ("det", "number", "f") for kind, _ in term.scalar)
    return plain and len(inverse) < 2 and len(rest) < 2 and count == min(len(linear), problem.order)


def find_akin(problem: Problem, products: Dictionary, own: Sequence[Term]) -> list[int]:
    """Products of the truth's factors in any order, then those with another direction or one factor more or less."""
    bags = [factor_multiset(term) for term in own]
    linear = linear_arguments(problem)
    near: list[tuple[int, int, tuple[int, ...], int]] = []
    for k, term in enumerate(products.terms):
        if not any("*" in word.glue for word in term.words):
            this = factor_multiset(term)
            distance = min(_distance(this, other, linear) for other in bags)
            if distance < 2:
                near.append((distance, this not in bags, term.cost, k))
    return [k for *_, k in sorted(near)[:PAIRED]]


def _distance(this: tuple[Any, ...], other: tuple[Any, ...], linear: frozenset[str]) -> int:
    """How many factors there are more or less, one direction counting as any other."""
    if this[0] != other[0]:
        return 2
    left = ["" if letter.name in linear else letter for letter in this[1]]
    right: list[Any] = ["" if letter.name in linear else letter for letter in other[1]]
    if left.count("") != right.count(""):
        return 2
    return sum(abs(left.count(letter) - right.count(letter)) for letter in {*left, *right})


def target_shape(problem: Problem, part: int) -> Any:
    """The symbolic shape of a part of the answer."""
    if problem.form == "gradient":
        return tuple(problem.input(problem.wrt[part]).shape)
    return ("vec f", "vec A") if problem.form == "matrix" else tuple(problem.output)
