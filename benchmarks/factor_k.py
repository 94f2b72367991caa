"""The table of K: how near right answers come to the tolerance, and wrong formulas from outside, for each K.

Errors are measured in units of the tolerance; it is proportional to K, so that one run gives every row. Of a function
at a seed the worst case counts. Right answers: those of the corpus in `tests/corpus`, and of problems that are worked
by hand in `worked_problems`. Wrong formulas: the same, without those that err in a few digits on purpose.

    python -m benchmarks.factor_k [--seeds N] [--only-worked]
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.worked_problems import worked_problems
from grader.findings.compare import compare_all
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.problems.course import load_course
from grader.truths.tolerance import K
from tests.corpus import build_corpus
from tests.corpus.variant import Function
from tests.judging import answers

ROOT = Path(__file__).parent.parent
CASES = 24
FACTORS = (8, 16, 32, 64, 128, 256, 512)
MARGIN_RIGHT, MARGIN_WRONG = 1 / 3, 10.0
"""What the K in use must keep."""


@dataclass(frozen=True, slots=True)
class Row:
    """The largest error of a function at a seed, in tolerances without K."""

    group: str
    name: str
    seed: int
    is_right: bool
    error: float


def measure_worked(seeds: Sequence[int]) -> Iterator[Row]:
    """The problems that are worked by hand."""
    for worked in worked_problems():
        for seed in seeds:
            prepared = prepare_problem(worked.problem, seed, CASES)
            for is_right, functions in ((True, worked.right), (False, worked.wrong)):
                for name, function in functions.items():
                    error = largest_error(prepared, function)
                    yield Row("worked problems", f"{worked.problem.id}: {name}", seed, is_right, error)


def measure_corpus(seeds: Sequence[int]) -> Iterator[Row]:
    """The functions of the corpus that are right, or wrong by their formula."""
    course = load_course(ROOT)
    corpus = [variant for variant in build_corpus(course) if variant.kind in ("right", "wrong formula")]
    for id, problem in course.problems.items():
        variants = [variant for variant in corpus if variant.problem == id]
        for seed in seeds:
            prepared = prepare_problem(problem, seed, CASES)
            for variant in variants:
                error = largest_error(prepared, variant.make())
                yield Row("corpus", variant.name, seed, variant.is_right, error)


def largest_error(prepared: PreparedProblem, function: Function) -> float:
    """Of answers that are arrays of the right shape; infinite where there is none."""
    found = compare_all(prepared.problem, prepared.asked, answers(prepared, function))
    errors = [np.inf if np.isnan(judged.error) else judged.error for judged in found.first.values()]
    return K * max(errors, default=0.0)


def table(rows: Sequence[Row]) -> list[str]:
    """For each group and each K, in lines of Markdown."""
    lines = []
    for group in dict.fromkeys(row.group for row in rows):
        right = [row for row in rows if row.group == group and row.is_right]
        wrong = [row for row in rows if row.group == group and not row.is_right]
        worst, nearest = max(right, key=_error), min(wrong, key=_error)
        lines += [
            f"\n{group}: {len(right)} right and {len(wrong)} wrong (function, seed); worst right: {worst.name} at "
            f"seed {worst.seed}; nearest wrong: {nearest.name} at seed {nearest.seed}\n",
            "| K | worst right, of the tolerance | above a third | nearest wrong, in tolerances | below ten |",
            "|---|---|---|---|---|",
        ]
        for factor in FACTORS:
            above = sum(row.error / factor > MARGIN_RIGHT for row in right)
            below = sum(row.error / factor < MARGIN_WRONG for row in wrong)
            mark = " (in use)" if factor == K else ""
            shares = f"{worst.error / factor:.2g} | {above} | {nearest.error / factor:.2g} | {below}"
            lines.append(f"| {factor}{mark} | {shares} |")
    return lines


def _error(row: Row) -> float:
    return row.error


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Right and wrong answers as a function of K.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--only-worked", action="store_true", help="leave the corpus out, which takes minutes"
    )
    options = parser.parse_args()
    seeds = range(1, options.seeds + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = list(measure_worked(seeds))
        if not options.only_worked:
            rows += measure_corpus(seeds)
    print("\n".join(table(rows)))
    for row in sorted((row for row in rows if row.is_right and row.error > K * MARGIN_RIGHT), key=_error):
        print(f"\nabove a third: {row.name} at seed {row.seed}: {row.error / K:.2g} of the tolerance")


if __name__ == "__main__":
    main()
