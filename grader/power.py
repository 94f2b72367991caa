"""How small an error random directions can miss.

An answer that is linear in a direction V is compared along one V for each case. Let E be its error, a linear
map, and V have independent standard normal entries. Then ‖E(V)‖ ≥ σ₁(E)·|g| with g standard normal, so E hides
below δ·σ₁(E) with probability at most P(|g| ≤ δ) ≤ √(2/π)·δ, and below that at k independent directions with
probability at most (√(2/π)·δ)ᵏ.

Source: the density of the standard normal distribution is at most 1/√(2π).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.evidence import Judged
from grader.norms import norm
from grader.problem import DIRECTIONAL, Problem

MISSED = 1e-9
"""The probability for which the error is stated."""


def hidden_fraction(directions: int) -> float:
    """The δ at which (√(2/π)·δ)ᵏ is `MISSED`: errors with tol < δ·σ₁(E) are missed less often than that."""
    return math.sqrt(math.pi / 2) * float(MISSED ** (1 / directions))


def state_power(problem: Problem, answers: Sequence[Judged]) -> dict[str, float]:
    """What agreement at these cases proves; nothing where it depends on no direction.

    Returns:
        `directions`: k, the number of generic cases with a direction of their own; `detects`: the relative error
        σ₁(E)/‖f′(A)[V]‖ above which an error that E makes at each of their points would have been missed with a
        probability below `missed_below`.
    """
    if problem.ask not in DIRECTIONAL | {"pullback"}:
        return {}
    generic = [
        judged for judged in answers if judged.posed.case.family == "generic" and judged.posed.case.of is None
    ]
    sizes = [
        (tolerance, norm(part.hi, problem.norm))
        for judged in generic
        for tolerance, part in zip(judged.truth.tolerances, judged.truth.parts, strict=True)
    ]
    if not sizes or any(size == 0 for _, size in sizes):
        return {}
    allowed = max(tolerance / size for tolerance, size in sizes)
    detects = allowed / hidden_fraction(len(generic))
    return {"directions": len(generic), "detects": detects, "missed_below": MISSED}
