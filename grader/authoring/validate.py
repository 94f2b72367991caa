"""Prove that problems grade fairly: right formulas get everything, wrong ones fail and are named."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from grader.answers.sandbox import Answer, Failed, Returned, Sandbox
from grader.authoring.constant_map import find_constant
from grader.authoring.degenerate_answers import Degenerate, find_degenerate
from grader.authoring.map_notes import find_notes
from grader.authoring.mutation_testing import has_all_points, largest_error, run_source, try_mutants
from grader.authoring.several_seeds import join_certificates
from grader.authoring.stub import make_stub
from grader.cases.case import Case
from grader.core.errors import AuthorError
from grader.core.worker_pool import map_parallel
from grader.findings.compare import compare_once
from grader.findings.diagnosis import call
from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedProblem, prepare
from grader.problems.course import Assignment, Course
from grader.problems.solution import Function, Solution, read_reference
from grader.reports.certificate import Certificate, GradingCost, LargestError, Margins, Mutants, Trial
from grader.reports.code import CodeCell
from grader.reports.report import Failure, ProblemReport

Proof = Certificate | AuthorError
"""The result for a problem; an error if its solution's files have faults."""


def validate_all(
    course: Course, ids: Sequence[str], seed: int, jobs: int, seeds: int = 1
) -> Iterator[tuple[str, Proof]]:
    """Prove problems on several processes; yield each as it becomes ready.

    Args:
        seeds: how many are tried, from `seed` upward.
    """
    return map_parallel(partial(_prove, course, seed, seeds), ids, min(jobs, len(ids)))


def _prove(course: Course, seed: int, seeds: int, problem_id: str) -> Proof:
    try:
        first = validate_problem(course, problem_id, seed)
        others = [
            validate_problem(course, problem_id, further, only_formulas=True)
            for further in range(seed + 1, seed + seeds)
        ]
    except AuthorError as error:
        return error
    return join_certificates([first, *others])


def validate_problem(course: Course, problem_id: str, seed: int, only_formulas: bool = False) -> Certificate:
    """Try all formulas of one problem and the mutants of its reference.

    Args:
        only_formulas: leave the stub and the mutants out, which one seed says enough about.

    Raises:
        AuthorError: the solution's files have faults.
    """
    problem = course.problem(problem_id)
    began = time.process_time()
    assignment = prepare(course, Assignment("validate", "", None, {problem_id: problem.points}), seed)
    cost = GradingCost(truths=time.process_time() - began)
    prepared = replace(assignment.problems[0], curve=None)  # nobody looks at the remainders of these answers

    solution, tried = course.solution(problem_id), _Tried()
    trials = list(_try_oracle(prepared))
    with Sandbox(assignment.limits, assignment.libraries) as sandbox:
        if not only_formulas:
            trials.append(_try_starter(sandbox, prepared))
        if solution is not None:
            source = read_reference(course.folder / "solutions" / problem_id)
            cost = _measure_calls(sandbox, prepared, source, cost)
            tried = _try_solution(_Bench(sandbox, prepared, seed, only_formulas), solution, source)

    cases = prepared.cases
    trials += tried.trials
    at_seed = [trial if trial.passed else replace(trial, failed_at=(seed,)) for trial in trials]
    return Certificate(
        problem=problem_id,
        trials=tuple(at_seed),
        families=Counter(solved.case.family for solved in cases),
        margins=tried.margins,
        mutants=tried.mutants,
        cost=cost,
        seeds=(seed,),
        notes=find_notes(problem),
        accepted=tried.accepted,
        undecided=Counter(solved.cause for solved in cases if solved.truth is None),
        redrawn=Counter(cause for solved in cases for cause in sorted(set(solved.causes))),
    )


@dataclass(frozen=True, slots=True)
class _Tried:
    """What the trials of a solution showed.

    Args:
        accepted: answers that need no thought and satisfy all relations, as they may.
    """

    trials: Sequence[Trial] = ()
    margins: Margins = field(default_factory=Margins)
    mutants: Mutants = field(default_factory=Mutants)
    accepted: tuple[str, ...] = ()


def _degenerate_trials(problem_id: str, found: Sequence[Degenerate]) -> Iterator[Trial]:
    """Answers that need no thought must not satisfy all relations."""
    for degenerate in found:
        if degenerate.is_fault:
            yield Trial(problem_id, "degenerate", degenerate.what, "wrong", "satisfies all relations")


def _measure_calls(
    sandbox: Sandbox, prepared: PreparedProblem, source: str, cost: GradingCost
) -> GradingCost:
    """Ask the reference what a right function is asked, and take the time."""
    run = sandbox.run([CodeCell("reference.py", source)], prepared.calls)
    return replace(cost, calls=len(prepared.calls), seconds=run.seconds.get(prepared.problem.function))


def _try_oracle(prepared: PreparedProblem) -> Iterator[Trial]:
    """The truth of every case must be decided, and there must be something to find."""
    undecided = {
        f"{solved.case.family} ({solved.cause})" for solved in prepared.cases if solved.truth is None
    }
    outcome = f"undecided: {', '.join(sorted(undecided))}" if undecided else "decided"
    yield Trial(prepared.problem.id, "oracle", f"{len(prepared.cases)} cases", "decided", outcome)
    constant = find_constant(prepared.problem, prepared.cases)
    if constant:
        yield Trial(prepared.problem.id, "constant", "f", "f depends on its inputs", constant)


def _try_starter(sandbox: Sandbox, prepared: PreparedProblem) -> Trial:
    """The stub must run, in the real sandbox, and earn nothing."""
    problem = prepared.problem
    judgement = judge_answers(prepared, run_source(sandbox, prepared, make_stub(problem)))
    outcome = "no points" if judgement.score == 0 else _describe(judgement)
    return Trial(problem.id, "starter", "stub", "no points", outcome)


@dataclass(frozen=True, slots=True, eq=False)
class _Bench:
    """A problem prepared at a seed, and where its functions run; see `validate_problem`."""

    sandbox: Sandbox
    prepared: PreparedProblem
    seed: int
    only_formulas: bool


def _try_solution(bench: _Bench, solution: Solution, source: str) -> _Tried:
    """The reference and all alternatives must be right, and all mistakes and mutants wrong.

    Args:
        source: of the reference.
    """
    sandbox, prepared = bench.sandbox, bench.prepared
    problem_id, compare = prepared.problem.id, compare_once()
    answers = run_source(sandbox, prepared, source)
    reference = judge_answers(prepared, answers, _run_counted(bench, source, answers), compare)
    trials = [_make_trial(problem_id, "reference", "reference", "right", reference)]
    is_accepted = trials[0].passed

    right, wrong = [largest_error(prepared, answers, "reference", compare)], list[LargestError]()
    variants = [("alternative", "right", variant, right) for variant in solution.alternatives]
    variants += [("mistake", f"named {variant.id}", variant, wrong) for variant in solution.mistakes]
    for kind, expected, variant, errors in variants:
        own_answers = ask_function(prepared, variant.answer)
        judgement = judge_answers(prepared, own_answers, compare=compare)
        trials.append(_make_trial(problem_id, kind, variant.id, expected, judgement))
        errors.append(largest_error(prepared, own_answers, f"{kind} {variant.id}", compare))
    if bench.only_formulas:
        return _Tried(trials, _margins(right, wrong, ()))

    # Mutants of what is wrong itself would show nothing.
    mutants, killed = Mutants(), list[LargestError]()
    if has_all_points(reference):
        mutants, killed = try_mutants(sandbox, prepared, source, bench.seed, compare)
    degenerate: list[Degenerate] = []
    if is_accepted:
        degenerate += find_degenerate(prepared, run_source(sandbox, prepared, source))
    trials += _degenerate_trials(problem_id, degenerate)
    accepted = tuple(found.what for found in degenerate if not found.is_fault)
    return _Tried(trials, _margins(right, wrong, killed), mutants, accepted)


def _run_counted(bench: _Bench, source: str, answers: Sequence[Answer]) -> Sequence[Answer] | None:
    """The answers to the calls whose operations are counted; None if it only runs into its limits."""
    if not any(isinstance(answer, Returned) for answer in answers):
        return None
    return bench.sandbox.run([CodeCell("reference.py", source)], bench.prepared.counted_calls).answers


def _margins(
    right: Sequence[LargestError], wrong: Sequence[LargestError], mutants: Sequence[LargestError]
) -> Margins:
    """The formulas that come nearest to the tolerance, from either side.

    Args:
        right: the reference is the first.
    """
    return Margins(
        worst_right=max(right, key=lambda largest: largest.error, default=None),
        nearest_wrong=_nearest([*wrong, *mutants]),
        reference=right[0],
        nearest_mutant=_nearest(mutants),
    )


def _nearest(wrong: Sequence[LargestError]) -> LargestError | None:
    """The nearest beyond the tolerance: what is wrong within it, as by changing arguments, is so for another reason."""
    outside = [largest for largest in wrong if largest.error > 1]
    return min(outside, key=lambda largest: largest.error, default=None)


def _make_trial(problem_id: str, kind: str, variant: str, expected: str, judgement: ProblemReport) -> Trial:
    named = judgement.diagnosis.id if judgement.diagnosis else ""
    found = _describe(judgement)
    is_unexplained = judgement.verdict == "wrong" and not named
    if expected == "right" and is_unexplained and judgement.failed:
        found = f"{found}: {judgement.failed[0].message}"
    return Trial(problem_id, kind, variant, expected, found, judgement.verdict, named)


def _describe(judgement: ProblemReport) -> str:
    if judgement.has_wrong_answers:
        return f"named {judgement.diagnosis.id}" if judgement.diagnosis else "wrong, not named"
    if judgement.verdict == "right" and not has_all_points(judgement):
        return "right, but not all points"
    if judgement.error is not None:
        place = f" ({judgement.error.place})" if judgement.error.place else ""
        return f"{judgement.verdict}: {judgement.error.message}{place}"
    return judgement.verdict


def ask_function(prepared: PreparedProblem, function: Function) -> list[Answer]:
    """The answers of an author's own function, called in this process."""
    return [_ask(function, solved.case) for solved in prepared.asked]


def _ask(function: Function, case: Case) -> Answer:
    try:
        arrays = call(function, case)
    except Exception as error:
        return Failed(Failure("raised", f"raised {type(error).__name__}: {error}"))
    if any(array.dtype.kind not in "biufc" for array in arrays):
        return Failed(Failure("not_numeric", "returned something that is not an array of numbers"))
    return Returned(arrays, inputs_changed=False, aliased=False)
