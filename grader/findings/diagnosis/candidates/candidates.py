"""The candidates for a problem's wrong answers; made when first needed, once for a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from grader.cases.case import Case
from grader.cases.difference_quotients import difference_quotient, in_doubles
from grader.core.norms import Array, norm
from grader.findings.compare import decided
from grader.findings.diagnosis.candidates.dictionary import (
    SIMPLE,
    Dictionary,
    Multiple,
    Pairs,
    make_dictionary,
    make_pairs,
    simple_fraction,
)
from grader.findings.diagnosis.candidates.neighbours import NearFormulas, Neighbours
from grader.findings.diagnosis.candidates.products import product_terms, relation_terms
from grader.findings.diagnosis.candidates.terms import (
    Scalar,
    SumOfTerms,
    Term,
    evaluate_formula,
    plain_formula,
)
from grader.findings.diagnosis.candidates.words import Form, Letter
from grader.findings.diagnosis.part_case import PartCase
from grader.problems.language import ExpressionError
from grader.problems.problem import Problem
from grader.truths.solve import SolvedCase

LIKELY = 1000
"""The most terms that are paired to write the truth itself."""
PAIRED = 700
"""The most terms that are paired to explain an answer."""
_LARGEST = 6
"""The largest numerator and denominator of a factor in a sum of two terms."""
_SAME = 1e-7
"""The relative difference up to which a formula has the truth's values."""


@dataclass(frozen=True, slots=True, eq=False)
class PartCandidates:
    """The candidates for one part of an answer.

    Args:
        pilots: the indices of the cases in which terms are evaluated beforehand.
        relations: what may become of the truth; products: what may be multiplied.
        truth_formula: the truth as a product or a sum of two, None if it is not found.
        near_products: the pairs of products that are tried.
    """

    pilots: tuple[int, ...]
    relations: Dictionary
    products: Dictionary
    truth_formula: SumOfTerms | None
    near_products: Pairs


class Candidates:
    """The dictionaries of a problem's parts, made when the first wrong answer asks for them.

    Args:
        near: the formulas near the right one, for each part, if these are known from other cases.
    """

    def __init__(
        self, problem: Problem, cases: Sequence[SolvedCase], near: Sequence[NearFormulas] = ()
    ) -> None:
        self.problem = problem
        self.cases = tuple(cases)
        self.near = tuple(near) or tuple(NearFormulas(problem, part) for part in range(problem.parts))
        self._quotients: dict[tuple[int, int, str, float], Array | None] = {}

    def quotient(self, case: Case, part: int, scheme: str, h: float) -> Array | None:
        """A difference quotient of f, computed once for a class; None where f is not defined at one of its points."""
        key = (case.index, part, scheme, h)
        if key not in self._quotients:
            self._quotients[key] = self._difference(case, part, scheme, h)
        return self._quotients[key]

    def _difference(self, case: Case, part: int, scheme: str, h: float) -> Array | None:
        try:
            return difference_quotient(in_doubles(self.problem, case), part, scheme, h)
        except (np.linalg.LinAlgError, ExpressionError, ValueError):
            return None

    @cached_property
    def parts(self) -> tuple[PartCandidates | None, ...]:
        """One for each part of an answer; None where the cases do not allow any."""
        with np.errstate(all="ignore"):
            return tuple(map(self._part, range(self.problem.parts)))

    @cached_property
    def neighbours(self) -> tuple[Neighbours, ...]:
        """The formulas near the right one, for each part of an answer."""
        return tuple(map(Neighbours, self.near))

    def _part(self, part: int) -> PartCandidates | None:
        cases = [PartCase(self.problem, part, case, truth) for case, truth in decided(self.cases)]
        shape = target_shape(self.problem, part)
        pilots = choose_pilots(cases, scalar=shape == ())
        truths = [at.truth for at in pilots]
        if len(pilots) < 2 or any(map(np.iscomplexobj, truths)):
            return None

        scales = [max(norm(truth), 1e-3) for truth in truths]
        relations = make_dictionary([relation_terms(pilots, shape)], scales)
        try:
            products = make_dictionary(product_terms(pilots, shape), scales)
        except (np.linalg.LinAlgError, ExpressionError):
            products = make_dictionary([], scales)

        formula = _find_truth(products, cases, products.stack(truths))
        near = find_near_products(products, formula.terms) if formula is not None else []
        indices = tuple(at.case.index for at in pilots)
        return PartCandidates(indices, relations, products, formula, make_pairs(products, near))


def choose_pilots(cases: Sequence[PartCase], *, scalar: bool) -> list[PartCase]:
    """Choose the pilot cases: two of each of the two smallest sizes, generic ones first.

    Args:
        scalar: an answer is one number, so that all such cases are needed.
    """
    usable = [at for at in cases if at.can_be_pilot]
    ordered = sorted(usable, key=lambda at: (at.case.family != "generic", max(at.sizes, default=1)))
    if scalar:
        return ordered

    by_sizes: dict[tuple[int, ...], list[PartCase]] = {}
    for at in ordered:
        if at.sizes not in by_sizes and len(by_sizes) == 2:
            break
        by_sizes.setdefault(at.sizes, []).append(at)
    return [at for group in by_sizes.values() for at in group[:2]]


def target_shape(problem: Problem, part: int) -> Any:
    """The symbolic shape of a part of the answer."""
    if problem.form == "gradient":
        return tuple(problem.input(problem.wrt[part]).shape)
    if problem.form == "stacked":
        return ("vec A", "vec A")
    if problem.definition.reduced == "det f′":
        return ()
    if problem.form == "matrix":
        return ("vec f", "vec A")
    return tuple(problem.output)


def find_products(products: Dictionary, y: Array) -> Iterator[SumOfTerms]:
    """Single products with a simple factor that y is, the simplest first."""
    return filter(None, (_simple_formula([multiple]) for multiple in products.find(y)))


def find_sums(pairs: Pairs, y: Array) -> Iterator[SumOfTerms]:
    """Sums of two products with simple factors that y is, the simplest first."""
    ordered = (sorted(pair, key=lambda multiple: multiple[1].cost) for pair in pairs.find(y))
    sums = filter(None, (_simple_formula(pair, _LARGEST) for pair in ordered))
    yield from sorted(sums, key=lambda formula: [term.cost for term in formula.terms])


def _simple_formula(multiples: Sequence[Multiple], largest: int = SIMPLE) -> SumOfTerms | None:
    """The sum of some multiples, if all factors are fractions of small numbers."""
    fractions: list[Fraction] = []
    for factor, _ in multiples:
        fraction = simple_fraction(factor, largest)
        if fraction is None:
            return None
        fractions.append(fraction)
    return plain_formula(fractions, [term for _, term in multiples])


def _find_truth(products: Dictionary, cases: Sequence[PartCase], y: Array) -> SumOfTerms | None:
    """The truth itself as a product or a sum of two, if it is one at all real cases."""
    formulas = chain(find_products(products, y), _likely_sums(products, cases[0].problem, y))
    return next((formula for formula in formulas if _is_truth(formula, cases)), None)


def _likely_sums(products: Dictionary, problem: Problem, y: Array) -> Iterator[SumOfTerms]:
    degree = min(len(problem.linear_arguments), problem.order)
    likely = [k for k, term in enumerate(products.terms) if _is_likely(term, degree)]
    simplest = sorted(likely, key=lambda k: products.terms[k].cost)[:LIKELY]
    yield from find_sums(make_pairs(products, simplest), y)


def _is_truth(formula: SumOfTerms, cases: Sequence[PartCase]) -> bool:
    """Does the formula have the truth's value wherever it has any? Complex and delicate cases are left out."""
    for at in cases:
        if at.is_complex or at.is_delicate:
            continue
        value = evaluate_formula(formula, at)
        if value is None or not np.all(np.isfinite(value)):
            continue
        if not norm(value - at.truth) <= _SAME * norm(at.truth) + 4 * at.tolerance:
            return False
    return True


def _is_likely(term: Term, degree: int) -> bool:
    """May a truth contain this term? All inverses in it are transposed or none, and so is everything else."""
    if term.degree != degree or term.has_star:
        return False
    if not {number.kind for number in term.scalar} <= {"det", "argument", "f"}:
        return False
    inverses = [form for form in term.forms if form.kind in ("inverse", "pseudoinverse")]
    others = [form for form in term.forms if form not in inverses]
    return _are_alike(inverses) and _are_alike(others)


def _are_alike(forms: Sequence[Form]) -> bool:
    """Are all of them transposed, or none?"""
    return len({form.transposed for form in forms}) <= 1


class Factors(NamedTuple):
    """The factors of a term without their order and without transposes."""

    scalar: Scalar
    letters: tuple[Letter, ...]
    traces: int


def factors_of(term: Term) -> Factors:
    """The factors of a term."""
    letters = sorted(letter.untransposed for letter in term.letters)
    return Factors(term.scalar, tuple(letters), len(term.traces))


def find_near_products(products: Dictionary, truth: Sequence[Term]) -> list[int]:
    """Find products of the truth's factors in any order, then those with a direction or a factor exchanged.

    Args:
        truth: the terms of the truth.

    Returns:
        Places in the dictionary, the nearest first.
    """
    right = list(map(factors_of, truth))
    near: list[tuple[int, bool, tuple[int, int, int], int]] = []

    for k, term in enumerate(products.terms):
        factors = factors_of(term)
        distance = min(_distance(factors, other) for other in right)
        if distance < 2 and not term.has_star:
            near.append((distance, factors not in right, term.cost, k))

    return [k for *_, k in sorted(near)[:PAIRED]]


def _distance(factors: Factors, other: Factors) -> int:
    """How many factors there are more or less, one direction counting as any other."""
    if factors.scalar != other.scalar:
        return 2
    ours, theirs = _count(factors), _count(other)
    if ours[""] != theirs[""]:
        return 2
    return sum(abs(ours[letter] - theirs[letter]) for letter in {*ours, *theirs})


def _count(factors: Factors) -> Counter[Letter | str]:
    return Counter("" if letter.is_linear else letter for letter in factors.letters)
