"""Prepare an assignment: draw the cases of its problems, find their truths, and write down all calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from grader.answers.sandbox import Call, Function, Limits
from grader.answers.sandbox import Value as SentValue
from grader.answers.sandbox.policy import Level
from grader.cases.case import Case, Formula, Value
from grader.cases.counted import draw_counted
from grader.cases.families import generator
from grader.cases.integers import in_integers, is_whole
from grader.core.text import list_values
from grader.core.worker_pool import map_parallel
from grader.findings.diagnosis import Candidates, KnownMistake, SealedMistake, evaluate_mistakes
from grader.findings.error_fingerprint import ErrorDirections
from grader.findings.remainder_curve import draw_right_remainder
from grader.grading.course_limits import limits_of
from grader.grading.time_limit import choose_total_seconds, time_reference
from grader.problems.algebras import SOURCE
from grader.problems.course import Assignment, Course
from grader.problems.language import evaluate
from grader.problems.problem import Problem
from grader.problems.solution import Solution
from grader.reports.report import Remainder
from grader.truths.cache import TruthCache, compute
from grader.truths.remainder import RemainderCurve
from grader.truths.solve import SolvedCase, keep_decided

_REPEATED = 6
"""One case of so many is asked twice in the first round."""
ASKED_AGAIN = 8
"""So many cases with right answers, and as many with wrong ones, are asked again in the second round."""
INTEGERS = 4
"""The cases that are asked in arrays of integers as well."""
Solver = Callable[[Problem, int, int], tuple[tuple[SolvedCase, ...], RemainderCurve | None]]
"""Draws cases of a problem, given a seed and how many, and finds their truths."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedProblem:
    """A problem with everything that its answers are judged by.

    Args:
        points: its points in the assignment.
        cases: all cases, also those that could not be decided.
        asked: the decided cases in the order of the calls; some stand there twice, and some once more in integers.
        calls: one for each case of `asked`.
        asked_once: the cases from which a second round is chosen, in the order in which it asks them.
        mistakes: the known ones, evaluated or sealed; candidates: what else a wrong answer is compared with.
        directions: along which the fingerprint of a wrong answer is taken.
        curve: the remainder of the true derivative; None for a value. right_remainder: the same as it is drawn.
        counted: the cases at which it is counted what a function computes; counted_calls: one for each.
        seconds: what the reference takes for all calls, of processor time; None where there is no solution.
    """

    problem: Problem
    points: Fraction
    cases: tuple[SolvedCase, ...]
    asked: tuple[SolvedCase, ...]
    calls: tuple[Call, ...]
    asked_once: tuple[SolvedCase, ...]
    mistakes: tuple[KnownMistake | SealedMistake, ...]
    candidates: Candidates
    directions: ErrorDirections
    curve: RemainderCurve | None = None
    right_remainder: Remainder | None = None
    seconds: float | None = None
    counted: tuple[Case, ...] = ()
    counted_calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PreparedAssignment:
    """An assignment ready to be graded; it depends on problems and seed, not on any submission.

    Args:
        isolation: the weakest level at which it is graded.
        private: folders and files that no submission may read.
        functions: that the course asks for, here or in another assignment.
    """

    assignment: str
    seed: int
    limits: Limits
    libraries: tuple[str, ...]
    problems: tuple[PreparedProblem, ...]
    isolation: Level = "standard"
    private: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


def prepare(
    course: Course,
    assignment: Assignment,
    seed: int,
    only: Sequence[str] = (),
    jobs: int = 1,
    store: TruthCache | None = None,
) -> PreparedAssignment:
    """Draw all cases and find their truths.

    Args:
        only: ids of the problems to keep; all of the assignment if empty.
        jobs: processes to share the work; more than one only where forking is possible.
        store: keeps truths from run to run.

    Raises:
        AuthorError: a solution has faults.
    """
    points = {name: worth for name, worth in assignment.points.items() if not only or name in only}
    solve = compute if store is None else store.find

    def prepare_one(name: str) -> PreparedProblem:
        prepared = prepare_problem(course.problems[name], seed, course.cases, course.solution(name), solve)
        if not prepared.mistakes:
            sealed = tuple(map(SealedMistake, course.sealed_mistakes(name, seed)))
            prepared = replace(prepared, mistakes=sealed)
        return replace(prepared, points=points[name])

    def is_stored(name: str) -> bool:
        return store is not None and store.holds(course.problems[name], seed, course.cases)

    new = [name for name in points if not is_stored(name)]
    prepared = dict(map_parallel(prepare_one, new, min(jobs, len(new))))
    problems = tuple(prepared.get(name) or prepare_one(name) for name in points)

    limits = limits_of(course)
    if course.limits.total_seconds is None:
        limits = choose_total_seconds(limits, [problem.seconds for problem in problems])
    return PreparedAssignment(
        assignment=assignment.id,
        seed=seed,
        limits=limits,
        libraries=course.libraries,
        problems=problems,
        isolation=course.isolation,
        private=_private(course, store),
        functions=tuple(problem.function for problem in course.problems.values()),
    )


def _private(course: Course, store: TruthCache | None) -> tuple[str, ...]:
    """The folders with the answers: solutions, and truths that were found before."""
    folders = [course.folder / "solutions"]
    if store is not None:
        folders.append(store.folder)
    return tuple(str(folder.resolve()) for folder in folders)


def prepare_problem(
    problem: Problem, seed: int, count: int, solution: Solution | None = None, solve: Solver = compute
) -> PreparedProblem:
    """Draw the cases of one problem and find their truths.

    Args:
        count: cases to draw.
        solution: its mistakes are recognised in wrong answers.
        solve: gives the cases with their truths, and the remainder curve.
    """
    cases, curve = solve(problem, seed, count)
    listed = solution.mistakes if solution else ()
    mistakes = evaluate_mistakes(listed, cases, problem.norm, problem.up_to)

    prepared = PreparedProblem(
        problem=problem,
        points=problem.points,
        cases=cases,
        asked=(),
        calls=(),
        asked_once=(),
        mistakes=mistakes,
        candidates=Candidates(problem, cases),
        directions=ErrorDirections(problem, cases),
        curve=curve,
        right_remainder=draw_right_remainder(curve) if curve else None,
    )

    counted = draw_counted(problem, seed)
    counted_calls = tuple(_call(problem, case, counted=True) for case in counted)
    prepared = replace(prepared, counted=counted, counted_calls=counted_calls)

    order, asked_once = _draw_order(cases, f"{seed}/{problem.id}/calls")
    asked = ask_about(prepared, (*order, *_choose_integers(cases)))
    asked = replace(asked, asked_once=asked_once)
    if solution is None:
        return asked
    most_calls = len(asked.calls) + 2 * ASKED_AGAIN
    return replace(asked, seconds=time_reference(solution.reference, cases, most_calls))


def ask_about(prepared: PreparedProblem, cases: Sequence[SolvedCase]) -> PreparedProblem:
    """The same problem, asked about these cases in this order.

    A case that is asked again has the same call, so that it is sent once.
    """
    calls = dict(zip(prepared.asked, prepared.calls, strict=True))
    for case in cases:
        if case not in calls:
            calls[case] = _call(prepared.problem, case.case)
    return replace(prepared, asked=tuple(cases), calls=tuple(calls[case] for case in cases))


def add_second_round(prepared: PreparedProblem, wrong: Collection[int]) -> PreparedProblem:
    """The same problem, asked some cases of its first round once more.

    Right answers are asked again as well: some functions are right at first only.

    Args:
        wrong: the indices of the cases that were answered wrongly.
    """
    again = [case for case in prepared.asked_once if case.case.index in wrong][:ASKED_AGAIN]
    again += [case for case in prepared.asked_once if case.case.index not in wrong][:ASKED_AGAIN]
    chosen = [case for case in prepared.asked_once if case in again]
    return ask_about(prepared, (*prepared.asked, *chosen))


def _draw_order(
    cases: Sequence[SolvedCase], key: str
) -> tuple[tuple[SolvedCase, ...], tuple[SolvedCase, ...]]:
    """All decided cases with some of them twice, in random order; and the others, in another.

    A function cannot tell by its position what it is asked, nor that it is asked again.
    """
    decided = keep_decided(cases)
    rng = generator(key)
    order = [decided[k] for k in rng.permutation(len(decided))]
    count = math.ceil(len(decided) / _REPEATED)
    twice, once = order[:count], order[count:]

    asked = [*decided, *twice]
    return tuple(asked[k] for k in rng.permutation(len(asked))), tuple(once)


def _choose_integers(cases: Sequence[SolvedCase]) -> list[SolvedCase]:
    """A few cases of whole numbers, from large to small ones, in arrays of integers."""
    whole = [solved for solved in keep_decided(cases) if is_whole(solved.case)]
    plain = [solved for solved in whole if solved.case.family == "integer"] or whole
    plain.sort(key=lambda solved: sum(solved.case.sizes.values()), reverse=True)

    by_sizes = {tuple(solved.case.sizes.values()): solved for solved in plain}
    step = max(1, math.ceil(len(by_sizes) / INTEGERS))
    chosen = list(by_sizes.values())[::step]
    return [replace(solved, case=in_integers(solved.case)) for solved in chosen]


def _call(problem: Problem, case: Case, *, counted: bool = False) -> Call:
    whole = {parameter.name for parameter in problem.parameters if parameter.is_whole}
    whole |= {argument.name for argument in problem.inputs if argument.definition.is_discrete}
    arguments = tuple(_sendable(value, name in whole) for name, value in case.values.items())
    about = list_values(case.sizes)
    return Call(problem.function, arguments, problem.signature, problem.parts, about, counted, problem.forbid)


def _sendable(value: Value, is_whole: bool) -> SentValue:
    """What is sent for a value; only a parameter that counts something is an integer."""
    if isinstance(value, int) and not is_whole:
        return float(value)
    if not isinstance(value, Formula):
        return value

    names = {name: name for name in (*value.bound, value.argument)}
    source = evaluate(value.expression, names, SOURCE)
    return Function(value.argument, source, tuple(value.bound.items()))
