"""One trial: a function, what it is by numpy alone, and what the verifier says of it."""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from benchmarks.random_trials.rewrite import rewrite
from grader.authoring.mutants import mutate
from grader.cases.draw import draw_cases
from grader.grading.judge import judge_answers, judge_first_round
from grader.grading.prepare import PreparedProblem
from grader.reports.report import ProblemReport
from tests.corpus.build import DRAW, SAME, Answers, Bench
from tests.corpus.variant import Array, Function
from tests.judging import answers

SECONDS = 20
"""A function that takes more processor time, such as a mutant that never ends, is left out."""
STEPS = 4
"""At most so many identities are applied."""
RIGHT = 1e-9
"""A rewritten formula that is off by more at well-conditioned inputs is another formula."""
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
class Trial:
    """A function and what came of it.

    Args:
        is_right: what it is.
        change: what was changed in a wrong one.
        said: the verdict, and the id of the diagnosis.
    """

    is_right: bool
    outcome: Outcome
    source: str
    change: str
    said: str


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Everything that the trials of one problem at one seed share.

    Args:
        bench: cases of another draw, with the right answers, by which a function is right or wrong.
        witness: the problem at another seed: a name that is true is found there too.
    """

    prepared: PreparedProblem
    witness: PreparedProblem
    bases: Sequence[Base]
    bench: Bench


def lay_ground(prepared: PreparedProblem, witness: PreparedProblem, bases: Sequence[Base]) -> Ground:
    """Find the right answers by the first of the functions."""
    empty = Bench(draw_cases(prepared.problem, DRAW, 24), [], {})
    with quiet():
        right = empty.answers(load(bases[0]))
    return Ground(prepared, witness, bases, Bench(empty.cases, right, {}))


def run_trials(ground: Ground, count: int, rng: np.random.Generator) -> Iterator[Trial]:
    """Trials of right and wrong functions in turn, each once; those that are neither are drawn again."""
    done: set[str] = set()
    for drawn in range(6 * count):
        base = ground.bases[int(rng.integers(len(ground.bases)))]
        attempt = try_wrong if drawn % 2 else try_right
        try:
            with quiet():
                trial = attempt(ground, base, rng, done)
        except (TimeoutError, TypeError):  # it never ends, or returns things that are no numbers
            continue
        if trial is not None:
            done.add(trial.source)
            yield trial
        if len(done) == count:
            return


def try_right(ground: Ground, base: Base, rng: np.random.Generator, done: Collection[str]) -> Trial | None:
    """A right function, rewritten; None if the identities do not hold for its kinds of values."""
    source = rewrite(base.source, base.function, rng, int(rng.integers(1, STEPS + 1)))
    if source in done:
        return None
    function = load(Base(source, base.function))
    found = ground.bench.answers(function)
    if any(distance > RIGHT for distance in ground.bench.off(found, ground.bench.right).values()):
        return None
    report = judge(ground.prepared, function)
    outcomes: dict[str, Outcome] = {
        "right": "right",
        "loses_digits": "loses digits",
        "inconclusive": "undecided",
    }
    outcome = outcomes.get(report.verdict, "false reject")
    if outcome == "right" and report.score != report.max_score:
        outcome = "false reject"
    return Trial(True, outcome, source, "", _said(report))


def try_wrong(ground: Ground, base: Base, rng: np.random.Generator, done: Collection[str]) -> Trial | None:
    """A function with one change; None if that leaves it right, or is told by rounding alone."""
    mutants = list(mutate(base.source, base.function))
    if not mutants:
        return None
    mutant = mutants[rng.integers(len(mutants))]
    if mutant.source in done:
        return None
    function = load(Base(mutant.source, base.function))
    found = ground.bench.answers(function)
    if not _is_wrong(ground.bench, found):
        return None
    report = judge(ground.prepared, function)
    outcome = _outcome_of_wrong(ground, function, report)
    change = f"line {mutant.line}, {mutant.what}: {mutant.before} → {mutant.after}"
    return Trial(False, outcome, mutant.source, change, _said(report))


def _is_wrong(bench: Bench, found: Answers) -> bool:
    """Is it off by more than any algorithm? Beside a right answer of 0 every rounding would be infinitely far off."""
    off = bench.off(found, bench.right)
    return any(distance > SAME and _has_size(bench.right[k]) for k, distance in off.items())


def _has_size(parts: Sequence[Array] | None) -> bool:
    return parts is not None and any(part.any() for part in parts)


def _outcome_of_wrong(ground: Ground, function: Function, report: ProblemReport) -> Outcome:
    if report.verdict == "right":
        return "false accept"
    if report.verdict in ("inconclusive", "grader_error"):
        return "undecided"
    if report.diagnosis is None:
        # Where every call fails, or gives no numbers, that is what is said.
        return "named" if report.error is not None else "not named"

    elsewhere = judge(ground.witness, function).diagnosis
    is_true = elsewhere is not None and elsewhere.id == report.diagnosis.id
    return "named" if is_true else "named falsely"


def _said(report: ProblemReport) -> str:
    named = report.diagnosis.id if report.diagnosis else ""
    return f"{report.verdict} {named}".strip()


def judge(prepared: PreparedProblem, function: Function) -> ProblemReport:
    """Judge a function in this process, in one round or two."""
    first = replace(prepared, asked=prepared.asked[: prepared.first])
    found = answers(first, function)
    report = judge_first_round(prepared, found)
    return report if report is not None else judge_answers(prepared, answers(prepared, function))


def load(base: Base) -> Function:
    """The function of a module's text."""
    names: dict[str, Any] = {}
    exec(compile(base.source, "<trial>", "exec"), names)
    function: Callable[..., Any] = names[base.function]
    return function


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings, and no function that never ends."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    # Again and again: each further call of a function that never ends is cut as well.
    signal.setitimer(signal.ITIMER_PROF, SECONDS, 0.5)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
