"""Which difference quotients are as exact as a formula: `python -m benchmarks.quotients [SEEDS [ID …]]`.

Each is written for each exercise as a student would, and compared with the truths of each seed. A line says at how
many seeds it has which verdict, and its largest error in tolerances, at the best and the worst seed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from grader.findings.compare import compare_all
from grader.findings.lost_digits import loses_digits
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.problems.course import open_course
from tests.conftest import ROOT
from tests.corpus.differences import SCHEMES, Curve, Quotient, Scheme, can_difference, central, differenced
from tests.judging import answers

VERDICTS = ("right", "loses digits", "wrong")
NEAR = 30.0
"""Quotients that are further off at every seed are only counted."""


def richardson(levels: int) -> Quotient:
    """Central differences with halved steps, extrapolated to h = 0."""

    def quotient(curve: Curve, h: float) -> object:
        row = [central(curve, h / 2**k) for k in range(levels)]
        for j in range(1, levels):
            row = [(4**j * fine - coarse) / (4**j - 1) for coarse, fine in pairwise(row)]
        return row[0]

    return quotient


def central_of_order(order: int) -> Quotient:
    """The central difference with `order` points."""
    p = order // 2
    weights = [
        (-1) ** (k + 1) * math.factorial(p) ** 2 / (k * math.factorial(p - k) * math.factorial(p + k))
        for k in range(1, p + 1)
    ]

    def quotient(curve: Curve, h: float) -> object:
        return sum(w * (curve(k * h) - curve(-k * h)) / h for k, w in enumerate(weights, start=1))

    return quotient


def list_schemes() -> Iterator[tuple[str, Scheme]]:
    """The ordinary ones of the corpus, and such of high order with large steps."""
    yield from SCHEMES.items()
    orders = {f"richardson {levels}": richardson(levels) for levels in (3, 4, 6)}
    orders |= {f"{order} points": central_of_order(order) for order in (8, 20)}
    for name, quotient in orders.items():
        for h in (1e-1, 1e-2):
            yield f"{name}, h = {h:g}", Scheme(quotient, h)
        for k in (4, 5, 7):
            yield f"{name}, h = 2^-{k} |A|/|V|", Scheme(quotient, 2.0**-k, relative=True)


def judge(prepared: PreparedProblem, scheme: Scheme) -> tuple[str, float]:
    """The verdict on its numbers, and the largest error of any of them in tolerances."""
    given = answers(prepared, differenced(prepared.problem, scheme))
    with np.errstate(all="ignore"):
        compared = compare_all(prepared.problem, prepared.asked, given)
        error = max(judged.error for judged in compared.all)
        if error <= 1:
            return "right", error
        return "loses digits" if loses_digits(compared) else "wrong", error


def main() -> None:
    """Print the table."""
    course = open_course(ROOT)
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    far = 0
    for id in sys.argv[2:] or course.problems:
        problem = course.problem(id)
        if not can_difference(problem):
            continue
        drawn = [prepare_problem(problem, seed, course.cases) for seed in seeds]
        for name, scheme in list_schemes():
            verdicts, errors = zip(*(judge(prepared, scheme) for prepared in drawn), strict=True)
            if min(errors) > NEAR:
                far += 1
                continue
            counts = "  ".join(f"{verdicts.count(verdict):2} {verdict}" for verdict in VERDICTS)
            print(f"{id:26} {name:32} {counts} {min(errors):8.2g} {max(errors):8.2g}", flush=True)
    print(f"{far} more are {NEAR:g} tolerances off or more at every seed.")


if __name__ == "__main__":
    main()
