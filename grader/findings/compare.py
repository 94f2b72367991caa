"""Compare a submission's answers to the cases of one problem with the truth, in the shape of the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeVar

import numpy as np

from grader.answers.sandbox import Answer, Failed
from grader.cases import asked_map
from grader.cases.case import Case
from grader.core.norms import UNIT, Array, norm
from grader.findings.freedom import align
from grader.problems.algebras import NUMPY
from grader.problems.problem import Problem
from grader.problems.relation import Freedom
from grader.problems.sides import name_shape
from grader.reports.report import Failure
from grader.truths.probe import Probe
from grader.truths.relations import Residual, judge_relations
from grader.truths.solve import SolvedCase
from grader.truths.tolerance import K
from grader.truths.truth import Truth


def are_finite(arrays: Iterable[Array]) -> bool:
    """Are all of their numbers finite?"""
    return all(np.isfinite(x).all() for x in arrays)


def arrays_of(case: Case) -> list[Array]:
    """The arguments of a case that are arrays."""
    return [value for value in case.values.values() if isinstance(value, np.ndarray)]


def decided(cases: Iterable[SolvedCase]) -> list[tuple[Case, Truth]]:
    """Cases with their truths, without those that have none."""
    return [(solved.case, solved.truth) for solved in cases if solved.truth is not None]


class Judged(Protocol):
    """An answer, or a part of one, of which it is known whether it is right."""

    @property
    def is_right(self) -> bool: ...  # noqa: D102


T = TypeVar("T", bound=Judged)
Compare = Callable[[Problem, SolvedCase, Answer], "JudgedAnswer"]


class Selection(tuple[T, ...]):
    """Some of the answers."""

    __slots__ = ()

    def where(self, test: Callable[[T], bool]) -> Self:
        """Those that pass a test."""
        return type(self)(filter(test, self))

    @property
    def right(self) -> Self:
        """Those within the tolerance."""
        return self.where(lambda answer: answer.is_right)

    @property
    def wrong(self) -> Self:
        """All others, also where there is no answer."""
        return self.where(lambda answer: not answer.is_right)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedAnswer:
    """One answer to one case.

    Args:
        failure: why there is no answer.
        shape_fault: what is wrong with its shape or numbers, else "".
        raw: the arrays as returned; parts: the same in the shape of the truth, with what is free chosen as there;
            None where that is impossible.
        defects: truth − answer for each part; residuals: what is left of each relation.
        error: the largest of the norms of the defects, in tolerances; of the residuals where there is no truth.
    """

    solved: SolvedCase
    truth: Truth
    failure: Failure | None = None
    shape_fault: str = ""
    raw: tuple[Array, ...] = ()
    parts: tuple[Array, ...] | None = None
    defects: tuple[Array, ...] = ()
    residuals: tuple[Residual, ...] = ()
    error: float = float("inf")
    inputs_changed: bool = False
    aliased: bool = False
    overwritten: bool = False

    @property
    def case(self) -> Case:
        """The case that was asked."""
        return self.solved.case

    @property
    def is_right(self) -> bool:
        """Is every part within its tolerance, and does every relation hold? Not where it is NaN."""
        return self.error <= 1.0 and all(residual.is_harmless for residual in self.residuals)

    @property
    def right(self) -> tuple[Array, ...]:
        """The truth in double precision, part by part."""
        return tuple(part.hi for part in self.truth.parts)

    @property
    def is_finite(self) -> bool:
        """Is there an answer, and are all of its numbers finite?"""
        return self.failure is None and are_finite(self.raw)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedAnswers:
    """All answers for one problem.

    Args:
        first: the first answer to each decided case, by its index. An argument that was changed or returned at
            any call of the case counts, and so does an answer that a later call wrote over.
        again: answers to repeated calls that differ from what the first call returned by more than the tolerance.
        calls: every answer, in the order of the calls.
        integers: answers to arrays of integers that differ from what floats of the same values got.
    """

    problem: Problem
    first: Mapping[int, JudgedAnswer]
    again: tuple[JudgedAnswer, ...]
    calls: tuple[JudgedAnswer, ...]
    integers: tuple[JudgedAnswer, ...] = ()

    @property
    def all(self) -> tuple[JudgedAnswer, ...]:
        """First answers, and whatever else was answered to the same questions."""
        return (*self.first.values(), *self.again, *self.integers)

    @property
    def wrong(self) -> tuple[JudgedAnswer, ...]:
        """Those of all that are not right, also where there is no answer."""
        return tuple(judged for judged in self.all if not judged.is_right)


def compare_all(
    problem: Problem, asked: Sequence[SolvedCase], answers: Sequence[Answer], compare: Compare | None = None
) -> JudgedAnswers:
    """Judge each answer by itself; a case asked a second time counts as repeated.

    Args:
        asked: the cases in the order of the calls; answers: one for each.
        compare: in place of `compare_answer`.
    """
    compare = compare or compare_answer
    first: dict[int, JudgedAnswer] = {}
    again: list[JudgedAnswer] = []
    calls: list[JudgedAnswer] = []
    of_integers: list[JudgedAnswer] = []
    for solved, answer in zip(asked, answers, strict=True):
        index = solved.case.index
        before = first.get(index)
        if solved.case.of_integers:
            judged = compare(problem, solved, answer)
            of_integers.append(judged)
        elif before is None:
            judged = first[index] = compare(problem, solved, answer)
        else:
            judged = before if _has_same_bytes(before, answer) else compare(problem, solved, answer)
            if judged is before or _are_equal(problem, before, judged):
                first[index] = _with_breaches(before, answer)
            else:
                again.append(judged)
        calls.append(judged)

    integers = (judged for judged in of_integers if not _are_equal(problem, first[judged.case.index], judged))
    return JudgedAnswers(problem, dict(sorted(first.items())), tuple(again), tuple(calls), tuple(integers))


def _has_same_bytes(before: JudgedAnswer, answer: Answer) -> bool:
    """Did a repeated call bring the same bytes? Then it need not be compared."""
    if isinstance(answer, Failed) or before.failure is not None:
        return False
    return before.raw is answer.parts or list(map(_bits, before.raw)) == list(map(_bits, answer.parts))


def _bits(x: Array) -> tuple[object, ...]:
    return x.shape, x.dtype, x.tobytes()


def _are_equal(problem: Problem, one: JudgedAnswer, other: JudgedAnswer) -> bool:
    """Are two answers to the same question equal within their tolerances, or did both fail in the same way?"""
    if _verdict(one) != _verdict(other):
        return False
    if not (one.is_finite or other.is_finite):
        return True
    if one.parts is None or other.parts is None:
        return False
    if not problem.has_map:
        return one.is_right or all(map(np.array_equal, one.parts, other.parts))

    with np.errstate(all="ignore"):
        for k, (x, y) in enumerate(zip(one.parts, other.parts, strict=True)):
            if not norm(x - y, problem.norm) <= 2 * widened(problem, other.truth, k, y):
                return False
    return True


def _verdict(judged: JudgedAnswer) -> tuple[str, bool, str]:
    """How it failed, whether it is right, and what is wrong with its shape."""
    kind = judged.failure.kind if judged.failure is not None else ""
    return kind, judged.is_right, judged.shape_fault


def _with_breaches(judged: JudgedAnswer, answer: Answer) -> JudgedAnswer:
    """The same, with what a repeated call did to its arguments."""
    if isinstance(answer, Failed) or not (answer.inputs_changed or answer.aliased or answer.overwritten):
        return judged
    return replace(
        judged,
        inputs_changed=judged.inputs_changed or answer.inputs_changed,
        aliased=judged.aliased or answer.aliased,
        overwritten=judged.overwritten or answer.overwritten,
    )


def compare_once() -> Compare:
    """A `compare_answer` that remembers: of many functions that are nearly the same, most answers are equal."""
    known: dict[tuple[SolvedCase, Answer], JudgedAnswer] = {}

    def compare(problem: Problem, solved: SolvedCase, answer: Answer) -> JudgedAnswer:
        judged = known.get((solved, answer))
        if judged is None:
            judged = known[solved, answer] = compare_answer(problem, solved, answer)
        return judged

    return compare


def compare_answer(problem: Problem, solved: SolvedCase, answer: Answer) -> JudgedAnswer:
    """Compare one answer with the truth of its case, which is decided."""
    truth = solved.truth
    assert truth is not None, "only decided cases are asked"
    if isinstance(answer, Failed):
        return JudgedAnswer(solved, truth, failure=answer.failure)

    judged = JudgedAnswer(
        solved,
        truth,
        shape_fault=_shape_fault(problem, answer.parts, truth),
        raw=answer.parts,
        inputs_changed=answer.inputs_changed,
        aliased=answer.aliased,
        overwritten=answer.overwritten,
    )
    given = _fit_all(answer.parts, truth)
    if len(given) < len(truth.wanted):
        return judged

    parts = align_parts(given, truth, problem.up_to)
    with np.errstate(all="ignore"):
        defects = tuple(part.minus(x) for part, x in zip(truth.parts, parts, strict=False))
        sizes = [norm(defect, problem.norm) for defect in defects]

    residuals = judge_relations(problem, solved.case, given) if are_finite(given) else ()
    errors = list(map(in_tolerances, sizes, truth.tolerances))
    if not errors:
        errors = [residual.error for residual in residuals if residual.counts]
    error = max(errors, default=float("inf"))
    return replace(judged, parts=parts, defects=defects, residuals=residuals, error=error)


def read_along(problem: Problem, parts: Sequence[Array], probe: Probe) -> Array:
    """Read φ′(A)[V] off an answer, or off its defect; see `Probe`."""
    return np.asarray(asked_map.read_along(problem, NUMPY, parts, probe.reading))


def in_tolerances(size: float, tolerance: float) -> float:
    """A distance in tolerances; 0 even where nothing is allowed, infinite if it is NaN."""
    if size == 0:
        return 0.0
    return size / tolerance if tolerance > 0 and size == size else float("inf")


def align_parts(parts: tuple[Array, ...], truth: Truth, freedom: Freedom | None) -> tuple[Array, ...]:
    """Choose what is free in each part as it is in the truth."""
    if freedom is None or len(parts) != len(truth.parts):
        return parts
    return tuple(align(x, right.hi, freedom) for x, right in zip(parts, truth.parts, strict=True))


def _fit_all(raw: Sequence[Array], truth: Truth) -> tuple[Array, ...]:
    """The arrays that have the wanted shapes or can be given them; fewer than are wanted if some cannot."""
    shapes = [wanted.shape for wanted in truth.wanted]
    fitted = map(_fit, raw, shapes)
    return tuple(x for x in fitted if x is not None)


def _fit(x: Array, shape: tuple[int, ...]) -> Array | None:
    """The answer in the wanted shape, if only sides of length 1 or ravelling stand between them."""
    dtype = np.complex128 if x.dtype.kind == "c" else np.float64
    wide = x.astype(dtype, copy=False)
    if x.shape == shape:
        return wide

    sides = [side for side in x.shape if side != 1]
    is_squeezed = sides == [side for side in shape if side != 1]
    is_ravelled = len(sides) == 1 and x.size == int(np.prod(shape))
    return wide.reshape(shape) if is_squeezed or is_ravelled else None


def widened(problem: Problem, truth: Truth, k: int, x: Array) -> float:
    """The tolerance of the k-th part, for an answer that is larger than the truth as much larger."""
    size, right = norm(x, problem.norm), norm(truth.parts[k].hi, problem.norm)
    growth = max(1.0, size / right) if right > 0 else 1.0
    return truth.tolerances[k] * growth


def _shape_fault(problem: Problem, raw: Sequence[Array], truth: Truth) -> str:
    """The first breach of the contract about shape, type and finite numbers."""
    for k in range(min(len(raw), len(truth.wanted))):
        fault = _fault_of_part(problem, raw[k], truth, k)
        if fault:
            return fault
    if len(raw) != len(truth.wanted):
        return f"it must return {len(truth.wanted)} arrays, but it returned {len(raw)}"
    return ""


def _fault_of_part(problem: Problem, x: Array, truth: Truth, k: int) -> str:
    wanted = truth.wanted[k]
    if x.shape != wanted.shape:
        which = f"{problem.returns[k].name} as " if len(problem.returns) > 1 else ""
        return f"it must return {which}{name_shape(wanted.shape)}, but it returned {name_shape(x.shape)}"
    if not np.isfinite(x).all():
        found = "NaN" if np.any(np.isnan(x)) else "infinite numbers"
        return f"it returned {found}"
    if x.dtype.kind == "c" and not wanted.is_complex and not _is_nearly_real(problem, truth, k, x):
        return "it must return real numbers for real inputs, but it returned complex ones"
    return ""


def _is_nearly_real(problem: Problem, truth: Truth, k: int, x: Array) -> bool:
    """Whether what is imaginary in an answer may be rounding."""
    allowed = widened(problem, truth, k, x) if truth.parts else K * UNIT * norm(x)
    return norm(x.imag, problem.norm) <= allowed
