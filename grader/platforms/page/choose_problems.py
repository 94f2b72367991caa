"""The problems of an assignment that a browser can judge, with their cases and sealed mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from grader.findings.diagnosis.known_mistakes import call
from grader.formulas.answers_file import read_formula
from grader.formulas.faults import signature_of
from grader.formulas.judge import JudgedProblem
from grader.formulas.sealed import Entries, SealedMistake, are_plain, is_settled, seal
from grader.grading.formula_grading import exact_answers, judge_formula
from grader.grading.prepare import PreparedProblem
from grader.problems.algebras import NUMPY
from grader.problems.family_names import FAMILIES, FamilyName
from grader.problems.language import Expression, Operation, evaluate, walk
from grader.problems.problem import Problem
from grader.problems.solution import Function, Variant
from grader.reports.report import Diagnosis
from grader.truths.core_algebra import CORE
from grader.truths.solve import SolvedCase, keep_decided

_KEY_CASES = 8
"""The most inputs whose values make the key of a mistake."""
_OTHER_NORMS = ("2", "nuc")
_IRREGULAR = ("singular", "scaled", "one_by_one")
_CLEARLY = 1e-3
"""How far a mistake is from the exact answer at one of them at least, relative to it."""


def find_obstacle(problem: Problem) -> str:
    """Why formulas for a problem cannot be judged in a browser; empty if they can."""
    if not problem.has_map:
        return "its answers are judged by relations"
    if problem.up_to is not None:
        return "its answer is not unique"
    if problem.budget or problem.forbid:
        return "its answer must be a program, because its cost counts"

    known = {*CORE.operations, *(function.name for function in problem.functions), "apply"}
    missing = sorted(_used_operations(problem) - known)
    return f"a browser has no {', '.join(missing)}" if missing else ""


def _used_operations(problem: Problem) -> set[str]:
    """The operations of f and of the given functions, and the norms that parameters may ask for."""
    used = set(_operations(problem.f))
    for function in problem.functions:
        used.update(*map(_operations, function.choices))

    if "norm" in used:
        words = {value for parameter in problem.parameters for value in parameter.values}
        used |= {f"norm {kind}" for kind in _OTHER_NORMS if kind in words}
    return used


def _operations(f: Expression) -> Iterator[str]:
    for node in walk(f.roots):
        if isinstance(node, Operation):
            yield f"norm {node.kind}" if node.kind in _OTHER_NORMS else node.name


def choose(prepared: PreparedProblem, mistakes: Sequence[Variant]) -> JudgedProblem:
    """A problem with what a page needs to judge formulas for it."""
    decided = keep_decided(prepared.cases)
    cases = tuple(solved.case for solved in decided)
    sealed = tuple(_seal_all(prepared, mistakes, decided))
    judged = JudgedProblem(prepared.problem, prepared.points, cases, sealed)

    drawn = prepared.curve.solved if prepared.curve is not None else None
    if drawn is None or drawn.truth is None or drawn.truth.probe is None:
        return judged
    direction: Mapping[str, Any] = drawn.truth.probe.direction
    return replace(judged, drawn_at=drawn.case, direction=direction)


def _seal_all(
    prepared: PreparedProblem, mistakes: Sequence[Variant], decided: Sequence[SolvedCase]
) -> Iterator[SealedMistake]:
    """What is said of each listed mistake, and of the value of f where its derivative is asked for."""
    for position, mistake in enumerate(mistakes):
        words = ("mistake", mistake.id, mistake.message, mistake.step)
        yield from _seal(words, f"{prepared.problem.id}/{position}", mistake.answer, decided)

    said = _diagnose_value(prepared)
    if said is not None:
        diagnosis, function = said
        words = (diagnosis.kind, diagnosis.id, diagnosis.lead, diagnosis.step)
        yield from _seal(words, f"{prepared.problem.id}/f", function, decided)


def _diagnose_value(prepared: PreparedProblem) -> tuple[Diagnosis, Function] | None:
    """What is said of f's own value; None where nothing is, as where f is right or no formula."""
    problem = prepared.problem
    answer = read_formula(problem.f.text, signature_of(problem))
    if answer.faults:
        return None
    report = judge_formula(prepared, answer, exact_answers(prepared))
    if report.diagnosis is None:
        return None

    def value(*values: Any) -> Any:
        return evaluate(problem.f, dict(zip(problem.arguments, values, strict=True)), NUMPY)

    return report.diagnosis, value


def _seal(
    words: Sequence[str], salt: str, function: Function, decided: Sequence[SolvedCase]
) -> Iterator[SealedMistake]:
    """Seal words with a mistaken function's numbers at the first cases where rounding does not change them.

    Where it is right counts as well: a mistake that a minus sign makes at some inputs is another one.
    """
    settled: list[tuple[SolvedCase, Entries]] = []
    for solved in _regular(decided):
        entries = _entries(function, solved)
        if entries is not None:
            settled.append((solved, entries))

    # The first case of each family, then the others.
    first = {solved.case.family: solved for solved, _ in reversed(settled)}
    settled.sort(key=lambda pair: first[pair[0].case.family] is not pair[0])
    chosen = settled[:_KEY_CASES]
    if any(_is_off(entries, solved) for solved, entries in chosen):
        indices = tuple(solved.case.index for solved, _ in chosen)
        yield seal(words, salt, indices, [entries for _, entries in chosen])


def _regular(decided: Sequence[SolvedCase]) -> list[SolvedCase]:
    """The cases where every formula has its digits, those of size 1 last."""
    regular = [solved for solved in decided if _group(solved) not in _IRREGULAR]
    return sorted(regular, key=lambda solved: max(solved.case.sizes.values(), default=2) < 2)


def _group(solved: SolvedCase) -> str:
    return FAMILIES[cast(FamilyName, solved.case.family)].group


def _entries(function: Function, solved: SolvedCase) -> Entries | None:
    """All entries of an answer to a case; None where there is none, or rounding could change them."""
    try:
        parts = call(function, solved.case)
    except Exception:  # an author's formula may fail in any way
        return None
    entries = [complex(entry) for part in parts for entry in part.ravel().tolist()]
    if not are_plain(entries) or not is_settled(entries):
        return None
    return entries


def _is_off(entries: Entries, solved: SolvedCase) -> bool:
    """Is the answer wrong for certain?"""
    assert solved.truth is not None
    right = np.concatenate([np.ravel(part.hi) for part in solved.truth.parts])
    if right.size != len(entries):
        return True
    error = np.linalg.norm(np.asarray(entries) - right)
    return bool(error > _CLEARLY * np.linalg.norm(right))
