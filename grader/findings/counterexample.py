"""A failing case for people, as plain values; of large ones, and of many, no more than a report has room for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from grader.cases.case import Case, Formula, Value
from grader.core.norms import Array, norm
from grader.findings.compare import JudgedAnswer
from grader.problems.problem import Problem
from grader.reports.report import Counterexample, Finding, Plain

_MOST_ENTRIES = 256
_MOST_OF_PROBLEM = 3000
"""Numbers in all counterexamples of a problem: some 60 kB of JSON."""
_MOST_WORDS, _FEW_WORDS = 6000, 200
"""Characters of what all findings of a problem say, and of each one beyond that: an exception's text stands in all."""


def show(problem: Problem, judged: JudgedAnswer, relation: int | None = None) -> Counterexample:
    """Show a case on which a check failed: inputs, their answer, the right one.

    Args:
        relation: which one failed, to show what is left of it.
    """
    case = judged.case
    error, tolerance = _find_error(problem, judged)
    answer = plain_parts(problem, judged.raw) if judged.failure is None else None
    right = plain_parts(problem, judged.right) if problem.has_map else None
    shown = Counterexample(
        case=case.index,
        family=case.family,
        inputs=plain_inputs(case),
        answer=answer,
        right=right,
        error=error,
        tolerance=tolerance,
        cut=dict(_find_cut(judged)),
        names=tuple(returned.name for returned in problem.returns),
    )
    if relation is None or not judged.residuals:
        return shown

    residual = judged.residuals[relation]
    if not math.isfinite(residual.size):
        return replace(shown, error=None, tolerance=None)
    return replace(shown, residual=plain(residual.value), error=residual.size, tolerance=residual.allowed)


def _find_error(problem: Problem, judged: JudgedAnswer) -> tuple[float | None, float | None]:
    """The largest of the parts' errors, if they can be compared with a truth, and of their tolerances."""
    if not judged.truth.tolerances:
        return None, None
    tolerance = max(judged.truth.tolerances)
    if judged.parts is None or not math.isfinite(judged.error):
        return None, tolerance
    return max(norm(defect, problem.norm) for defect in judged.defects), tolerance


def limit_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Leave out what a problem's part of the report has no room for; the first counterexample always has room."""
    kept: list[Finding] = []
    room, words = _MOST_OF_PROBLEM, _MOST_WORDS
    is_first = True

    for finding in findings:
        if len(finding.what) > max(words, _FEW_WORDS):
            finding = replace(finding, what=f"{finding.what[:_FEW_WORDS]}…")
        words -= len(finding.what)

        case = finding.counterexample
        if case is None:
            kept.append(finding)
            continue

        has_room = is_first or case.size <= room
        is_first = False
        if has_room:
            room -= case.size
            kept.append(finding)
        else:
            kept.append(replace(finding, counterexample=None))

    return tuple(kept)


def _find_cut(judged: JudgedAnswer) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The values of which only the first entries are shown, and their shapes."""
    values = [(f"inputs.{name}", value) for name, value in judged.case.values.items()]
    values += _name_parts("answer", judged.raw)
    values += _name_parts("right", judged.right)

    for name, value in values:
        if isinstance(value, np.ndarray) and value.size > _MOST_ENTRIES:
            yield name, value.shape


def _name_parts(name: str, parts: Sequence[Array]) -> list[tuple[str, Value]]:
    """Each part with its name; a number behind it, if there are several."""
    if len(parts) == 1:
        return [(name, parts[0])]
    return [(f"{name}[{k}]", part) for k, part in enumerate(parts)]


def plain_parts(problem: Problem, parts: Sequence[Array]) -> Plain:
    """A list for an answer of several parts."""
    if problem.parts == 1 and parts:
        return plain(parts[0])
    return list(map(plain, parts))


def plain_inputs(case: Case) -> dict[str, Plain]:
    """The arguments of a case by name."""
    return {name: _plain_input(value) for name, value in case.values.items()}


def _plain_input(value: Value) -> Plain:
    """A word in quotes, since 1 and inf are words as well; a function as what it does to its argument."""
    if isinstance(value, str):
        return f'"{value}"'
    return str(value) if isinstance(value, Formula) else plain(np.asarray(value))


def plain(x: Array) -> Plain:
    """An array as JSON knows it: nested lists, complex as two of them, other numbers as words.

    Of a large one it is the corner with the first entries along each axis.
    """
    if x.size > _MOST_ENTRIES:
        side = int(_MOST_ENTRIES ** (1 / x.ndim) + 1e-9)
        x = x[(slice(side),) * x.ndim]

    if x.dtype.kind == "c":
        return {"real": plain(x.real), "imag": plain(x.imag)}
    if x.ndim:
        return [plain(row) for row in x]

    value = x.item()
    is_number_of_json = not isinstance(value, float) or math.isfinite(value)
    return value if is_number_of_json else str(value)
