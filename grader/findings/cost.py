"""Judge what a function computes, as it was counted: how many products and solves, and how that grows with the size.

A count is worth nothing where the answer is wrong, so answers at the sizes counted are compared roughly with a
difference of f. What cannot be counted is said to be undecided, and earns nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import get_args

import numpy as np

from grader.answers.sandbox import Answer, Failed
from grader.cases import asked_map
from grader.cases.case import Case
from grader.cases.difference_quotients import central_difference, in_doubles
from grader.cases.draw_in_space import draw_tangent
from grader.cases.families import dense, generator
from grader.core.norms import Array, norm
from grader.core.text import list_values
from grader.problems.algebras import NUMPY
from grader.problems.budget import Counted
from grader.problems.problem import Check, Problem
from grader.reports.report import Finding, Outcome

_ROUGHLY = 1e-3
"""The part of its size by which an answer may be off at sizes that have no truth."""
SURE, UNSURE = 0.4, 0.6
"""Growth above the order asked for that is allowed, and that is not; between them it is undecided."""
_SINGULAR: Mapping[Counted, str] = {
    "products": "product of matrices", "solves": "linear system", "inverses": "inverse",
    "factorisations": "factorisation",
}  # fmt: skip
_PLURAL: Mapping[Counted, str] = {
    "products": "products of matrices", "solves": "linear systems", "inverses": "inverses",
    "factorisations": "factorisations",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted in one call.

    Args:
        totals: by kind, and `flops`; places: kind → where and how, for people.
        unknown: what has no known cost.
    """

    totals: Mapping[str, float]
    places: Mapping[str, Sequence[str]]
    unknown: Sequence[str]


def judge_cost(problem: Problem, check: Check, counted: Sequence[tuple[Case, Answer]] | None) -> Finding:
    """Judge the calls that were counted; None if calls are not counted where the function was called."""
    if counted is None:
        what = "It is counted only where the grader runs the file itself."
        return _finding(check, "skipped", what, check.points)

    counts: list[tuple[Case, Count]] = []
    for case, answer in counted:
        count = _read(answer)
        if isinstance(answer, Failed) or count is None:
            at = list_values(case.sizes)
            return _finding(check, "inconclusive", f"It gave no answer to count at {at}.")
        if not _is_roughly_right(problem, case, answer.parts):
            return _finding(check, "failed", "its answer is wrong at the sizes where operations are counted")
        counts.append((case, count))

    excess = _excess(problem, counts[0][1]) or _growth(problem, counts)
    if excess:
        return _finding(check, "failed", excess, numbers=_numbers(counts))
    unknown = [name for _, count in counts for name in count.unknown]
    if unknown:
        listed = ", ".join(dict.fromkeys(unknown))
        what = f"The cost is undecided: {listed} cannot be counted. This does not count against you."
        return _finding(check, "inconclusive", what, numbers=_numbers(counts))
    if _is_unsure(problem, counts):
        what = "The cost is undecided: it grows a little faster than required."
        return _finding(check, "inconclusive", what, numbers=_numbers(counts))
    return _finding(check, "passed", "It costs no more than allowed.", check.points, _numbers(counts))


def _finding(
    check: Check,
    outcome: Outcome,
    what: str,
    score: Fraction = Fraction(0),
    numbers: Mapping[str, float] | None = None,
) -> Finding:
    return Finding(
        check=check.title, name=check.name, outcome=outcome, score=score, max_score=check.points, what=what,
        numbers=dict(numbers or {}),
    )  # fmt: skip


def _read(answer: Answer) -> Count | None:
    """Read what the child told of its count; None for what is no count."""
    if isinstance(answer, Failed):
        return None
    head, *notes = answer.converted.split("|")
    try:
        totals = _read_totals(head)
    except ValueError:
        return None
    is_complete = {"flops", *get_args(Counted)} <= totals.keys()
    if not is_complete or not all(map(math.isfinite, totals.values())):
        return None

    places: dict[str, list[str]] = {}
    for note in notes:
        kind, *rest = note.split(",")
        if len(rest) >= 2:
            name, *place, _ = rest
            places.setdefault(kind, []).append(f"{name} ({', '.join(place)})")
    return Count(totals, places, places.get("unknown", ()))


def _read_totals(text: str) -> dict[str, float]:
    """Read `flops=8;products=1;…`; raises a ValueError for anything else."""
    pairs = [pair.split("=") for pair in text.split(";")]
    return {word: float(number) for word, number in pairs}


def _excess(problem: Problem, count: Count) -> str:
    """Say which bound is exceeded, and by what; nothing if none is."""
    for kind, most in problem.budget.most:
        found = round(count.totals[kind])
        if found > most:
            words = (_SINGULAR if found == 1 else _PLURAL)[kind]
            allowed = {0: "none is", 1: "1 is"}.get(most, f"{most} are")
            places = ", ".join(count.places.get(kind, ())[:3])
            return f"it takes {found} {words}, and {allowed} allowed: {places}"
    return ""


def _growth_between(problem: Problem, counts: Sequence[tuple[Case, Count]]) -> float:
    """The exponent with which operations grow between the two largest sizes."""
    order = problem.budget.order
    assert order is not None, "asked only where the growth counts"
    (small, before), (large, after) = counts[-2:]
    ratio = (after.totals["flops"] + 1) / (before.totals["flops"] + 1)
    return math.log(ratio) / math.log(large.sizes[order.letter] / small.sizes[order.letter])


def _growth(problem: Problem, counts: Sequence[tuple[Case, Count]]) -> str:
    order = problem.budget.order
    if order is None:
        return ""
    exponent = _growth_between(problem, counts)
    if exponent < order.exponent + UNSURE:
        return ""

    _, largest = counts[-1]
    places = [place for kind in _PLURAL for place in largest.places.get(kind, ())]
    found = f"its operations grow like {order.letter}^{exponent:.1f}, but {order} is required"
    return f"{found}: {', '.join(places[:3])}" if places else found


def _is_unsure(problem: Problem, counts: Sequence[tuple[Case, Count]]) -> bool:
    order = problem.budget.order
    return order is not None and _growth_between(problem, counts) > order.exponent + SURE


def _numbers(counts: Sequence[tuple[Case, Count]]) -> dict[str, float]:
    return {"flops": counts[-1][1].totals["flops"]}


def _is_roughly_right(problem: Problem, case: Case, parts: Sequence[Array]) -> bool:
    """Is an answer near what a difference of f says along one direction, or near f itself?"""
    if not problem.has_map:
        return True
    asked = in_doubles(problem, case)

    try:
        with np.errstate(all="ignore"):
            if problem.form == "value":
                return problem.order > 0 or _is_near(parts[0], np.asarray(asked.value))

            along = _directions(problem, case)
            reading = {name: np.asarray(asked.weighted(V)) for name, V in along.items()}
            claimed = np.asarray(asked_map.read_along(problem, NUMPY, parts, reading))
            quotient, _ = central_difference(asked, along)
            return quotient is None or _is_near(claimed, quotient)
    except (ValueError, IndexError, TypeError):  # of another shape
        return False


def _directions(problem: Problem, case: Case) -> dict[str, Array]:
    """The direction of each input: those of the case, or random ones for a derivative that is not along any."""
    if problem.form == "along":
        words = problem.directions_of_order(0)
        return {name: np.asarray(case.values[word]) for name, word in words.items()}

    rng = generator(f"{case.index}/{problem.id}/roughly")
    directions: dict[str, Array] = {}
    for name in problem.wrt:
        A = np.asarray(case.values[name])
        directions[name] = draw_tangent(problem.input(name).space, A, dense(rng, A.shape))
    return directions


def _is_near(x: Array, y: Array) -> bool:
    return np.shape(x) == np.shape(y) and norm(np.asarray(x - y)) <= _ROUGHLY * max(norm(y), 1e-3)
