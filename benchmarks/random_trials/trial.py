"""Functions to try, what they are by numpy alone, and what the verifier says of them at a seed."""

from __future__ import annotations

import signal
import warnings
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np

from benchmarks.random_trials.rewrite import rewrite
from grader.answers.in_process import call_here
from grader.answers.sandbox import Limits
from grader.authoring.mutants import Mutant, mutate
from grader.cases.case import Case
from grader.cases.draw import draw_cases
from grader.grading.judge import judge_in_rounds
from grader.grading.prepare import PreparedProblem
from grader.problems.problem import Problem
from grader.reports.report import ProblemReport
from tests.corpus.build import DRAW, SAME, Answers, Bench
from tests.corpus.variant import Array, Function

SECONDS = 20
"""A function that takes more processor time, such as a mutant that never ends, is left out."""
STEPS = 4
"""At most so many identities are applied."""
RIGHT = 1e-9
"""A rewritten formula that is off by more at well-conditioned inputs is another formula."""
DIGITS = 6
"""Wrong functions whose answers agree to so many digits are the same function."""
ATTEMPTS = 8
"""Functions drawn for each that is kept."""
Outcome = Literal[
    "right",
    "loses digits",
    "false reject",
    "named",
    "not named",
    "named falsely",
    "false accept",
    "undecided",
]


@dataclass(frozen=True, slots=True)
class Base:
    """A right function: the text of a module, and the function's name in it."""

    source: str
    function: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A function to try.

    Args:
        is_right: what it is; change: what was changed in a wrong one.
    """

    source: str
    function: str
    is_right: bool
    change: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What the verifier says of a subject at a seed; accepted: right, with all points."""

    verdict: str
    accepted: bool
    name: str | None


class OutOfTimeError(KeyboardInterrupt):
    """No function can catch it as an error of its own."""


def lay_bench(problem: Problem, bases: Sequence[Base]) -> Bench:
    """Find the right answers to a draw that no trial uses, by the first of the functions."""
    whole = {parameter.name for parameter in problem.parameters if parameter.is_whole}
    cases = [_with_numpy_numbers(case, whole) for case in draw_cases(problem, DRAW, 24)]
    with quiet():
        right = Bench(cases, [], {}).answers(load(bases[0]))
    return Bench(cases, right, {})


def _with_numpy_numbers(case: Case, whole: Container[str]) -> Case:
    """The same inputs as a submission gets them: numbers that have .T and .conj(), whole ones where they count."""
    kinds = {float: np.float64, complex: np.complex128, int: np.float64}
    values = {
        name: value if name in whole else kinds.get(type(value), lambda x: x)(value)
        for name, value in case.values.items()
    }
    return replace(case, values=values)


def draw_subjects(
    bench: Bench, bases: Sequence[Base], count: int, rng: np.random.Generator
) -> Iterator[Subject]:
    """Right and wrong functions in turn, each once; those that are neither are drawn again."""
    mutants = {base: list(mutate(base.source, base.function)) for base in bases}
    done: set[object] = set()
    for drawn in range(ATTEMPTS * count):
        base = bases[int(rng.integers(len(bases)))]
        try:
            with quiet():
                if drawn % 2 == 0:
                    found = _draw_right(bench, base, rng)
                else:
                    found = _draw_wrong(bench, base, mutants[base], rng)
        except (
            OutOfTimeError,
            TypeError,
            AttributeError,
        ):  # it never ends, cannot be read, or returns no numbers
            continue
        if found is None:
            continue

        subject, key = found
        if key not in done:
            done.add(key)
            yield subject
        if len(done) == count:
            return


def _draw_right(bench: Bench, base: Base, rng: np.random.Generator) -> tuple[Subject, object] | None:
    """A right function, rewritten; None if the identities do not hold for its kinds of values."""
    source = rewrite(base.source, base.function, rng, int(rng.integers(1, STEPS + 1)))
    subject = Subject(source, base.function, is_right=True)
    found = bench.answers(load(subject))
    off = bench.off(found, bench.right).values()
    return None if any(distance > RIGHT for distance in off) else (subject, source)


def _draw_wrong(
    bench: Bench, base: Base, mutants: Sequence[Mutant], rng: np.random.Generator
) -> tuple[Subject, object] | None:
    """A function with one change; None if that leaves it right, or is told by rounding alone."""
    if not mutants:
        return None

    mutant = mutants[int(rng.integers(len(mutants)))]
    change = f"line {mutant.line}, {mutant.what}: {mutant.before} → {mutant.after}"
    subject = Subject(mutant.source, base.function, is_right=False, change=change)
    found = bench.answers(load(subject))
    return (subject, _round(found)) if _is_wrong(bench, found) else None


def _is_wrong(bench: Bench, found: Answers) -> bool:
    """Is it off by more than any algorithm? Beside a right answer of 0 every rounding would be infinitely far off."""
    off = bench.off(found, bench.right)
    return any(distance > SAME and _has_size(bench.right[k]) for k, distance in off.items())


def _has_size(parts: Sequence[Array] | None) -> bool:
    return parts is not None and any(part.any() for part in parts)


def _round(found: Answers) -> tuple[str, ...]:
    """A key of answers to a few digits."""
    return tuple(np.array2string(part, precision=DIGITS) for parts in found for part in parts or ())


def judge(prepared: PreparedProblem, subject: Subject, limits: Limits) -> Said | None:
    """Judge a function in this process, in one round or two, as a class's is in the sandbox; None if it never ends."""
    name, function = prepared.problem.function, load(subject)
    try:
        with quiet():
            report = judge_in_rounds(prepared, lambda calls: call_here(name, function, calls, limits))
    except OutOfTimeError:
        return None
    return Said(report.verdict, _is_accepted(report), _name_of(report))


def _is_accepted(report: ProblemReport) -> bool:
    return report.verdict == "right" and report.score == report.max_score


def _name_of(report: ProblemReport) -> str | None:
    """The diagnosis; where every call fails, or gives no numbers, that is what is said."""
    if report.diagnosis is not None:
        return report.diagnosis.id
    return report.error.kind if report.error is not None else None


def find_outcomes(subject: Subject, said: Mapping[int, Said]) -> dict[int, Outcome]:
    """What came of a function at each seed. Its name is the one that it is given at most seeds; any other is false."""
    names = Counter(answer.name for answer in said.values())
    usual = names.most_common(1)[0][0]
    find = _of_right if subject.is_right else _of_wrong
    return {seed: find(answer, usual) for seed, answer in said.items()}


def _of_right(said: Said, usual: str | None) -> Outcome:
    if said.accepted:
        return "right"
    others = {"loses_digits": "loses digits", "inconclusive": "undecided", "grader_error": "undecided"}
    return cast(Outcome, others.get(said.verdict, "false reject"))


def _of_wrong(said: Said, usual: str | None) -> Outcome:
    if said.accepted:
        return "false accept"
    if said.verdict in ("inconclusive", "grader_error"):
        return "undecided"
    if said.name is None:
        return "not named"
    return "named" if said.name == usual else "named falsely"


def load(base: Base | Subject) -> Function:
    """The function of a module's text."""
    names: dict[str, Any] = {}
    exec(compile(base.source, "<trial>", "exec"), names)
    function: Callable[..., Any] = names[base.function]
    return function


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings, and no function that never ends."""

    def stop(*_: object) -> None:
        raise OutOfTimeError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
