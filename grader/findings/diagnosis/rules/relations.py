"""Name what is wrong with an answer that relations judge: what would have to be done to it so that they hold.

Each change of an answer is tried at every wrong answer: if all relations hold after it, that is what is wrong. After
making columns orthogonal or of length 1 only those that failed need to hold: others may have been right as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, permutations

import numpy as np

from grader.core.norms import Array
from grader.findings.compare import JudgedAnswer, JudgedAnswers, are_finite, arrays_of
from grader.findings.diagnosis.shared_phrases import precision, relation
from grader.findings.relation_loss import Loss, find_loss
from grader.problems.problem import RELATION, Problem
from grader.reports.report import Diagnosis
from grader.truths.relations import judge_relations

MOST_TRIED = 6
"""Wrong answers at which changes are tried, from the easiest to look at."""
MOST_ORDERS = 24
"""Orders of columns that are tried: all of four columns."""
_DIGITS = 1e-4
"""Residuals in single precision are a smaller part of the largest number."""

INDEPENDENT = 1e-8
"""The least part of its length that a column adds to those before it."""

_Parts = tuple[Array, ...]
_Change = Callable[[_Parts], Iterable[_Parts]]
"""An answer changed, perhaps in several ways."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A change, and what is said if relations hold after it."""

    id: str
    change: _Change
    lead: str
    step: str
    only_failed: bool = False


def name_relations(answers: JudgedAnswers) -> Diagnosis | None:
    """Name what is wrong with answers that relations judge; None if it is not clear."""
    wrong = [judged for judged in answers.first.values() if not judged.is_right]
    if not wrong or any(judged.failure is not None for judged in wrong):
        return None

    loss = find_loss(answers)
    if loss is not None:
        return _name_loss(answers.problem, loss)
    if not all(judged.is_finite for judged in wrong):
        return None

    wrong.sort(key=lambda judged: judged.case.weight)
    return (
        _name_zero(answers.problem, wrong)
        or _name_single(wrong)
        or _name_change(answers.problem, wrong[:MOST_TRIED])
    )


def _name_loss(problem: Problem, loss: Loss) -> Diagnosis:
    checks = [check for check in problem.checks if check.name == RELATION]
    check = next(check for check in checks if check.relation == loss.relation)
    power = "κ" if loss.power == 1 else "κ²"

    lead = (
        f"“{check.label}” holds for well-conditioned inputs, but its error grows like {power}: at κ ="
        f" {loss.condition:.0e} the residual is {loss.size:.0e}, and {loss.allowed:.0e} is allowed"
    )
    step = (
        "The formula is right, but rounding errors grow in it. Look for a difference of nearly equal numbers or a"
        " product such as AᵀA, and use an algorithm without it; a second pass may be enough."
    )
    return precision("loses-digits", lead, step)


def _name_zero(problem: Problem, wrong: Sequence[JudgedAnswer]) -> Diagnosis | None:
    """Answers one array of which is 0 wherever they are wrong."""
    for k, returned in enumerate(problem.returns):
        if all(_is_zero(judged, k) for judged in wrong):
            which = returned.name if len(problem.returns) > 1 else "your answer"
            step = "Zeros do not satisfy all relations: look at which ones fail."
            return relation("zero", f"{which} is 0 wherever a relation fails", step)
    return None


def _is_zero(judged: JudgedAnswer, k: int) -> bool:
    """Is there a k-th array, of which all numbers are 0?"""
    return len(judged.raw) > k and judged.raw[k].size > 0 and not judged.raw[k].any()


def _name_single(wrong: Sequence[JudgedAnswer]) -> Diagnosis | None:
    """Answers that are numbers in single precision, and not far from satisfying the relations."""
    if any(judged.parts is None for judged in wrong):
        return None
    numbers = np.concatenate([np.ravel(part) for judged in wrong for part in judged.raw])
    with np.errstate(all="ignore"):
        is_single = np.array_equal(numbers.astype(np.complex64), numbers)
    if not is_single or np.array_equal(numbers, np.rint(numbers.real)):
        return None

    if not all(map(_nearly_holds, wrong)):
        return None
    lead = "your answers satisfy the relations only to the digits of single precision"
    return precision("single-precision", lead, "Keep float64 throughout.")


def _nearly_holds(judged: JudgedAnswer) -> bool:
    """Does every relation hold up to the digits of single precision?"""
    arrays = (*judged.raw, *arrays_of(judged.case))
    largest = max((float(np.max(np.abs(x), initial=0.0)) for x in arrays), default=0.0)
    return all(residual.size < _DIGITS * (1 + largest) for residual in judged.residuals)


def _name_change(problem: Problem, wrong: Sequence[JudgedAnswer]) -> Diagnosis | None:
    for rule in _rules(problem):
        if all(_explains(problem, rule, judged) for judged in wrong):
            return relation(rule.id, rule.lead, rule.step)
    return None


def _explains(problem: Problem, rule: _Rule, judged: JudgedAnswer) -> bool:
    raw = tuple(np.asarray(part, np.result_type(part, np.float64)) for part in judged.raw)
    if len(raw) != len(judged.truth.wanted):
        return False

    try:
        with np.errstate(all="ignore"):
            changed = list(rule.change(raw))
    except np.linalg.LinAlgError:
        return False
    return any(_holds_after(problem, rule, judged, parts) for parts in changed)


def _holds_after(problem: Problem, rule: _Rule, judged: JudgedAnswer, parts: _Parts) -> bool:
    has_right_shapes = [part.shape for part in parts] == [wanted.shape for wanted in judged.truth.wanted]
    if not has_right_shapes or not are_finite(parts):
        return False

    after = judge_relations(problem, judged.case, parts)
    if not rule.only_failed or not judged.residuals:
        return all(residual.is_harmless for residual in after)
    pairs = zip(after, judged.residuals, strict=True)
    return all(now.is_harmless for now, before in pairs if not before.is_right)


def _rules(problem: Problem) -> Iterator[_Rule]:
    """All changes of single parts and of two, from the most specific."""
    names = [returned.name for returned in problem.returns]
    words = names if len(names) > 1 else ["your answer"] * len(names)
    axes = [len(returned.shape) for returned in problem.returns]

    for k, which in enumerate(words):
        yield from _rules_of_form(k, which, axes[k])
    for i, j in combinations(range(len(names)), 2):
        yield _Rule(
            "parts-exchanged",
            _exchange(i, j),
            f"{names[i]} and {names[j]} are swapped",
            f"Return them in the order {', '.join(names)}.",
        )
    for k, which in enumerate(words):
        if axes[k] == 2:
            yield from _rules_of_matrix(k, which)
        elif axes[k]:
            yield from _rules_of_vector(k, which)
    yield from _rules_of_lengths(words, axes)


def _rules_of_form(k: int, which: str, axes: int) -> Iterator[_Rule]:
    """The k-th part transposed, conjugated, or of the other sign."""
    if axes == 2:
        yield _Rule(
            "transpose",
            _at(k, np.transpose),
            f"{which} is transposed: with the transpose all relations hold",
            "Check what is in rows and what is in columns; some numpy functions return Vᵀ, not V.",
        )
        yield _Rule(
            "conjugate",
            _at(k, np.conj),
            f"{which} is conjugated: with its conjugate all relations hold",
            "For complex numbers, look at every transpose: must it conjugate as well?",
        )

    yield _Rule(
        "constant-factor",
        _at(k, np.negative),
        f"{which} has the wrong sign: with the other sign all relations hold",
        "Check the signs in your derivation.",
    )


def _rules_of_lengths(words: Sequence[str], axes: Sequence[int]) -> Iterator[_Rule]:
    """Several parts with columns that are too long, as singular vectors on both sides."""
    matrices = [k for k, count in enumerate(axes) if count == 2]
    for size in range(2, len(matrices) + 1):
        for group in combinations(matrices, size):
            which = " and ".join(words[k] for k in group)
            yield _not_normalised(group, f"the columns of {which}")


def _not_normalised(group: Sequence[int], which: str) -> _Rule:
    def change(parts: _Parts) -> list[_Parts]:
        for k in group:
            parts = _replace(parts, k, _normalise(parts[k]))
        return [parts]

    return _Rule(
        "not-normalised",
        change,
        f"{which} must have length 1, and nothing else is wrong",
        "Divide by the norm, `np.linalg.norm(…, axis=0)` for each column.",
        only_failed=True,
    )


def _rules_of_matrix(k: int, which: str) -> Iterator[_Rule]:
    """The k-th part inverted, or with columns that are too long, not orthogonal, or in another order."""
    yield _Rule(
        "inverse",
        _at(k, _inverse),
        f"you returned the inverse of {which}",
        "Check which side of the equation it is on.",
    )
    yield _not_normalised([k], f"the columns of {which}")
    yield _Rule(
        "not-orthogonal",
        _at(k, _orthogonalise),
        f"the columns of {which} are not orthogonal to each other, and nothing else is wrong",
        "Independent columns are not enough: make them orthonormal, as `np.linalg.qr` does.",
        only_failed=True,
    )
    yield _other_order(k, f"the columns of {which}")


def _rules_of_vector(k: int, which: str) -> Iterator[_Rule]:
    """The k-th part too long, or in another order."""
    yield _not_normalised([k], which)
    yield _other_order(k, f"the entries of {which}")


def _other_order(k: int, which: str) -> _Rule:
    return _Rule(
        "other-order",
        _reorder(k),
        f"{which} are in the wrong order",
        "Compare the required order with the order in which your function returns them.",
    )


def _at(k: int, change: Callable[[Array], Array]) -> _Change:
    """A change of one part."""
    return lambda parts: [_replace(parts, k, np.asarray(change(parts[k])))]


def _replace(parts: _Parts, k: int, part: Array) -> _Parts:
    return (*parts[:k], part, *parts[k + 1 :])


def _exchange(i: int, j: int) -> _Change:
    return lambda parts: [_replace(_replace(parts, i, parts[j]), j, parts[i])]


def _reorder(k: int) -> _Change:
    """The columns, or entries, of one part in the reverse order, and in all others if they are few."""

    def change(parts: _Parts) -> Iterator[_Parts]:
        count = parts[k].shape[-1]
        yield _replace(parts, k, parts[k][..., ::-1])
        for order in islice(permutations(range(count)), MOST_ORDERS):
            yield _replace(parts, k, parts[k][..., list(order)])

    return change


def _inverse(x: Array) -> Array:
    return np.linalg.inv(x)


def _normalise(x: Array) -> Array:
    """Columns of length 1; squares of their entries may be beyond all doubles."""
    x = x / np.max(np.abs(x), axis=0)
    return np.asarray(x / np.linalg.norm(x, axis=0))


def _orthogonalise(x: Array) -> Array:
    """An orthonormal basis of the columns, which must be independent."""
    Q, R = np.linalg.qr(x)
    d = np.abs(np.diag(R))
    if not np.min(d, initial=np.inf) > INDEPENDENT * np.max(d, initial=0.0):
        raise np.linalg.LinAlgError("dependent columns")
    return Q
