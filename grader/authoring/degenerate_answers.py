"""Answers that nobody should get points for, tried on relations: do these pin an answer down?

The reference's answers are changed as wholes and part by part: zeros, the identity, a copy of an input, twice, minus,
columns in the reverse order, one column negated, and moved a little. What satisfies every relation in every case is
told: zeros and identities are a fault of the problem, all else may be meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.answers.sandbox import Answer, Returned
from grader.cases.case import Case
from grader.core.norms import Array
from grader.findings.compare import compare_answer
from grader.grading.prepare import PreparedProblem
from grader.problems.problem import Problem
from grader.truths.solve import SolvedCase

MOVED = 1e-3
"""How far an entry is moved, as a part of the largest."""

_Parts = tuple[Array, ...]
_Change = Callable[[Array, Case], Array]
_Row = tuple[SolvedCase, _Parts]
"""A case with the reference's answer."""


@dataclass(frozen=True, slots=True)
class Degenerate:
    """A changed answer that satisfies all relations.

    Args:
        what: for people, such as `zeros`.
        is_fault: nobody has to think to return it.
    """

    what: str
    is_fault: bool


def find_degenerate(prepared: PreparedProblem, answers: Sequence[Answer]) -> Iterator[Degenerate]:
    """Find the changed answers that satisfy all relations in all cases.

    Args:
        answers: the reference's, which are right.
    """
    problem = prepared.problem
    if problem.has_map or not problem.relations:
        return

    rows = _first_answers(prepared, answers)
    for what, change, is_fault in _wholes(problem):
        if _passes(problem, rows, range(problem.parts), change):
            yield Degenerate(what, is_fault)
    for k in range(problem.parts):
        for what, change in _parts(problem, k):
            if _passes(problem, rows, [k], change):
                yield Degenerate(what, is_fault=False)


def _first_answers(prepared: PreparedProblem, answers: Sequence[Answer]) -> list[_Row]:
    """The first answer to each case in which no array is of integers; the smallest cases first."""
    first: dict[int, _Row] = {}
    for solved, answer in zip(prepared.asked, answers, strict=False):
        if isinstance(answer, Returned) and not solved.case.of_integers:
            first.setdefault(solved.case.index, (solved, tuple(map(np.asarray, answer.parts))))
    return sorted(first.values(), key=lambda row: row[0].case.weight)


def _passes(problem: Problem, rows: Sequence[_Row], parts: Sequence[int], change: _Change) -> bool:
    """Do all relations hold for a changed answer in every case, and is it another one in some?"""
    differs = False
    for solved, right in rows:
        changed = list(right)
        for k in parts:
            changed[k] = change(right[k], solved.case)
        if [part.shape for part in changed] != [part.shape for part in right]:
            return False

        differs |= not all(map(np.array_equal, changed, right))
        judged = compare_answer(
            problem, solved, Returned(tuple(changed), inputs_changed=False, aliased=False)
        )
        if not judged.is_right:
            return False
    return differs


def _wholes(problem: Problem) -> Iterator[tuple[str, _Change, bool]]:
    """Answers that are made without the reference."""
    yield "zeros", lambda x, case: np.zeros_like(x), True
    yield "ones on the diagonal and zeros elsewhere", lambda x, case: _identity(x), True
    for argument in problem.inputs:
        yield f"a copy of {argument.name}", _copy_of(argument.name), False


def _parts(problem: Problem, k: int) -> Iterator[tuple[str, _Change]]:
    """Changes of one part, all others left alone."""
    name = problem.returns[k].name
    if problem.parts > 1:
        yield f"zeros in place of {name}", lambda x, case: np.zeros_like(x)
        for argument in problem.inputs:
            yield f"a copy of {argument.name} in place of {name}", _copy_of(argument.name)

    yield f"twice {name}", lambda x, case: np.asarray(2 * x)
    yield f"minus {name}", lambda x, case: np.asarray(-x)
    yield f"{name} moved a little", _moved
    if len(problem.returns[k].shape) == 2:
        yield f"the columns of {name} in the reverse order", lambda x, case: x[:, ::-1]
        yield f"{name} with its first column negated", lambda x, case: _negate_first(x)


def _identity(x: Array) -> Array:
    if x.ndim == 2:
        return np.eye(*x.shape).astype(x.dtype)
    one = np.zeros_like(x)
    one[(0,) * x.ndim] = 1
    return one


def _copy_of(name: str) -> _Change:
    return lambda x, case: np.asarray(case.values[name])


def _negate_first(x: Array) -> Array:
    changed = np.array(x)
    changed[:, :1] *= -1
    return changed


def _moved(x: Array, case: Case) -> Array:
    noise = np.random.default_rng(case.index).uniform(-1, 1, x.shape)
    return np.asarray(x + MOVED * np.max(np.abs(x), initial=0.0) * noise)
