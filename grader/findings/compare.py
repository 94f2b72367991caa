"""Evidence: a submission's answers to the cases of one problem, brought into the shape of the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.answers.sandbox import Answer, Failed, Returned
from grader.cases import asked_map
from grader.core.norms import Array, norm
from grader.problems.algebras import NUMPY
from grader.problems.problem import Problem
from grader.reports.report import Failure
from grader.truths.probe import Probe
from grader.truths.truth import SolvedCase, Truth


@dataclass(frozen=True, slots=True, eq=False)
class JudgedAnswer:
    """One answer to one case.

    Args:
        failure: why there is no answer; shape_fault: what is wrong with its shape or numbers, else "".
        raw: the arrays as returned; parts: the same in the shape of the truth, None where that is impossible.
        defects: truth − answer for each part; error: the largest of their norms in units of the tolerance.
    """

    posed: SolvedCase
    truth: Truth
    failure: Failure | None = None
    shape_fault: str = ""
    raw: tuple[Array, ...] = ()
    parts: tuple[Array, ...] | None = None
    defects: tuple[Array, ...] = ()
    error: float = float("inf")
    inputs_changed: bool = False
    aliased: bool = False

    @property
    def is_right(self) -> bool:
        """Whether every part is within its tolerance; False for NaN."""
        return self.error <= 1.0


@dataclass(frozen=True, slots=True, eq=False)
class JudgedAnswers:
    """All answers for one problem.

    Args:
        first: the first answer to each decided case, by its index. An argument that was changed or returned at
            any call of the case counts.
        again: answers to repeated calls that are not, byte for byte, what the first call returned.
        calls: every answer, in the order of the calls.
    """

    problem: Problem
    first: Mapping[int, JudgedAnswer]
    again: tuple[JudgedAnswer, ...]
    calls: tuple[JudgedAnswer, ...]

    @property
    def all(self) -> tuple[JudgedAnswer, ...]:
        """First answers, and whatever else was answered to the same questions."""
        return (*self.first.values(), *self.again)


def compare_all(problem: Problem, asked: Sequence[SolvedCase], answers: Sequence[Answer]) -> JudgedAnswers:
    """Judge each answer by itself; a case asked a second time counts as repeated."""
    first: dict[int, JudgedAnswer] = {}
    again: list[JudgedAnswer] = []
    calls: list[JudgedAnswer] = []
    for posed, answer in zip(asked, answers, strict=True):
        before = first.get(posed.case.index)
        if before is not None and _is_same(before, answer):
            judged = before
            if isinstance(answer, Returned) and (answer.inputs_changed or answer.aliased):
                first[posed.case.index] = replace(
                    before,
                    inputs_changed=before.inputs_changed or answer.inputs_changed,
                    aliased=before.aliased or answer.aliased,
                )
        else:
            judged = compare(problem, posed, answer)
            if before is None:
                first[posed.case.index] = judged
            else:
                again.append(judged)
        calls.append(judged)
    return JudgedAnswers(problem, dict(sorted(first.items())), tuple(again), tuple(calls))


def _is_same(before: JudgedAnswer, answer: Answer) -> bool:
    """Whether a repeated call brought the same bytes, or failed in the same way."""
    if isinstance(answer, Failed):
        return before.failure is not None and before.failure.kind == answer.failure.kind
    if before.raw is answer.parts:
        return True
    if before.failure is not None or len(before.raw) != len(answer.parts):
        return False
    return all(
        x.shape == y.shape and x.dtype == y.dtype and x.tobytes() == y.tobytes()
        for x, y in zip(before.raw, answer.parts, strict=True)
    )


def compare(problem: Problem, posed: SolvedCase, answer: Answer) -> JudgedAnswer:
    """Compare one answer with the truth of its case."""
    truth = posed.truth
    assert truth is not None, "only decided cases are asked"
    if isinstance(answer, Failed):
        return JudgedAnswer(posed, truth, failure=answer.failure)
    shapes = [part.hi.shape for part in truth.parts]
    fitted = [_fit(raw, shape) for raw, shape in zip(answer.parts, shapes, strict=False)]
    parts = tuple(part for part in fitted if part is not None)
    fault = _shape_fault(answer.parts, truth, parts)
    if len(parts) != len(shapes):
        return JudgedAnswer(
            posed,
            truth,
            None,
            fault,
            answer.parts,
            None,
            (),
            float("inf"),
            answer.inputs_changed,
            answer.aliased,
        )
    with np.errstate(all="ignore"):
        defects = tuple(part.minus(x) for part, x in zip(truth.parts, parts, strict=True))
        error = max(
            in_tolerances(norm(d, problem.norm), t) for d, t in zip(defects, truth.tolerances, strict=True)
        )
    return JudgedAnswer(
        posed, truth, None, fault, answer.parts, parts, defects, error, answer.inputs_changed, answer.aliased
    )


def read_along(problem: Problem, parts: Sequence[Array], probe: Probe) -> Array:
    """What an answer, or its defect, says of φ′(A)[V]; see `Probe`."""
    return np.asarray(asked_map.read_along(problem, NUMPY, parts, probe.reading))


def in_tolerances(size: float, tolerance: float) -> float:
    """A distance in tolerances; 0 even where nothing is allowed, infinite if it is NaN."""
    if size == 0:
        return 0.0
    return size / tolerance if tolerance > 0 and size == size else float("inf")


def _fit(x: Array, shape: tuple[int, ...]) -> Array | None:
    """The answer in the wanted shape, if only sides of length 1 or ravelling stand between them."""
    wide = x.astype(np.complex128 if x.dtype.kind == "c" else np.float64, copy=False)
    if x.shape == shape:
        return wide
    squeezed = tuple(side for side in x.shape if side != 1)
    if squeezed == tuple(side for side in shape if side != 1):
        return wide.reshape(shape)
    return wide.reshape(shape) if len(squeezed) == 1 and x.size == int(np.prod(shape)) else None


def _shape_fault(raw: Sequence[Array], truth: Truth, fitted: Sequence[Array]) -> str:
    """What the contract says about shape, type and finite numbers, and the answer does not keep."""
    for x, part in zip(raw, truth.parts, strict=False):
        if x.shape != part.hi.shape:
            return f"it must return {_name(part.hi.shape)}, and returned {_name(x.shape)}"
        if x.dtype.kind == "c" and part.hi.dtype.kind != "c" and np.any(x.imag != 0):
            return "it must return real numbers for real inputs, and returned complex ones"
        if not np.isfinite(x).all():
            return f"it returned {'NaN' if np.any(np.isnan(x)) else 'infinite numbers'}"
    return (
        ""
        if len(raw) == len(truth.parts)
        else f"it must return {len(truth.parts)} arrays, and returned {len(raw)}"
    )


def _name(shape: tuple[int, ...]) -> str:
    return f"an array of shape {shape}" if shape else "a number"
