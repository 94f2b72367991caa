"""The checks: properties that answers must have, each with its own words for when they do not.

The truth has every one of these properties exactly, so the residual of an answer in a relation that is
linear in the answer is the residual of its defect (truth − answer). The checks are evaluated on the
defect, where nothing cancels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from grader.cases.asked_map import norm_along
from grader.cases.case import Formula, Value
from grader.cases.draw import COMBINATION
from grader.core.norms import Array, inner, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers, read_along
from grader.findings.detection_power import state_power
from grader.problems.problem import Check, CheckName, Problem
from grader.reports.report import Counterexample, Finding, Plain
from grader.truths.probe import RATIO

SLOPE = 1.8
"""The remainder of a derivative falls with slope 2 or more; 1.8 leaves room for the next order's bend."""

ROUNDING = 1e-10
"""Rounding errors of a wrong answer, as a part of its error."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one check of one answer.

    Args:
        passed: None if it cannot tell.
        what, advice, subject: what is wrong; see `Finding`.
    """

    passed: bool | None
    what: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    advice: str = ""
    subject: str = ""


Rule = Callable[[JudgedAnswers, JudgedAnswer], Outcome]


def run_checks(evidence: JudgedAnswers) -> tuple[Finding, ...]:
    """All checks of a problem, in the order in which it lists them, with the problem's own points."""
    with np.errstate(all="ignore"):
        return tuple(_run(evidence, check) for check in evidence.problem.checks)


def _run(evidence: JudgedAnswers, check: Check) -> Finding:
    # A check with families claims their cases; checks without judge what nobody claims.
    claimed = check.families or {name for other in evidence.problem.checks for name in other.families}
    answers = [
        judged
        for judged in _judged_by(evidence, check)
        if (judged.posed.case.family in claimed) == bool(check.families)
    ]
    results = [(judged, _apply(evidence, check, judged)) for judged in answers]
    failed = sorted(
        ((judged, outcome) for judged, outcome in results if outcome.passed is False),
        key=lambda pair: (pair[0].failure is not None, pair[0].posed.case.weight),
    )
    finding = Finding(
        check=check.title,
        name=check.name,
        outcome="failed",
        score=Fraction(0),
        max_score=check.points,
        what="",
        numbers={"cases": len(results), "failed": len(failed)} | _worst([outcome for _, outcome in results]),
        failed=len(failed),
        unanswered=sum(judged.failure is not None for judged, _ in failed),
        cases=len(results),
    )
    if failed:
        judged, shown = failed[0]
        finding = replace(finding, subject=shown.subject, what=shown.what, advice=shown.advice)
        return replace(finding, counterexample=show(evidence.problem, judged))

    finding = replace(finding, score=check.points)
    if any(outcome.passed for _, outcome in results):
        is_whole = check.name == "reference" and not check.families
        power = state_power(evidence.problem, answers) if is_whole else {}
        what = PRAISE[check.name] + _say_power(power)
        return replace(finding, outcome="passed", what=what, numbers=finding.numbers | power)
    if not results:
        return replace(finding, outcome="skipped", what="No case of this kind was drawn.")
    what = "The grader could not decide this; it is not your fault."
    return replace(finding, outcome="inconclusive", what=what)


def _say_power(power: Mapping[str, float]) -> str:
    if not power:
        return ""
    return (
        f" An error above {power['detects']:.0e} would have been missed with probability below"
        f" {power['missed_below']:.0e}."
    )


def _judged_by(evidence: JudgedAnswers, check: Check) -> Sequence[JudgedAnswer]:
    """Repeated answers must be right too: a function that errs on a later call is wrong."""
    return evidence.all if check.name in ("shape", "reference", "pure") else tuple(evidence.first.values())


def _apply(evidence: JudgedAnswers, check: Check, judged: JudgedAnswer) -> Outcome:
    if judged.failure is not None:
        failure = judged.failure
        advice = failure.advice or failure.suggestion
        return Outcome(False, failure.what, advice=advice, subject=failure.subject)
    if check.name not in ("shape", "pure") and not (judged.parts and math.isfinite(judged.error)):
        return Outcome(False, judged.shape_fault or "its numbers are too large to compare")
    return RULES[check.name](evidence, judged)


def _shape(evidence: JudgedAnswers, judged: JudgedAnswer) -> Outcome:
    return Outcome(not judged.shape_fault, judged.shape_fault)


def _reference(evidence: JudgedAnswers, judged: JudgedAnswer) -> Outcome:
    """‖answer − truth‖ ≤ tolerance."""
    numbers = {"error_in_tolerances": judged.error}
    if judged.is_right:
        return Outcome(True, "", numbers)
    kind = evidence.problem.norm
    rows = zip(judged.defects, judged.truth.parts, judged.truth.tolerances, strict=True)
    off, size, allowed = max(
        ((norm(defect, kind), norm(part.hi, kind), tolerance) for defect, part, tolerance in rows),
        key=lambda row: row[0] / row[2] if row[2] else row[0],
    )
    words = f"it is {off:.2g} away from the exact answer, and {allowed:.2g} is allowed"
    if size > 0:
        words = f"its relative error is {off / size:.2g}, and {allowed / size:.2g} is allowed"
    return Outcome(False, words, numbers)


def _taylor(evidence: JudgedAnswers, judged: JudgedAnswer) -> Outcome:
    """‖f(A + hV) − f(A) − h·L(V)‖ = o(h), as slope 2 in a log–log plot."""
    probe = _probe(judged)
    off = read_along(evidence.problem, judged.defects, probe)
    kind = norm_along(evidence.problem, off)
    if norm(off, kind) <= probe.tolerance:
        return Outcome(True)
    if not probe.steps:
        return Outcome(False, f"the remainder is {norm(off, kind):.2g}·h, and should vanish faster than h")
    large, small = (norm(rest + off, kind) for rest in probe.remainders)
    slope = 1 + math.log(large / small, RATIO) if large > 0 and small > 0 else math.nan
    falls = f"falls like h^{slope:.2f}" if math.isfinite(slope) else "does not fall as it should"
    words = f"the remainder f(A + hV) − f(A) − h·L(V) {falls}; for the derivative it falls like h^2"
    return Outcome(slope >= SLOPE, words, {"slope": slope})


def _finite_difference(evidence: JudgedAnswers, judged: JudgedAnswer) -> Outcome:
    """Close to the central difference, as close as that is to the truth."""
    probe = _probe(judged)
    if probe.central_difference is None:
        return Outcome(None)
    assert judged.parts is not None
    off = norm(
        probe.central_difference - read_along(evidence.problem, judged.parts, probe),
        norm_along(evidence.problem, probe.central_difference),
    )
    allowed = 2 * probe.central_error + probe.tolerance
    h = probe.central_step
    words = f"it is {off:.2g} away from a central difference (h = {h:.0e}) that is good to {allowed:.2g}"
    return Outcome(off <= allowed, words)


def _linear(evidence: JudgedAnswers, judged: JudgedAnswer) -> Outcome:
    """L(2V − 3W) = 2L(V) − 3L(W)."""
    of = judged.posed.case.combination_of
    if of is None:
        return Outcome(None)
    others = [evidence.first.get(index) for index in of]
    if any(other is None or not other.defects for other in others):
        return Outcome(None)
    V, W = (other for other in others if other is not None)
    a, b = COMBINATION
    for k, defect in enumerate(judged.defects):
        terms = (defect, -a * V.defects[k], -b * W.defects[k])
        off = norm(np.asarray(sum(terms)), evidence.problem.norm)
        tolerances = (
            judged.truth.tolerances[k],
            abs(a) * V.truth.tolerances[k],
            abs(b) * W.truth.tolerances[k],
        )
        # A wrong linear map may be large where the truth is small; its own rounding is no nonlinearity.
        allowed = sum(tolerances) + ROUNDING * sum(norm(term) for term in terms)
        if not off <= allowed:
            return Outcome(False, f"it is not linear: L(2V − 3W) and 2L(V) − 3L(W) are {off:.2g} apart")
    return Outcome(True)


def _adjoint(evidence: JudgedAnswers, judged: JudgedAnswer) -> Outcome:
    """⟨f′(A)[V], G⟩ = ⟨V, f′(A)*[G]⟩, one side from the answer, the other exact."""
    probe = _probe(judged)
    off = read_along(evidence.problem, judged.defects, probe)
    allowed = probe.tolerance
    if evidence.problem.cotangent is None:
        G = probe.cotangent
        off, allowed = np.asarray(inner(off, G.reshape(off.shape, order="F"))), allowed * max(1.0, norm(G))
    words = f"⟨f′(A)[V], G⟩ and ⟨V, f′(A)*[G]⟩ are {norm(off):.2g} apart for random V and G"
    return Outcome(norm(off) <= allowed, words)


def _inner_product(evidence: JudgedAnswers, judged: JudgedAnswer) -> Outcome:
    """⟨∇f, V⟩ = f′(A)[V]."""
    probe = _probe(judged)
    off = norm(read_along(evidence.problem, judged.defects, probe))
    return Outcome(
        off <= probe.tolerance, f"⟨your gradient, V⟩ is {off:.2g} away from f′(A)[V] for a random V"
    )


def _pure(evidence: JudgedAnswers, judged: JudgedAnswer) -> Outcome:
    if judged.inputs_changed:
        return Outcome(False, "it changes its arguments", advice="work on a copy")
    if judged.aliased:
        what = "it returns a view of an argument"
        return Outcome(False, what, advice="return a copy, as in A.T.copy()")
    is_first = judged is evidence.first[judged.posed.case.index]
    return Outcome(is_first, "it gives different answers to the same question")


def _probe(judged: JudgedAnswer) -> Any:
    probe = judged.truth.probe
    assert probe is not None, "checks of a derivative are not listed for a value"
    return probe


def _worst(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The numbers of the worst case: the largest error, the smallest slope."""
    worst: dict[str, float] = {}
    for outcome in outcomes:
        for name, number in outcome.numbers.items():
            pick = min if name == "slope" else max
            worst[name] = pick(worst.get(name, number), number)
    return worst


def show(problem: Problem, judged: JudgedAnswer) -> Counterexample:
    """A failing case for people: inputs, their answer, the right one."""
    case, truth = judged.posed.case, judged.truth
    right = [plain(part.hi) for part in truth.parts]
    answer = [plain(x) for x in judged.raw]
    has_error = judged.parts is not None and math.isfinite(judged.error)
    return Counterexample(
        case=case.index,
        family=case.family,
        inputs={name: _plain_input(value) for name, value in case.values.items()},
        answer=None if judged.failure is not None else answer[0] if problem.parts == 1 and answer else answer,
        right=right[0] if problem.parts == 1 else right,
        error=max(norm(defect, problem.norm) for defect in judged.defects) if has_error else None,
        tolerance=max(truth.tolerances),
    )


def _plain_input(value: Value) -> Plain:
    """A word in quotes, since 1 and inf are words as well; a function as what it does to its argument."""
    if isinstance(value, str):
        return f'"{value}"'
    return str(value) if isinstance(value, Formula) else plain(np.asarray(value))


def plain(x: Array) -> Plain:
    """An array as JSON knows it: nested lists, complex as two of them, other numbers as words."""
    if x.dtype.kind == "c":
        return {"real": plain(x.real), "imag": plain(x.imag)}
    if x.ndim:
        return [plain(row) for row in x]
    value = x.item()
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


RULES: Mapping[CheckName, Rule] = {
    "shape": _shape,
    "reference": _reference,
    "taylor": _taylor,
    "finite_difference": _finite_difference,
    "linear": _linear,
    "adjoint": _adjoint,
    "inner_product": _inner_product,
    "pure": _pure,
}

PRAISE: Mapping[CheckName, str] = {
    "shape": "Shape, type and finite numbers are as asked.",
    "reference": "It agrees with the exact answer.",
    "taylor": "The remainder falls like h² or faster.",
    "finite_difference": "It agrees with a central difference.",
    "linear": "It is linear.",
    "adjoint": "It agrees with the adjoint.",
    "inner_product": "It agrees with the derivative along a random direction.",
    "pure": "It leaves its arguments alone and repeats itself.",
}
