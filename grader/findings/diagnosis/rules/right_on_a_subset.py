"""Right only for some inputs: symmetric A, small n, det A > 0, real or nonsingular A."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from grader.cases.case import Case
from grader.core.norms import norm
from grader.findings.diagnosis.agreement import DELICATE, PartAnswer, is_complex
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import relation
from grader.problems.problem import Problem
from grader.reports.report import Diagnosis

Holds = Callable[[Case], bool | None]
ENOUGH = 6
"""So many cases must have been inside or outside."""
CLEAR = 100.0
"""Wrong answers must be so many times further from the truth than right ones, in tolerances: it is not the tolerance
that divides them."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A set of inputs.

    Args:
        id: empty if it is only there to show that a pattern has another explanation.
        words: `for symmetric A only`; step: what to do about it.
        holds: whether a case is inside; None where the question makes no sense.
    """

    id: str
    holds: Holds
    words: str = ""
    step: str = ""


def name_domain(view: PartContext) -> Diagnosis | None:
    """The set of inputs at which the answers are right, if there is just one that explains it."""
    seen = [item for item in view.seen if not _tells_nothing(item)]
    if all(item.right for item in seen) or not any(item.right for item in seen):
        return None
    if any(item.answer is None and not item.is_lost for item in seen):
        return None  # the shape is wrong, which is what should be said
    if not _is_clear(seen):
        return None
    fitting = [domain for domain in domains_of(view.problem, seen) if _explains(domain, seen)]
    if len({_pattern(domain, seen) for domain in fitting}) != 1 or any(not domain.id for domain in fitting):
        return None
    domain = fitting[0]
    nothing = all(item.answer is None for item in seen if not item.right)
    rest = ", and otherwise there is none or it is not finite" if nothing else ", and wrong otherwise"
    return relation(domain.id, f"your answer is right {domain.words}{rest}", domain.step)


def _is_clear(seen: Sequence[PartAnswer]) -> bool:
    """Whether right answers are far better than wrong ones, and not only where a relative error is 0 of 0."""
    right, wrong = [item for item in seen if item.right], [item for item in seen if not item.right]
    if not any(norm(item.truth) for item in right):
        return all(item.answer is None for item in wrong)
    return min(item.error for item in wrong) > CLEAR * max(item.error for item in right)


def _tells_nothing(item: PartAnswer) -> bool:
    """Whether what is right or wrong here says little of the formula.

    At nearly singular matrices even a wrong answer may be within the tolerance; where the right one is empty, or 0
    since A is singular, many are right; or an answer is wrong only by rounding.
    """
    if item.case.family == "ill_conditioned" or not item.truth.size:
        return True
    if item.right and item.case.family in DELICATE and not np.any(item.truth):
        return True
    if item.right or item.answer is None or item.case.family not in (*DELICATE, "scaled"):
        return False
    size = norm(item.truth)
    return size > 0 and norm(item.answer - item.truth) < 1e-3 * size


def _pattern(domain: Domain, seen: Sequence[PartAnswer]) -> tuple[bool | None, ...]:
    return tuple(domain.holds(item.case) for item in seen)


def _explains(domain: Domain, seen: Sequence[PartAnswer]) -> bool:
    """Right inside and wrong outside, with two cases on each side."""
    inside = [item for item in seen if domain.holds(item.case) is True]
    outside = [item for item in seen if domain.holds(item.case) is False]
    if not all(item.right for item in inside) or any(item.right for item in outside):
        return False
    return len(inside) >= 2 and len(outside) >= 2 and len(inside) + len(outside) >= ENOUGH


def domains_of(problem: Problem, seen: Sequence[PartAnswer]) -> list[Domain]:
    """All sets that make sense for a problem, those that are said first."""
    cases = [item.case for item in seen]
    found = [
        Domain("only-real", lambda case: not is_complex(case), "for real inputs only", _CONJUGATE),
        *_by_size(cases),
    ]
    for item in problem.inputs:
        square = len(item.shape) == 2 and item.shape[0] == item.shape[1]
        if square:
            found += _by_matrix(item.name)
        elif len(item.shape) == 2:
            found.append(_of_full_rank(item.name))
    return found + [_by_parameter(item.name, seen) for item in problem.parameters]


_CONJUGATE = "For complex ones look at every transpose: must it conjugate as well?"


def _by_size(cases: Sequence[Case]) -> list[Domain]:
    found: list[Domain] = []
    for letter in sorted({letter for case in cases for letter in case.sizes}):
        values = sorted({case.sizes[letter] for case in cases})
        for k, larger in pairwise(values):
            only = f"= {k}" if k == values[0] else f"≤ {k}"
            step = f"Try {letter} = {larger} by hand and see which step needs small matrices."
            found.append(Domain("only-size", _at_most(letter, k), f"for {letter} {only} only", step))
            step = f"Try {letter} = {k} by hand: some step does not work there."
            found.append(Domain("only-size", _above(letter, k), f"for {letter} ≥ {larger} only", step))
        found += [Domain("", _is_even(letter, wanted)) for wanted in (True, False)]
    return found


def _at_most(letter: str, k: int) -> Holds:
    return lambda case: case.sizes[letter] <= k


def _above(letter: str, k: int) -> Holds:
    return lambda case: case.sizes[letter] > k


def _is_even(letter: str, wanted: bool) -> Holds:
    return lambda case: (case.sizes[letter] % 2 == 0) == wanted


def _by_parameter(name: str, seen: Sequence[PartAnswer]) -> Domain:
    """Those values of a parameter at which all answers are right."""
    values: list[Any] = list(dict.fromkeys(item.case.values[name] for item in seen))
    right = [value for value in values if all(item.right for item in seen if item.case.values[name] == value)]
    right = sorted(right) if not any(isinstance(value, str) for value in right) else right
    words = " or ".join(str(value) for value in right)
    step = f"Try another {name} by hand and see where your formula does not fit."
    return Domain(
        "only-parameter", lambda case: case.values[name] in right, f"for {name} = {words} only", step
    )


def _of_full_rank(name: str) -> Domain:
    step = "The answer exists at lower rank too: look for a way to it without an inverse."
    return Domain(
        "only-nonsingular",
        lambda case: not _is_singular(np.asarray(case.values[name])),
        f"for {name} of full rank only",
        step,
    )


def _by_matrix(name: str) -> list[Domain]:
    def on(rule: Callable[[Any], bool | None]) -> Holds:
        return lambda case: rule(np.asarray(case.values[name]))

    return [
        Domain(
            "only-symmetric", on(lambda A: np.array_equal(A, A.T)), f"for symmetric {name} only",
            f"Follow each transpose through your derivation without using {name} = {name}ᵀ.",
        ),
        *(
            Domain(
                "only-positive-determinant", on(holds), f"for det {name} {relation} 0 only",
                "Nothing makes the determinant positive: look for a logarithm, a root or an absolute value.",
            )
            for sign in (_sign_of_determinant, _computed_determinant)
            for relation, holds in ((">", _is_positive(sign)), ("≥", _is_not_negative(sign)))
        ),
        Domain(
            "only-nonsingular", on(lambda A: _sign_of_determinant(A) != 0), f"for invertible {name} only",
            "The answer exists at singular matrices too: look for a way to it without the inverse.",
        ),
        Domain(
            "only-moderate-determinant", on(_is_moderate), f"as long as det {name} does not over- or underflow",
            "Do without the determinant where it cancels, or work with its logarithm (`np.linalg.slogdet`).",
        ),
        Domain(
            "only-diagonal", on(lambda A: np.array_equal(A, np.diag(np.diag(A)))), f"for diagonal {name} only",
            f"Try a small {name} that is not diagonal by hand.",
        ),
        Domain(
            "only-orthogonal", on(lambda A: bool(norm(A.conj().T @ A - np.eye(len(A))) < 1e-9)),
            f"for orthogonal {name} only", f"Somewhere {name}ᵀ or {name} stands for the inverse.",
        ),
        Domain("", on(_is_negative)),
        Domain("", on(lambda A: np.array_equal(A, np.tril(A)))),
        Domain("", on(lambda A: bool(np.all(np.round(A) == A)))),
        Domain("", on(lambda A: bool(norm(A) < 100))),
    ]  # fmt: skip


def _sign_of_determinant(A: Any) -> float | complex:
    """±1, or a point of the unit circle; 0 at what rounding takes for singular."""
    return 0.0 if _is_singular(A) else complex(np.linalg.slogdet(A)[0])


def _is_singular(A: Any) -> bool:
    """Whether the rank is not full but for rounding."""
    sigma = np.linalg.svd(A, compute_uv=False)
    return bool(len(sigma) and sigma[-1] <= 1e-13 * sigma[0])


def _computed_determinant(A: Any) -> Any:
    """What a student sees of it: 0 or infinite where it under- or overflows."""
    with np.errstate(all="ignore"):
        return np.linalg.det(A)


def _is_positive(sign: Callable[[Any], Any]) -> Callable[[Any], bool | None]:
    return lambda A: None if A.dtype.kind == "c" else bool(np.real(sign(A)) > 0)


def _is_not_negative(sign: Callable[[Any], Any]) -> Callable[[Any], bool | None]:
    return lambda A: None if A.dtype.kind == "c" else bool(np.real(sign(A)) >= 0)


def _is_negative(A: Any) -> bool | None:
    return None if A.dtype.kind == "c" else bool(np.real(_sign_of_determinant(A)) < 0)


def _is_moderate(A: Any) -> bool:
    """Whether det A, or its size if it is 0, is a normal number in double precision."""
    logarithm = float(np.linalg.slogdet(A)[1])
    return not np.isfinite(logarithm) or abs(logarithm) < 700
