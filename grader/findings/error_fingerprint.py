"""The fingerprint of a mistake: the numbers that an answer is off by, in a form that rounding cannot change.

For each case one word. Where the answer can be compared it is the length of the residual, and how it lies to a fixed
random W,

    r = ‖d‖ · (1.2 + ⟨W, d⟩ / ‖d‖),   d = (answer − truth) · K·u / tol,   ‖W‖ = 1,

to three digits; ‖d‖ is the relative error as far as the case lets it be seen, and nothing cancels in r. Two programs
that make the same mistake agree in it to the digits that their rounding leaves, whatever they look like inside; for
two mistakes it would take as many coincidences as there are cases. Inputs at which a wrong formula may itself lose
its digits, such as singular matrices, have no number: only whether the answer is right there.

Source: random projections keep distances, W. Johnson and J. Lindenstrauss, "Extensions of Lipschitz mappings
into a Hilbert space", 1984.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from grader.cases.case import Case
from grader.cases.families import generator
from grader.core.norms import UNIT, Array, inner, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers, decided
from grader.problems.problem import Problem
from grader.truths.solve import SolvedCase
from grader.truths.tolerance import K
from grader.truths.truth import Truth

RIGHT, ABSENT, NO_NUMBER, DELICATE = "=", "!", "?", "~"
"""Words for answers without a residual: right, none, not finite or absurdly large, wrong at a nearly singular input.

Arrays of wrong shapes are words such as `#2x3`.
"""
WELL_CONDITIONED = 1e6
"""The largest condition number of an input at which wrong formulas can be told apart by their numbers."""
SINGULAR = ("eigenvalue", "multiple_eigenvalue")
"""Families at which it is not an input but A − λI that is singular."""
_LARGEST = 1e100
"""Beyond this a number may as well have overflowed."""
_WEIGHT = 0.37
"""What each relation weighs more than the one before it."""
_OBLIQUE = 1.2
"""More than 1, so that r is never 0; near 1, so that it depends on the direction."""


class ErrorDirections:
    """The random direction W of each case of a problem, drawn when the first wrong answer asks for them."""

    def __init__(self, problem: Problem, cases: Sequence[SolvedCase]) -> None:
        self.problem = problem
        self.cases = tuple(cases)

    @cached_property
    def by_case(self) -> Mapping[int, Array | None]:
        """W for the entries of the answer, one after another; None where some input is nearly singular."""
        directions: dict[int, Array | None] = {}
        for case, truth in decided(self.cases):
            directions[case.index] = None if is_delicate(self.problem, case) else _draw(case, truth)
        return directions


def find_fingerprint(answers: JudgedAnswers, directions: ErrorDirections) -> str:
    """The fingerprint of the first answers, a word for each case; empty if all of their numbers are right."""
    with np.errstate(all="ignore"):
        words = [_word(judged, directions.by_case[index]) for index, judged in answers.first.items()]
    return "" if set(words) <= {RIGHT} else " ".join(words)


def _word(judged: JudgedAnswer, W: Array | None) -> str:
    if judged.is_right and not judged.shape_fault:
        return RIGHT
    if W is None:
        return DELICATE
    if judged.failure is not None:
        return ABSENT

    if judged.residuals and judged.truth.open:
        return _relation_word(judged)
    has_right_shapes = [x.shape for x in judged.raw] == [x.shape for x in judged.right]
    if judged.parts is None or not has_right_shapes:
        return "".join(map(shape_word, judged.raw))

    d = np.concatenate([np.ravel(part) for part in scaled_errors(judged)])
    r = _OBLIQUE * norm(d) + inner(W, d)
    return f"{r:.3g}" if r < _LARGEST else NO_NUMBER


def shape_word(x: Array) -> str:
    """`#2x3`."""
    return f"#{'x'.join(map(str, x.shape))}"


def scaled_errors(judged: JudgedAnswer) -> list[Array]:
    """D of each part, which is known only where the answer has parts."""
    rows = zip(judged.defects, judged.truth.tolerances, strict=True)
    return [np.asarray(-defect / (allowed / (K * UNIT) or 1.0)) for defect, allowed in rows]


def _relation_word(judged: JudgedAnswer) -> str:
    """What is left of the relations that fail, each with a weight of its own."""
    failed = [(k, residual.size) for k, residual in enumerate(judged.residuals) if not residual.is_right]
    r = sum((1 + _WEIGHT * k) * size for k, size in failed)
    return f"{r:.3g}" if r < _LARGEST else NO_NUMBER


def _draw(case: Case, truth: Truth) -> Array:
    rng = generator(f"residual/{case.index}")
    parts = [part.hi for part in truth.parts]
    size = sum(part.size for part in parts)
    W = rng.standard_normal(size)
    if any(map(np.iscomplexobj, parts)):
        W = W + 1j * rng.standard_normal(size)
    return np.asarray(W / (np.linalg.norm(W) or 1.0))


def is_delicate(problem: Problem, case: Case) -> bool:
    """May a wrong formula itself lose its digits here?"""
    if case.family in SINGULAR:
        return True
    inputs = [case.values[argument.name] for argument in problem.inputs]
    matrices = [A for A in inputs if isinstance(A, np.ndarray) and A.ndim == 2]
    return not all(map(_is_well_conditioned, matrices))


def _is_well_conditioned(A: Array) -> bool:
    sigma = np.linalg.svd(A, compute_uv=False)
    return not sigma.size or bool(sigma[-1] * WELL_CONDITIONED > sigma[0])
