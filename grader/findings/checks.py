"""The checks: properties that answers must have, each with its own words for when they do not.

The truth has every one of these properties exactly, so the residual of an answer in a relation that is
linear in the answer is the residual of its defect (truth − answer). The checks are evaluated on the
defect, where nothing cancels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from grader.answers.sandbox import Answer
from grader.cases.asked_map import norm_along
from grader.cases.case import Case
from grader.cases.draw import COMBINATION
from grader.core.norms import Array, inner, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers, in_tolerances, read_along
from grader.findings.cost import judge_cost
from grader.findings.counterexample import limit_findings, show
from grader.findings.detection_power import power_sentence, state_power
from grader.findings.relation_check import describe_residual
from grader.problems.problem import RELATION, Check, CheckName, Problem
from grader.problems.relation import Relation
from grader.reports.report import Finding
from grader.truths.probe import RATIO, Probe
from grader.truths.relations import Residual

SLOPE = 1.8
"""The remainder of a derivative falls with slope 2 or more; 1.8 leaves room for the next order's bend."""
_ROUNDING = 1e-10
"""Rounding errors of a wrong answer, as a part of its error."""


@dataclass(frozen=True, slots=True)
class _Outcome:
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


class Rule(NamedTuple):
    """A check.

    Args:
        judge: one answer, given all.
        praise: the sentence for answers that all pass.
        again: repeated answers are judged too; a function that errs on a later call is wrong.
        any_shape: so are answers that cannot be compared with the truth.
        integers: so are answers to arrays of integers.
        counted: its cases are counted; not where few cases can show it, each in another way.
    """

    judge: Callable[[JudgedAnswers, JudgedAnswer], _Outcome]
    praise: str
    again: bool = False
    any_shape: bool = False
    integers: bool = False
    counted: bool = True


def run_checks(
    answers: JudgedAnswers, counted: Sequence[tuple[Case, Answer]] | None = None
) -> tuple[Finding, ...]:
    """Run all checks of a problem, in the order in which it lists them, with the problem's own points.

    Args:
        counted: the calls of which it was counted what they compute; None where they are not counted.
    """

    def run(check: Check) -> Finding:
        if check.name == "cost":
            return judge_cost(answers.problem, check, counted)
        return _run(answers, check)

    with np.errstate(all="ignore"):
        findings = list(map(run, answers.problem.checks))
    return limit_findings(findings)


def _run(answers: JudgedAnswers, check: Check) -> Finding:
    checked = _checked(answers, check)
    outcomes = [_apply(answers, check, judged) for judged in checked]
    pairs = zip(checked, outcomes, strict=True)
    decided = [(judged, outcome) for judged, outcome in pairs if outcome.passed is not None]
    failed = [(judged, outcome) for judged, outcome in decided if not outcome.passed]

    able = {judged.case.index for judged, _ in decided}
    wrong = {judged.case.index for judged, _ in failed if judged.failure is None}
    lacking = {judged.case.index for judged, _ in failed} - wrong
    cases = _count_cases(answers, able, wrong, lacking) if _rule(check).counted else 0
    finding = Finding(
        check=check.title,
        name=check.name,
        outcome="inconclusive",
        score=check.points,
        max_score=check.points,
        what="The grader could not decide this; it is not your fault.",
        numbers={"cases": len(checked), "failed": len(failed)} | _worst(outcomes),
        failed=len(wrong | lacking),
        unanswered=len(lacking),
        cases=cases,
    )

    if failed:
        # A wrong answer says more than none, and an easy case more than a hard one.
        shown, outcome = min(failed, key=lambda pair: (pair[0].failure is not None, pair[0].case.weight))
        return _with_case(answers.problem, check, finding, shown, outcome)
    if decided:
        return _with_praise(answers.problem, check, finding, checked)
    if not checked:
        return replace(finding, outcome="skipped", what="No case of this kind was drawn.")
    return finding


def _with_praise(
    problem: Problem, check: Check, finding: Finding, checked: Sequence[JudgedAnswer]
) -> Finding:
    """The finding of a check that passed; of the one about all cases also how small an error they show."""
    is_whole = check.name == "reference" and not check.families
    power = state_power(problem, checked) if is_whole else {}
    what = _rule(check).praise + power_sentence(power)
    return replace(finding, outcome="passed", what=what, numbers=finding.numbers | power)


def _with_case(
    problem: Problem, check: Check, finding: Finding, judged: JudgedAnswer, outcome: _Outcome
) -> Finding:
    """The finding of a check that failed, with an answer that shows it."""
    relation = check.relation if check.name == RELATION else None
    return replace(
        finding,
        outcome="failed",
        score=Fraction(0),
        what=outcome.what,
        advice=outcome.advice,
        subject=outcome.subject,
        counterexample=show(problem, judged, relation),
    )


def _count_cases(answers: JudgedAnswers, able: Set[int], wrong: Set[int], lacking: Set[int]) -> int:
    """One number for all checks of a report, unless it is every case that can show it; 0 where one alone can."""
    if len(able) <= 1:
        return 0
    return len(able) if able in (wrong, lacking) else len(answers.first)


def _checked(answers: JudgedAnswers, check: Check) -> list[JudgedAnswer]:
    """The answers that a check is about: it claims the cases of its families; one without, what nobody claims."""
    claimed = check.families or {name for other in answers.problem.checks for name in other.families}
    rule = _rule(check)
    usable = list(answers.first.values())
    usable += answers.again if rule.again else ()
    usable += answers.integers if rule.integers else ()
    found = [judged for judged in usable if (judged.case.family in claimed) == bool(check.families)]

    # One odd input costs the points of linearity, not those of every check.
    is_zero_for_linearity = any(
        other.name == "linear" and other.points > 0 for other in answers.problem.checks
    )
    if is_zero_for_linearity and check.name not in ("linear", "pure"):
        return [judged for judged in found if not _must_be_zero(answers.problem, judged.case)]
    return found


def _must_be_zero(problem: Problem, case: Case) -> bool:
    """Are all directions of some order 0, or the cotangent? Where one of several is, the answer need not be 0."""
    if case.family != "zero_direction":
        return False
    is_zero = {name: not np.any(np.asarray(case.values[name])) for name in problem.linear_arguments}
    return any(all(is_zero[name] for name in group) for group in problem.linear_groups)


def _apply(answers: JudgedAnswers, check: Check, judged: JudgedAnswer) -> _Outcome:
    failure = judged.failure
    if failure is not None:
        advice = failure.advice or failure.suggestion
        return _Outcome(False, failure.what, advice=advice, subject=failure.subject)

    if judged.residuals and check.name == RELATION and not judged.shape_fault:
        return _relation(answers.problem.relations[check.relation], judged.residuals[check.relation])
    rule = _rule(check)
    is_comparable = bool(judged.parts) and math.isfinite(judged.error)
    if rule.any_shape or is_comparable:
        return rule.judge(answers, judged)
    return _Outcome(False, judged.shape_fault or "its numbers are too large to compare")


def _relation(relation: Relation, residual: Residual) -> _Outcome:
    numbers = {"error_in_tolerances": residual.error}
    if residual.is_right:
        return _Outcome(True, "", numbers)
    return _Outcome(False, describe_residual(relation, residual), numbers)


def _shape(answers: JudgedAnswers, judged: JudgedAnswer) -> _Outcome:
    return _Outcome(not judged.shape_fault, judged.shape_fault)


def _reference(answers: JudgedAnswers, judged: JudgedAnswer) -> _Outcome:
    """‖answer − truth‖ ≤ tolerance."""
    numbers = {"error_in_tolerances": judged.error}
    if judged.error <= 1.0:
        return _Outcome(True, "", numbers)

    norm_name, tolerances = answers.problem.norm, judged.truth.tolerances
    sizes = [norm(defect, norm_name) for defect in judged.defects]
    worst = int(np.argmax(list(map(in_tolerances, sizes, tolerances))))
    off, allowed = sizes[worst], tolerances[worst]
    size = norm(judged.right[worst], norm_name)
    what = f"it differs from the exact answer by {off:.2g}, and {allowed:.2g} is allowed"
    if size > 0:
        what = f"its relative error is {off / size:.2g}, and {allowed / size:.2g} is allowed"
    return _Outcome(False, what, numbers)


def _taylor(answers: JudgedAnswers, judged: JudgedAnswer) -> _Outcome:
    """‖f(A + hV) − f(A) − h·L(V)‖ = o(h), as slope 2 in a log–log plot."""
    probe, off = _read_defect(answers, judged)
    norm_name = norm_along(answers.problem, off.ndim)
    size = norm(off, norm_name)
    if size <= probe.tolerance:
        return _Outcome(True)
    if not probe.steps:
        return _Outcome(False, f"the remainder is {size:.2g}·h, and should vanish faster than h")

    large, small = (norm(remainder + off, norm_name) for remainder in probe.remainders)
    slope = 1 + math.log(large / small, RATIO) if large > 0 and small > 0 else math.nan
    falls = f"falls with slope {slope:.2f}" if math.isfinite(slope) else "does not fall as it should"
    what = f"the remainder f(A + hV) − f(A) − h·L(V) {falls}; for the derivative it falls with slope 2"
    return _Outcome(slope >= SLOPE, what, {"slope": slope})


def _finite_difference(answers: JudgedAnswers, judged: JudgedAnswer) -> _Outcome:
    """Close to the central difference, as close as that is to the truth."""
    probe = _probe(judged)
    if probe.central_difference is None:
        return _Outcome(None)

    assert judged.parts is not None, "answers that cannot be compared have failed before"
    claimed = read_along(answers.problem, judged.parts, probe)
    off = norm(probe.central_difference - claimed, norm_along(answers.problem, claimed.ndim))
    allowed = 2 * probe.central_error + probe.tolerance
    if off <= allowed:
        return _Outcome(True)
    h = probe.central_step
    what = (
        f"it differs by {off:.2g} from a central difference (h = {h:.0e}) that is accurate to {allowed:.2g}"
    )
    return _Outcome(False, what)


def _linear(answers: JudgedAnswers, judged: JudgedAnswer) -> _Outcome:
    """L(2V − 3W) = 2L(V) − 3L(W), and L(0) = 0."""
    if _must_be_zero(answers.problem, judged.case):
        return _Outcome(judged.is_right, "it is not linear: L(0) must be 0")

    terms = _combined_terms(answers, judged)
    if len(terms) < 3:
        return _Outcome(None)

    for k in range(len(judged.defects)):
        defects = [factor * other.defects[k] for factor, other in terms]
        off = norm(np.asarray(sum(defects)), answers.problem.norm)
        tolerance = sum(abs(factor) * other.truth.tolerances[k] for factor, other in terms)
        # A wrong linear map may be large where the truth is small; its own rounding is no nonlinearity.
        allowed = tolerance + _ROUNDING * sum(map(norm, defects))
        if not off <= allowed:
            return _Outcome(False, f"it is not linear: L(2V − 3W) and 2L(V) − 3L(W) differ by {off:.2g}")
    return _Outcome(True)


def _combined_terms(answers: JudgedAnswers, judged: JudgedAnswer) -> list[tuple[float, JudgedAnswer]]:
    """The answer to 2V − 3W, and those to V and W if they are known, with the factors by which all of it is 0."""
    combined = [answers.first.get(index) for index in judged.case.combination_of or ()]
    terms = [(1.0, judged)]
    for factor, other in zip(COMBINATION, combined, strict=False):
        if other is not None and other.defects:
            terms.append((-factor, other))
    return terms


def _adjoint(answers: JudgedAnswers, judged: JudgedAnswer) -> _Outcome:
    """⟨f′(A)[V], G⟩ = ⟨V, f′(A)*[G]⟩, one side from the answer, the other exact."""
    probe, off = _read_defect(answers, judged)
    allowed = probe.tolerance
    if answers.problem.cotangent is None:
        G = probe.cotangent
        off = np.asarray(inner(off, G.reshape(off.shape, order="F")))
        allowed *= max(1.0, norm(G))

    size = norm(off)
    if size <= allowed:
        return _Outcome(True)
    return _Outcome(False, f"⟨f′(A)[V], G⟩ and ⟨V, f′(A)*[G]⟩ differ by {size:.2g} for random V and G")


def _inner_product(answers: JudgedAnswers, judged: JudgedAnswer) -> _Outcome:
    """⟨∇f, V⟩ = f′(A)[V]."""
    probe, off = _read_defect(answers, judged)
    size = norm(off)
    if size <= probe.tolerance:
        return _Outcome(True)
    return _Outcome(False, f"⟨your gradient, V⟩ and f′(A)[V] differ by {size:.2g} for a random V")


def _symmetric(answers: JudgedAnswers, judged: JudgedAnswer) -> _Outcome:
    """H = Hᵀ: the second derivatives of f do not depend on their order."""
    (off,) = judged.defects
    what = f"it is not symmetric: H and Hᵀ differ by {norm(off - off.T):.2g}"
    return _Outcome(norm(off - off.T) <= 2 * judged.truth.tolerances[0], what)


def _pure(answers: JudgedAnswers, judged: JudgedAnswer) -> _Outcome:
    if judged.inputs_changed:
        return _Outcome(False, "it modifies its inputs", advice="work on a copy")
    if judged.aliased:
        what = "it returns a view of an argument"
        return _Outcome(False, what, advice="return a copy, as in A.T.copy()")
    if judged.overwritten:
        what = "it writes its answer into the array that it returned before"
        return _Outcome(False, what, advice="make a new array in every call")
    is_first = judged is answers.first[judged.case.index]
    return _Outcome(is_first, "it returns different results for the same inputs")


def _probe(judged: JudgedAnswer) -> Probe:
    probe = judged.truth.probe
    assert probe is not None, "checks of a derivative are not listed for a value"
    return probe


def _read_defect(answers: JudgedAnswers, judged: JudgedAnswer) -> tuple[Probe, Array]:
    """The probe, and φ′(A)[V] − L(V) along its direction."""
    probe = _probe(judged)
    return probe, read_along(answers.problem, judged.defects, probe)


def _worst(outcomes: Sequence[_Outcome]) -> dict[str, float]:
    """The numbers of the worst case: the largest error, the smallest slope."""
    worst: dict[str, float] = {}
    for outcome in outcomes:
        for name, number in outcome.numbers.items():
            pick = min if name == "slope" else max
            worst[name] = pick(worst.get(name, number), number)
    return worst


RULES: Mapping[CheckName, Rule] = {
    "shape": Rule(
        _shape,
        "The shape and the type are right, and all numbers are finite.",
        again=True,
        any_shape=True,
        integers=True,
    ),
    "reference": Rule(_reference, "It agrees with the exact answer.", again=True, integers=True),
    "taylor": Rule(_taylor, "The remainder falls like h² or faster."),
    "finite_difference": Rule(_finite_difference, "It agrees with a central difference."),
    "linear": Rule(_linear, "It is linear.", counted=False),
    "adjoint": Rule(_adjoint, "It agrees with the adjoint."),
    "inner_product": Rule(_inner_product, "It agrees with the derivative along a random direction."),
    "symmetric": Rule(_symmetric, "It is symmetric."),
    "pure": Rule(
        _pure,
        "It does not modify its inputs and returns the same result each time.",
        again=True,
        any_shape=True,
    ),
}
"""The checks that a problem may list."""
_RELATION = Rule(_shape, "It holds up to rounding.", again=True, integers=True)
"""The check of a relation, where an answer has none of the numbers that it is about."""


def _rule(check: Check) -> Rule:
    return _RELATION if check.name == "relation" else RULES[check.name]
