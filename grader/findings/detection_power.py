"""The smallest error that random directions detect.

An answer that is linear in a direction V is compared along one V for each case. Let E be its error, a linear
map, and V have independent standard normal entries. Then ‖E(V)‖ ≥ σ₁(E)·|g| with g standard normal, so E stays
within a tolerance t with probability at most P(|g| ≤ t/σ₁(E)) ≤ √(2/π)·t/σ₁(E). Directions at several points are
independent, so these probabilities multiply. In another norm than Frobenius' σ₁(E) is the largest ‖E(V)‖ for
‖V‖_F = 1: the functional that shows it makes one normal number of E(V).

Source: the density of the standard normal distribution is at most 1/√(2π).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from grader.core.norms import norm
from grader.findings.compare import JudgedAnswer
from grader.problems.problem import Problem

MISSED = 1e-9
"""The probability for which the error is stated."""


def smallest_detected(tolerances: Sequence[float]) -> float:
    """Find the σ with ∏ √(2/π)·tᵢ/σ = `MISSED`, the product over those of the k points that make σ smallest.

    An error with σ₁(E) > σ at each point stays within all tolerances tᵢ with a smaller probability.
    """
    logarithm, best = 0.0, math.inf
    for m, t in enumerate(sorted(tolerances), start=1):
        logarithm += math.log(t)
        best = min(best, (logarithm - math.log(MISSED)) / m)
    return math.sqrt(2 / math.pi) * math.exp(best)


def state_power(problem: Problem, answers: Sequence[JudgedAnswer]) -> dict[str, float]:
    """State how small an error agreement at these cases excludes; nothing where it depends on no direction.

    Returns:
        `directions`: k, the number of generic cases with a direction of their own; `detects`: the relative error
        σ₁(E)/‖f′(A)[V]‖ above which an error that E makes at each of their points would have been missed with a
        probability below `missed_below`.
    """
    if not problem.definition.is_linear:
        return {}

    generic = [judged for judged in answers if judged.case.family == "generic"]
    # A case that got two answers has one direction all the same.
    by_case = {judged.case.index: judged for judged in generic if judged.case.combination_of is None}
    relative = [_relative_tolerance(judged, problem.norm) for judged in by_case.values()]
    usable = [tolerance for tolerance in relative if 0 < tolerance < math.inf]
    if not usable:
        return {}
    return {"directions": len(usable), "detects": smallest_detected(usable), "missed_below": MISSED}


def _relative_tolerance(judged: JudgedAnswer, norm_name: str) -> float:
    sizes = [norm(right, norm_name) for right in judged.right]
    if not all(size > 0 for size in sizes):
        return math.inf
    return max(tolerance / size for tolerance, size in zip(judged.truth.tolerances, sizes, strict=True))


def power_sentence(power: Mapping[str, float]) -> str:
    """Say how large an error would have been missed, after what a passed check says; nothing if that is not known."""
    if not power:
        return ""
    return (
        f" An error above {power['detects']:.0e} would have been missed with probability below"
        f" {power['missed_below']:.0e}."
    )
